extension Renderer {
    /// Python's `str.format`.
    func formatted(braces format: Text, _ arguments: Arguments) throws(Failure) -> Text {
        var fields = BraceFormat(arguments: arguments, escapes: format.isMarkup)
        return try fields.run(format, depth: 2, self).asMarkup(format.isMarkup)
    }
}

/// One run of Python's `str.format`, as Jinja's sandbox does it: fields look values up as a template does.
private struct BraceFormat {
    let arguments: Arguments
    let escapes: Bool
    /// The number of the next field without a name; nil once a field was numbered by hand.
    var nextIndex: Int? = 0

    mutating func run(_ format: Text, depth: Int, _ renderer: Renderer) throws(Failure) -> Text {
        guard depth >= 0 else { throw Failure(.value, "a format's fields nest too deep") }
        try renderer.budget.allocate(format.bytes.count)
        let bytes = format.bytes
        var builder = TextBuilder(), place = 0
        while place < bytes.count {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "{"), bytes[place] != UInt8(ascii: "}") {
                place += 1
            }
            builder.append(format, start..<place)
            guard place < bytes.count else { break }
            let brace = bytes[place]
            if place + 1 < bytes.count, bytes[place + 1] == brace {
                builder.append(format, place..<place + 1)
                place += 2
                continue
            }
            guard brace == UInt8(ascii: "{") else { throw Failure(.value, "a format has a '}' alone") }
            let end = try endOfField(bytes, from: place)
            let text = try field(format.slice(place + 1..<end), depth: depth, renderer)
            try renderer.budget.allocate(text.size)
            builder.append(text)
            place = end + 1
        }
        return builder.text()
    }

    /// The brace that closes the one at an offset.
    private func endOfField(_ bytes: [UInt8], from start: Int) throws(Failure) -> Int {
        var depth = 0, isIndex = false
        for place in start..<bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "["): isIndex = true
            case UInt8(ascii: "]"): isIndex = false
            case UInt8(ascii: "{") where !isIndex: depth += 1
            case UInt8(ascii: "}") where !isIndex:
                depth -= 1
                if depth == 0 { return place }
            default: break
            }
        }
        throw Failure(.value, "a format has a '{' without '}'")
    }

    /// What stands for `name!conversion:spec`.
    private mutating func field(_ text: Text, depth: Int, _ renderer: Renderer) throws(Failure) -> Text {
        var end = text.bytes.count, spec = Text.empty, conversion: Unicode.Scalar?, isIndex = false
        loop: for (i, byte) in text.bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "["): isIndex = true
            case UInt8(ascii: "]"): isIndex = false
            case UInt8(ascii: ":"), UInt8(ascii: "!"):
                if isIndex { continue }
                end = i
                break loop
            case UInt8(ascii: "{") where !isIndex: throw Failure(.value, "a format's field has a '{' in its name")
            default: break
            }
        }
        var rest = end
        if rest < text.bytes.count, text.bytes[rest] == UInt8(ascii: "!") {
            guard rest + 1 < text.bytes.count else { throw Failure(.value, "a format's conversion is missing") }
            conversion = text.scalar(at: rest + 1)
            rest += 1 + Text.width(ofLead: text.bytes[rest + 1])
            guard rest == text.bytes.count || text.bytes[rest] == UInt8(ascii: ":") else {
                throw Failure(.value, "a format's conversion must be followed by ':'")
            }
        }
        if rest < text.bytes.count { spec = text.slice(rest + 1..<text.bytes.count) }
        var object = try value(text.slice(0..<end), renderer)
        switch conversion {
        case nil: break
        case "s": object = .string(try renderer.string(of: object))
        case "r": object = .string(try renderer.representation(of: object))
        case "a": object = .string(try renderer.representation(of: object).escapedToASCII)
        default: throw Failure(.value, "a format's conversion is s, r or a")
        }
        spec = try run(spec, depth: depth - 1, renderer)
        if case .string(let markup) = object, markup.isMarkup, escapes {
            guard spec.isEmpty else { throw Failure(.value, "markup takes no format") }
            return markup
        }
        let shown = try renderer.formatted(object, spec: spec)
        return escapes ? try renderer.escaped(shown.asMarkup(false)) : shown
    }

    /// Looks up `name.attribute[index]`.
    private mutating func value(_ path: Text, _ renderer: Renderer) throws(Failure) -> Object {
        let bytes = path.bytes
        var place = bytes.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? bytes.count
        var object = try first(path.slice(0..<place), isWhole: place == bytes.count)
        while place < bytes.count {
            try renderer.budget.step()
            if bytes[place] == UInt8(ascii: ".") {
                let start = place + 1
                place = start
                while place < bytes.count, bytes[place] != UInt8(ascii: "."), bytes[place] != UInt8(ascii: "[") {
                    place += 1
                }
                guard place > start else { throw Failure(.value, "a format's field has an empty attribute") }
                object = try renderer.attribute(AttributeName(path.slice(start..<place)), of: object)
            } else if bytes[place] == UInt8(ascii: "[") {
                let start = place + 1
                guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")), end > start else {
                    throw Failure(.value, "a format's field has no index between '[' and ']'")
                }
                let name = path.slice(start..<end)
                object = try renderer.item(Self.number(name).map { .int($0) } ?? .string(name), of: object)
                place = end + 1
            } else {
                throw Failure(.value, "a format's field goes on with '.' or '[' behind ']'")
            }
        }
        return object
    }

    private static func number(_ text: Text) -> Int? {
        !text.isEmpty && text.bytes.allSatisfy(\.isDigit) ? Int(text.string) : nil
    }

    private mutating func first(_ name: Text, isWhole: Bool) throws(Failure) -> Object {
        var index = Self.number(name)
        if isWhole, name.isEmpty || index != nil {
            guard let next = nextIndex, name.isEmpty || next == 0 else {
                if nextIndex == nil, !name.isEmpty { return try positional(index ?? 0) }
                throw Failure(.value, "a format numbers some of its fields and not others")
            }
            nextIndex = name.isEmpty ? next + 1 : nil
            index = index ?? next
        }
        if let index, isWhole || !name.isEmpty { return try positional(index) }
        guard let value = arguments.named.first(where: { $0.name == name })?.value else {
            throw Failure(.other, "the format's '\(name.string)' is not among the values")
        }
        return value
    }

    private func positional(_ index: Int) throws(Failure) -> Object {
        guard index < arguments.positional.count else { throw Failure(.other, "a format needs more values") }
        return arguments.positional[index]
    }
}
