extension Renderer {
    /// Python's `format % arguments`.
    func formatted(percent format: Text, _ arguments: Object) throws(Failure) -> Text {
        var percent = PercentFormat(format, arguments)
        return try percent.run(self)
    }
}

/// One run of Python's `%` formatting.
private struct PercentFormat {
    struct Flags {
        var isLeft = false, isZeroPadded = false, isAlternate = false
        var sign: Unicode.Scalar?
        var width = 0
        var precision: Int?
    }

    let format: Text
    /// What is taken in turn; nil when there is one value only.
    let sequence: [Object]?
    let single: Object
    var taken = 0
    var place = 0
    var builder = TextBuilder()

    init(_ format: Text, _ arguments: Object) {
        self.format = format
        single = arguments
        sequence = if case .tuple(let items) = arguments { items.objects } else { nil }
    }

    private var byte: UInt8? { place < format.bytes.count ? format.bytes[place] : nil }

    private var isMapping: Bool {
        switch single {
        case .dict, .list, .range, .undefined: true
        default: false
        }
    }

    mutating func run(_ renderer: Renderer) throws(Failure) -> Text {
        try renderer.budget.allocate(format.bytes.count)
        while place < format.bytes.count {
            let start = place
            while let byte, byte != UInt8(ascii: "%") { place += 1 }
            builder.append(format, start..<place)
            guard byte != nil else { break }
            try convert(renderer)
        }
        let isWhole = sequence.map { taken >= $0.count } ?? (taken > 0 || isMapping)
        guard isWhole else { throw Failure(.type, "not all values are used by the format") }
        return builder.text(isMarkup: format.isMarkup)
    }

    private mutating func next() throws(Failure) -> Object {
        defer { taken += 1 }
        if let sequence {
            guard taken < sequence.count else { throw Failure(.type, "the format needs more values") }
            return sequence[taken]
        }
        guard taken == 0 else { throw Failure(.type, "the format needs more values") }
        return single
    }

    private mutating func number(_ renderer: Renderer, _ what: String) throws(Failure) -> Int? {
        if byte == UInt8(ascii: "*") {
            place += 1
            let value = try next()
            guard let number = value.index, abs(Double(number)) < 0x1p31 else {
                throw Failure(.type, "'*' needs a whole number as \(what)")
            }
            return number
        }
        var value: Int?
        while let byte, byte.isDigit {
            value = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
            if value! > 1 << 31 { throw Failure(.value, "a format's \(what) is too large") }
            place += 1
        }
        return value
    }

    /// Converts what one `%` stands for.
    private mutating func convert(_ renderer: Renderer) throws(Failure) {
        let percent = place
        place += 1
        var named: Object?
        if byte == UInt8(ascii: "(") { named = try value(named: renderer) }
        var flags = Flags()
        flagLoop: while let mark = byte {
            switch mark {
            case UInt8(ascii: "-"): flags.isLeft = true
            case UInt8(ascii: "+"): flags.sign = "+"
            case UInt8(ascii: " "): flags.sign = flags.sign ?? " "
            case UInt8(ascii: "#"): flags.isAlternate = true
            case UInt8(ascii: "0"): flags.isZeroPadded = true
            default: break flagLoop
            }
            place += 1
        }
        let width = try number(renderer, "width") ?? 0
        if width < 0 { flags.isLeft = true }
        flags.width = abs(width)
        if byte == UInt8(ascii: ".") {
            place += 1
            flags.precision = max(0, try number(renderer, "precision") ?? 0)
        }
        if let mark = byte, [UInt8(ascii: "h"), UInt8(ascii: "l"), UInt8(ascii: "L")].contains(mark) { place += 1 }
        guard byte != nil else { throw Failure(.value, "a format ends behind '%'") }
        let type = format.scalar(at: place)
        place += Text.width(ofLead: format.bytes[place])
        if type == "%" {
            builder.append(format, percent..<percent + 1)
            return
        }
        let object = if let named { named } else { try next() }
        let length = flags.width.addingSaturating(flags.precision ?? 0).addingSaturating(object.weight)
        try renderer.budget.allocate(length)
        try renderer.budget.examine(length)
        try append(object, as: type, flags, renderer)
    }

    private mutating func value(named renderer: Renderer) throws(Failure) -> Object {
        let start = place + 1
        var depth = 0
        while let mark = byte {
            if mark == UInt8(ascii: "(") { depth += 1 }
            if mark == UInt8(ascii: ")") { depth -= 1 }
            place += 1
            if depth == 0 { break }
        }
        guard depth == 0 else { throw Failure(.value, "a format's name has no end") }
        guard isMapping, sequence == nil else { throw Failure(.type, "the format needs a dict") }
        if case .undefined(let undefined) = single { throw undefined.failure }
        let name = format.slice(start..<place - 1)
        guard case .dict(let mapping) = single, let value = mapping.value(name) else {
            throw Failure(.other, "the format's '\(name.string)' is not among the values")
        }
        return value
    }

