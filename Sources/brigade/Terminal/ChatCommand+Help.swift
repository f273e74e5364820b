import Foundation

extension ChatCommand.Help {
    /// The text to show in a window of that width; nil: in lines as long as they are.
    func text(width: Int? = Table.outputWidth) -> String {
        let column = (entries.map { displayWidth($0.0) }.max() ?? 0) + 4
        let lines = entries.map { name, meaning in
            let line = "  " + name.padding(toLength: column, withPad: " ", startingAt: 0) + meaning
            return filled(line, columns: width ?? .max, hanging: column)
        }
        return
            ([title] + lines + (self == .all ? ["", "Use \"\"\" to begin and end a message of several lines."] : []))
            .joined(separator: "\n")
    }

    private var title: String {
        self == .shortcuts ? "Available keyboard shortcuts:" : "Available Commands:"
    }

    private var entries: [(String, String)] {
        switch self {
        case .all:
            [
                ("/set", "Set chat settings"), ("/show", "Show model information"),
                ("/clear", "Clear the chat's context"),
                ("/bye", "Exit"), ("/?, /help", "Help for a command"), ("/? shortcuts", "Help for keyboard shortcuts"),
            ]
        case .set:
            [
                ("/set parameter NAME VALUE", "Set a parameter: \(ChatCommand.parameterNames.joined(separator: ", "))"),
                ("/set system TEXT", "Set the system message"),
                ("/set history, nohistory", "Keep the lines typed, or do not"),
                ("/set verbose, quiet", "Show statistics after each answer, or do not"),
            ]
        case .show:
            [
                ("/show info", "Show details of the model and the workers"),
                ("/show parameters", "Show the parameters in force"), ("/show system", "Show the system message"),
                ("/show template", "Show the chat template"),
            ]
        case .shortcuts:
            [
                ("Ctrl + a, Home", "Move to the beginning of the line"),
                ("Ctrl + e, End", "Move to the end of the line"),
                ("Ctrl + b, Left", "Move back one character"), ("Ctrl + f, Right", "Move forward one character"),
                ("Alt + b, Alt + f", "Move back or forward one word (also Ctrl + Left, Ctrl + Right)"),
                ("Ctrl + k", "Delete to the end of the line"), ("Ctrl + u", "Delete to the beginning of the line"),
                ("Ctrl + w", "Delete the word before the cursor"), ("Up, Down", "Earlier and later lines"),
                ("Ctrl + l", "Clear the screen"), ("Ctrl + c", "Stop the answer, or clear the line"),
                ("Ctrl + d", "Exit (/bye)"), ("Ctrl + z", "Stop the program until fg"),
            ]
        }
    }
}
