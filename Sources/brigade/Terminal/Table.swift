/// Rows in columns, laid out for a window: nothing in it is ever broken by the terminal.
///
/// In a window that is too narrow the headings go over several lines; then columns that may be missed are left out, and
/// named below; then columns that may be cut are cut, with an ellipsis.
struct Table {
    /// One column.
    struct Column {
        var title: String
        var isRight: Bool
        /// The least width it may be cut to; nil: it is not cut.
        var least: Int?
        /// Which columns can be missed: the highest number goes first; nil: it stays.
        var rank: Int?

        /// Text, from the left.
        static func text(_ title: String, least: Int? = nil, rank: Int? = nil) -> Column {
            Column(title: title, isRight: false, least: least, rank: rank)
        }

        /// Numbers, whose ends stand under each other.
        static func number(_ title: String, rank: Int? = nil) -> Column {
            Column(title: title, isRight: true, least: nil, rank: rank)
        }
    }

    private let columns: [Column], rows: [[String]], indent: Int
    private static let gap = 2

    /// A table of these rows, each with a cell for every column. Without any title it has no headings.
    init(_ columns: [Column], _ rows: [[String]], indent: Int = 0) {
        self.columns = columns
        self.rows = rows.map { $0.map(oneLine) }
        self.indent = indent
    }

    /// Names and what belongs to them, without headings.
    init(_ pairs: [(name: String, value: String)], indent: Int = 0) {
        self.init([.text(""), .text("", least: 8)], pairs.map { [$0.name, $0.value] }, indent: indent)
    }

    /// The width of the window that standard output goes to; nil when it goes elsewhere.
    static var outputWidth: Int? {
        Terminal.isTerminal(Terminal.output) ? Terminal.size(Terminal.output).columns : nil
    }

    /// Its lines for a window of that width; nil: as wide as it needs.
    func text(width: Int? = Table.outputWidth) -> String {
        var shown = Array(columns.indices)
        var layout = Layout(self, shown, isStacked: false)
        if let width {
            if layout.width > width { layout = Layout(self, shown, isStacked: true) }
            while layout.width > width,
                let place = shown.indices.filter({ columns[shown[$0]].rank != nil }).max(by: {
                    columns[shown[$0]].rank! < columns[shown[$1]].rank!
                })
            {
                shown.remove(at: place)
                layout = Layout(self, shown, isStacked: true)
            }
            layout.narrow(to: width)
        }
        var lines = layout.lines
        let missing = columns.indices.filter { !shown.contains($0) }.map { columns[$0].title }
        if !missing.isEmpty { lines.append("(in a wider window also \(missing.joined(separator: ", ")))") }
        return lines.map { shortened($0, to: width ?? .max) + "\n" }.joined()
    }

    /// Columns with their widths.
    private struct Layout {
        let table: Table, shown: [Int]
        var headings: [[String]], widths: [Int]

        init(_ table: Table, _ shown: [Int], isStacked: Bool) {
            self.table = table
            self.shown = shown
            let cells = shown.map { column in table.rows.map { displayWidth($0[column]) }.max() ?? 0 }
            headings = zip(shown, cells).map { column, width in
                let title = table.columns[column].title
                return isStacked ? Self.stacked(title, width) : [title]
            }
            widths = zip(cells, headings).map { max($0, $1.map { displayWidth($0) }.max() ?? 0) }
        }

        /// A title's words in lines as wide as the longest of them, or as what stands below.
        private static func stacked(_ title: String, _ width: Int) -> [String] {
            let words = title.split(separator: " ").map(String.init)
            return filled(title, columns: max(width, words.map { displayWidth($0) }.max() ?? 0))
                .split(separator: "\n").map(String.init)
        }

        var width: Int { table.indent + widths.reduce(0, +) + Table.gap * max(widths.count - 1, 0) }

        /// Cuts the widest columns that may be cut until all fits, if it can.
        mutating func narrow(to width: Int) {
            while self.width > width {
                let candidates = shown.indices.filter { (table.columns[shown[$0]].least ?? .max) < widths[$0] }
                guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
                widths[widest] -= 1
            }
        }

        var lines: [String] {
            let height = headings.map(\.count).max() ?? 0
            let top = (0..<height).map { line in
                // Titles of fewer lines stand below.
                row(
                    headings.map { title in
                        let place = line - (height - title.count)
                        return place >= 0 ? title[place] : ""
                    })
            }
            let body = table.rows.map { cells in row(shown.map { cells[$0] }) }
            return (top.allSatisfy(\.isEmpty) ? [] : top) + body
        }

        private func row(_ cells: [String]) -> String {
            let padded = cells.indices.map { i in
                let text = shortened(cells[i], to: widths[i])
                let space = String(repeating: " ", count: max(widths[i] - displayWidth(text), 0))
                return table.columns[shown[i]].isRight ? space + text : text + space
            }
            let line =
                String(repeating: " ", count: table.indent)
                + padded.joined(separator: String(repeating: " ", count: Table.gap))
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
