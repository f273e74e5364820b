extension Renderer {
    /// Calls a method of a string. The length of the string has been paid for.
    func call(_ method: Method, of text: Text, _ arguments: Arguments) throws(Failure) -> Object {
        switch method {
        case .lower, .upper, .title, .swapcase, .casefold, .capitalize:
            _ = try positional(arguments, 0...0, of: method.rawValue)
            try budget.allocate(text.size * 3)
            if !text.isASCII || !text.runs.isEmpty { try budget.examine(text) }
            return .string(text.cased(Self.casing(method)))
        case .isalnum, .isalpha, .isascii, .isdecimal, .isdigit, .isidentifier, .islower, .isnumeric, .isprintable,
            .isspace, .istitle, .isupper:
            _ = try positional(arguments, 0...0, of: method.rawValue)
            try budget.examine(text)
            return .bool(Self.holds(method, of: text))
        case .strip, .lstrip, .rstrip: return try strip(text, method, arguments)
        case .split, .rsplit: return try split(text, fromEnd: method == .rsplit, arguments)
        case .splitlines:
            let keeps = try bind(arguments, to: ["keepends"], of: "splitlines")[0]
            let keepsEnds = if let keeps { try isTrue(keeps) } else { false }
            return try strings(try text.lines(keepingEnds: keepsEnds, &budget))
        case .partition, .rpartition: return try partition(text, fromEnd: method == .rpartition, arguments)
        case .find, .index, .rfind, .rindex, .count: return try search(text, method, arguments)
        case .startswith, .endswith: return try matches(text, atEnd: method == .endswith, arguments)
        case .join: return try join(text, arguments)
        case .replace:
            let values = try positional(arguments, 2...3, of: "replace")
            let old = try argumentText(values[0], "replace"), new = try argumentText(values[1], "replace")
            let count = values.count > 2 ? try values[2].argument("'count'") : -1
            return try string(try replaced(text, old, text.isMarkup ? try escaped(new) : new, count))
        case .removeprefix, .removesuffix:
            let part = try argumentText(try positional(arguments, 1...1, of: method.rawValue)[0], method.rawValue)
            if method == .removeprefix {
                return try string(text.hasPrefix(part) ? text.slice(part.bytes.count..<text.bytes.count) : text)
            }
            guard text.hasSuffix(part), !part.isEmpty else { return .string(text) }
            return try string(text.slice(0..<text.bytes.count - part.bytes.count))
        case .center, .ljust, .rjust, .zfill, .expandtabs: return try fill(text, method, arguments)
        case .format: return try string(try formatted(braces: text, arguments))
        case .formatMap:
            guard case .dict(let mapping) = try positional(arguments, 1...1, of: "format_map")[0] else {
                throw Failure(.type, "'format_map' needs a dict")
            }
            var values = Arguments()
            for case (.string(let name), let value) in mapping.entries { values.named.append((name, value)) }
            return try string(try formatted(braces: text, values))
        case .translate: return try translate(text, arguments)
        case .maketrans: return try makeTranslation(arguments)
        case .striptags:
            try expectNone(arguments, "'striptags'")
            return try string(try withoutTags(text))
        case .unescape:
            try expectNone(arguments, "'unescape'")
            return try string(unescaped(text.asMarkup(false)))
        default: throw Failure(.other, "'\(method.rawValue)' of a string makes bytes, which no template needs")
        }
    }

    /// A list of strings.
    func strings(_ texts: [Text]) throws(Failure) -> Object { try list(texts.map { .string($0) }) }

    func argumentText(_ object: Object, _ what: String) throws(Failure) -> Text {
        guard case .string(let text) = object else {
            throw Failure(.type, "'\(what)' needs a string, not a \(object.typeName)")
        }
        return text
    }

    private static func casing(_ method: Method) -> Text.Casing {
        switch method {
        case .upper: .upper
        case .title: .title
        case .swapcase: .swapped
        case .casefold: .folded
        case .capitalize: .capitalized
        default: .lower
        }
    }

    private static func holds(_ method: Method, of text: Text) -> Bool {
        switch method {
        case .isalnum: text.all { $0.isPythonAlphanumeric }
        case .isalpha: text.all { $0.isPythonLetter }
        case .isascii: text.isASCII
        case .isdecimal: text.all { $0.properties.numericType == .decimal }
        case .isdigit: text.all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
        case .isnumeric: text.all { $0.properties.numericType != nil }
        case .isidentifier:
            text.all { $0.properties.isXIDContinue || $0 == "_" }
                && (text.scalar(at: 0).properties.isXIDStart || text.scalar(at: 0) == "_")
        case .islower: text.isAll(upper: false)
        case .isupper: text.isAll(upper: true)
        case .isprintable: text.isEmpty || text.all { $0.isPythonPrintable }
        case .isspace: text.all { $0.isPythonSpace }
        default: text.isTitle
        }
    }

    /// The text without the characters at its ends that are among some others, or that are white space.
    func strip(_ text: Text, _ method: Method, _ arguments: Arguments) throws(Failure) -> Object {
        let values = try positional(arguments, 0...1, of: method.rawValue)
        let left = method != .rstrip, right = method != .lstrip
        let stripped: Text
        if let first = values.first, !first.isNone {
            let characters = try argumentText(first, method.rawValue)
            try budget.examine(characters)
            try budget.allocate(characters.count * 16)
            let set = Set(characters.scalars.map(\.scalar))
            stripped = text.stripped(left: left, right: right) { set.contains($0) }
        } else {
            stripped = text.stripped(left: left, right: right)
        }
        try budget.examine(text.bytes.count - stripped.bytes.count)
        return try string(stripped)
    }

    private func split(_ text: Text, fromEnd: Bool, _ arguments: Arguments) throws(Failure) -> Object {
        let values = try bind(arguments, to: ["sep", "maxsplit"], of: fromEnd ? "rsplit" : "split")
        let most = try values[1]?.argument("'maxsplit'") ?? -1
        let cuts = most < 0 ? Int.max : most
        guard let first = values[0], !first.isNone else {
            return try strings(
                fromEnd ? try text.wordsFromEnd(atMost: cuts, &budget) : try text.words(atMost: cuts, &budget))
        }
        let separator = try argumentText(first, "split")
        guard !separator.isEmpty else { throw Failure(.value, "a text cannot be split at nothing") }
        return try strings(
            fromEnd
                ? try text.partsFromEnd(at: separator, atMost: cuts, &budget)
                : try text.parts(at: separator, atMost: cuts, &budget))
    }

    private func partition(_ text: Text, fromEnd: Bool, _ arguments: Arguments) throws(Failure) -> Object {
        let separator = try argumentText(try positional(arguments, 1...1, of: "partition")[0], "partition")
        guard !separator.isEmpty else { throw Failure(.value, "a text cannot be parted at nothing") }
        let end = text.bytes.count, nothing = Text.empty.asMarkup(text.isMarkup)
        let found =
            fromEnd
            ? text.lastOffset(of: separator, from: 0, to: end) : text.firstOffset(of: separator, from: 0, to: end)
        guard let found else {
            return try tuple((fromEnd ? [nothing, nothing, text] : [text, nothing, nothing]).map { .string($0) })
        }
        try budget.allocate(text.bytes.count)
        let parts = [
            text.slice(0..<found), text.slice(found..<found + separator.bytes.count),
            text.slice(found + separator.bytes.count..<end),
        ]
        return try tuple(parts.map { .string($0) })
    }

    private func join(_ separator: Text, _ arguments: Arguments) throws(Failure) -> Object {
        let source = try positional(arguments, 1...1, of: "join")[0]
        var builder = TextBuilder(), isFirst = true
        for object in try objects(of: source) {
            guard object.text != nil || separator.isMarkup else {
                throw Failure(.type, "only strings can be joined, not a \(object.typeName)")
            }
            var text = try string(of: object)
            if separator.isMarkup { text = try escaped(text) }
            try budget.allocate(text.size + separator.size)
            if !isFirst { builder.append(separator) }
            builder.append(text)
            isFirst = false
        }
        return .string(builder.text(isMarkup: separator.isMarkup))
    }
}
