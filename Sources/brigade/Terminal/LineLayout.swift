/// How a prompt and a line fall into the rows of a terminal, and where the cursor stands.
///
/// Rows are cut here rather than left to the terminal, whose behaviour at the last column varies.
struct LineLayout: Equatable, Sendable {
    /// The rows' text, top to bottom.
    private(set) var rows: [String]
    /// The cursor, counted from the first row and column.
    private(set) var cursorRow: Int
    private(set) var cursorColumn: Int

    /// Nothing, with the cursor where it is.
    static let none = LineLayout(prompt: "", continuation: "", text: [], cursor: 0, columns: 1)

    /// Lays out `text` behind `prompt`; rows after a newline in the text begin with `continuation`. A character that is
    /// wider than the window becomes one that is not.
    init(prompt: String, continuation: String, text: [Character], cursor: Int, columns: Int) {
        let columns = max(columns, 1)
        var rows = [""], column = 0
        func put(_ character: Character) {
            var shown = character == "\t" ? String(repeating: " ", count: min(4, columns)) : harmless(String(character))
            if displayWidth(shown) > columns { shown = "\u{FFFD}" }
            if column + displayWidth(shown) > columns {
                rows.append("")
                column = 0
            }
            rows[rows.count - 1] += shown
            column += displayWidth(shown)
        }
        for character in prompt { put(character) }
        var place = (row: rows.count - 1, column: column)
        for (i, character) in text.enumerated() {
            if character == "\n" {
                if i == cursor { place = (rows.count - 1, column) }
                rows.append("")
                column = 0
                for character in continuation { put(character) }
                continue
            }
            put(character)
            // Known only now: the character may have gone to a row of its own.
            if i == cursor { place = (rows.count - 1, column - min(column, Self.width(character, columns))) }
        }
        if cursor >= text.count { place = (rows.count - 1, column) }
        if place.column >= columns {  // behind a full row: the cursor waits on the next one
            place = (place.row + 1, 0)
            if place.row == rows.count { rows.append("") }
        }
        self.rows = rows
        (cursorRow, cursorColumn) = place
    }

    private static func width(_ character: Character, _ columns: Int) -> Int {
        let width = displayWidth(character)
        return character == "\t" ? min(width, columns) : width > columns ? 1 : width
    }

    /// The cursor's row once a terminal has broken the rows anew for a window of fewer columns.
    func cursorRow(brokenAt columns: Int) -> Int {
        let columns = max(columns, 1)
        let above = rows[..<cursorRow].reduce(0) { $0 + max((displayWidth($1) + columns - 1) / columns, 1) }
        // Behind the last character it stays on that one's row.
        let own = displayWidth(rows[cursorRow]) > cursorColumn ? cursorColumn : max(cursorColumn - 1, 0)
        return above + own / columns
    }

    /// The rows that fit into `height`, the cursor's among them.
    func window(height: Int) -> LineLayout {
        let height = max(height, 1)
        guard rows.count > height else { return self }
        let first = min(max(cursorRow - height / 2, 0), rows.count - height)
        var part = self
        part.rows = Array(rows[first..<first + height])
        part.cursorRow -= first
        return part
    }
}

/// Columns a string takes.
func displayWidth(_ text: String) -> Int { text.reduce(0) { $0 + displayWidth($1) } }

/// Columns a character takes: 2 for East Asian wide and full-width ones and for emoji, 0 for a lone combining or
/// control character, 4 for a tab (which is shown as spaces), else 1.
///
/// Source of the ranges: Unicode Standard Annex 11, `EastAsianWidth.txt`, W and F, joined where only unassigned code
/// points lie between.
func displayWidth(_ character: Character) -> Int {
    if character == "\t" { return 4 }
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .control, .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // A variation selector asks for the picture; two regional indicators are one flag.
    if scalars.contains("\u{fe0f}") || first.properties.isEmojiPresentation { return 2 }
    return wideRanges.contains { $0.contains(first.value) } ? 2 : 1
}

private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
    0xa960...0xa97f,
    0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
    0x16fe0...0x18cff,
    0x1aff0...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd,
]
