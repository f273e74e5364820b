import JSON

extension SchemaCompiler {
    /// The rule of a shape's objects.
    mutating func object(_ shape: SchemaShape, at path: String) throws(JSONSchemaError) -> Int32 {
        let patterns = try shape.objects.flatMap(\.patterns).map { (part) throws(JSONSchemaError) in
            try pattern(part.pattern, at: path, keyword: "patternProperties")
        }
        let names = Names(shape, try matchers(patterns, at: path))
        var listed = try listedNames(shape.names)
        var order = shape.objects.flatMap { $0.properties.map(\.name) }, isKnown = Set(order)
        order += shape.required.filter { isKnown.insert($0).inserted }
        // Names that are listed are properties that may come.
        order += (listed ?? []).filter { isKnown.insert($0).inserted }
        if listed?.isEmpty == true { listed = nil }
        try check(order.count, of: shape.objects.isEmpty ? "required" : "properties", at: path)

        var properties: [ObjectRule.Property] = [], seen: Set<String> = []
        let required = Set(shape.required)
        for name in order where seen.insert(name).inserted && !shape.forbidden.contains(name) {
            let demands: [SchemaDemand]
            let isAllowed = shape.names.isEmpty ? true : try accepts(.string(name), demands: shape.names, at: path)
            // The value of a property whose name is not allowed can be nothing.
            demands = isAllowed ? names.demands(name: name) ?? [] : [.schema(false, path: path, part: "name")]
            properties.append(
                .init(
                    name: name, value: demands.isEmpty ? any() : try rule(of: demands, at: path),
                    isRequired: required.contains(name), isDemanded: shape.demanded.contains(name)))
        }
        let isImpossible = shape.forbidden.contains { required.contains($0) }
        if isImpossible { return grammar.add(.union([])) }
        let excluded = seen.union(shape.forbidden)
        let others = listed == nil ? try others(shape, names, patterns, excluded, at: path) : nil
        return grammar.add(
            .object(
                ObjectRule(
                    properties, others: others, least: shape.properties.least, most: shape.properties.most,
                    excluded: Set(excluded.map { DistinctText.hash(of: $0.utf8) }))))
    }

    /// The names that `propertyNames` lists; nil when it says something else of them.
    private func listedNames(_ demands: [SchemaDemand], depth: Int = 0) throws(JSONSchemaError) -> [String]? {
        guard !demands.isEmpty, depth < 4 else { return nil }
        let form = try SchemaForm(demands, references)
        guard let choice = form.choices.first else { return try SchemaShape(form.plain).values?.compactMap(\.string) }
        var names: [String] = []
        for alternative in choice.alternatives {
            guard let more = try listedNames(form.plain + alternative, depth: depth + 1) else { return nil }
            names += more
        }
        return names
    }

    /// One language for each pattern of a name.
    private mutating func matchers(_ patterns: [Pattern], at path: String) throws(JSONSchemaError) -> [TextLanguage?] {
        var found: [TextLanguage?] = []
        for pattern in patterns {
            do { found.append(try TextLanguage.matching([pattern], effort: &effort)) } catch {
                throw JSONSchemaError(
                    path: path, keyword: "patternProperties", problem: "has a name that \(error.problem)")
            }
        }
        return found
    }

    /// Names of at most so many bytes together are told from others by an automaton.
    private static let mostExcluded = 8192

