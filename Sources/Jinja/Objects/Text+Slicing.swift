extension Text {
    /// The byte at which the scalar of an index begins; the end for the index behind the last one.
    func byteOffset(ofScalar index: Int) -> Int {
        if isASCII { return index }
        if index == count { return bytes.count }
        var left = index
        for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if left == 0 { return offset }
            left -= 1
        }
        return bytes.count
    }

    /// The index of the scalar that begins at a byte.
    func scalarIndex(ofByte offset: Int) -> Int { isASCII ? offset : Self.countScalars(bytes[..<offset]) }

    /// The characters in a range of bytes, which must begin and end between characters.
    func slice(_ range: Range<Int>) -> Text {
        if range.count == bytes.count { return self }
        let part = bytes[range], count = isASCII ? range.count : Self.countScalars(part)
        guard !runs.isEmpty, !range.isEmpty else {
            return Text(bytes: Array(part), count: count, isTrusted: isTrusted, isMarkup: isMarkup)
        }
        var builder = TextBuilder(capacity: range.count)
        builder.append(self, range)
        return builder.text(isMarkup: isMarkup)
    }

    /// The characters in a range of scalars.
    func slice(scalars range: Range<Int>) -> Text {
        if isASCII { return slice(range) }
        let start = byteOffset(ofScalar: range.lowerBound)
        var end = start, left = range.count
        while left > 0, end < bytes.count {
            end += Self.width(ofLead: bytes[end])
            left -= 1
        }
        return slice(start..<end)
    }

    /// How many bytes the character takes whose first byte this is.
    static func width(ofLead byte: UInt8) -> Int { byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4 }

    /// The scalar that begins at a byte.
    func scalar(at offset: Int) -> Unicode.Scalar { bytes.scalar(at: offset) }

    /// The byte at which the character before a byte begins.
    func offset(before offset: Int) -> Int {
        var place = offset - 1
        while place > 0, bytes[place] & 0xC0 == 0x80 { place -= 1 }
        return place
    }

    /// Each scalar and the byte it begins at.
    var scalars: Scalars { Scalars(text: self) }

    struct Scalars: Sequence, IteratorProtocol {
        let text: Text
        private var offset = 0

        init(text: Text) { self.text = text }

        mutating func next() -> (offset: Int, scalar: Unicode.Scalar)? {
            guard offset < text.bytes.count else { return nil }
            let start = offset, scalar = text.scalar(at: start)
            offset += Text.width(ofLead: text.bytes[start])
            return (start, scalar)
        }
    }
}

extension [UInt8] {
    /// The scalar that begins at a byte of valid UTF-8.
    func scalar(at offset: Int) -> Unicode.Scalar {
        let lead = UInt32(self[offset])
        if lead < 0x80 { return Unicode.Scalar(UInt8(lead)) }
        let width = Text.width(ofLead: self[offset])
        var value = lead & (0x7F >> UInt32(width))
        for i in 1..<width { value = value << 6 | UInt32(self[offset + i] & 0x3F) }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
