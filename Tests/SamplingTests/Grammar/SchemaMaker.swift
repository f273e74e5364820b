import JSON
@testable import Sampling

/// Random schemas of everything that can be enforced, and a check of values against them.
struct SchemaMaker {
    var numbers: SeededNumbers
    private var names = 0

    init(seed: UInt64) { numbers = SeededNumbers(seed) }

    mutating func pick(_ count: Int) -> Int { Int(numbers.next() % UInt64(count)) }

    /// A schema; at the top one with definitions that others refer to, one of them recursive.
    mutating func document() -> JSONValue {
        var members = schema(depth: 0).members ?? []
        members.append(
            .init(
                "$defs",
                [
                    "leaf": schema(depth: 3),
                    "tree": [
                        "type": "object",
                        "properties": [
                            "value": ["type": "integer"],
                            "next": ["anyOf": [["type": "null"], ["$ref": "#/$defs/tree"]]],
                        ],
                        "required": ["value", "next"], "additionalProperties": false,
                    ],
                ]))
        return .object(members)
    }

    mutating func schema(depth: Int) -> JSONValue {
        switch depth > 2 ? pick(6) : pick(12) {
        case 0: return ["type": "string"]
        case 1:
            let least = pick(4)
            return ["type": "string", "minLength": .int(least), "maxLength": .int(least + pick(5))]
        case 2: return ["type": "integer"]
        case 3: return ["type": ["boolean", "null", "number"]]
        case 4: return ["enum": ["a", "ab", "ä\"\n", 1, 12, nil, [1, ["x": true]]]]
        case 5: return ["const": .string("k\(pick(100))")]
        case 6:
            let least = pick(3)
            return [
                "type": "array", "items": schema(depth: depth + 1), "minItems": .int(least),
                "maxItems": .int(least + pick(3)),
            ]
        case 7: return ["anyOf": [schema(depth: depth + 1), schema(depth: depth + 1), ["type": "null"]]]
        case 8:
            return [
                "oneOf": [
                    ["type": "string"], ["type": "integer"],
                    ["type": "object", "properties": ["t": ["const": "x"]], "required": ["t"]],
                ]
            ]
        case 9: return ["$ref": pick(2) == 0 ? "#/$defs/tree" : "#/$defs/leaf"]
        default:
            var properties: [JSONValue.Member] = [], required: [JSONValue] = []
            for i in 0..<pick(5) {
                let name = ["a", "ab", "name", "ü", "q\"uote"][i]
                properties.append(.init(name, schema(depth: depth + 1)))
                if pick(2) == 0 { required.append(.string(name)) }
            }
            var result: [JSONValue.Member] = [
                .init("type", "object"), .init("properties", .object(properties)), .init("required", .array(required)),
            ]
            switch pick(3) {
            case 0: result.append(.init("additionalProperties", false))
            case 1: result.append(.init("additionalProperties", ["type": "integer"]))
            default: break
            }
            return .object(result)
        }
    }
}

/// Whether a value satisfies a schema, as JSON Schema defines it; knows the keywords above.
func satisfies(_ value: JSONValue, _ schema: JSONValue, root: JSONValue) -> Bool {
    if let reference = schema["$ref"]?.string {
        return satisfies(value, root["$defs"]![String(reference.split(separator: "/").last!)]!, root: root)
    }
    if let options = schema["anyOf"]?.array, !options.contains(where: { satisfies(value, $0, root: root) }) {
        return false
    }
    if let options = schema["oneOf"]?.array, options.filter({ satisfies(value, $0, root: root) }).count != 1 {
        return false
    }
    if let values = schema["enum"]?.array, !values.contains(value) { return false }
    if let fixed = schema["const"], fixed != value { return false }
    if let type = schema["type"] {
        let names = type.array?.compactMap(\.string) ?? [type.string!]
        guard names.contains(value.kind) || names.contains("integer") && value.int != nil else { return false }
    }
    switch value {
    case .string(let text):
        let count = text.unicodeScalars.count
        return count >= schema["minLength"]?.int ?? 0 && count <= schema["maxLength"]?.int ?? .max
    case .array(let items):
        guard items.count >= schema["minItems"]?.int ?? 0, items.count <= schema["maxItems"]?.int ?? .max else {
            return false
        }
        return items.allSatisfy { item in schema["items"].map { satisfies(item, $0, root: root) } ?? true }
    case .object(let members):
        guard (schema["required"]?.array ?? []).allSatisfy({ value[$0.string!] != nil }) else { return false }
        return members.allSatisfy { member in
            if let own = schema["properties"]?[member.name] { return satisfies(member.value, own, root: root) }
            guard let additional = schema["additionalProperties"] else { return true }
            return additional.bool ?? satisfies(member.value, additional, root: root)
        }
    default: return true
    }
}
