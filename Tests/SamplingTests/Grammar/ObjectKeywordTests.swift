import JSON
import Testing

@testable import Sampling

struct ObjectKeywordTests {
    @Test(
        arguments: [
            (
                ##"""
                {"patternProperties":{"^S_":{"type":"string"},"^I_":{"type":"integer"}},\##
                "additionalProperties":false}
                """##,
                [#"{"S_a":"x","I_":1}"#, "{}"], [#"{"S_a":1"#, #"{"X"#, #"{"S_a":"","S_a""#]
            ),
            (
                ##"""
                {"patternProperties":{"a":{"minimum":3},"b":{"type":"integer"}},\##
                "additionalProperties":{"type":"null"}}
                """##,
                [#"{"a":3,"ab":4,"b":-1,"c":null}"#, #"{"ca":3.5}"#],
                [#"{"ab":3.5"#, #"{"ab":2,"#, #"{"c":1"#, #"{"b":null"#]
            ),
            (
                ##"{"properties":{"x1":{"maximum":5}},"patternProperties":{"^x":{"type":"integer"}}}"##,
                [#"{"x1":5,"x2":9}"#], [#"{"x1":6"#, #"{"x1":1.5"#, #"{"y"#, #"{"x2":1,"x1""#]
            ),
            (
                ##"{"propertyNames":{"pattern":"^[a-z]{1,2}$"},"additionalProperties":{"type":"integer"}}"##,
                [#"{"a":1,"bc":2}"#], [#"{"A"#, #"{"abc"#, #"{"a":1,"a""#]
            ),
            (
                ##"{"propertyNames":{"enum":["b","a"]},"additionalProperties":{"type":"integer"}}"##,
                [#"{"b":1,"a":2}"#, #"{"a":1}"#, "{}"], [#"{"c"#, #"{"a":1,"b""#]
            ),
            (
                ##"{"propertyNames":{"maxLength":2},"properties":{"abc":true,"x":true},"additionalProperties":true}"##,
                [#"{"x":1}"#, #"{"y":1}"#], [#"{"abc"#, #"{"abd"#]
            ),
            (
                ##"{"additionalProperties":{"type":"integer"},"minProperties":2,"maxProperties":3}"##,
                [#"{"a":1,"b":2}"#, #"{"a":1,"b":2,"c":3}"#],
                ["{}", #"{"a":1}"#, #"{"a":1,"a""#, #"{"a":1,"b":2,"c":3,"#]
            ),
            (
                ##"""
                {"properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"minProperties":2,\##
                "additionalProperties":false}
                """##,
                [#"{"a":null,"c":null}"#, #"{"b":null,"c":null}"#], [#"{"c"#, "{}", #"{"a":null}"#]
            ),
            (
                ##"""
                {"properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["c"],\##
                "maxProperties":2}
                """##,
                [#"{"a":null,"c":null}"#, #"{"c":null}"#], [#"{"a":null,"b"#]
            ),
            (##"{"maxProperties":0}"##, ["{}"], [#"{""#]),
            (
                ##"{"patternProperties":{"^[ab]$":{"type":"null"}},"additionalProperties":false,"minProperties":2}"##,
                [#"{"b":null,"a":null}"#], [#"{"a":null}"#, #"{"a":null,"a"#, #"{"a":null,"b":null,"#]
            ),
            (
                ##"""
                {"properties":{"a":{"type":"null"}},"patternProperties":{"^[ab]$":{"type":"null"}},\##
                "additionalProperties":false,"minProperties":2}
                """##,
                [#"{"a":null,"b":null}"#], [#"{"b"#]
            ),
            (
                ##"""
                {"type":"object","dependentRequired":{"a":["b"]},"properties":{"a":{"type":"null"},\##
                "b":{"type":"null"}}}
                """##,
                ["{}", #"{"b":null}"#, #"{"a":null,"b":null}"#], [#"{"a":null}"#]
            ),
            (
                ##"{"required":["z"],"additionalProperties":{"type":"null"}}"##, [#"{"z":null,"y":null}"#],
                ["{}", #"{"y""#, #"{"z":1"#]
            ),
            (
                ##"{"type":"object","properties":{"a":{"type":"null"}},"unevaluatedProperties":false}"##,
                [#"{"a":null}"#], [#"{"b"#]
            ),
            (##"{"type":"object"}"##, [#"{"a":1,"b":{"a":1}}"#], [#"{"a":1,"a""#]),
        ] as [(String, [String], [String])])
    func objectsHoldWhatTheirKeywordsSay(schema: String, whole: [String], none: [String]) throws {
        let grammar = try NumberRangeTests.grammar(schema)
        for text in whole { #expect(JSONConstraintTests.reading(text, grammar) == "whole", "\(text)") }
        for text in none { #expect(JSONConstraintTests.reading(text, grammar) == "no", "\(text)") }
    }

    @Test(
        arguments: [
            // Objects that are merged: what each says of the other's properties counts.
            (
                ##"""
                {"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},\##
                {"properties":{"b":{"type":"null"},"a":{"minimum":3}}}]}
                """##,
                [#"{"a":3,"b":null}"#, #"{"a":4}"#], ["{}", #"{"a":2,"#, #"{"b"#]
            ),
            (
                ##"""
                {"allOf":[{"properties":{"a":{"type":"null"}},"additionalProperties":false},\##
                {"properties":{"b":{"type":"null"}}}]}
                """##,
                [#"{"a":null}"#, "{}"], [#"{"b"#]
            ),
            (
                ##"{"allOf":[{"additionalProperties":{"type":"integer"}},{"properties":{"b":{"minimum":2}}}]}"##,
                [#"{"b":2,"x":-1}"#], [#"{"b":1,"#, #"{"x":n"#]
            ),
            (
                ##"""
                {"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},\##
                "anyOf":[{"required":["a"]},{"required":["b"]}]}
                """##,
                [#"{"a":null}"#, #"{"b":null}"#, #"{"a":null,"b":null}"#], ["{}"]
            ),
            (
                ##"""
                {"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},\##
                "oneOf":[{"required":["a"]},{"required":["b"]}]}
                """##,
                [#"{"a":null}"#, #"{"b":null}"#], ["{}", #"{"a":null,"b"#]
            ),
            (##"{"$ref":"#/$defs/x","description":"y","$defs":{"x":{"type":"integer"}}}"##, ["1"], ["null"]),
            (##"{"$ref":"#/$defs/x","minimum":5,"$defs":{"x":{"type":"integer"}}}"##, ["5"], ["4,", "5.5"]),
            (##"{"$ref":"#/$defs/a~1b%20c","$defs":{"a/b c":{"type":"null"}}}"##, ["null"], ["1"]),
            (##"{"$ref":"#here","$defs":{"x":{"$anchor":"here","type":"null"}}}"##, ["null"], ["1"]),
            (
                ##"{"$id":"https://e.org/s","$ref":"https://e.org/s#/$defs/x","$defs":{"x":{"type":"null"}}}"##,
                ["null"], ["1"]
            ),
            (##"{"type":"string","nullable":true,"maxLength":1}"##, ["null", "\"x\""], ["\"xy", "1"]),
            (
                ##"{"nullable":true,"allOf":[{"$ref":"#/$defs/x"}],"$defs":{"x":{"type":"integer"}}}"##, ["null", "1"],
                ["\""]
            ),
            (##"{"type":"integer","enum":["a",1,2.5,3,null]}"##, ["1", "3"], ["2.", "n", "\""]),
            (##"{"enum":["a","bb","ccc"],"minLength":2,"pattern":"^[bc]+$"}"##, ["\"bb\"", "\"ccc\""], ["\"a"]),
            (##"{"allOf":[{"enum":[1,2,3]},{"enum":[2.0,3,4]},{"const":3}]}"##, ["3"], ["2", "1"]),
            (
                ##"{"enum":[{"a":1},{"a":"x"},[]],"properties":{"a":{"type":"integer"}}}"##, [#"{"a":1}"#, "[]"],
                [#"{"a":""#]
            ),
            (##"{"anyOf":[{"type":"string"},{"not":{}}]}"##, ["\"\""], ["1"]),
            (##"{"type":"array","items":{"not":true}}"##, ["[]"], ["[1"]),
            (
                ##"""
                {"discriminator":{"propertyName":"k"},"oneOf":[{"properties":{"k":{"const":"a"},\##
                "x":{"type":"null"}}},{"properties":{"k":{"const":"b"}}}]}
                """##,
                [#"{"k":"a","x":null}"#, #"{"k":"b"}"#], ["{}", #"{"x"#, #"{"k":"b","x"#]
            ),
            (
                ##"{"oneOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"const":"b"}}}]}"##,
                [#"{"k":"a"}"#, #"{"k":"b"}"#], ["{}"]
            ),
            (
                ##"{"oneOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}"##,
                ["\"2024-01-01\""], ["\"x"]
            ),
            (
                ##"{"oneOf":[{"type":"number","maximum":1},{"type":"number","exclusiveMinimum":1.5}]}"##,
                ["1", "1.6", "-3"], ["1.5,", "1.2,"]
            ),
            (##"{"oneOf":[{"enum":["a","b"]},{"type":"string","pattern":"^x"}]}"##, ["\"a\"", "\"xa\""], ["\"c"]),
            (##"{"x-order":3,"xml":{"name":"y"},"contentEncoding":"base64","type":"null"}"##, ["null"], ["1"]),
        ] as [(String, [String], [String])])
    func schemasCombine(schema: String, whole: [String], none: [String]) throws {
        let grammar = try NumberRangeTests.grammar(schema)
        for text in whole { #expect(JSONConstraintTests.reading(text, grammar) == "whole", "\(text)") }
        for text in none { #expect(JSONConstraintTests.reading(text, grammar) == "no", "\(text)") }
    }

    @Test(
        arguments: [
            (##"{"not":{"required":["a"]}}"##, "not"), (##"{"if":{},"then":{}}"##, "if"),
            (##"{"type":"object","minLenght":3}"##, "minLenght"),
            (##"{"oneOf":[{"type":"integer"},{"type":"number"}]}"##, "oneOf"),
            (##"{"oneOf":[{"type":"string","format":"email"},{"type":"string","enum":["a@b"]}]}"##, "oneOf"),
            (
                ##"{"oneOf":[{"type":"integer","minimum":0},{"type":"integer","minimum":1000000000000000000}]}"##,
                "oneOf"
            ),
            (##"{"oneOf":[{"required":["a"]},{"required":["a","b"]}]}"##, "oneOf"),
            (##"{"minProperties":3,"maxProperties":2}"##, "minProperties"),
            (##"{"properties":{"a":true},"minProperties":2}"##, nil),
            (##"{"propertyNames":{"enum":["a"]},"minProperties":2}"##, nil),
            (##"{"patternProperties":{"(a":true}}"##, "patternProperties"),
            (##"{"propertyNames":{"anyOf":[{"pattern":"a"},{"pattern":"b"}]}}"##, "propertyNames"),
            (##"{"allOf":[{"$ref":"#"}]}"##, "$ref"), (##"{"$dynamicRef":"#x"}"##, "$dynamicRef"),
            (##"{"dependentRequired":[]}"##, "dependentRequired"),
            (##"{"patternProperties":{"(a|b)*a(a|b){30}":true}}"##, "patternProperties"),
            (##"{"$ref":"#nowhere"}"##, "$ref"),
        ] as [(String, String?)])
    func whatCannotBeEnforcedIsNamed(schema: String, keyword: String?) throws {
        let error = try #require(throws: JSONSchemaError.self) { try NumberRangeTests.grammar(schema) }
        #expect(error.keyword == keyword, "\(error)")
    }

    /// Without limits these take hours or all memory.
    @Test(.timeLimit(.minutes(10)), arguments: ["anyOf in allOf", "patterns", "names", "references", "triggers"])
    func aHostileCombinationIsRefusedSoon(kind: String) throws {
        let schema: JSONValue =
            switch kind {
            case "anyOf in allOf":
                [
                    "allOf": .array((0..<40).map { ["anyOf": [["minimum": .int($0)], ["maximum": .int(1000 - $0)]]] }),
                    "type": "integer",
                ]
            case "patterns":
                [
                    "properties": .object(
                        (0..<5000).map { .init("p\($0)", ["pattern": .string("(a|b)*a(a|b){9}x\($0)")]) })
                ]
            case "names":
                ["patternProperties": .object((0..<60).map { .init("a.{\($0)}b", ["minimum": .int($0)]) })]
            case "references":
                [
                    "$defs": .object(
                        (0..<300).map { .init("d\($0)", ["allOf": [["$ref": .string("#/$defs/d\($0 + 1)")]]]) }),
                    "$ref": "#/$defs/d0",
                ]
            default:
                ["type": "object", "dependentRequired": .object((0..<40).map { .init("p\($0)", [.string("q\($0)")]) })]
            }
        #expect(throws: JSONSchemaError.self) { try JSONGrammar(schema: schema) }
    }

    @Test func aRecursiveMergeEnds() throws {
        let grammar = try NumberRangeTests.grammar(
            ##"""
            {"$defs":{"n":{"properties":{"v":{"type":"integer"},"next":{"allOf":[{"$ref":"#/$defs/n"},\##
            {"properties":{"v":{"minimum":1}},"required":["v"]}]}}}},"$ref":"#/$defs/n"}
            """##
        )
        #expect(JSONConstraintTests.reading(##"{"v":0,"next":{"v":1,"next":{"v":2}}}"##, grammar) == "whole")
        #expect(JSONConstraintTests.reading(#"{"v":0,"next":{"next""#, grammar) == "no")
    }

    /// Properties that are found by their names' order are those that a plain search finds.
    @Test(arguments: [(0, Int32.max), (3, 5), (60, 200)] as [(Int32, Int32)])
    func manyPropertiesAreFoundInOrder(least: Int32, most: Int32) {
        var numbers = SeededNumbers(UInt64(least) + 5), names: [String] = []
        for i in 0..<200 { names.append(String(numbers.next() % 300, radix: 3) + "x\(i % 4)") }
        names = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        let object = ObjectRule(
            names.enumerated().map {
                .init(name: $1, value: 0, isRequired: $0 % 50 == 49, isDemanded: $0 % 50 == 49)
            }, least: least, most: most)
        var found = 0, missing = 0
        for _ in 0..<3000 {
            let first = Int(numbers.next() % UInt64(names.count)), key = object.properties[first].key
            let length = Int(numbers.next() % UInt64(key.count))
            let byte: UInt8 = [0x30, 0x31, 0x32, 0x33, 0x78, 0x22][Int(numbers.next() % 6)]
            let place = JSONAutomaton.ObjectPlace(rule: 0, next: Int32(first), count: Int32(numbers.next() % 5))
            var expected: Int?
            var isOpen = false
            for i in first..<names.count {
                let other = object.properties[i].key
                isOpen = isOpen || object.allows(i, place)
                if expected == nil, other.starts(with: key.prefix(length) + [byte]), object.allows(i, place) {
                    expected = i
                }
                if object.properties[i].isRequired { break }
            }
            #expect(object.property(from: first, length, byte, place) == expected)
            #expect(object.allowsNamed(place) == isOpen)
            if expected == nil { missing += 1 } else { found += 1 }
        }
        #expect(missing > 100 && (found > 100 || least > 50))
    }

    /// Where each of many names is looked for among all, this takes minutes.
    @Test(.timeLimit(.minutes(10))) func manyListedNamesAreFollowed() throws {
        let names = (0..<15_000).map { JSONValue.string("n\($0)") }
        let grammar = try JSONGrammar(
            schema: ["propertyNames": ["enum": .array(names)], "additionalProperties": ["type": "null"]])
        #expect(JSONConstraintTests.reading(#"{"n3":null,"n14999":null}"#, grammar) == "whole")
        #expect(JSONConstraintTests.reading(#"{"n14999":null,"n3""#, grammar) == "no")
        #expect(JSONConstraintTests.reading(#"{"n15000""#, grammar) == "no")
    }
}
