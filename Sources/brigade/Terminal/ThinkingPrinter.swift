import Tokenizer

typealias ThinkingPrinter = ThinkingSplitter

extension ThinkingSplitter {
    /// How thinking is shown.
    enum Style: Sendable {
        /// Dimmed.
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
    /// The part as text for a terminal or a file, piece by piece.
    func rendered(_ style: ThinkingPrinter.Style) -> [(text: String, isDimmed: Bool)] {
        let isDimmed = style == .dimmed
        switch (self, style) {
        case (.answer(let text), _): return [(text, false)]
        case (_, .hidden): return []
        case (.thinkingBegins, _): return [("Thinking...", isDimmed), ("\n", false)]
        case (.thinking(let text), _): return [(text, isDimmed)]
        case (.thinkingEnds, _): return [("\n", false), ("...done thinking.", isDimmed), ("\n\n", false)]
        }
    }
}
