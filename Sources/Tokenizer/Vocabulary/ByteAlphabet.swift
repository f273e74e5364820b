/// The byte-level alphabet of GPT-2 vocabularies: each of the 256 bytes is written as one visible character.
///
/// Bytes that are visible characters in Latin-1 (`!`–`~`, `¡`–`¬`, `®`–`ÿ`) stand for themselves. The other 68 map, in
/// ascending order, to the characters from U+0100 on (so a space is `Ġ` and a line feed `Ċ`). Source: the
/// `bytes_to_unicode` mapping of OpenAI's GPT-2.
struct ByteAlphabet {
    /// The byte for each character from U+0000 to U+0143; nil for characters outside the alphabet.
    private let bytes: [UInt8?]

    init() {
        var table = [UInt8?](repeating: nil, count: 256 + 68)
        var next = 256
        for byte in UInt8.min...UInt8.max {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                table[Int(byte)] = byte
            default:
                table[next] = byte
                next += 1
            }
        }
        bytes = table
    }

    /// Appends to `out` the bytes that the UTF-8 characters in `text[range]` stand for. Appends nothing when one of
    /// them is not in the alphabet.
    ///
    /// - Returns: whether all characters are in the alphabet.
    func append(_ text: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) -> Bool {
        let start = out.count
        var place = range.lowerBound
        while place < range.upperBound {
            var scalar = Int(text[place])
            place += 1
            // All characters of the alphabet take one or two bytes.
            if scalar & 0xE0 == 0xC0, place < range.upperBound {
                scalar = (scalar & 0x1F) << 6 | Int(text[place] & 0x3F)
                place += 1
            } else if scalar >= 0x80 {
                scalar = bytes.count
            }
            guard scalar < bytes.count, let byte = bytes[scalar] else {
                out.removeSubrange(start...)
                return false
            }
            out.append(byte)
        }
        return true
    }
}
