/// Text from a file, a peer or a model as a person may see it: characters that would command the terminal are shown
/// instead of obeyed. Line feeds and tabs stay.
///
/// C0 controls and DEL become their Unicode pictures (U+2400 to U+2421: ESC is "␛"); what has no picture, C1 controls,
/// line separators and marks that turn the direction of writing, becomes U+FFFD. Of a carriage return before a line feed
/// nothing is left.
func harmless(_ text: String) -> String {
    guard text.utf8.contains(where: mayCommand) else { return text }
    var result = String.UnicodeScalarView()
    let scalars = text.unicodeScalars
    for index in scalars.indices {
        let scalar = scalars[index]
        switch scalar.value {
        case 0x09, 0x0a: result.append(scalar)
        case 0x0d where scalars[scalars.index(after: index)...].first == "\n": break
        case 0..<0x20: result.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
        case 0x7f: result.append("\u{2421}")
        case 0x80..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: result.append("\u{FFFD}")
        default: result.append(scalar)
        }
    }
    return String(result)
}

/// Whether text with this byte need be looked at: C0 controls, DEL, and the first bytes of C1 controls and of the marks.
private func mayCommand(_ byte: UInt8) -> Bool {
    byte < 0x20 ? byte != 0x09 && byte != 0x0a : byte == 0x7f || byte == 0xc2 || byte == 0xd8 || byte == 0xe2
}

/// The text on one line: line feeds and tabs become spaces.
func oneLine(_ text: String) -> String {
    String(harmless(text).map { $0.isNewline || $0 == "\t" ? " " : $0 })
}

/// As much of the text as takes `columns`; what is cut off becomes an ellipsis.
func shortened(_ text: String, to columns: Int, mark: String = "…") -> String {
    guard displayWidth(text) > columns else { return text }
    let room = max(columns - displayWidth(mark), 0)
    var width = 0
    let kept = text.prefix { character in
        width += displayWidth(character)
        return width <= room
    }
    return String(kept) + (columns >= displayWidth(mark) ? mark : "")
}