    /// The properties that are not named; nil: there are none.
    private mutating func others(
        _ shape: SchemaShape, _ names: Names, _ patterns: [Pattern], _ excluded: Set<String>, at path: String
    ) throws(JSONSchemaError) -> ObjectRule.Others? {
        guard let none = names.demands(matching: patterns.map { _ in false }) ?? (patterns.isEmpty ? nil : []) else {
            return nil
        }
        if patterns.isEmpty && shape.names.isEmpty {
            return ObjectRule.Others(values: [none.isEmpty ? any() : try rule(of: none, at: path)])
        }
        let allowed = try namePatterns(shape.names, at: path)
        var labels: [[Bool]: Int32] = [:], values: [[SchemaDemand]] = []
        func label(_ found: [Bool]) -> Int32? {
            guard let demands = names.demands(matching: Array(found.prefix(patterns.count))),
                !found.suffix(from: patterns.count).contains(true), !demands.contains(where: \.isNever)
            else { return nil }
            if let known = labels[found] { return known }
            labels[found] = Int32(values.count)
            values.append(demands)
            return Int32(values.count - 1)
        }
        func language(_ more: [Pattern]) throws(JSONSchemaError) -> TextLanguage? {
            do {
                return try TextLanguage.labelled(
                    allowed + patterns + more, needed: allowed.count, effort: &effort, escapes: false, label: label)
            } catch {
                throw JSONSchemaError(
                    path: path, keyword: patterns.isEmpty ? "propertyNames" : "patternProperties",
                    problem: "has names that need too many states: one of them \(error.problem)")
            }
        }
        // Where few names are possible, those that are taken must not be counted among them; where many are, there is
        // always another one.
        var taken: [Pattern] = []
        if excluded.reduce(0, { $0 + $1.utf8.count + 1 }) <= Self.mostExcluded {
            taken = [Pattern.choice(excluded.sorted().map { Pattern.text($0) }).whole]
        }
        guard let found = try language(taken) else { return nil }
        if taken.isEmpty, found.capacities().contains(where: { $0 < Int.max }) {
            throw JSONSchemaError(
                path: path, keyword: patterns.isEmpty ? "propertyNames" : "patternProperties",
                problem: "leaves only so many names that \"properties\" would have to name fewer")
        }
        let all = DistinctLanguage(found)
        guard all.capacity > 0 else { return nil }
        var rules: [Int32] = []
        for demands in values { rules.append(demands.isEmpty ? any() : try rule(of: demands, at: path)) }
        return ObjectRule.Others(names: all, values: rules)
    }

    /// What `propertyNames` says of names, as patterns.
    private mutating func namePatterns(_ demands: [SchemaDemand], at path: String) throws(JSONSchemaError) -> [Pattern]
    {
        guard !demands.isEmpty else { return [] }
        let form = try SchemaForm(demands, references)
        guard form.choices.isEmpty else {
            throw JSONSchemaError(
                path: path, keyword: "propertyNames",
                problem: "with a choice of schemas is not supported. Use a pattern")
        }
        let shape = try SchemaShape(form.plain)
        guard !form.isNever, shape.types.contains(.string), let rule = try string(shape, at: path) else {
            return [.choice([])]
        }
        return try limitedPatterns(shape, rule, at: path)
    }
}

/// What an object's schemas demand of a property by its name.
private struct Names {
    let parts: [SchemaShape.ObjectPart], unevaluated: [SchemaDemand]
    /// Whether names that nobody describes are allowed.
    private let isOpen: Bool
    private let matchers: [TextLanguage?]

    /// `matchers`: the languages of all parts' patterns, in order.
    init(_ shape: SchemaShape, _ matchers: [TextLanguage?]) {
        parts = shape.objects
        unevaluated = shape.unevaluated
        self.matchers = matchers
        let isSilent = parts.allSatisfy { $0.additional == nil } && unevaluated.isEmpty
        isOpen = !isSilent || parts.allSatisfy { $0.places.isEmpty && $0.patterns.isEmpty }
    }

    /// The demands on a named property; nil when nobody describes it.
    func demands(name: String) -> [SchemaDemand]? {
        demands(name: name, matching: matchers.map { ($0?.label(of: name) ?? -1) >= 0 })
    }

    /// The demands on a property that is not named, by which patterns its name matches; nil: it is not allowed.
    func demands(matching found: [Bool]) -> [SchemaDemand]? { demands(name: nil, matching: found) }

    private func demands(name: String?, matching found: [Bool]) -> [SchemaDemand]? {
        var demands: [SchemaDemand] = [], isDescribed = false, at = 0
        for part in parts {
            var isHit = false
            if let place = name.flatMap({ part.places[$0] }) {
                demands.append(part.properties[place].demand)
                isHit = true
            }
            for pattern in part.patterns {
                if found[at] {
                    demands.append(pattern.demand)
                    isHit = true
                }
                at += 1
            }
            if !isHit, let additional = part.additional { demands.append(additional) }
            isDescribed = isDescribed || isHit
        }
        if !isDescribed { demands += unevaluated }
        return isDescribed || isOpen ? demands : nil
    }
}
