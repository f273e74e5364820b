import JSON

extension SchemaShape {
    /// More entries than these a list may not have.
    static let mostEntries = 20_000

    /// Reads demands that are plain; see ``SchemaForm``.
    init(_ demands: [SchemaDemand]) throws(JSONSchemaError) {
        for demand in demands {
            switch demand {
            case .schema(let schema, let path, _): try read(schema, path)
            case .required(let name, let isDemanded): add(name, isDemanded)
            case .forbidden(let name):
                mentioned.insert(.object)
                forbidden.insert(name)
            }
        }
        if !isTyped && values == nil && !mentioned.isEmpty { types = mentioned }
    }

    private mutating func add(_ name: String, _ isDemanded: Bool) {
        mentioned.insert(.object)
        if isDemanded { demanded.insert(name) }
        required.append(name)
    }

    private mutating func read(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        try readTypes(schema, path)
        try readValues(schema, path)
        for (keyword, types) in SchemaKeywords.types where schema[keyword] != nil {
            if keyword == "format", schema[keyword]?.string.flatMap(Formats.pattern) == nil { continue }
            mentioned.formUnion(types)
        }
        try readNumbers(schema, path)
        try read(schema, path, "minLength", "maxLength", &length)
        try read(schema, path, "minItems", "maxItems", &items)
        try read(schema, path, "minProperties", "maxProperties", &properties)
        if let text = try string(schema, "pattern", path) { patterns.append(Form(text: text, path: path)) }
        if let name = try string(schema, "format", path), Formats.pattern(name) != nil {
            formats.append(Form(text: name, path: path))
        }
        try readArray(schema, path)
        try readObject(schema, path)
    }

    private func refuse(_ path: String, _ keyword: String, _ value: JSONValue, expected: String) -> JSONSchemaError {
        JSONSchemaError(path: path, keyword: keyword, problem: "is \(value.text().prefix(80)), expected \(expected)")
    }

    private func string(_ schema: JSONValue, _ keyword: String, _ path: String) throws(JSONSchemaError) -> String? {
        guard let value = schema[keyword] else { return nil }
        guard let text = value.string else { throw refuse(path, keyword, value, expected: "a string") }
        return text
    }

    private mutating func readTypes(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        guard let type = schema["type"] else { return }
        let names = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
        let known = names.compactMap { ValueTypes(name: $0) }
        guard !known.isEmpty, known.count == type.array?.count ?? 1 else {
            let all = ValueTypes.names.map(\.name).joined(separator: ", ")
            throw refuse(path, "type", type, expected: "one or more of \(all)")
        }
        isTyped = true
        types.formIntersection(known.reduce(into: []) { $0.formUnion($1) })
    }

    private mutating func readValues(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        if let listed = schema["enum"] {
            guard let list = listed.array, !list.isEmpty else {
                throw JSONSchemaError(
                    path: path, keyword: "enum",
                    problem:
                        "is \(listed.kind == "array" ? "empty" : "of type \(listed.kind)"), expected a list of values")
            }
            try check(list.count, of: "enum", path)
            restrict(to: list)
        }
        if let value = schema["const"] { restrict(to: [value]) }
    }

    private mutating func restrict(to list: [JSONValue]) {
        let keys = list.map(\.identity)
        if let known = values {
            let kept = Set(keys)
            values = known.filter { kept.contains($0.identity) }
            identities?.formIntersection(kept)
        } else {
            var seen: Set<String> = []
            values = zip(list, keys).filter { seen.insert($1).inserted }.map(\.0)
            identities = seen
        }
    }

    private func check(_ count: Int, of keyword: String, _ path: String) throws(JSONSchemaError) {
        guard count > Self.mostEntries else { return }
        throw JSONSchemaError(
            path: path, keyword: keyword,
            problem: "has \(count) entries, more than the \(Self.mostEntries) a whole schema may have")
    }

    private mutating func readNumbers(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        func number(_ keyword: String) throws(JSONSchemaError) -> DecimalNumber? {
            guard let value = schema[keyword], value.bool == nil || !keyword.hasPrefix("exclusive") else { return nil }
            guard case .number(let text) = value, let number = DecimalNumber(text) else {
                throw refuse(path, keyword, value, expected: "a number")
            }
            return number
        }
        for (keyword, isLeast) in [("inimum", true), ("aximum", false)] {
            var found: [Bound] = []
            if let value = try number("m" + keyword) {
                // In older drafts and OpenAPI 3.0 "exclusive" stands beside the bound as a boolean.
                let isExclusive = schema["exclusiveM" + keyword]?.bool ?? false
                found.append(Bound(value: value, isExclusive: isExclusive, keyword: "m" + keyword, path: path))
            }
            if let value = try number("exclusiveM" + keyword) {
                found.append(Bound(value: value, isExclusive: true, keyword: "exclusiveM" + keyword, path: path))
            }
            for bound in found {
                let known = isLeast ? least : most
                let isStricter = known.map { known in
                    known.value == bound.value
                        ? bound.isExclusive : (known.value < bound.value) == isLeast
                }
                guard isStricter ?? true else { continue }
                if isLeast { least = bound } else { most = bound }
            }
        }
        if let value = try number("multipleOf") {
            guard value > .zero else {
                throw refuse(path, "multipleOf", schema["multipleOf"]!, expected: "more than 0")
            }
            multiples.append(Bound(value: value, isExclusive: false, keyword: "multipleOf", path: path))
        }
    }

