import JSON

/// Why a JSON schema cannot be enforced.
public struct JSONSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the schema, as in `#/properties/name`, and which keyword, if one is to blame.
    public var path: String, keyword: String?
    /// What is wrong with it.
    public var problem: String

    public var description: String {
        "the JSON schema cannot be enforced: " + (keyword.map { "\"\($0)\" " } ?? "") + "at \(path) \(problem)"
    }
}

extension JSONGrammar {
    /// The values that satisfy a JSON schema.
    ///
    /// Knows `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `const`, `anyOf`, `oneOf` of
    /// schemas that exclude each other, `allOf` of one, `$ref` within the document (also recursive), `minItems`,
    /// `maxItems`, `minLength`, `maxLength`. Annotations are ignored; any other keyword is an error, because an answer
    /// might break it. Where properties are named and nothing is said of others, there are none: what comes out
    /// satisfies the schema all the same.
    public init(schema: JSONValue) throws(JSONSchemaError) {
        var compiler = SchemaCompiler(document: schema)
        let root = try compiler.rule(of: schema, at: "#")
        compiler.grammar.root = root
        try compiler.checkExclusions()
        guard let grammar = compiler.grammar.productive() else {
            throw JSONSchemaError(path: "#", keyword: nil, problem: "is satisfied by nothing")
        }
        self = grammar.factored()
        try compiler.checkWidths(of: self)
    }
}

private struct SchemaCompiler {
    private static let annotations: Set<String> = [
        "title", "description", "default", "examples", "example", "$schema", "$id", "$comment", "deprecated",
        "readOnly", "writeOnly",
        "$defs", "definitions", "discriminator", "strict",
    ]
    private static let types = ["null", "boolean", "object", "array", "number", "integer", "string"]
    private static let enforced: Set<String> = [
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf", "allOf",
        "$ref",
        "minItems", "maxItems", "minLength", "maxLength",
    ]
    private static let mostRules = 20_000, deepest = 200

    let document: JSONValue
    var grammar = JSONGrammar(rules: [], root: 0)
    private var references: [String: Int32] = [:]
    private var exclusive: [(parts: [Int32], path: String)] = []
    private var choices: [(rule: Int32, keyword: String, path: String)] = []
    private var anyValue: Int32?
    private var depth = 0

    init(document: JSONValue) { self.document = document }

    mutating func rule(of schema: JSONValue, at path: String) throws(JSONSchemaError) -> Int32 {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest, grammar.rules.count < Self.mostRules else {
            throw JSONSchemaError(path: path, keyword: nil, problem: "is too large or too deep")
        }
        if let allowed = schema.bool { return allowed ? any() : grammar.add(.union([])) }
        guard let members = schema.members else {
            throw JSONSchemaError(
                path: path, keyword: nil, problem: "is of type \(schema.kind), expected an object or a boolean")
        }
        let keywords = members.map(\.name).filter { !Self.annotations.contains($0) }
        if let unknown = keywords.first(where: { !Self.enforced.contains($0) }) {
            throw JSONSchemaError(
                path: path, keyword: unknown, problem: "is not supported. Leave it out, and check the answer yourself")
        }
        for keyword in ["$ref", "allOf", "anyOf", "oneOf"] where keywords.contains(keyword) {
            guard keywords.count == 1 else {
                let other = keywords.first { $0 != keyword } ?? ""
                throw JSONSchemaError(
                    path: path, keyword: keyword,
                    problem: "is not supported beside \"\(other)\". Move that into its parts")
            }
            return try combination(keyword, schema[keyword]!, at: path)
        }
        return try plain(schema, at: path)
    }

    /// Refuses a list for which there is no room among the rules.
    private func check(_ count: Int, of keyword: String, at path: String) throws(JSONSchemaError) {
        guard count > Self.mostRules - grammar.rules.count else { return }
        throw JSONSchemaError(
            path: path, keyword: keyword,
            problem: "has \(count) entries, more than the \(Self.mostRules) a whole schema may have")
    }

    private mutating func any() -> Int32 {
        if let anyValue { return anyValue }
        let value = grammar.addAnyObject() - 1
        anyValue = value
        return value
    }

