import JSON

@testable import Sampling

/// Random schemas of the keywords of every day, and a check of values against them that shares no code with the
/// grammar.
struct EverydaySchemas {
    private var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed) }

    private mutating func pick(_ count: Int) -> Int { Int(numbers.next() % UInt64(count)) }

    /// Patterns that the standard library's matcher reads alike.
    private static let patterns = [
        "^[a-z]{2,4}$", "b", "^(ab|cd)+$", "^[0-9]{3}-?[0-9]{2}$", "^(?=.*[0-9])[a-z0-9]{3,5}$", "^(?!x)[x-z]+$",
        "[0-9]$", "^é+$",
    ]

    mutating func schema(depth: Int = 0) -> JSONValue {
        switch pick(depth > 2 ? 6 : 14) {
        case 0: return integer()
        case 1:
            let low = pick(40) - 20
            return [
                "type": "number", "minimum": .number("\(low).\(pick(10))"),
                "exclusiveMaximum": .int(low + 1 + pick(30)),
            ]
        case 2: return string()
        case 3: return ["type": "string", "format": ["date", "ipv4", "uuid"][pick(3)]]
        case 4: return ["type": "number", "multipleOf": [0.25, 0.5, 3, 10][pick(4)]]
        case 5: return ["type": ["integer", "null"], "maximum": .int(pick(9)), "enum": [0, 1, 5, nil, 12]]
        case 6:
            let item = [integer(), string(), ["enum": ["a", "b", "ab", 1, 12, nil]]][pick(3)]
            return ["type": "array", "items": item, "uniqueItems": true, "maxItems": .int(2 + pick(3))]
        case 7:
            return [
                "type": "array", "prefixItems": [schema(depth: depth + 1), schema(depth: depth + 1)],
                "minItems": .int(pick(3)),
                "items": pick(2) == 0 ? false : integer(),
            ]
        case 8:
            return [
                "type": "object", "patternProperties": ["^[a-f]": integer(), "[0-9]$": ["multipleOf": 2]],
                "additionalProperties": [JSONValue.bool(false), string()][pick(2)], "maxProperties": .int(2 + pick(3)),
            ]
        case 9:
            return [
                "type": "object", "propertyNames": ["pattern": .string(Self.patterns[pick(4)])],
                "additionalProperties": schema(depth: depth + 1),
                "minProperties": .int(pick(3)), "maxProperties": 4,
            ]
        case 10:
            return ["allOf": [object(depth, names: ["a", "b"]), object(depth, names: ["b", "c"])]]
        case 11:
            let base = object(depth, names: ["a", "b", "c"]).members ?? []
            return .object(base + [.init("anyOf", [["required": ["a"]], ["required": ["c"]]])])
        case 12: return ["anyOf": [integer(), string(), schema(depth: depth + 1)]]
        default: return object(depth, names: ["a", "ab", "name", "ü"])
        }
    }

    private mutating func integer() -> JSONValue {
        let low = pick(300) - 150
        return [
            "type": "integer", "minimum": .int(low), "maximum": .int(low + 7 + pick(200)),
            "multipleOf": .int(1 + pick(3)),
        ]
    }

    private mutating func string() -> JSONValue {
        [
            "type": "string", "pattern": .string(Self.patterns[pick(Self.patterns.count)]),
            "maxLength": .int(6 + pick(9)),
        ]
    }

    private mutating func object(_ depth: Int, names: [String]) -> JSONValue {
        var properties: [JSONValue.Member] = [], required: [JSONValue] = []
        for name in names {
            properties.append(.init(name, schema(depth: depth + 1)))
            if pick(3) == 0 { required.append(.string(name)) }
        }
        return ["type": "object", "properties": .object(properties), "required": .array(required)]
    }
}

/// What is wrong with a value, by the keywords above; nil: nothing.
func fault(_ value: JSONValue, _ schema: JSONValue) throws -> String? {
    if let allowed = schema.bool { return allowed ? nil : "not allowed" }
    for part in schema["allOf"]?.array ?? [] { if let fault = try fault(value, part) { return fault } }
    if let parts = schema["anyOf"]?.array, try !parts.contains(where: { try fault(value, $0) == nil }) {
        return "anyOf"
    }
    if let values = schema["enum"]?.array, !values.contains(value) { return "enum" }
    if let type = schema["type"] {
        let names = type.array?.compactMap(\.string) ?? [type.string!]
        guard names.contains(value.kind) || names.contains("integer") && value.int != nil else { return "type" }
    }
    switch value {
    case .number:
        let number = value.double!
        if let least = schema["minimum"]?.double, number < least { return "minimum" }
        if let most = schema["maximum"]?.double, number > most { return "maximum" }
        if let most = schema["exclusiveMaximum"]?.double, number >= most { return "exclusiveMaximum" }
        if let step = schema["multipleOf"]?.double, (number / step).rounded() != number / step { return "multipleOf" }
    case .string(let text):
        if text.unicodeScalars.count > schema["maxLength"]?.int ?? .max { return "maxLength" }
        if let pattern = schema["pattern"]?.string {
            guard text.contains(try Regex(pattern).matchingSemantics(.unicodeScalar)) else { return "pattern" }
        }
        if let format = schema["format"]?.string, !isOf(format, text) { return "format" }
    case .array(let items):
        if items.count < schema["minItems"]?.int ?? 0 || items.count > schema["maxItems"]?.int ?? .max {
            return "items"
        }
        if schema["uniqueItems"] == true, Set(items.map { $0.text() }).count < items.count { return "uniqueItems" }
        let prefix = schema["prefixItems"]?.array ?? []
        for (i, item) in items.enumerated() {
            if let fault = try fault(item, i < prefix.count ? prefix[i] : schema["items"] ?? true) { return fault }
        }
    case .object(let members):
        if members.count < schema["minProperties"]?.int ?? 0 || members.count > schema["maxProperties"]?.int ?? .max {
            return "properties"
        }
        for name in schema["required"]?.array ?? [] where value[name.string!] == nil { return "required" }
        for member in members {
            if let names = schema["propertyNames"], let fault = try fault(.string(member.name), names) { return fault }
            var parts = schema["properties"]?[member.name].map { [$0] } ?? []
            for pattern in schema["patternProperties"]?.members ?? []
            where member.name.contains(try Regex(pattern.name)) {
                parts.append(pattern.value)
            }
            if parts.isEmpty, let additional = schema["additionalProperties"] { parts.append(additional) }
            for part in parts { if let fault = try fault(member.value, part) { return fault } }
        }
    default: break
    }
    return nil
}

private func isOf(_ format: String, _ text: String) -> Bool {
    let parts = text.split(separator: format == "ipv4" ? "." : "-", omittingEmptySubsequences: false)
    switch format {
    case "ipv4": return parts.count == 4 && parts.allSatisfy { String(UInt8($0) ?? 0) == $0 }
    case "uuid":
        return parts.map(\.count) == [8, 4, 4, 4, 12]
            && parts.allSatisfy { $0.allSatisfy { $0.isHexDigit && $0.isASCII } }
    default:
        guard parts.map(\.count) == [4, 2, 2], let y = Int(parts[0]), let m = Int(parts[1]), let d = Int(parts[2])
        else { return false }
        let isLeap = y % 4 == 0 && y % 100 != 0 || y % 400 == 0
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return y > 0 && (1...12).contains(m) && (1...days[m - 1]).contains(d)
    }
}
