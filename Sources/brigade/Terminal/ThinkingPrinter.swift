import Coordinator

/// An answer's parts as text for a terminal or a file, with its thinking marked.
struct ThinkingPrinter: Sendable {
    /// How thinking is shown.
    enum Style: Sendable {
        /// Dimmed, by escape sequences.
        case dimmed
        /// As it is.
        case plain
        /// Not at all.
        case hidden

        /// The style for standard output.
        static func standard(hideThinking: Bool) -> Style {
            hideThinking ? .hidden : Terminal.hasStyles(Terminal.output) ? .dimmed : .plain
        }
    }

    private let style: Style
    private var isThinking = false

    init(_ style: Style) { self.style = style }

    /// The text of these parts, which follow those before.
    mutating func text(of parts: [AnswerParser.Part]) -> String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .thinking(let thought):
                if !isThinking { text += styled("Thinking...") + newline }
                isThinking = true
                text += styled(thought)
            case .text(let answer): text += end() + answer
            case .call: break  // a chat offers no tools
            }
        }
    }

    /// What closes thinking that is still open.
    mutating func end() -> String {
        guard isThinking else { return "" }
        isThinking = false
        return newline + styled("...done thinking.") + newline + newline
    }

    private var newline: String { style == .hidden ? "" : "\n" }

    private func styled(_ text: String) -> String {
        switch style {
        case .dimmed: "\u{1b}[2m\(text)\u{1b}[0m"
        case .plain: text
        case .hidden: ""
        }
    }
}
