extension Renderer {
    /// Python's `format(value, spec)`.
    func formatted(_ object: Object, spec text: Text) throws(Failure) -> Text {
        if text.isEmpty { return try string(of: object) }
        let spec = try FormatSpec(text)
        let length = spec.width.addingSaturating(spec.precision ?? 0).addingSaturating(object.weight)
        try budget.allocate(length)
        try budget.examine(length)
        switch object {
        case .string(let text): return try formatted(text, spec)
        case .bool, .int, .big:
            if let type = spec.type, "eEfFgG%".unicodeScalars.contains(type) {
                return try formatted(try object.double(), object.isTrusted, spec)
            }
            return try formatted(whole: object, spec)
        case .double(let value, let isTrusted): return try formatted(value, isTrusted, spec)
        default: throw Failure(.type, "a \(object.typeName) takes no format")
        }
    }

    private func unknown(_ spec: FormatSpec, _ what: String) -> Failure {
        Failure(.value, "\(what) cannot be formatted as '\(spec.type.map { String($0) } ?? "")'")
    }

    private func formatted(_ text: Text, _ spec: FormatSpec) throws(Failure) -> Text {
        guard spec.type == nil || spec.type == "s", spec.sign == "-", spec.align != "=", spec.grouping == nil,
            !spec.isAlternate
        else { throw unknown(spec, "a string") }
        let shown = spec.precision.map { $0 < text.count ? text.slice(scalars: 0..<$0) : text } ?? text
        let fill: Text = spec.isZeroPadded ? "0" : spec.fill
        return padded(shown, to: spec.width, align: spec.align ?? "<", fill: fill)
    }

    private func formatted(whole object: Object, _ spec: FormatSpec) throws(Failure) -> Text {
        guard spec.precision == nil, let value = object.integer else { throw unknown(spec, "a whole number") }
        if spec.type == "c" {
            guard let code = value.int.flatMap({ UInt32(exactly: $0) }), let scalar = Unicode.Scalar(code) else {
                throw Failure(.overflow, "a number is no character's code")
            }
            var builder = TextBuilder()
            builder.append(scalar, isTrusted: object.isTrusted)
            return padded(builder.text(), to: spec.width, align: spec.align ?? "<", fill: spec.fill)
        }
        let radices: [Unicode.Scalar: (UInt32, String)] = [
            "b": (2, "0b"), "o": (8, "0o"), "d": (10, ""), "n": (10, ""), "x": (16, "0x"), "X": (16, "0X"),
        ]
        guard let (radix, prefix) = radices[spec.type ?? "d"], radix == 10 || spec.grouping != "," else {
            throw unknown(spec, "a whole number")
        }
        try budget.step(value.limbs.count * value.limbs.count)
        var digits = NumberText.text(value, radix: radix)
        if spec.type == "X" { digits = digits.uppercased() }
        return finish(
            digits, isNegative: value.isNegative, prefix: spec.isAlternate ? prefix : "", isTrusted: object.isTrusted,
            spec, groupSize: radix == 10 ? 3 : 4)
    }

    private func formatted(_ value: Double, _ isTrusted: Bool, _ spec: FormatSpec) throws(Failure) -> Text {
        try budget.step(value.digitSteps)
        var text: String
        switch spec.type {
        case "f", "F", "e", "E", "g", "G":
            let notation: Unicode.Scalar =
                spec.type == "f" || spec.type == "F" ? "f" : spec.type == "e" || spec.type == "E" ? "e" : "g"
            text = NumberText.text(value, notation, precision: spec.precision ?? 6, alternate: spec.isAlternate)
            if ["F", "E", "G"].contains(spec.type!) { text = text.uppercased() }
        case "%":
            text = NumberText.text(value * 100, "f", precision: spec.precision ?? 6, alternate: spec.isAlternate) + "%"
        case "n": text = NumberText.text(value, "g", precision: spec.precision ?? 6, alternate: spec.isAlternate)
        case nil:
            guard let precision = spec.precision else {
                text = value.magnitude.pythonText
                break
            }
            text = NumberText.text(
                value, "g", precision: precision, alternate: spec.isAlternate, isFloat: true)
        default: throw unknown(spec, "a float")
        }
        return finish(
            text, isNegative: value.sign == .minus && !value.isNaN, prefix: "", isTrusted: isTrusted, spec,
            groupSize: 3)
    }

    /// Puts sign, prefix, groups and padding around a number's digits.
    private func finish(
        _ digits: String, isNegative: Bool, prefix: String, isTrusted: Bool, _ spec: FormatSpec, groupSize: Int
    ) -> Text {
        let sign = isNegative ? "-" : spec.sign == "-" ? "" : String(spec.sign)
        let head = sign + prefix
        let zeroWidth = spec.isZeroPadded ? spec.width - head.utf8.count : 0
        var body = digits
        if let grouping = spec.grouping {
            body = NumberText.grouped(digits, separator: String(grouping), every: groupSize, width: zeroWidth)
        } else if spec.isZeroPadded {
            body = String(repeating: "0", count: max(0, zeroWidth - digits.utf8.count)) + digits
        }
        if spec.align == "=", !spec.isZeroPadded {
            var builder = TextBuilder()
            builder.append(head, isTrusted: isTrusted)
            builder.append(spec.fill, times: spec.width - head.utf8.count - body.utf8.count)
            builder.append(body, isTrusted: isTrusted)
            return builder.text()
        }
        return padded(
            Text(head + body, isTrusted: isTrusted), to: spec.width, align: spec.align ?? ">", fill: spec.fill)
    }

    /// A text with a fill character before, behind or around it. The width must have been paid for.
    func padded(_ text: Text, to width: Int, align: Unicode.Scalar, fill: Text) -> Text {
        guard width > text.count else { return text }
        let missing = width - text.count
        let left = align == "<" ? 0 : align == "^" ? missing / 2 : missing
        var builder = TextBuilder()
        builder.append(fill, times: left)
        builder.append(text)
        builder.append(fill, times: missing - left)
        return builder.text()
    }
}
