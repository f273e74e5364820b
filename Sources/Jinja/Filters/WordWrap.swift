/// Python's `textwrap.wrap`, without its care for tabs.
struct WordWrap {
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { "\t\n\u{0B}\u{0C}\r ".unicodeScalars.contains(scalar) }
    private func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonAlphanumeric || scalar == "_" }
    private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        isWord(scalar) && scalar.properties.numericType != .decimal
    }
    private func isPunctuated(_ scalar: Unicode.Scalar) -> Bool {
        isWord(scalar) || "!\"'&.,?".unicodeScalars.contains(scalar)
    }

    func lines(of text: Text, _ budget: inout Budget) throws(Failure) -> [Text] {
        var chunks: [Text] = try chunks(of: text, &budget).reversed()
        var lines: [Text] = []
        while !chunks.isEmpty {
            var line: [Text] = [], length = 0
            if let last = chunks.last, last.stripped().isEmpty, !lines.isEmpty { chunks.removeLast() }
            while let last = chunks.last, length + last.count <= width {
                line.append(last)
                length += last.count
                chunks.removeLast()
            }
            if let last = chunks.last, last.count > width {
                let room = max(1, width - length)
                if breaksLongWords {
                    var end = room
                    if breaksOnHyphens, last.count > room {
                        let head = last.slice(scalars: 0..<room)
                        if let hyphen = head.lastOffset(of: "-", from: 0, to: head.bytes.count), hyphen > 0,
                            head.bytes[..<hyphen].contains(where: { $0 != UInt8(ascii: "-") })
                        {
                            end = head.scalarIndex(ofByte: hyphen) + 1
                        }
                    }
                    let cut = last.byteOffset(ofScalar: min(end, last.count))
                    line.append(try last.piece(0..<cut, &budget))
                    chunks[chunks.count - 1] = try last.piece(cut..<last.bytes.count, &budget)
                } else if line.isEmpty {
                    line.append(chunks.removeLast())
                }
            }
            if let last = line.last, last.stripped().isEmpty { line.removeLast() }
            guard !line.isEmpty else { continue }
            var builder = TextBuilder()
            for chunk in line { builder.append(chunk) }
            lines.append(builder.text(isMarkup: text.isMarkup))
        }
        return lines
    }

    /// White space, words, and the parts of words between hyphens.
    private func chunks(of text: Text, _ budget: inout Budget) throws(Failure) -> [Text] {
        try budget.allocate(text.count * 16)
        let scalars = text.scalars.map { $0 }
        func scalar(_ i: Int) -> Unicode.Scalar? { i >= 0 && i < scalars.count ? scalars[i].scalar : nil }
        func holds(_ i: Int, _ condition: (Unicode.Scalar) -> Bool) -> Bool { scalar(i).map(condition) ?? false }
        /// Whether a run of two or more hyphens at `i` stands between words.
        func isDash(_ i: Int) -> Bool {
            guard holds(i - 1, isPunctuated), scalar(i) == "-", scalar(i + 1) == "-" else { return false }
            var end = i
            while scalar(end) == "-" { end += 1 }
            return holds(end, isWord)
        }
        var chunks: [Text] = [], start = 0
        while start < scalars.count {
            var end = start + 1
            if isSpace(scalars[start].scalar) {
                while holds(end, isSpace) { end += 1 }
            } else if breaksOnHyphens, isDash(start) {
                while scalar(end) == "-" { end += 1 }
            } else {
                while end < scalars.count, !isSpace(scalars[end].scalar) {
                    if breaksOnHyphens {
                        if isDash(end) { break }
                        let isHyphen = scalar(end - 1) == "-" && end - 1 > start
                        let isBehindLetters =
                            holds(end - 2, isLetter)
                            && (holds(end - 3, isLetter) || scalar(end - 3) == "-" && holds(end - 4, isLetter))
                        let isBeforeLetters =
                            holds(end, isLetter)
                            && (holds(end + 1, isLetter) || scalar(end + 1) == "-" && holds(end + 2, isLetter))
                        if isHyphen, isBehindLetters, isBeforeLetters { break }
                    }
                    end += 1
                }
            }
            let last = end < scalars.count ? scalars[end].offset : text.bytes.count
            chunks.append(try text.piece(scalars[start].offset..<last, &budget))
            start = end
        }
        return chunks
    }
}
