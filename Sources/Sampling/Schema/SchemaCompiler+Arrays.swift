import JSON

extension SchemaCompiler {
    /// The rule of a shape's arrays.
    mutating func array(_ shape: SchemaShape, at path: String) throws(JSONSchemaError) -> Int32 {
        if let place = shape.distinctPath, shape.items.most > 1 { return try distinct(shape, at: place) }
        var prefix: [Int32] = []
        let count = shape.arrays.map(\.prefix.count).max() ?? 0
        var least = shape.items.least, most = shape.items.most
        for i in 0..<count {
            if let demands = Self.demands(shape, at: i) { prefix.append(try rule(of: demands, at: path)) }
        }
        let rest = Self.demands(shape, at: count)
        let item = try rest.map { (demands) throws(JSONSchemaError) in
            demands.isEmpty ? any() : try rule(of: demands, at: path)
        }
        if rest == nil {
            most = min(most, Int32(count))
            // Whoever names the items one by one and says no more wants them all.
            if shape.items.leastPath.isEmpty { least = min(Int32(count), most) }
        }
        return grammar.add(.array(ArrayRule(prefix: prefix, item: item, least: least, most: most)))
    }

    /// What the item in a place must satisfy; nil: there is none, because items are named one by one up to there, or a
    /// schema says so.
    private static func demands(_ shape: SchemaShape, at place: Int) -> [SchemaDemand]? {
        var demands: [SchemaDemand] = [], isOpen = shape.arrays.allSatisfy(\.prefix.isEmpty)
        for part in shape.arrays {
            if place < part.prefix.count {
                demands.append(part.prefix[place])
                isOpen = true
            } else if let rest = part.rest {
                if rest.isNever { return nil }
                demands.append(rest)
                isOpen = true
            }
        }
        return isOpen ? demands : nil
    }

    /// An array of which no two items are equal: its items must be scalars.
    private mutating func distinct(_ shape: SchemaShape, at path: String) throws(JSONSchemaError) -> Int32 {
        let refusal = JSONSchemaError(
            path: path, keyword: "uniqueItems",
            problem: """
                is supported only for items of which it is certain that they are strings, numbers, booleans or null. \
                Leave it out, and check the answer yourself
                """)
        guard shape.arrays.allSatisfy(\.prefix.isEmpty), var demands = Self.demands(shape, at: 0) else { throw refusal }
        if demands.isEmpty {
            // Anything may be an item; of scalars it can be told whether they are equal.
            demands = [.schema(["type": ["string", "number", "boolean", "null"]], path: path, part: "scalars")]
        }
        var words: [JSONValue] = [], strings: TextLanguage?, numbers: NumberRange?
        for form in try scalars(demands, refusal) {
            if let values = form.values {
                for value in values where try accepts(value, form, at: path) { words.append(value) }
                continue
            }
            let types = form.types
            guard form.isTyped || !form.mentioned.isEmpty, types.isDisjoint(with: [.array, .object]) else {
                throw refusal
            }
            if types.contains(.null) { words.append(.null) }
            if types.contains(.boolean) { words += [true, false] }
            if types.contains(.string) {
                guard strings == nil else { throw refusal }
                strings = try distinctStrings(form, at: path)
            }
            if !types.isDisjoint(with: .number) {
                guard numbers == nil else { throw refusal }
                numbers = try distinctNumbers(form, refusal)
            }
        }
        var texts: [String: [UInt8]] = [:]
        for word in words {
            guard word.array == nil, word.members == nil else { throw refusal }
            // What is listed and of a kind that is allowed as a whole needs no mention.
            if word.kind == "string" && strings != nil || word.kind == "number" && numbers != nil { throw refusal }
            if texts[word.identity] == nil { texts[word.identity] = Array(word.text().utf8) }
        }
        let items = DistinctItems(
            words: Array(texts.values), strings: strings.map { DistinctLanguage($0) }, numbers: numbers)
        return grammar.add(
            .array(ArrayRule(item: nil, least: shape.items.least, most: shape.items.most, distinct: items)))
    }

    /// The shapes of an item's alternatives.
    private func scalars(_ demands: [SchemaDemand], _ refusal: JSONSchemaError, depth: Int = 0) throws(JSONSchemaError)
        -> [SchemaShape]
    {
        guard depth < 8 else { throw refusal }
        let form = try SchemaForm(demands, references)
        if form.isNever { return [] }
        guard let choice = form.choices.first else { return [try SchemaShape(form.plain)] }
        guard !choice.isExclusive else { throw refusal }
        let base = form.plain + form.choices.dropFirst().map(\.demand)
        var shapes: [SchemaShape] = []
        for alternative in choice.alternatives { shapes += try scalars(base + alternative, refusal, depth: depth + 1) }
        return shapes
    }

    private mutating func distinctStrings(_ shape: SchemaShape, at path: String) throws(JSONSchemaError)
        -> TextLanguage?
    {
        guard let rule = try string(shape, at: path) else { return nil }
        return try plainLanguage(shape, rule, at: path)
    }

    /// The language of a string rule with its limits of length, spelled without escapes.
    func limitedPatterns(_ shape: SchemaShape, _ rule: StringRule, at path: String) throws(JSONSchemaError) -> [Pattern]
    {
        var parsed: [Pattern] = []
        for form in shape.patterns { parsed.append(try pattern(form.text, at: form.path)) }
        for form in shape.formats { parsed.append(try pattern(Formats.pattern(form.text)!.pattern, at: form.path)) }
        // A text of more characters than these is not written anyway.
        let most = rule.most < 10_000 ? Int(rule.most) : nil
        if rule.least > 0 || most != nil { parsed.append(.length(Int(rule.least), most)) }
        return parsed
    }

    private mutating func plainLanguage(_ shape: SchemaShape, _ rule: StringRule, at path: String)
        throws(JSONSchemaError)
        -> TextLanguage?
    {
        if rule.isFree && rule.least == 0 && rule.most == JSONGrammar.unlimited { return DistinctLanguage.any.language }
        let patterns = try limitedPatterns(shape, rule, at: path)
        do {
            return try TextLanguage.labelled(patterns, needed: patterns.count, effort: &effort, escapes: false) { _ in 0
            }
        } catch {
            throw JSONSchemaError(path: path, keyword: "uniqueItems", problem: "of such strings \(error.problem)")
        }
    }

    /// Numbers that differ also when they are read as doubles: of at most 15 digits, without exponents.
    private mutating func distinctNumbers(_ shape: SchemaShape, _ refusal: JSONSchemaError) throws(JSONSchemaError)
        -> NumberRange?
    {
        let isWhole = !shape.types.contains(.fraction)
        var range = try NumberRange(shape, isWhole: isWhole)
        if !range.divisors.isEmpty { throw refusal }
        if range.places > 0 { range.shorten(whole: 9, places: 6) }
        return range.isEmpty ? nil : range
    }
}