    private mutating func append(
        _ object: Object, as type: Unicode.Scalar, _ flags: Flags, _ renderer: Renderer
    ) throws(Failure) {
        switch type {
        case "s", "r", "a":
            var text =
                type == "s"
                ? try renderer.string(of: object)
                : try renderer.representation(of: object)
            if type == "a" { text = text.escapedToASCII }
            if format.isMarkup, type == "s" { text = try renderer.escaped(text) }
            if format.isMarkup, type != "s" { text = try renderer.escaped(text.asMarkup(false)) }
            if let precision = flags.precision, precision < text.count { text = text.slice(scalars: 0..<precision) }
            pad(text, flags, renderer)
        case "c": pad(try character(object, renderer), flags, renderer)
        case "d", "i", "u", "x", "X", "o": appendWhole(try whole(object, type), object, type, flags, renderer)
        case "e", "E", "f", "F", "g", "G": try appendFloat(object, type, flags, renderer)
        default: throw Failure(.value, "'%\(type)' is no format")
        }
    }

    private mutating func pad(_ text: Text, _ flags: Flags, _ renderer: Renderer) {
        let fill = Text(" ", isTrusted: format.isTrusted)
        builder.append(renderer.padded(text, to: flags.width, align: flags.isLeft ? "<" : ">", fill: fill))
    }

    private func character(_ object: Object, _ renderer: Renderer) throws(Failure) -> Text {
        if case .string(let text) = object {
            guard text.count == 1 else { throw Failure(.type, "'%c' needs one character") }
            return text
        }
        guard let code = object.index.flatMap({ UInt32(exactly: $0) }), let scalar = Unicode.Scalar(code) else {
            throw Failure(.type, "'%c' needs a character or its code")
        }
        var builder = TextBuilder()
        builder.append(scalar, isTrusted: object.isTrusted)
        return builder.text()
    }

    private func whole(_ object: Object, _ type: Unicode.Scalar) throws(Failure) -> BigInteger {
        if let value = object.integer { return value }
        if case .undefined(let undefined) = object { throw undefined.failure }
        guard case .double = object, ["d", "i", "u"].contains(type), let value = try object.wholeNumber().integer else {
            throw Failure(.type, "'%\(type)' needs a number, not a \(object.typeName)")
        }
        return value
    }

    private mutating func appendWhole(
        _ value: BigInteger, _ object: Object, _ type: Unicode.Scalar, _ flags: Flags, _ renderer: Renderer
    ) {
        let radix: UInt32 = type == "o" ? 8 : type == "x" || type == "X" ? 16 : 10
        var digits = NumberText.text(value, radix: radix)
        digits = String(repeating: "0", count: max(0, (flags.precision ?? 0) - digits.utf8.count)) + digits
        var prefix = flags.isAlternate ? (radix == 8 ? "0o" : radix == 16 ? "0x" : "") : ""
        if type == "X" {
            digits = digits.uppercased()
            prefix = prefix.uppercased()
        }
        append(digits, prefix: prefix, isNegative: value.isNegative, object, flags, renderer)
    }

    private mutating func appendFloat(
        _ object: Object, _ type: Unicode.Scalar, _ flags: Flags, _ renderer: Renderer
    ) throws(Failure) {
        if case .string = object { throw Failure(.type, "'%\(type)' needs a number, not a string") }
        let value = try object.double()
        try renderer.budget.step(value.digitSteps)
        let notation: Unicode.Scalar = type == "e" || type == "E" ? "e" : type == "f" || type == "F" ? "f" : "g"
        var digits = NumberText.text(
            value, notation, precision: flags.precision ?? 6, alternate: flags.isAlternate)
        if "EFG".unicodeScalars.contains(type) { digits = digits.uppercased() }
        append(digits, prefix: "", isNegative: value.sign == .minus && !value.isNaN, object, flags, renderer)
    }

    private mutating func append(
        _ digits: String, prefix: String, isNegative: Bool, _ object: Object, _ flags: Flags, _ renderer: Renderer
    ) {
        let head = (isNegative ? "-" : flags.sign.map { String($0) } ?? "") + prefix
        var body = digits
        if flags.isZeroPadded, !flags.isLeft {
            body = String(repeating: "0", count: max(0, flags.width - head.utf8.count - digits.utf8.count)) + digits
        }
        pad(Text(head + body, isTrusted: object.isTrusted), flags, renderer)
    }
}

extension Text {
    /// With what is not ASCII as Python's escapes.
    var escapedToASCII: Text {
        if isASCII { return self }
        var builder = TextBuilder(capacity: bytes.count * 2)
        for (offset, scalar) in scalars {
            if scalar.isASCII {
                builder.append(scalar, isTrusted: isTrusted(at: offset))
            } else {
                builder.append(scalar.pythonEscape, isTrusted: isTrusted(at: offset))
            }
        }
        return builder.text()
    }
}
