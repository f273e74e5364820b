/// The text in lines of at most `columns`, broken at spaces where there are any; lines of its own stay apart. A line's
/// continuations begin `hanging` columns further in. Words that are longer than a line are left to the terminal.
func filled(_ text: String, columns: Int, hanging: Int = 0) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        filled(line: String(line), columns: columns, hanging: hanging)
    }.joined(separator: "\n")
}

private func filled(line: String, columns: Int, hanging: Int) -> String {
    guard displayWidth(line) > columns else { return line }
    let indent = String(line.prefix { $0 == " " }), further = indent + String(repeating: " ", count: hanging)
    var lines: [String] = [], current = indent, isEmpty = true
    for word in line.dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false) {
        if !isEmpty, displayWidth(current) + 1 + displayWidth(String(word)) > columns {
            lines.append(current)
            (current, isEmpty) = (further, true)
        }
        current += (isEmpty ? "" : " ") + word
        isEmpty = false
    }
    return (lines + [current]).joined(separator: "\n")
}

/// A sentence or more for people on standard error; at a terminal no word is broken.
func say(_ text: String, hanging: Int = 0) {
    let columns = Terminal.isTerminal(Terminal.error) ? Terminal.size(Terminal.error).columns : .max
    Screen.shared.write(filled(text, columns: columns, hanging: hanging) + "\n", to: Terminal.error)
}

/// As `say`, on standard output.
func emit(paragraph text: String, hanging: Int = 0) {
    emit(filled(text, columns: Table.outputWidth ?? .max, hanging: hanging) + "\n")
}
