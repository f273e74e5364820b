import JSON

/// Makes a grammar of a schema.
struct SchemaCompiler {
    /// Two alternatives of a choice.
    struct Pair: Hashable {
        var first: Int, second: Int
    }

    private static let mostRules = 20_000, mostMerged = 2000, deepest = 100

    let references: SchemaReferences
    var grammar = JSONGrammar(rules: [], root: 0)
    /// What may still be spent on patterns.
    var effort = 1 << 23
    /// The languages of patterns that were made, by the patterns.
    var languages: [String: TextLanguage?] = [:]
    /// What demands come to, by their keys: many values may be checked against the same ones.
    var readings: [String: (form: SchemaForm, shape: SchemaShape)] = [:]
    /// Rules by what they demand.
    private var known: [String: Int32] = [:]
    /// Of choices, the alternatives whose first must not satisfy the second.
    private let narrowed: [String: Set<Pair>]
    private var exclusive: [(key: String, parts: [Int32], path: String)] = []
    private var choices: [(rule: Int32, keyword: String, path: String)] = []
    private var anyValue: Int32?
    /// How many alternatives have been merged with what stands beside their choice.
    private var merged = 0
    private var depth = 0
    /// Bounds that left nothing, for the message when nothing at all is left.
    var contradiction: JSONSchemaError?

    init(document: JSONValue, narrowed: [String: Set<Pair>]) {
        references = SchemaReferences(document: document)
        self.narrowed = narrowed
    }

    /// The rule of the values that satisfy all demands; `path` is for messages.
    mutating func rule(of demands: [SchemaDemand], at path: String) throws(JSONSchemaError) -> Int32 {
        let key = Set(demands.map(\.key)).sorted().joined(separator: "\n")
        if let number = known[key] { return number }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest, grammar.rules.count < Self.mostRules else {
            throw JSONSchemaError(path: path, keyword: nil, problem: "is too large or too deep")
        }
        let form = try SchemaForm(demands, references)
        if !form.isNever && form.plain.isEmpty && form.choices.isEmpty {
            known[key] = any()
            return any()
        }
        // The number is fixed before the rule is known, so that the rule may refer to itself.
        let number = grammar.add(.union([]))
        known[key] = number
        if form.isNever { return number }
        if let choice = form.choices.first {
            let parts = try alternatives(of: choice, form, key)
            grammar.rules[Int(number)] = .union(parts)
            choices.append((number, choice.keyword, choice.path))
        } else {
            let parts = try rules(of: SchemaShape(form.plain), at: demands.first?.path ?? path)
            grammar.rules[Int(number)] = .union(parts)
        }
        return number
    }

    private mutating func alternatives(of choice: SchemaForm.Choice, _ form: SchemaForm, _ key: String)
        throws(JSONSchemaError) -> [Int32]
    {
        let base = form.plain + form.choices.dropFirst().map(\.demand)
        var alternatives = choice.alternatives
        let name = key + "\n" + choice.path
        if let pairs = narrowed[name] {
            for pair in pairs.sorted(by: { ($0.first, $0.second) < ($1.first, $1.second) }) {
                try narrow(pair, choice.alternatives, base, &alternatives)
            }
        }
        if !base.isEmpty {
            merged += alternatives.count
            guard merged <= Self.mostMerged else {
                throw JSONSchemaError(
                    path: choice.path, keyword: choice.keyword,
                    problem: "has, with the choices beside it, more than \(Self.mostMerged) combinations. Write fewer")
            }
        }
        var parts: [Int32] = []
        for alternative in alternatives { parts.append(try rule(of: base + alternative, at: choice.path)) }
        if choice.isExclusive { exclusive.append((name, parts, choice.path)) }
        return parts
    }

    /// Makes answers to one alternative break another: by having a property whose values tell them apart, or by not
    /// having one that the other demands.
    private mutating func narrow(
        _ pair: Pair, _ given: [[SchemaDemand]], _ base: [SchemaDemand], _ alternatives: inout [[SchemaDemand]]
    ) throws(JSONSchemaError) {
        let mine = try shape(of: base + given[pair.first]), theirs = try shape(of: base + given[pair.second])
        for part in mine.objects {
            for (name, _) in part.properties {
                guard let a = try values(of: name, mine), let b = try values(of: name, theirs), a.isDisjoint(with: b)
                else { continue }
                return alternatives[pair.first].append(.required(name, isDemanded: false))
            }
        }
        let own = Set(mine.required)
        if let name = theirs.required.first(where: { theirs.demanded.contains($0) && !own.contains($0) }) {
            alternatives[pair.first].append(.forbidden(name))
        }
    }

