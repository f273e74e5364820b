import JSON

/// What a list of demands comes to: plain schemas that must all be satisfied, and choices of which one alternative each
/// must be.
struct SchemaForm {
    /// One of several lists of demands.
    struct Choice {
        var keyword: String, path: String
        var alternatives: [[SchemaDemand]]
        /// Whether a value may satisfy one alternative only.
        var isExclusive = false
        /// The choice itself as a demand, to be made later.
        var demand: SchemaDemand
    }

    var plain: [SchemaDemand] = [], choices: [Choice] = []
    /// Whether nothing satisfies it.
    var isNever = false

    private let references: SchemaReferences
    private var seen: Set<String> = []

    /// Follows references and lists of schemas; throws for what cannot be enforced.
    init(_ demands: [SchemaDemand], _ references: SchemaReferences) throws(JSONSchemaError) {
        self.references = references
        for demand in demands { try add(demand, trail: []) }
    }

    private static let deepest = 200

    /// `trail`: the demands that this one is a part of; one that is a part of itself has no meaning.
    private mutating func add(_ demand: SchemaDemand, trail: [String]) throws(JSONSchemaError) {
        let key = demand.key
        if trail.contains(key) {
            throw JSONSchemaError(
                path: demand.path, keyword: "$ref", problem: "refers to itself without end, so that it says nothing")
        }
        guard seen.insert(key).inserted else { return }
        guard case .schema(let schema, let path, let part) = demand else { return plain.append(demand) }
        guard trail.count < Self.deepest else {
            throw JSONSchemaError(path: path, keyword: nil, problem: "is too large or too deep")
        }
        if let allowed = schema.bool { return isNever = isNever || !allowed }
        guard let members = schema.members else {
            throw JSONSchemaError(
                path: path, keyword: nil, problem: "is of type \(schema.kind), expected an object or a boolean")
        }
        if schema["nullable"] == true, part.isEmpty {
            // OpenAPI 3.0: null besides what the rest says.
            let rest = JSONValue.object(members.filter { $0.name != "nullable" })
            let null = SchemaDemand.schema(["type": "null"], path: path, part: "null")
            return choices.append(
                Choice(
                    keyword: "nullable", path: path,
                    alternatives: [[.schema(rest, path: path, part: "rest")], [null]], demand: demand))
        }
        var own: [JSONValue.Member] = []
        let trail = trail + [key]
        for member in members where !SchemaKeywords.isAnnotation(member.name) {
            if SchemaKeywords.isPlain(member.name) {
                if own.isEmpty { plain.append(demand) }  // its place among the others; replaced below
                own.append(member)
            } else {
                try combine(member, of: schema, path, trail)
            }
        }
        // Where only a part of its keywords are plain ones, that part is the demand.
        guard !own.isEmpty, let at = plain.firstIndex(where: { $0.key == key }), own.count < members.count else {
            return
        }
        plain[at] = .schema(.object(own), path: path, part: part + "plain")
    }

    private mutating func combine(_ member: JSONValue.Member, of schema: JSONValue, _ path: String, _ trail: [String])
        throws(JSONSchemaError)
    {
        let keyword = member.name, value = member.value
        func one(_ value: JSONValue) -> SchemaDemand {
            .schema(.object([.init(keyword, value)]), path: path, part: keyword)
        }
        switch keyword {
        case "$ref": try add(references.target(value, at: path), trail: trail)
        case "allOf":
            for demand in try list(value, keyword, path) { try add(demand, trail: trail) }
        case "anyOf", "oneOf":
            var alternatives = try list(value, keyword, path).map { [$0] }
            if let tag = schema["discriminator"]?["propertyName"]?.string {
                // OpenAPI: the property that tells them apart is always there.
                for i in alternatives.indices { alternatives[i].append(.required(tag, isDemanded: false)) }
            }
            var parts = [JSONValue.Member(keyword, value)]
            if let tag = schema["discriminator"] { parts.append(.init("discriminator", tag)) }
            choices.append(
                Choice(
                    keyword: keyword, path: path, alternatives: alternatives, isExclusive: keyword == "oneOf",
                    demand: .schema(.object(parts), path: path, part: keyword)))
        case "dependentRequired", "dependentSchemas", "dependencies":
            guard let triggers = value.members else {
                throw JSONSchemaError(
                    path: path, keyword: keyword, problem: "is of type \(value.kind), expected an object")
            }
            for trigger in triggers {
                let place = "\(path)/\(keyword)/\(SchemaDemand.escaped(trigger.name))"
                var then = [SchemaDemand.required(trigger.name, isDemanded: false)]
                if let names = trigger.value.array {
                    then += names.compactMap(\.string).map { .required($0, isDemanded: true) }
                } else {
                    then.append(.schema(trigger.value, path: place))
                }
                choices.append(
                    Choice(
                        keyword: keyword, path: path, alternatives: [then, [.forbidden(trigger.name)]],
                        demand: .schema(
                            .object([.init(keyword, .object([trigger]))]), path: path, part: keyword + trigger.name)))
            }
        case "not" where value == true || value.members?.isEmpty == true: isNever = true
        case "not" where value == false: return
        case "nullable" where value == false: return
        default:
            throw JSONSchemaError(
                path: path, keyword: keyword, problem: "is not supported. Leave it out, and check the answer yourself")
        }
    }

    private func list(_ value: JSONValue, _ keyword: String, _ path: String) throws(JSONSchemaError) -> [SchemaDemand] {
        guard let parts = value.array, !parts.isEmpty else {
            throw JSONSchemaError(
                path: path, keyword: keyword, problem: "is of type \(value.kind), expected a list of schemas")
        }
        return parts.enumerated().map { .schema($1, path: "\(path)/\(keyword)/\($0)") }
    }
}
