/// How `tojson` writes: the arguments of Python's `json.dumps`.
struct JSONStyle {
    var escapesNonASCII = false
    var indent: Text?
    /// Signs that nobody wrote: only what the template itself gives as `separators` is its own.
    var itemSeparator = Text(", ", isTrusted: false)
    var keySeparator = Text(": ", isTrusted: false)
    var sortsKeys = false
}

extension Renderer {
    /// `tojson` as Hugging Face sets it up: `json.dumps`, by default without escapes for what is not ASCII.
    func json(_ object: Object, _ arguments: [Object?]) throws(Failure) -> Text {
        var style = JSONStyle()
        if let value = arguments[0] { style.escapesNonASCII = try isTrue(value) }
        if let value = arguments[1], !value.isNone {
            if case .string(let text) = value {
                style.indent = text
            } else {
                let width = try max(0, value.argument("'indent'"))
                try budget.allocate(width)
                var spaces = TextBuilder()
                spaces.append(Text(" ", isTrusted: false), times: width)
                style.indent = spaces.text()
            }
            style.itemSeparator = Text(",", isTrusted: false)
        }
        if let value = arguments[2], !value.isNone {
            let parts = try objects(of: value, atMost: 2)
            guard parts.count == 2, let item = parts[0].text, let key = parts[1].text else {
                throw Failure(.type, "'separators' must be two strings")
            }
            style.itemSeparator = item
            style.keySeparator = key
        }
        if let value = arguments[3] { style.sortsKeys = try isTrue(value) }
        try budget.allocate(object.weight)
        try budget.scan(object.weight)
        var builder = TextBuilder()
        try write(object, style, level: 0, to: &builder)
        return builder.text()
    }

    private func write(
        _ object: Object, _ style: JSONStyle, level: Int, to builder: inout TextBuilder
    ) throws(Failure) {
        switch object {
        case .none: builder.append("null", isTrusted: false)
        case .bool(let value): builder.append(value ? "true" : "false", isTrusted: false)
        case .int, .big: try print(object, to: &builder)
        case .double(let value, let isTrusted): builder.append(Self.json(value), isTrusted: isTrusted)
        case .string(let text): text.appendJSON(escapesNonASCII: style.escapesNonASCII, to: &builder)
        case .list(let items), .tuple(let items):
            try write(items.objects.map { (nil, $0) }, "[", "]", style, level: level, to: &builder)
        case .dict(let mapping):
            var entries = mapping.entries
            if style.sortsKeys { entries = try sorted(entries) { $0.key } }
            var members: [(key: Text?, value: Object)] = []
            for entry in entries { members.append((try key(entry.key), entry.value)) }
            try write(members, "{", "}", style, level: level, to: &builder)
        case .undefined(let undefined):
            throw Failure(.type, "what is not there cannot be written as JSON: \(undefined.failure.message)")
        default: throw Failure(.type, "a \(object.typeName) cannot be written as JSON")
        }
    }

    private func write(
        _ members: [(key: Text?, value: Object)], _ start: String, _ end: String, _ style: JSONStyle, level: Int,
        to builder: inout TextBuilder
    ) throws(Failure) {
        try budget.enter()
        defer { budget.leave() }
        builder.append(start, isTrusted: false)
        for (i, member) in members.enumerated() {
            if i > 0 { try append(style.itemSeparator, to: &builder) }
            try breakLine(style, level: level + 1, to: &builder)
            if let key = member.key {
                key.appendJSON(escapesNonASCII: style.escapesNonASCII, to: &builder)
                try append(style.keySeparator, to: &builder)
            }
            try write(member.value, style, level: level + 1, to: &builder)
        }
        if !members.isEmpty { try breakLine(style, level: level, to: &builder) }
        builder.append(end, isTrusted: false)
    }

    /// The signs between values are as long as the template wants them: each is paid for.
    private func append(_ text: Text, to builder: inout TextBuilder) throws(Failure) {
        try budget.allocate(text.size)
        builder.append(text)
    }

    private func breakLine(_ style: JSONStyle, level: Int, to builder: inout TextBuilder) throws(Failure) {
        guard let indent = style.indent else { return }
        builder.append("\n", isTrusted: false)
        for _ in 0..<level { try append(indent, to: &builder) }
    }

    private func key(_ object: Object) throws(Failure) -> Text {
        switch object {
        case .string(let text): return text
        case .none: return Text("null", isTrusted: false)
        case .bool(let value): return Text(value ? "true" : "false", isTrusted: false)
        case .double(let value, let isTrusted): return Text(Self.json(value), isTrusted: isTrusted)
        case .int, .big: return try string(of: object)
        default: throw Failure(.type, "a \(object.typeName) cannot be a name in JSON")
        }
    }

    private static func json(_ value: Double) -> String {
        value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.pythonText
    }
}

extension Text {
    /// Appends it between quotes; only what must be escaped is, unless everything beyond ASCII shall be.
    func appendJSON(escapesNonASCII: Bool, to builder: inout TextBuilder) {
        builder.append("\"", isTrusted: false)
        var start = 0, place = 0
        while place < bytes.count {
            let byte = bytes[place], next = place + Self.width(ofLead: byte)
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte < 0x7F || !escapesNonASCII {
                place = next
                continue
            }
            builder.append(self, start..<place)
            builder.append(Self.jsonEscape(scalar(at: place)), isTrusted: isTrusted(at: place))
            place = next
            start = next
        }
        builder.append(self, start..<bytes.count)
        builder.append("\"", isTrusted: false)
    }

    private static func jsonEscape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{08}": return "\\b"
        case "\u{0C}": return "\\f"
        default:
            return String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }.joined()
        }
    }
}