    private func read(_ schema: JSONValue, _ path: String, _ least: String, _ most: String, _ limits: inout Limits)
        throws(JSONSchemaError)
    {
        func limit(_ name: String) throws(JSONSchemaError) -> Int32? {
            guard let value = schema[name] else { return nil }
            guard let number = value.int, number >= 0 else {
                throw refuse(path, name, value, expected: "a whole number of 0 or more")
            }
            return Int32(clamping: number)
        }
        let low = try limit(least), high = try limit(most)
        if let low, let high, low > high {
            throw JSONSchemaError(
                path: path, keyword: least, problem: "is \(low), but \"\(most)\" is \(high): no value is possible")
        }
        if let low, low > limits.least { (limits.least, limits.leastPath) = (low, path) }
        if let high, high < limits.most { (limits.most, limits.mostPath) = (high, path) }
    }

    private mutating func readArray(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        if let isUnique = schema["uniqueItems"] {
            guard let isUnique = isUnique.bool else {
                throw refuse(path, "uniqueItems", isUnique, expected: "true or false")
            }
            if isUnique { distinctPath = path }
        }
        var part = ArrayPart()
        // What was "items" with a list is "prefixItems" since 2020.
        let keyword = schema["items"]?.array == nil ? "prefixItems" : "items"
        if let prefix = schema[keyword] {
            guard let list = prefix.array else { throw refuse(path, keyword, prefix, expected: "a list of schemas") }
            try check(list.count, of: keyword, path)
            part.prefix = list.enumerated().map { .schema($1, path: "\(path)/\(keyword)/\($0)") }
        }
        let rest = keyword == "items" ? "additionalItems" : "items"
        for keyword in [rest, "unevaluatedItems"] where part.rest == nil {
            part.rest = schema[keyword].map { .schema($0, path: "\(path)/\(keyword)") }
        }
        if part.rest != nil || !part.prefix.isEmpty { arrays.append(part) }
    }

    private mutating func readObject(_ schema: JSONValue, _ path: String) throws(JSONSchemaError) {
        var part = ObjectPart(path: path)
        func members(_ keyword: String) throws(JSONSchemaError) -> [(String, SchemaDemand)] {
            guard let value = schema[keyword] else { return [] }
            guard let members = value.members else {
                throw JSONSchemaError(
                    path: path, keyword: keyword, problem: "is of type \(value.kind), expected an object")
            }
            try check(members.count, of: keyword, path)
            return members.map {
                ($0.name, .schema($0.value, path: "\(path)/\(keyword)/\(SchemaDemand.escaped($0.name))"))
            }
        }
        for (name, demand) in try members("properties") {
            // A name that stands twice counts once.
            guard part.places.updateValue(part.properties.count, forKey: name) == nil else { continue }
            part.properties.append((name, demand))
        }
        part.patterns = try members("patternProperties").map { (pattern: $0, demand: $1) }
        part.additional = schema["additionalProperties"].map { .schema($0, path: path + "/additionalProperties") }
        if let value = schema["unevaluatedProperties"] {
            unevaluated.append(.schema(value, path: path + "/unevaluatedProperties"))
        }
        if let value = schema["propertyNames"] { names.append(.schema(value, path: path + "/propertyNames")) }
        if !part.places.isEmpty || !part.patterns.isEmpty || part.additional != nil { objects.append(part) }
        if let value = schema["required"] {
            guard let list = value.array?.compactMap(\.string), list.count == value.array?.count else {
                throw JSONSchemaError(
                    path: path, keyword: "required", problem: "is \(value.text().prefix(80)), expected a list of names")
            }
            try check(list.count, of: "required", path)
            for name in list { add(name, true) }
        }
    }
}

extension JSONValue {
    /// The same for values that JSON Schema takes for equal: numbers by value, objects in any order.
    var identity: String {
        switch self {
        case .number(let text):
            guard let number = DecimalNumber(text) else { return text }
            let digits = number.digits.map { String($0) }.joined()
            return "\(number.isNegative ? "-" : "")\(digits)e\(number.exponent)"
        case .array(let items): return "[" + items.map(\.identity).joined(separator: ",") + "]"
        case .object(let members):
            let parts = members.map { JSONValue.string($0.name).text() + ":" + $0.value.identity }
            return "{" + parts.sorted().joined(separator: ",") + "}"
        default: return text()
        }
    }
}