    private mutating func combination(_ keyword: String, _ value: JSONValue, at path: String) throws(JSONSchemaError)
        -> Int32
    {
        if keyword == "$ref" { return try reference(value, at: path) }
        guard let parts = value.array, !parts.isEmpty else {
            throw JSONSchemaError(
                path: path, keyword: keyword, problem: "is of type \(value.kind), expected a list of schemas")
        }
        if keyword == "allOf" && parts.count > 1 {
            throw JSONSchemaError(
                path: path, keyword: keyword,
                problem: "of more than one schema is not supported. Write it as one schema")
        }
        var rules: [Int32] = []
        for (i, part) in parts.enumerated() { rules.append(try rule(of: part, at: "\(path)/\(keyword)/\(i)")) }
        if keyword == "oneOf" { exclusive.append((rules, path)) }
        let union = grammar.add(.union(rules))
        choices.append((union, keyword, path))
        return union
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

    /// `oneOf` forbids what satisfies two of its schemas; only where that cannot happen is it the same as `anyOf`.
    func checkExclusions() throws(JSONSchemaError) {
        var effort = JSONGrammar.mostEffort
        for (parts, path) in exclusive {
            for i in parts.indices {
                for j in parts.indices where j > i && !grammar.areDisjoint(parts[i], parts[j], effort: &effort) {
                    throw JSONSchemaError(
                        path: path, keyword: "oneOf",
                        problem: effort <= 0
                            ? "has too many schemas or values to make sure that they exclude each other. Use anyOf"
                            : """
                            has schemas \(i) and \(j) that one value may satisfy both. Use anyOf, or a property \
                            with a const in each
                            """
                    )
                }
            }
        }
    }

    private mutating func reference(_ value: JSONValue, at path: String) throws(JSONSchemaError) -> Int32 {
        guard let pointer = value.string, pointer == "#" || pointer.hasPrefix("#/") else {
            throw JSONSchemaError(
                path: path, keyword: "$ref",
                problem: "is \(value.text()), expected a place in this schema such as #/$defs/name")
        }
        if let known = references[pointer] { return known }
        var target = document
        for part in pointer.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) where pointer != "#" {
            let name = String(part.replacing("~1", with: "/").replacing("~0", with: "~"))
            guard
                let next = target[name]
                    ?? Int(name).flatMap({ i in target.array.flatMap { $0.indices.contains(i) ? $0[i] : nil } })
            else {
                throw JSONSchemaError(path: path, keyword: "$ref", problem: "names \(pointer), which is not there")
            }
            target = next
        }
        // The number is fixed before the rule is known, so that the rule may refer to itself.
        let number = grammar.add(.union([]))
        references[pointer] = number
        grammar.rules[Int(number)] = .union([try rule(of: target, at: pointer)])
        return number
    }

    /// A schema without `$ref` and combinations.
    private mutating func plain(_ schema: JSONValue, at path: String) throws(JSONSchemaError) -> Int32 {
        let types = try types(of: schema, at: path)
        if schema["const"] != nil || schema["enum"] != nil { return try fixed(schema, types, at: path) }
        guard let types else { return any() }
        var rules: [Int32] = []
        for type in types {
            switch type {
            case "null": rules.append(grammar.add(.literal(Array("null".utf8))))
            case "boolean":
                rules.append(grammar.add(.literal(Array("true".utf8))))
                rules.append(grammar.add(.literal(Array("false".utf8))))
            case "integer": rules.append(grammar.add(.number(whole: true)))
            case "number": rules.append(grammar.add(.number(whole: false)))
            case "string":
                let (least, most) = try limits(schema, "minLength", "maxLength", at: path)
                rules.append(grammar.add(.string(least: least, most: most)))
            case "array":
                let (least, most) = try limits(schema, "minItems", "maxItems", at: path)
                let item =
                    try schema["items"].map { (s) throws(JSONSchemaError) in try rule(of: s, at: path + "/items") }
                    ?? any()
                rules.append(grammar.add(.array(item: item, least: least, most: most)))
            default: rules.append(try object(schema, at: path))
            }
        }
        return rules.count == 1 ? rules[0] : grammar.add(.union(rules))
    }

