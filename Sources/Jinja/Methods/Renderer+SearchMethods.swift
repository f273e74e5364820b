extension Renderer {
    /// The bytes between two optional positions, given as Python's slices give them; nil if they begin behind the end.
    private func range(in text: Text, _ values: [Object], from first: Int) throws(Failure) -> Range<Int>? {
        func bound(_ i: Int, _ missing: Int) throws(Failure) -> Int {
            guard i < values.count, !values[i].isNone else { return missing }
            let value = try values[i].argument("a position")
            return value < 0 ? max(0, value.addingSaturating(text.count)) : value
        }
        let start = try bound(first, 0), end = min(try bound(first + 1, text.count), text.count)
        guard start <= end else { return nil }
        return text.byteOffset(ofScalar: start)..<text.byteOffset(ofScalar: end)
    }

    func search(_ text: Text, _ method: Method, _ arguments: Arguments) throws(Failure) -> Object {
        let values = try positional(arguments, 1...3, of: method.rawValue)
        let part = try argumentText(values[0], method.rawValue)
        try budget.scan(part.bytes.count * 8)
        let range = try range(in: text, values, from: 1)
        if method == .count {
            guard let range else { return .int(0) }
            if part.isEmpty { return .int(Text.countScalars(text.bytes[range]) + 1) }
            return .int(try text.offsets(of: part, in: range, &budget).count)
        }
        var found: Int?
        if let range {
            found =
                method == .rfind || method == .rindex
                ? text.lastOffset(of: part, from: range.lowerBound, to: range.upperBound)
                : text.firstOffset(of: part, from: range.lowerBound, to: range.upperBound)
        }
        if let found { return .int(text.scalarIndex(ofByte: found)) }
        if method == .find || method == .rfind { return .int(-1) }
        throw Failure(.value, "the part is not in the text")
    }

    func matches(_ text: Text, atEnd: Bool, _ arguments: Arguments) throws(Failure) -> Object {
        let name = atEnd ? "endswith" : "startswith"
        let values = try positional(arguments, 1...3, of: name)
        var parts: [Text] = []
        if case .tuple(let items) = values[0] {
            for item in items.objects { parts.append(try argumentText(item, name)) }
        } else {
            parts = [try argumentText(values[0], name)]
        }
        guard let range = try range(in: text, values, from: 1) else { return .bool(false) }
        for part in parts {
            try budget.step()
            try budget.scan(part.bytes.count)
            let length = part.bytes.count
            if length <= range.count,
                text.hasPrefix(part, at: atEnd ? range.upperBound - length : range.lowerBound)
            {
                return .bool(true)
            }
        }
        return .bool(false)
    }

    /// A text with the first occurrences of a part replaced by another one; all if the count is negative.
    func replaced(_ text: Text, _ old: Text, _ new: Text, _ count: Int) throws(Failure) -> Text {
        let most = count < 0 ? Int.max : count
        try budget.scan(text.bytes.count + old.bytes.count * 8)
        var builder = TextBuilder()
        if old.isEmpty {
            let places = min(text.count + 1, most)
            try budget.allocate(new.size.multiplyingSaturating(places).addingSaturating(text.size * 16))
            var left = places
            for (offset, _) in text.scalars {
                if left > 0 { builder.append(new) }
                left -= 1
                builder.append(text, offset..<offset + Text.width(ofLead: text.bytes[offset]))
            }
            if left > 0 { builder.append(new) }
            return builder.text(isMarkup: text.isMarkup)
        }
        let offsets = try text.offsets(of: old, in: 0..<text.bytes.count, atMost: most, &budget)
        if offsets.isEmpty { return text }
        try budget.allocate((new.size + 16).multiplyingSaturating(offsets.count).addingSaturating(text.size))
        var start = 0
        for offset in offsets {
            builder.append(text, start..<offset)
            builder.append(new)
            start = offset + old.bytes.count
        }
        builder.append(text, start..<text.bytes.count)
        return builder.text(isMarkup: text.isMarkup)
    }

    func fill(_ text: Text, _ method: Method, _ arguments: Arguments) throws(Failure) -> Object {
        if method == .expandtabs {
            let size = try bind(arguments, to: ["tabsize"], of: "expandtabs")[0]?.argument("'tabsize'") ?? 8
            return try expandTabs(text, size)
        }
        let values = try positional(arguments, method == .zfill ? 1...1 : 1...2, of: method.rawValue)
        let width = try values[0].argument("'width'")
        var fill: Text =
            values.count > 1 ? try argumentText(values[1], method.rawValue) : Text(" ", isTrusted: text.isTrusted)
        if text.isMarkup { fill = try escaped(fill) }
        guard fill.count == 1 else { throw Failure(.type, "a text is filled up with one character") }
        guard width > text.count else { return .string(text) }
        try budget.allocate(text.bytes.count.addingSaturating(width.multiplyingSaturating(4)))
        let missing = width - text.count
        if method == .zfill { return .string(zeroFilled(text, missing)) }
        // Python puts the odd one before the text where the width is odd as well.
        let left = method == .ljust ? 0 : method == .rjust ? missing : missing / 2 + (missing & width & 1)
        var builder = TextBuilder()
        builder.append(fill, times: left)
        builder.append(text)
        builder.append(fill, times: missing - left)
        return .string(builder.text(isMarkup: text.isMarkup))
    }

    private func zeroFilled(_ text: Text, _ missing: Int) -> Text {
        let hasSign = text.bytes.first == UInt8(ascii: "-") || text.bytes.first == UInt8(ascii: "+")
        var builder = TextBuilder()
        builder.append(text, 0..<(hasSign ? 1 : 0))
        builder.append(ascii: repeatElement(UInt8(ascii: "0"), count: missing), isTrusted: text.isTrusted)
        builder.append(text, (hasSign ? 1 : 0)..<text.bytes.count)
        return builder.text(isMarkup: text.isMarkup)
    }

    private func expandTabs(_ text: Text, _ size: Int) throws(Failure) -> Object {
        try budget.examine(text)
        var builder = TextBuilder(), column = 0
        for (offset, scalar) in text.scalars {
            if scalar == "\t" {
                let count = size > 0 ? size - column % size : 0
                try budget.allocate(count)
                let isTrusted = text.isTrusted(at: offset)
                builder.append(ascii: repeatElement(UInt8(ascii: " "), count: count), isTrusted: isTrusted)
                column += count
            } else {
                builder.append(text, offset..<offset + Text.width(ofLead: text.bytes[offset]))
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return try string(builder.text(isMarkup: text.isMarkup))
    }

    func translate(_ text: Text, _ arguments: Arguments) throws(Failure) -> Object {
        guard case .dict(let table) = try positional(arguments, 1...1, of: "translate")[0] else {
            throw Failure(.type, "'translate' needs a dict")
        }
        try budget.examine(text.bytes.count * 4)
        var builder = TextBuilder()
        for (offset, scalar) in text.scalars {
            let isTrusted = text.isTrusted(at: offset)
            switch table.value(.int(Int(scalar.value))) {
            case nil: builder.append(scalar, isTrusted: isTrusted)
            case .some(.none): break
            case .string(let other):
                try budget.allocate(other.size)
                builder.append(other)
            case .some(let other):
                guard let code = other.index.flatMap({ UInt32(exactly: $0) }), let scalar = Unicode.Scalar(code) else {
                    throw Failure(.type, "'translate' needs characters, their codes or none")
                }
                builder.append(scalar, isTrusted: isTrusted && other.isTrusted)
            }
        }
        return try string(builder.text(isMarkup: text.isMarkup))
    }

    func makeTranslation(_ arguments: Arguments) throws(Failure) -> Object {
        let values = try positional(arguments, 1...3, of: "maketrans")
        var entries: [Mapping.Entry] = []
        if values.count == 1 {
            guard case .dict(let mapping) = values[0] else { throw Failure(.type, "'maketrans' needs a dict") }
            for (key, value) in mapping.entries {
                guard case .string(let text) = key else {
                    entries.append((key, value))
                    continue
                }
                guard text.count == 1 else { throw Failure(.value, "'maketrans' needs single characters") }
                entries.append((.int(Int(text.scalar(at: 0).value)), value))
            }
            return try dict(entries)
        }
        let from = try argumentText(values[0], "maketrans"), to = try argumentText(values[1], "maketrans")
        guard from.count == to.count else { throw Failure(.value, "'maketrans' needs texts of the same length") }
        try budget.allocate(from.count * 64)
        for (a, b) in zip(from.scalars, to.scalars) {
            entries.append(
                (.int(Int(a.scalar.value)), .int(Int(b.scalar.value), isTrusted: to.isTrusted(at: b.offset))))
        }
        if values.count > 2 {
            for (_, scalar) in try argumentText(values[2], "maketrans").scalars {
                entries.append((.int(Int(scalar.value)), .none))
            }
        }
        return try dict(entries)
    }
}
