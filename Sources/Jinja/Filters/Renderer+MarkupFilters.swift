extension Renderer {
    func applyForMarkup(_ filter: Filter, _ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        switch filter {
        case .e, .escape: return try string(try escaped(try string(of: value)))
        case .forceescape: return try string(try escaped(try string(of: value).asMarkup(false)))
        case .safe: return try string(try string(of: value).asMarkup(true))
        case .striptags: return try string(try withoutTags(try string(of: value)))
        case .urlencode: return try urlEncoded(value)
        default: return try attributes(value, given)
        }
    }

    /// HTML's signs as entities, if the text is not markup already; markup in any case.
    func escaped(_ text: Text) throws(Failure) -> Text {
        if text.isMarkup { return text }
        try budget.allocate(text.size * 5)
        try budget.scan(text.bytes.count)
        var builder = TextBuilder(capacity: text.bytes.count), start = 0
        for (i, byte) in text.bytes.enumerated() {
            let entity: String
            switch byte {
            case UInt8(ascii: "&"): entity = "&amp;"
            case UInt8(ascii: "<"): entity = "&lt;"
            case UInt8(ascii: ">"): entity = "&gt;"
            case UInt8(ascii: "'"): entity = "&#39;"
            case UInt8(ascii: "\""): entity = "&#34;"
            default: continue
            }
            builder.append(text, start..<i)
            builder.append(entity, isTrusted: text.isTrusted(at: i))
            start = i + 1
        }
        builder.append(text, start..<text.bytes.count)
        return builder.text(isMarkup: true)
    }

    /// Without comments and tags, with single spaces, entities read.
    func withoutTags(_ text: Text) throws(Failure) -> Text {
        try budget.allocate(text.size * 2)
        try budget.examine(text)
        let plain = text.asMarkup(false).removing(from: "<!--", to: "-->").removing(from: "<", to: ">")
        var builder = TextBuilder()
        for (i, word) in try plain.words(&budget).enumerated() {
            if i > 0 { builder.append(" ", isTrusted: false) }
            builder.append(word)
        }
        return unescaped(builder.text())
    }

    /// With numeric entities and the best-known named ones read.
    func unescaped(_ text: Text) -> Text {
        var builder = TextBuilder(capacity: text.bytes.count), start = 0, place = 0
        let bytes = text.bytes
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "&"), let (scalar, length) = Self.entity(bytes[place...].prefix(12))
            else {
                place += 1
                continue
            }
            builder.append(text, start..<place)
            builder.append(scalar, isTrusted: text.isTrusted(at: place))
            place += length
            start = place
        }
        builder.append(text, start..<bytes.count)
        return builder.text()
    }

    private static let entities: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®",
        "laquo": "«", "raquo": "»", "hellip": "…", "mdash": "—", "ndash": "–", "euro": "€", "times": "×",
    ]

    private static func entity(_ bytes: ArraySlice<UInt8>) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: bytes[(bytes.startIndex + 1)..<end], as: UTF8.self)
        let length = end - bytes.startIndex + 1
        guard name.hasPrefix("#") else { return entities[name].map { ($0, length) } }
        let digits = name.dropFirst()
        let isHex = digits.hasPrefix("x") || digits.hasPrefix("X")
        guard let code = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10) else { return nil }
        return (Unicode.Scalar(code) ?? "\u{FFFD}", length)
    }

    private func urlEncoded(_ value: Object) throws(Failure) -> Object {
        switch value {
        case .string: break
        default:
            guard isIterable(value) else { break }
            var pairs = try objects(of: value)
            if case .dict(let mapping) = value { pairs = try objects(of: mapping, .items) }
            var builder = TextBuilder()
            for (i, pair) in pairs.enumerated() {
                let parts = try objects(of: pair, atMost: 2)
                guard parts.count == 2 else { throw Failure(.value, "'urlencode' needs pairs of names and values") }
                if i > 0 { builder.append("&", isTrusted: false) }
                builder.append(try quoted(try string(of: parts[0]), isQuery: true))
                builder.append("=", isTrusted: false)
                builder.append(try quoted(try string(of: parts[1]), isQuery: true))
            }
            return .string(builder.text())
        }
        return .string(try quoted(try string(of: value), isQuery: false))
    }

    private func quoted(_ text: Text, isQuery: Bool) throws(Failure) -> Text {
        try budget.allocate(text.size * 3)
        try budget.examine(text.bytes.count * 4)
        var builder = TextBuilder(capacity: text.bytes.count)
        let digits = Array("0123456789ABCDEF".utf8), kept = Array("_.-~".utf8)
        for (i, byte) in text.bytes.enumerated() {
            let isTrusted = text.isTrusted(at: i)
            if byte.isLetter || byte.isDigit || kept.contains(byte) || (!isQuery && byte == UInt8(ascii: "/")) {
                builder.append(ascii: CollectionOfOne(byte), isTrusted: isTrusted)
            } else if isQuery, byte == UInt8(ascii: " ") {
                builder.append("+", isTrusted: isTrusted)
            } else {
                let escape = [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                builder.append(ascii: escape, isTrusted: isTrusted)
            }
        }
        return builder.text()
    }

    private func attributes(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        if case .undefined(let undefined) = value { throw undefined.failure }
        guard case .dict(let mapping) = value else { throw Failure(.type, "'xmlattr' needs a dict") }
        var builder = TextBuilder(), isFirst = true
        let hasSpace = if let space = given[0] { try isTrue(space) } else { true }
        for (key, value) in mapping.entries where !value.isNone && !value.isUndefined {
            let name = try argumentText(key, "xmlattr")
            guard !name.bytes.contains(where: { Array(" \t\n\r\u{0B}\u{0C}/>=".utf8).contains($0) }) else {
                throw Failure(.value, "an attribute's name has a character that it cannot have")
            }
            if !isFirst || hasSpace { builder.append(" ", isTrusted: false) }
            builder.append(try escaped(name))
            builder.append("=\"", isTrusted: false)
            builder.append(try escaped(try string(of: value)))
            builder.append("\"", isTrusted: false)
            isFirst = false
        }
        return .string(builder.text())
    }
}

extension Text {
    /// Without what stands between two marks, the marks included.
    func removing(from start: Text, to end: Text) -> Text {
        var builder = TextBuilder(capacity: bytes.count), place = 0
        while let first = firstOffset(of: start, from: place, to: bytes.count),
            let last = firstOffset(of: end, from: first, to: bytes.count)
        {
            builder.append(self, place..<first)
            place = last + end.bytes.count
        }
        builder.append(self, place..<bytes.count)
        return builder.text()
    }
}
