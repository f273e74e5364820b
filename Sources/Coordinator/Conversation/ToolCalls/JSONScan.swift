/// Looks for the end of a JSON object or list at the beginning of a text, without reading its values.
struct JSONScan {
    /// The index behind its last bracket; nil if that has not come.
    private(set) var end: Int?
    /// Whether the text ends within a string.
    private(set) var endsInString = false

    init(_ text: ArraySlice<UInt8>) {
        var depth = 0, isEscaped = false
        for (index, byte) in zip(text.indices, text) {
            if endsInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    endsInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                guard depth > 0 else { return }
                endsInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth <= 0 {
                    if depth == 0 { end = index + 1 }
                    return
                }
            default:
                guard depth > 0 || byte.isJSONSpace else { return }
            }
        }
    }
}

extension UInt8 {
    /// Whether JSON takes this byte for white space.
    var isJSONSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
