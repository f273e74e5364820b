extension JSONValue {
    /// The spaces between the parts of a value.
    public enum Spacing: Sendable {
        /// No spaces.
        case compact
        /// A space after each comma and colon, like Python's `json.dumps`, which models' chat templates expect.
        case python
    }

    /// The value as JSON text.
    public func text(_ spacing: Spacing = .compact) -> String {
        var bytes: [UInt8] = []
        write(to: &bytes, spacing)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value as JSON text in UTF-8.
    public func write(to bytes: inout [UInt8], _ spacing: Spacing = .compact) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .number(let text): bytes += text.utf8
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (i, value) in values.enumerated() {
                if i > 0 { bytes += (spacing == .compact ? "," : ", ").utf8 }
                value.write(to: &bytes, spacing)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (i, member) in members.enumerated() {
                if i > 0 { bytes += (spacing == .compact ? "," : ", ").utf8 }
                Self.write(member.name, to: &bytes)
                bytes += (spacing == .compact ? ":" : ": ").utf8
                member.value.write(to: &bytes, spacing)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends a string in quotes; only characters that need it are escaped.
    public static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += #"\""#.utf8
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case 0x0A: bytes += #"\n"#.utf8
            case 0x0D: bytes += #"\r"#.utf8
            case 0x09: bytes += #"\t"#.utf8
            case ..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += #"\u00"#.utf8
                bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