    /// The types a schema names, or those its keywords are about; nil: any.
    private func types(of schema: JSONValue, at path: String) throws(JSONSchemaError) -> [String]? {
        guard let type = schema["type"] else {
            if ["properties", "required", "additionalProperties"].contains(where: { schema[$0] != nil }) {
                return ["object"]
            }
            if ["items", "minItems", "maxItems"].contains(where: { schema[$0] != nil }) { return ["array"] }
            if ["minLength", "maxLength"].contains(where: { schema[$0] != nil }) { return ["string"] }
            return nil
        }
        let names = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
        guard !names.isEmpty, names.count == type.array?.count ?? 1, names.allSatisfy(Self.types.contains) else {
            throw JSONSchemaError(
                path: path, keyword: "type",
                problem: "is \(type.text()), expected one or more of \(Self.types.joined(separator: ", "))")
        }
        return names.contains("number") ? names.filter { $0 != "integer" } : names
    }

    private func limits(_ schema: JSONValue, _ least: String, _ most: String, at path: String) throws(JSONSchemaError)
        -> (Int32, Int32)
    {
        func limit(_ name: String) throws(JSONSchemaError) -> Int32? {
            guard let value = schema[name] else { return nil }
            guard let number = value.int, number >= 0 else {
                throw JSONSchemaError(
                    path: path, keyword: name, problem: "is \(value.text()), expected a whole number of 0 or more")
            }
            return Int32(clamping: number)
        }
        return (try limit(least) ?? 0, try limit(most) ?? JSONGrammar.unlimited)
    }

    /// Values that are listed, those among them that have the right type.
    private mutating func fixed(_ schema: JSONValue, _ types: [String]?, at path: String) throws(JSONSchemaError)
        -> Int32
    {
        try check(schema["enum"]?.array?.count ?? 0, of: "enum", at: path)
        for keyword in Self.enforced where !["type", "enum", "const"].contains(keyword) && schema[keyword] != nil {
            throw JSONSchemaError(
                path: path, keyword: keyword, problem: "is not supported beside \"enum\" or \"const\"")
        }
        var values = schema["const"].map { [$0] } ?? []
        if let listed = schema["enum"] {
            guard let list = listed.array, !list.isEmpty else {
                throw JSONSchemaError(
                    path: path, keyword: "enum",
                    problem:
                        "is \(listed.kind == "array" ? "empty" : "of type \(listed.kind)"), expected a list of values")
            }
            values = schema["const"] == nil ? list : values.filter(list.contains)
        }
        if let types {
            values = values.filter { value in
                types.contains(value.kind) || types.contains("integer") && value.int != nil
                    || types.contains("number") && value.kind == "number"
            }
        }
        var rules: [Int32] = [], texts: Set<[UInt8]> = []
        for value in values {
            var bytes: [UInt8] = []
            value.write(to: &bytes)
            if texts.insert(bytes).inserted { rules.append(grammar.add(.literal(bytes))) }
        }
        return grammar.add(.union(rules))
    }

    private mutating func object(_ schema: JSONValue, at path: String) throws(JSONSchemaError) -> Int32 {
        let properties = schema["properties"] ?? .object([])
        guard let members = properties.members else {
            throw JSONSchemaError(
                path: path, keyword: "properties", problem: "is of type \(properties.kind), expected an object")
        }
        try check(members.count, of: "properties", at: path)
        let demanded = schema["required"] ?? .array([])
        guard let required = demanded.array?.compactMap(\.string), required.count == demanded.array?.count else {
            throw JSONSchemaError(
                path: path, keyword: "required", problem: "is \(demanded.text()), expected a list of names")
        }
        try check(required.count, of: "required", at: path)
        let demands = Set(required)
        var named = Set(members.map(\.name))
        var result = JSONGrammar.ObjectRule()
        if let additional = schema["additionalProperties"] {
            if additional != false { result.additional = try rule(of: additional, at: path + "/additionalProperties") }
        } else if members.isEmpty {
            result.additional = any()
        }
        func add(_ name: String, _ value: Int32, _ isRequired: Bool) {
            var key: [UInt8] = []
            JSONValue.write(name, to: &key)
            result.properties.append(.init(key: Array(key.dropFirst()), value: value, isRequired: isRequired))
            result.names.insert(JSONGrammar.hash(name.utf8))
        }
        for member in members {
            add(
                member.name, try rule(of: member.value, at: "\(path)/properties/\(member.name)"),
                demands.contains(member.name))
        }
        for name in required where named.insert(name).inserted {
            // Where other properties are forbidden, a name nobody described can never be there.
            let value = result.additional ?? (schema["additionalProperties"] == false ? grammar.add(.union([])) : any())
            add(name, value, true)
        }
        return grammar.add(.object(result))
    }
}
