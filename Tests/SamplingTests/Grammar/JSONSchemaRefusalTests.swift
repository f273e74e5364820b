import JSON
import Testing

@testable import Sampling

struct JSONSchemaRefusalTests {
    @Test(arguments: [
        ("pattern", #"{"type": "string", "pattern": "(a)\\1"}"#), ("contains", #"{"contains": {"type": "null"}}"#),
        ("multipleOf", #"{"type": "number", "multipleOf": 0}"#), ("if", #"{"if": {"type": "null"}}"#),
        ("not", #"{"not": {"type": "null"}}"#), ("allOf", #"{"allOf": {"type": "string"}}"#),
        ("$ref", ##"{"$ref": "#/$defs/none"}"##), ("$ref", #"{"$ref": "other"}"#), ("type", #"{"type": "strange"}"#),
        ("enum", #"{"enum": []}"#), ("$recursiveRef", ##"{"$recursiveRef": "#"}"##),
        ("minItems", #"{"type": "array", "minItems": -1}"#), ("required", #"{"type": "object", "required": [1]}"#),
        ("properties", #"{"properties": 1}"#), ("oneOf", #"{"oneOf": [{"type": "integer"}, {"type": "number"}]}"#),
        ("uniqueItems", #"{"items": {"type": "array"}, "uniqueItems": true}"#),
    ])
    func aKeywordThatCannotBeEnforcedIsNamed(keyword: String, schema: String) throws {
        let inner = try JSONValue(parsing: schema)
        let nested: JSONValue = ["type": "object", "properties": ["deep": ["type": "array", "items": inner]]]
        let error = try #require(throws: JSONSchemaError.self) { try JSONGrammar(schema: nested) }
        #expect(error.keyword == keyword)
        #expect(error.path == "#/properties/deep/items")
        #expect(error.description.contains("\"\(keyword)\""))
    }

    @Test(arguments: [
        "false", ##"{"$ref": "#"}"##, #"{"type": "array", "minItems": 2, "maxItems": 1}"#,
        #"{"enum": ["a"], "type": "integer"}"#,
        #"{"type": "object", "required": ["x"], "additionalProperties": false}"#,
        ##"{"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}"##,
    ])
    func aSchemaThatNothingSatisfiesIsRefused(schema: String) throws {
        let schema = try JSONValue(parsing: schema)
        #expect(throws: JSONSchemaError.self) { try JSONGrammar(schema: schema) }
    }

    @Test func moreAlternativesThanCanBeFollowedAreRefused() throws {
        func listed(_ count: Int) -> JSONValue {
            [
                "items": [
                    "anyOf": .array(
                        (0..<count).map {
                            ["type": "array", "items": ["type": "string"], "minItems": .number(String($0))]
                        })
                ]
            ]
        }
        #expect(throws: Never.self) { try JSONGrammar(schema: listed(64)) }
        let error = try #require(throws: JSONSchemaError.self) { try JSONGrammar(schema: listed(65)) }
        #expect(error.keyword == "anyOf" && error.path == "#/items")
    }

    @Test func oneOfOfWhatExcludesEachOtherIsAccepted() throws {
        func kind(_ name: JSONValue) -> JSONValue {
            ["type": "object", "properties": ["kind": ["const": name]], "required": ["kind"]]
        }
        #expect(throws: Never.self) { try JSONGrammar(schema: ["oneOf": [kind("a"), kind("b"), ["type": "null"]]]) }
        #expect(throws: JSONSchemaError.self) { try JSONGrammar(schema: ["oneOf": [kind("a"), kind("a")]]) }
    }

    /// Without limits these take minutes, or hours, before they are refused or the memory ends.
    @Test(.timeLimit(.minutes(10)), arguments: ["enum", "required", "properties", "oneOf of objects"])
    func aSchemaOfHostileLengthIsRefusedAtOnce(kind: String) throws {
        let names = (0..<100_000).map { JSONValue.string("n\($0)") }
        func members(_ range: Range<Int>) -> JSONValue { .object(range.map { .init("n\($0)", true) }) }
        let schema: JSONValue =
            switch kind {
            case "enum": ["enum": .array(names)]
            case "required": ["required": .array(names)]
            case "properties": ["properties": members(0..<100_000)]
            default:
                [
                    "oneOf": .array(
                        (0..<20).map { i in
                            ["properties": members(0..<10_000), "required": .array(Array(names[..<10_000]))]
                        })
                ]
            }
        let error = try #require(throws: JSONSchemaError.self) {
            try JSONGrammar(schema: ["type": "array", "items": schema])
        }
        #expect(error.keyword == String(kind.prefix { $0 != " " }) && error.path == "#/items")
        if kind.hasPrefix("oneOf") { #expect(error.problem.contains("too many")) }
    }

    @Test func listsOfHonestLengthAreTaken() throws {
        let names = (0..<2000).map { JSONValue.string("n\($0)") }
        let halves: [JSONValue] = [["enum": .array(Array(names[..<1000]))], ["enum": .array(Array(names[1000...]))]]
        #expect(throws: Never.self) { try JSONGrammar(schema: ["oneOf": .array(halves)]) }
        #expect(throws: Never.self) {
            try JSONGrammar(schema: ["required": .array(names + names), "properties": ["n7": ["type": "null"]]])
        }
    }
}
