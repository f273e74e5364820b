/// Texts put together, each character keeping its trust.
struct TextBuilder {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    private var runs: [Text.Run] = []

    init() {}

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    private mutating func extend(_ isTrusted: Bool) {
        if let last = runs.last, last.isTrusted == isTrusted {
            runs[runs.count - 1].end = bytes.count
        } else {
            runs.append(Text.Run(end: bytes.count, isTrusted: isTrusted))
        }
    }

    mutating func append(_ text: Text) {
        guard !text.isEmpty else { return }
        let start = bytes.count
        bytes += text.bytes
        count += text.count
        if text.runs.isEmpty {
            extend(text.isTrusted)
        } else {
            appendRuns(of: text, from: 0, to: text.bytes.count, at: start)
        }
    }

    /// Appends a text so many times.
    mutating func append(_ text: Text, times count: Int) {
        guard count > 0, !text.isEmpty else { return }
        bytes.reserveCapacity(bytes.count + text.bytes.count * count)
        guard text.runs.isEmpty else {
            for _ in 0..<count { append(text) }
            return
        }
        if text.bytes.count == 1 {
            bytes += repeatElement(text.bytes[0], count: count)
        } else {
            for _ in 0..<count { bytes += text.bytes }
        }
        self.count += text.count * count
        extend(text.isTrusted)
    }

    /// Appends the characters in a range of bytes, which must begin and end between characters.
    mutating func append(_ text: Text, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let start = bytes.count, part = text.bytes[range]
        bytes += part
        count += text.isASCII ? range.count : Text.countScalars(part)
        if text.runs.isEmpty {
            extend(text.isTrusted)
        } else {
            appendRuns(of: text, from: range.lowerBound, to: range.upperBound, at: start)
        }
    }

    private mutating func appendRuns(of text: Text, from: Int, to: Int, at start: Int) {
        var index = text.runIndex(at: from), place = from
        while place < to {
            let end = min(text.runs[index].end, to), isTrusted = text.runs[index].isTrusted
            if let last = runs.last, last.isTrusted == isTrusted {
                runs[runs.count - 1].end = start + end - from
            } else {
                runs.append(Text.Run(end: start + end - from, isTrusted: isTrusted))
            }
            place = end
            index += 1
        }
    }

    mutating func append(_ scalar: Unicode.Scalar, isTrusted: Bool) {
        if scalar.isASCII {
            bytes.append(UInt8(scalar.value))
        } else {
            bytes += UTF8.encode(scalar)!
        }
        count += 1
        extend(isTrusted)
    }

    mutating func append(_ string: String, isTrusted: Bool) {
        guard !string.isEmpty else { return }
        let start = bytes.count
        bytes += string.utf8
        count += Text.countScalars(bytes[start...])
        extend(isTrusted)
    }

    mutating func append(ascii: some Sequence<UInt8>, isTrusted: Bool) {
        let start = bytes.count
        bytes += ascii
        guard bytes.count > start else { return }
        count += bytes.count - start
        extend(isTrusted)
    }

    func text(isMarkup: Bool = false) -> Text {
        if runs.count > 1 { return Text(bytes: bytes, count: count, runs: runs, isMarkup: isMarkup) }
        return Text(bytes: bytes, count: count, isTrusted: runs.first?.isTrusted ?? true, isMarkup: isMarkup)
    }
}
