import Coordinator

/// An answer's parts as text for a terminal or a file, with its thinking marked.
struct ThinkingPrinter: Sendable {
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

    /// Text that is shown in one way.
    struct Piece: Equatable, Sendable {
        var text: String, isDimmed = false
    }

    private let style: Style
    private var isThinking = false

    init(_ style: Style) { self.style = style }

    /// The text of these parts, which follow those before.
    mutating func pieces(of parts: [AnswerParser.Part]) -> [Piece] {
        parts.reduce(into: []) { pieces, part in
            switch part {
            case .thinking(let thought):
                if !isThinking { pieces += marked("Thinking...") + plain("\n") }
                isThinking = true
                pieces += marked(thought)
            case .text(let answer): pieces += end() + [Piece(text: answer)]
            case .call: break  // a chat offers no tools
            }
        }
    }

    /// What closes thinking that is still open.
    mutating func end() -> [Piece] {
        guard isThinking else { return [] }
        isThinking = false
        return plain("\n") + marked("...done thinking.") + plain("\n\n")
    }

    private func marked(_ text: String) -> [Piece] {
        style == .hidden ? [] : [Piece(text: text, isDimmed: style == .dimmed)]
    }

    private func plain(_ text: String) -> [Piece] { style == .hidden ? [] : [Piece(text: text)] }
}
