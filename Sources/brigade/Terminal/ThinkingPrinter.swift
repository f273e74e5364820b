import Tokenizer

typealias ThinkingPrinter = ThinkingSplitter

extension ThinkingSplitter {
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
}

extension ThinkingPrinter.Part {
    /// The part as text for a terminal or a file.
    func rendered(_ style: ThinkingPrinter.Style) -> String {
        switch (self, style) {
        case (.answer(let text), _): text
        case (_, .hidden): ""
        case (.thinkingBegins, .dimmed): "\u{1b}[2mThinking...\u{1b}[0m\n"
        case (.thinkingBegins, .plain): "Thinking...\n"
        case (.thinking(let text), .dimmed): "\u{1b}[2m\(text)\u{1b}[0m"
        case (.thinking(let text), .plain): text
        case (.thinkingEnds, .dimmed): "\n\u{1b}[2m...done thinking.\u{1b}[0m\n\n"
        case (.thinkingEnds, .plain): "\n...done thinking.\n\n"
        }
    }
}
