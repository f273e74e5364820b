import JSON

extension JSONGrammar {
    /// The values that satisfy a JSON schema; ``SchemaKeywords`` lists what is enforced and what says nothing.
    ///
    /// Drafts 4 to 2020-12 and OpenAPI 3.0 as far as they are about single values: types, listed values, bounds,
    /// multiples, lengths, patterns, formats, items, properties, and schemas combined by `$ref` (also recursive),
    /// `allOf`, `anyOf`, `oneOf` (of schemas that exclude each other or can be made to) and `dependentRequired`. A
    /// keyword that is neither enforced nor known to say nothing is an error, because an answer might break it, and so
    /// are bounds that leave nothing.
    ///
    /// The grammar may hold less than the schema, never more: properties come in the schema's order, and where some are
    /// named and nothing is said of others, there are no others; a tuple whose items are named one by one has them all;
    /// names that are not named in the schema, and items that must be unique, are spelled without escapes; bounded
    /// numbers have no exponent; what the dialects of regular expressions read differently is left out.
    public init(schema: JSONValue) throws(JSONSchemaError) {
        // A `oneOf` whose schemas do not exclude each other by themselves is tried again with what tells them apart.
        var narrowed: [String: Set<SchemaCompiler.Pair>] = [:]
        var compiler: SchemaCompiler
        repeat {
            compiler = SchemaCompiler(document: schema, narrowed: narrowed)
            let root = try compiler.rule(of: [.schema(schema, path: "#")], at: "#")
            compiler.grammar.root = root
        } while try compiler.findOverlaps(&narrowed)
        guard let grammar = compiler.grammar.productive() else { throw compiler.nothing() }
        self = grammar.withoutDetours().factored()
        try compiler.checkWidths(of: self)
    }

    /// The grammar with unions of one rule, which only stood for it, left out, and unions within unions taken apart.
    private func withoutDetours() -> JSONGrammar {
        var result = self
        func end(_ rule: Int32) -> Int32 {
            var rule = rule, steps = 0
            while case .union(let parts) = rules[Int(rule)], parts.count == 1, steps < rules.count {
                rule = parts[0]
                steps += 1
            }
            return rule
        }
        for i in rules.indices {
            if case .union = rules[i] {
                result.rules[i] = .union(alternatives(Int32(i)))
            } else {
                result.rules[i] = rules[i].referring(end)
            }
        }
        result.root = end(root)
        return result
    }
}
