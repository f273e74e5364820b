/// Cuts a template's source into tokens, with `trim_blocks` and `lstrip_blocks` as chat templates expect them: a line
/// break behind a tag is dropped, and so is white space between a line's start and a tag.
struct Lexer {
    let source: [UInt8]
    var place = 0
    var tokens: [Token] = []
    /// The brackets that are open, as the signs that close them.
    var open: [Token.Sign] = []
    /// Whether what was matched last ended with a line break.
    private var isLineStart = true

    /// Line breaks become `\n`, and one at the very end is dropped.
    init(_ text: String) {
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n"), previous == UInt8(ascii: "\r") {
                previous = byte
                continue
            }
            bytes.append(byte == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : byte)
            previous = byte
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        source = bytes
    }

    /// All tokens, the last of which is the end.
    mutating func readAll() throws(Failure) -> [Token] {
        while place < source.count { try readData() }
        tokens.append(Token(kind: .end, offset: source.count))
        return tokens
    }

    func byte(_ offset: Int) -> UInt8? { offset < source.count ? source[offset] : nil }

    func matches(_ text: StaticString, at offset: Int) -> Bool {
        let bytes = text.description.utf8
        guard source.count - offset >= bytes.count else { return false }
        for (i, byte) in bytes.enumerated() where source[offset + i] != byte { return false }
        return true
    }

    /// The text up to the next tag, and the tag.
    private mutating func readData() throws(Failure) {
        let start = place
        var tag = place
        while tag < source.count, !isTag(at: tag) { tag += 1 }
        guard tag < source.count else {
            emitData(start..<tag)
            place = tag
            return
        }
        let raw = rawBegin(at: tag), isVariable = source[tag + 1] == UInt8(ascii: "{")
        let sign = byte(tag + 2).flatMap { [UInt8(ascii: "-"), UInt8(ascii: "+")].contains($0) ? $0 : nil }
        emitData(start..<endOfData(start..<tag, sign: sign, isVariable: isVariable && raw == nil))
        place = raw ?? tag + (sign == nil ? 2 : 3)
        isLineStart = source[place - 1] == UInt8(ascii: "\n")
        if raw != nil {
            try readRaw(from: tag)
        } else if source[tag + 1] == UInt8(ascii: "#") {
            try skipComment(from: tag)
        } else {
            tokens.append(Token(kind: isVariable ? .variableBegin : .blockBegin, offset: tag))
            try readTag(isVariable: isVariable, from: tag)
        }
    }

    private func isTag(at offset: Int) -> Bool {
        source[offset] == UInt8(ascii: "{")
            && byte(offset + 1).map { [UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#")].contains($0) } == true
    }

    private mutating func emitData(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let bytes = Array(source[range])
        let text = Text(bytes: bytes, count: Text.countScalars(bytes[...]), isTrusted: true)
        tokens.append(Token(kind: .data, offset: range.lowerBound, text: text))
    }

    /// Where text ends before a tag: without the white space that `-` or `lstrip_blocks` takes away.
    private func endOfData(_ range: Range<Int>, sign: UInt8?, isVariable: Bool) -> Int {
        var end = range.upperBound
        func skipBack(while isSkipped: (Int) -> Bool) {
            while end > range.lowerBound {
                var previous = end - 1
                while previous > range.lowerBound, source[previous] & 0xC0 == 0x80 { previous -= 1 }
                guard isSkipped(previous), spaceWidth(at: previous) != nil else { return }
                end = previous
            }
        }
        if sign == UInt8(ascii: "-") {
            skipBack { _ in true }
        } else if sign == nil, !isVariable {
            skipBack { source[$0] != UInt8(ascii: "\n") }
            let isAtLineStart =
                end == range.lowerBound ? isLineStart : source[end - 1] == UInt8(ascii: "\n")
            if !isAtLineStart { end = range.upperBound }
        }
        return end
    }

    /// The bytes of a white-space character.
    func spaceWidth(at offset: Int) -> Int? {
        guard offset < source.count else { return nil }
        let lead = source[offset]
        if lead < 0x80 { return Unicode.Scalar(lead).isPythonSpace ? 1 : nil }
        return scalar(at: offset).isPythonSpace ? Text.width(ofLead: lead) : nil
    }

    func scalar(at offset: Int) -> Unicode.Scalar { source.scalar(at: offset) }

    func skipSpace(from offset: Int) -> Int {
        var offset = offset
        while let width = spaceWidth(at: offset) { offset += width }
        return offset
    }

    /// Behind a tag's end of two bytes at an offset; `trims` says whether a line break behind it goes as well.
    mutating func endTag(_ offset: Int, trims: Bool) {
        place = offset
        if source[place] == UInt8(ascii: "-") {
            place = skipSpace(from: place + 3)
        } else if source[place] == UInt8(ascii: "+") {
            place += 3
        } else {
            place += 2
            if trims, byte(place) == UInt8(ascii: "\n") { place += 1 }
        }
        isLineStart = source[place - 1] == UInt8(ascii: "\n")
    }

    private mutating func skipComment(from start: Int) throws(Failure) {
        var end = place
        while end < source.count, !matches("#}", at: end) { end += 1 }
        guard end < source.count else { throw Failure(.syntax, "a comment has no end '#}'", at: start) }
        if end > place, [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(source[end - 1]) { end -= 1 }
        endTag(end, trims: true)
    }

    /// Behind `{% raw %}`, if it stands at an offset.
    private func rawBegin(at offset: Int) -> Int? {
        guard matches("{%", at: offset) else { return nil }
        var end = offset + 2
        if byte(end) == UInt8(ascii: "-") || byte(end) == UInt8(ascii: "+") { end += 1 }
        end = skipSpace(from: end)
        guard matches("raw", at: end) else { return nil }
        end = skipSpace(from: end + 3)
        if matches("-%}", at: end) { return skipSpace(from: end + 3) }
        return matches("%}", at: end) ? end + 2 : nil
    }

    private mutating func readRaw(from start: Int) throws(Failure) {
        let text = place
        for tag in text..<source.count where matches("{%", at: tag) {
            let sign = byte(tag + 2).flatMap { [UInt8(ascii: "-"), UInt8(ascii: "+")].contains($0) ? $0 : nil }
            var end = skipSpace(from: tag + (sign == nil ? 2 : 3))
            guard matches("endraw", at: end) else { continue }
            end = skipSpace(from: end + 6)
            guard matches("%}", at: end) || matches("-%}", at: end) || matches("+%}", at: end) else { continue }
            emitData(text..<endOfData(text..<tag, sign: sign, isVariable: false))
            endTag(end, trims: true)
            return
        }
        throw Failure(.syntax, "'{% raw %}' has no '{% endraw %}'", at: start)
    }
}
