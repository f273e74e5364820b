import JSON

/// One thing that a value must satisfy.
enum SchemaDemand: Sendable {
    /// A schema at its place in the document, or (when `part` is not empty) some of its keywords.
    case schema(JSONValue, path: String, part: String = "")
    /// An object has this property; `isDemanded`: the schema says so, else only the grammar.
    case required(String, isDemanded: Bool)
    /// An object does not have this property.
    case forbidden(String)

    /// What tells it from others of the same document.
    var key: String {
        switch self {
        case .schema(_, let path, let part): path + "\u{1}" + part
        case .required(let name, let isDemanded): "\u{2}\(isDemanded)\(name)"
        case .forbidden(let name): "\u{3}\(name)"
        }
    }

    /// Whether it is plain that nothing satisfies it.
    var isNever: Bool { if case .schema(false, _, _) = self { true } else { false } }

    var path: String { if case .schema(_, let path, _) = self { path } else { "#" } }

    /// A name as a JSON pointer has it.
    static func escaped(_ name: String) -> String {
        name.contains("~") || name.contains("/") ? name.replacing("~", with: "~0").replacing("/", with: "~1") : name
    }
}

/// Finds what `$ref` names.
struct SchemaReferences {
    let document: JSONValue

    /// The schema that a reference names, with its path.
    func target(_ value: JSONValue, at path: String) throws(JSONSchemaError) -> SchemaDemand {
        func refuse(_ problem: String) -> JSONSchemaError {
            JSONSchemaError(path: path, keyword: "$ref", problem: problem)
        }
        guard var pointer = value.string else {
            throw refuse("is \(value.text()), expected a place in this schema such as #/$defs/name")
        }
        if let id = (document["$id"] ?? document["id"])?.string, !id.isEmpty, pointer.hasPrefix(id) {
            pointer.removeFirst(id.count)
            if !pointer.hasPrefix("#") { pointer = "#" + pointer }
        }
        guard pointer == "#" || pointer.hasPrefix("#/") else {
            if pointer.hasPrefix("#"), let found = anchored(String(pointer.dropFirst())) { return found }
            throw refuse("is \(value.text()), expected a place in this schema such as #/$defs/name")
        }
        var target = document, canonical = "#"
        for part in pointer.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) where pointer != "#" {
            let name = Self.decoded(part).replacing("~1", with: "/").replacing("~0", with: "~")
            guard
                let next = target[name]
                    ?? Int(name).flatMap({ i in target.array.flatMap { $0.indices.contains(i) ? $0[i] : nil } })
            else { throw refuse("names \(pointer), which is not there") }
            target = next
            canonical += "/" + SchemaDemand.escaped(name)
        }
        return .schema(target, path: canonical)
    }

    /// A URI's fragment without percent signs.
    private static func decoded(_ part: Substring) -> String {
        guard part.contains("%") else { return String(part) }
        var bytes: [UInt8] = [], rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The definition with this `$anchor`.
    private func anchored(_ name: String) -> SchemaDemand? {
        for place in ["$defs", "definitions"] {
            for member in document[place]?.members ?? [] where member.value["$anchor"]?.string == name {
                return .schema(member.value, path: "#/\(place)/\(SchemaDemand.escaped(member.name))")
            }
        }
        return nil
    }
}