    private func shape(of demands: [SchemaDemand]) throws(JSONSchemaError) -> SchemaShape {
        try SchemaShape(SchemaForm(demands, references).plain)
    }

    /// The values that are listed for a property; nil when it may have others.
    private func values(of name: String, _ shape: SchemaShape) throws(JSONSchemaError) -> Set<String>? {
        let demands = shape.objects.compactMap { part in part.places[name].map { part.properties[$0].demand } }
        guard !demands.isEmpty else { return nil }
        return try self.shape(of: demands).values.map { Set($0.map(\.identity)) }
    }

    /// `oneOf` forbids what satisfies two of its schemas; only where that cannot happen is it the same as `anyOf`. Adds
    /// those that may overlap to `narrowed`, and returns whether there were new ones; throws when nothing helps.
    func findOverlaps(_ narrowed: inout [String: Set<Pair>]) throws(JSONSchemaError) -> Bool {
        var exclusion = Exclusion(grammar), isNew = false
        for (key, parts, path) in exclusive {
            for i in parts.indices {
                for j in parts.indices where i != j && !exclusion.excludes(parts[i], parts[j]) {
                    guard exclusion.effort > 0 else {
                        throw JSONSchemaError(
                            path: path, keyword: "oneOf",
                            problem:
                                "has too many schemas or values to make sure that they exclude each other. Use anyOf")
                    }
                    guard narrowed[key, default: []].insert(Pair(first: i, second: j)).inserted else {
                        throw JSONSchemaError(
                            path: path, keyword: "oneOf",
                            problem: """
                                has schemas \(min(i, j)) and \(max(i, j)) that one value may satisfy both. Use anyOf, \
                                or a property with a const in each
                                """)
                    }
                    isNew = true
                }
            }
        }
        return isNew
    }

    /// Where too many alternatives begin alike some would be lost, and with them answers that the schema allows.
    func checkWidths(of grammar: JSONGrammar) throws(JSONSchemaError) {
        for choice in choices where grammar.isTooWide(choice.rule) {
            throw JSONSchemaError(
                path: choice.path, keyword: choice.keyword,
                problem:
                    """
                    has more than \(JSONGrammar.mostAlternatives) schemas of the same type, which is not supported. \
                    Describe them by fewer
                    """
            )
        }
    }

    /// Why nothing satisfies the schema.
    func nothing() -> JSONSchemaError {
        contradiction ?? JSONSchemaError(path: "#", keyword: nil, problem: "is satisfied by nothing")
    }

    mutating func any() -> Int32 {
        if let anyValue { return anyValue }
        let value = grammar.addAnyObject() - 1
        anyValue = value
        return value
    }

    /// Refuses a list for which there is no room among the rules.
    func check(_ count: Int, of keyword: String, at path: String) throws(JSONSchemaError) {
        guard count > Self.mostRules - grammar.rules.count else { return }
        throw JSONSchemaError(
            path: path, keyword: keyword,
            problem: "has \(count) entries, more than the \(Self.mostRules) a whole schema may have")
    }

    /// The rules whose values have a shape, one for each type.
    private mutating func rules(of shape: SchemaShape, at path: String) throws(JSONSchemaError) -> [Int32] {
        if let values = shape.values { return try fixed(values, shape, at: path) }
        if !shape.isTyped && shape.mentioned.isEmpty { return [any()] }
        var rules: [Int32] = []
        if shape.types.contains(.null) { rules.append(grammar.add(.literal(Array("null".utf8)))) }
        if shape.types.contains(.boolean) {
            rules.append(grammar.add(.literal(Array("true".utf8))))
            rules.append(grammar.add(.literal(Array("false".utf8))))
        }
        if !shape.types.isDisjoint(with: .number), let rule = try number(shape, at: path) {
            rules.append(grammar.add(rule))
        }
        if shape.types.contains(.string), let string = try string(shape, at: path) {
            rules.append(grammar.add(.string(string)))
        }
        if shape.types.contains(.array) { rules.append(try array(shape, at: path)) }
        if shape.types.contains(.object) { rules.append(try object(shape, at: path)) }
        return rules
    }

    /// Values that are listed, those among them that satisfy all else.
    private mutating func fixed(_ values: [JSONValue], _ shape: SchemaShape, at path: String) throws(JSONSchemaError)
        -> [Int32]
    {
        try check(values.count, of: "enum", at: path)
        var rules: [Int32] = []
        for value in values where try accepts(value, shape, at: path) {
            var bytes: [UInt8] = []
            value.write(to: &bytes)
            rules.append(grammar.add(.literal(bytes)))
        }
        return rules
    }
}
