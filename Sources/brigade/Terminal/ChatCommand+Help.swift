extension ChatCommand.Help {
    /// The text to show.
    var text: String {
        switch self {
        case .all:
            """
            Available Commands:
              /set            Set chat settings
              /show           Show model information
              /clear          Clear the chat's context
              /bye            Exit
              /?, /help       Help for a command
              /? shortcuts    Help for keyboard shortcuts

            Use \"\"\" to begin and end a message of several lines.
            """
        case .set:
            """
            Available Commands:
              /set parameter NAME VALUE    Set a parameter: \(Self.names(0..<4)),
                                           \(Self.names(4..<8)),
                                           \(Self.names(8..<ChatCommand.parameterNames.count))
              /set system TEXT             Set the system message
              /set history, nohistory      Keep the lines typed, or do not
              /set verbose, quiet          Show statistics after each answer, or do not
            """
        case .show:
            """
            Available Commands:
              /show info          Show details of the model and the workers
              /show parameters    Show the parameters in force
              /show system        Show the system message
              /show template      Show the chat template
            """
        case .shortcuts:
            """
            Available keyboard shortcuts:
              Ctrl + a, Home      Move to the beginning of the line
              Ctrl + e, End       Move to the end of the line
              Ctrl + b, Left      Move back one character
              Ctrl + f, Right     Move forward one character
              Alt + b, Alt + f    Move back or forward one word (also Ctrl + Left, Ctrl + Right)
              Ctrl + k            Delete to the end of the line
              Ctrl + u            Delete to the beginning of the line
              Ctrl + w            Delete the word before the cursor
              Up, Down            Earlier and later lines
              Ctrl + l            Clear the screen
              Ctrl + c            Stop the answer, or clear the line
              Ctrl + d            Exit (/bye)
            """
        }
    }

    private static func names(_ range: Range<Int>) -> String {
        ChatCommand.parameterNames[range].joined(separator: ", ")
    }
}
