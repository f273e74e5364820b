/// What JSON Schema's keywords are to a grammar: enforced, ignored or refused.
enum SchemaKeywords {
    /// They say something about a value, or how to show it, and allow and forbid nothing.
    static let annotations: Set<String> = [
        "title", "description", "default", "examples", "example", "$schema", "$id", "id", "$comment", "$anchor",
        "$dynamicAnchor", "$vocabulary", "$defs", "definitions", "deprecated", "readOnly", "writeOnly", "strict",
        "contentEncoding", "contentMediaType", "contentSchema", "discriminator", "xml", "externalDocs",
        "markdownDescription", "enumNames", "enumDescriptions", "markdownEnumDescriptions", "errorMessage",
        "deprecationMessage", "defaultSnippets", "order", "propertyOrder", "propertyOrdering", "unit", "units",
    ]
    /// They are about values of one type only.
    static let types: [String: ValueTypes] = [
        "minLength": .string, "maxLength": .string, "pattern": .string, "format": .string,
        "minimum": .number, "maximum": .number, "exclusiveMinimum": .number, "exclusiveMaximum": .number,
        "multipleOf": .number,
        "items": .array, "prefixItems": .array, "additionalItems": .array, "unevaluatedItems": .array,
        "minItems": .array, "maxItems": .array, "uniqueItems": .array,
        "properties": .object, "required": .object, "additionalProperties": .object, "patternProperties": .object,
        "propertyNames": .object, "minProperties": .object, "maxProperties": .object, "unevaluatedProperties": .object,
    ]
    /// They are about any value.
    static let general: Set<String> = ["type", "enum", "const"]
    /// They combine schemas.
    static let combining: Set<String> = [
        "$ref", "allOf", "anyOf", "oneOf", "nullable", "dependentRequired", "dependentSchemas", "dependencies", "not",
    ]

    static func isAnnotation(_ name: String) -> Bool { annotations.contains(name) || name.hasPrefix("x-") }

    static func isPlain(_ name: String) -> Bool { types[name] != nil || general.contains(name) }
}

/// Types of values, as JSON Schema names them.
struct ValueTypes: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = ValueTypes(rawValue: 1), boolean = ValueTypes(rawValue: 2), object = ValueTypes(rawValue: 4)
    static let array = ValueTypes(rawValue: 8), integer = ValueTypes(rawValue: 16), string = ValueTypes(rawValue: 64)
    /// Numbers that are not whole.
    static let fraction = ValueTypes(rawValue: 32)
    static let number: ValueTypes = [.integer, .fraction]
    static let all = ValueTypes(rawValue: 127)

    static let names: [(name: String, types: ValueTypes)] = [
        ("null", .null), ("boolean", .boolean), ("object", .object), ("array", .array), ("number", .number),
        ("integer", .integer), ("string", .string),
    ]

    /// The type of a name; nil when there is none.
    init?(name: String) {
        guard let known = Self.names.first(where: { $0.name == name }) else { return nil }
        self = known.types
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}
