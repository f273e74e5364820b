import JSON
import Testing

@testable import Sampling

struct StringKeywordTests {
    @Test(
        arguments: [
            (
                "date", ["2024-02-29", "2000-02-29", "1999-12-31"],
                ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "0000-01-01", "24-01-01"]
            ),
            (
                "time", ["12:30:00Z", "23:59:59.123+02:00"],
                ["12:30:00", "24:00:00Z", "12:60:00Z", "12:00:60Z", "12:30Z"]
            ),
            (
                "date-time", ["2024-05-01T12:00:00Z", "2024-02-29T23:59:59.5-23:59"],
                ["2024-05-01", "2024-05-01 12:00:00Z", "2023-02-29T00:00:00Z", "2024-05-01T12:00:00"]
            ),
            (
                "duration", ["P1D", "PT5M", "P1Y2M3DT4H5M6S", "P3W", "P1DT1S"],
                ["P", "PT", "1D", "P1W2D", "P1YT", "PT1S2M"]
            ),
            (
                "uuid", ["123e4567-e89b-12d3-a456-426614174000"],
                ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"]
            ),
            ("uuid4", ["123e4567-e89b-42d3-a456-426614174000"], ["123e4567-e89b-12d3-a456-426614174000"]),
            (
                "email", ["a@b.cd", "x.y+z@mail.example.org"],
                ["a", "a@b", "a@@b.cd", ".a@b.cd", "a..b@c.de", "a@-b.cd", "a b@c.de"]
            ),
            ("hostname", ["a", "a-b.example.com", "1.de"], ["-a.de", "a-.de", "a..b", ".a", "a_b"]),
            ("ipv4", ["0.0.0.0", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5"]),
            (
                "ipv6", ["::", "::1", "1:2:3:4:5:6:7:8", "1::8", "1:2::7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4"],
                [":", "1:2:3", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::1.2.3"]
            ),
            (
                "uri", ["http://a.de/x?y=1#z", "mailto:a@b.cd", "urn:x:y", "http://[::1]:80/"],
                ["/x", "http//x", "a b:c", "http://a/%zz", "1http://x"]
            ),
            ("uri-reference", ["", "/a/b", "../x", "?q", "http://x"], [":x", "a b", "%"]),
            ("json-pointer", ["", "/a/0", "/~0~1"], ["a", "/~2"]),
            ("regex", ["^a+$", "[a-z]{1,3}|(b(c))*"], ["(", "[", "a{3,1}", "*"]),
        ] as [(String, [String], [String])])
    func aFormatIsEnforced(format: String, texts: [String], others: [String]) throws {
        let grammar = try JSONGrammar(schema: ["type": "string", "format": .string(format)])
        for text in texts {
            #expect(JSONConstraintTests.reading(JSONValue.string(text).text(), grammar) == "whole", "\(text)")
        }
        for text in others {
            #expect(JSONConstraintTests.reading(JSONValue.string(text).text(), grammar) == "no", "\(text)")
        }
    }

    @Test(arguments: ["int32", "double", "password", "binary", "byte", "color", "something"])
    func anUnknownFormatSaysNothing(format: String) throws {
        let grammar = try JSONGrammar(schema: ["type": ["string", "integer"], "format": .string(format)])
        #expect(JSONConstraintTests.reading("\"any thing\"", grammar) == "whole")
        #expect(JSONConstraintTests.reading("123456789012", grammar) == "whole")
    }

    @Test func charactersMayBeEscapedOrNot() throws {
        let grammar = try JSONGrammar(schema: ["type": "string", "pattern": "^[é\"\\n/x]{2}$"])
        for text in [#""éé""#, #""\u00e9\u00E9""#, #""\"\n""#, #""\/\u0078""#, #""\u000a\u0022""#] {
            #expect(JSONConstraintTests.reading(text, grammar) == "whole", "\(text)")
        }
        for text in [#""é\u00ea""#, #""\t"#, #""\u00f"#, #""\u1"#, #""\\"#, "\"\n", #""ééé"#, #""\ud83d"#] {
            #expect(JSONConstraintTests.reading(text, grammar) == "no", "\(text)")
        }
        #expect(JSONConstraintTests.reading(#""\u00"#, grammar) == "part")
    }

    /// A pattern whose texts have even lengths: an odd limit leaves one less.
    @Test func lengthsAndPatternsHoldTogether() throws {
        let grammar = try JSONGrammar(schema: ["pattern": "^(ab)*$", "minLength": 3, "maxLength": 7])
        for (text, expected) in [
            ("\"abab\"", "whole"), ("\"ababab\"", "whole"), ("\"ab\"", "no"), ("\"abababa", "no"), ("\"", "part"),
            ("\"ababab", "part"),
        ] {
            #expect(JSONConstraintTests.reading(text, grammar) == expected, "\(text)")
        }
        // From "a" on only one character may follow, so a text of three must not begin so.
        let other = try JSONGrammar(schema: ["pattern": "^(ax|b*)$", "minLength": 3])
        #expect(
            JSONConstraintTests.reading("\"a", other) == "no"
                && JSONConstraintTests.reading("\"bbb\"", other) == "whole")
        let wide = try JSONGrammar(schema: ["pattern": "^😀+$", "minLength": 2, "maxLength": 2])
        #expect(
            JSONConstraintTests.reading("\"😀😀\"", wide) == "whole" && JSONConstraintTests.reading("\"😀😀😀", wide) == "no"
        )
    }

    @Test func severalPatternsHoldTogether() throws {
        let grammar = try JSONGrammar(schema: [
            "type": "string", "allOf": [["pattern": "^a"], ["pattern": "z$"], ["pattern": "\\d"], ["maxLength": 4]],
        ])
        #expect(
            JSONConstraintTests.reading("\"a1z\"", grammar) == "whole"
                && JSONConstraintTests.reading("\"a1xz\"", grammar) == "whole")
        #expect(
            JSONConstraintTests.reading("\"axxz", grammar) == "no"
                && JSONConstraintTests.reading("\"axxx", grammar) == "no")
    }

    @Test func aPatternThatContradictsItsFormatCounts() throws {
        // What zod writes for a time without a zone.
        let grammar = try JSONGrammar(schema: ["type": "string", "format": "time", "pattern": "^\\d\\d:\\d\\d$"])
        #expect(JSONConstraintTests.reading("\"12:30\"", grammar) == "whole")
    }

    @Test(arguments: [
        (##"{"type":"string","pattern":"^a$","minLength":2}"##, "pattern"),
        (##"{"type":"string","format":"date","maxLength":3}"##, "format"),
        (##"{"type":"string","pattern":"a^"}"##, "pattern"),
        (##"{"type":"string","minLength":3,"maxLength":2}"##, "minLength"),
        (##"{"type":"string","pattern":"(a"}"##, "pattern"), (##"{"type":"string","pattern":5}"##, "pattern"),
        (##"{"type":"string","pattern":"(ab|b)*a(a|b){30}"}"##, "pattern"),
        (##"{"type":"string","pattern":"^(ab)*c$","minLength":999999999,"maxLength":1999999999}"##, "minLength"),
        (##"{"allOf":[{"pattern":"^a"},{"pattern":"^b"}]}"##, "pattern"),
    ])
    func stringsOfWhichThereAreNoneAreRefusedByName(schema: String, keyword: String) throws {
        let error = try #require(throws: JSONSchemaError.self) { try NumberRangeTests.grammar(schema) }
        #expect(error.keyword == keyword, "\(error)")
    }
}
