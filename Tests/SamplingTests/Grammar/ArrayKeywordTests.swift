import JSON
import Testing

@testable import Sampling

struct ArrayKeywordTests {
    @Test(
        arguments: [
            (
                ##"{"prefixItems":[{"type":"integer"},{"type":"null"}],"items":false}"##, ["[1,null]"],
                ["[1]", "[null", "[1,null,"]
            ),
            (
                ##"{"prefixItems":[{"type":"integer"}],"items":{"type":"boolean"}}"##, ["[1]", "[1,true,false]", "[]"],
                ["[1,2", "[true"]
            ),
            (
                ##"{"items":[{"type":"integer"},{"type":"null"}],"additionalItems":false,"minItems":1}"##,
                ["[1]", "[1,null]"], ["[]", "[1,null,"]
            ),
            (
                ##"{"type":"array","prefixItems":[{"type":"integer"},{"type":"null"}]}"##, ["[1,null]"],
                ["[1]", "[1,null,"]
            ),
            (
                ##"{"allOf":[{"prefixItems":[{"minimum":3}],"minItems":1},{"items":{"type":"integer","maximum":5}}]}"##,
                ["[4]", "[3,1]"], ["[2", "[4,6"]
            ),
            (
                ##"{"type":"array","items":{"type":"integer"},"uniqueItems":true}"##, ["[]", "[1,2,12]", "[-1,1]"],
                ["[1,1]", "[1,2,1]", "[-0"]
            ),
            (
                ##"{"type":"array","items":{"type":"integer","minimum":1,"maximum":3},"uniqueItems":true}"##,
                ["[1,2,3]", "[3]"], ["[1,1", "[1,2,3,", "[4"]
            ),
            (
                ##"{"type":"array","items":{"type":"integer","minimum":-12,"maximum":-9},"uniqueItems":true}"##,
                ["[-10,-9,-12,-11]"], ["[-9,-9", "[1", "[-10,-10"]
            ),
            (
                ##"{"type":"array","items":{"type":"string"},"uniqueItems":true,"maxItems":3}"##,
                [#"["a","ab"]"#, #"["","a"]"#], [#"["a","a""#, #"["a","b","a""#, #"["\u0061"#, #"["a","b","c","#]
            ),
            (
                ##"{"type":"array","items":{"enum":["a","ab",1,12,null]},"uniqueItems":true}"##,
                [#"["a",1,"ab",12,null]"#, "[12]"], [#"["a","a""#, "[1,1]", "[1,12,1", #"["a",1,"ab",12,null,"#]
            ),
            (
                ##"{"type":"array","items":{"pattern":"^[ab]$"},"uniqueItems":true,"minItems":2}"##, [#"["a","b"]"#],
                [#"["a"]"#, #"["a","a"#, #"["a","b","#]
            ),
            (
                ##"{"type":"array","items":{"pattern":"^[àé]x?$"},"uniqueItems":true}"##, [#"["à","é","àx","éx"]"#],
                [#"["à","àx","à"#, #"["à","àx","é","éx","#]
            ),
            (
                ##"""
                {"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"number","minimum":0}]},\##
                "uniqueItems":true}
                """##,
                ["[true,0,false,1.5]"], ["[true,true", "[1.5,1.5]", "[1,1.0]"]
            ),
            (##"{"uniqueItems":true}"##, [#"[1,"a",null,true,1.5]"#], ["[{", "[[", "[1,1,", "[null,n"]),
            (##"{"type":"array","items":{"type":"object"},"uniqueItems":true,"maxItems":1}"##, ["[{}]"], ["[{},"]),
        ] as [(String, [String], [String])])
    func arraysHoldWhatTheirKeywordsSay(schema: String, whole: [String], none: [String]) throws {
        let grammar = try NumberRangeTests.grammar(schema)
        for text in whole { #expect(JSONConstraintTests.reading(text, grammar) == "whole", "\(text)") }
        for text in none { #expect(JSONConstraintTests.reading(text, grammar) == "no", "\(text)") }
    }

    @Test(
        arguments: [
            (##"{"prefixItems":[true],"uniqueItems":true}"##, "uniqueItems"),
            (##"{"type":"array","items":{"type":"object"},"uniqueItems":true}"##, "uniqueItems"),
            (##"{"type":"array","items":{"enum":["a"]},"uniqueItems":true,"minItems":2}"##, nil),
            (##"{"type":"array","contains":{"type":"null"}}"##, "contains"),
            (##"{"type":"array","minItems":2,"maxItems":1}"##, "minItems"),
            (##"{"type":"array","prefixItems":5}"##, "prefixItems"),
            (##"{"type":"array","items":{"type":"string"},"uniqueItems":1}"##, "uniqueItems"),
            (##"{"type":"array","prefixItems":[true],"items":false,"minItems":2}"##, nil),
        ] as [(String, String?)])
    func arraysThatCannotBeAreRefused(schema: String, keyword: String?) throws {
        let error = try #require(throws: JSONSchemaError.self) { try NumberRangeTests.grammar(schema) }
        #expect(error.keyword == keyword, "\(error)")
    }

    /// A list of a long answer's items, or of a long text's beginnings, is released without a deep stack.
    @Test func longListsOfWhatIsUsedAreReleased() {
        var used: Used?, trail: Trail?
        for i in 0..<500_000 {
            trail = Trail(UInt64(i), before: trail)
            used = Used(.word(Int32(i)), before: used)
        }
        let copy = used?.before
        #expect(used?.count == 500_000 && trail?.length == 500_000)
        used = nil
        trail = nil
        #expect(copy?.count { if case .word(let word) = $0 { word % 2 == 0 } else { false } } == 250_000)
    }
}
