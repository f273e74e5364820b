import JSON
import Testing

@testable import Sampling

struct NumberRangeTests {
    static func grammar(_ schema: String) throws -> JSONGrammar { try JSONGrammar(schema: JSONValue(parsing: schema)) }

    @Test(
        arguments: [
            (##"{"type":"integer","minimum":3}"##, ["3", "10", "99"], ["0", "1.", "-", "03", "3e"], ["1", "2"]),
            (
                ##"{"type":"integer","minimum":-5,"maximum":12}"##, ["-5", "-1", "0", "12"],
                ["-6", "13", "-0,", "1.0"], ["-"]
            ),
            (
                ##"{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3}"##, ["1", "2"], ["0", "3", "-", "10"],
                []
            ),
            (
                ##"{"type":"integer","minimum":150,"maximum":160}"##, ["150", "160"], ["14", "17", "2", "161"],
                ["1", "15"]
            ),
            (
                ##"{"type":"integer","minimum":-9223372036854775808,"maximum":18446744073709551615}"##,
                ["-9223372036854775808", "18446744073709551615", "99"],
                ["-9223372036854775809", "18446744073709551616", "99999999999999999999"], []
            ),
            (##"{"type":"integer","minimum":0.5,"maximum":1e2}"##, ["1", "100"], ["0", "101"], []),
            (
                ##"{"type":"integer","multipleOf":7,"minimum":1,"maximum":30}"##, ["7", "14", "28"],
                ["3", "8", "13", "29"], ["1", "2"]
            ),
            (
                ##"{"type":"integer","multipleOf":1000000007,"minimum":2}"##, ["1000000007", "2000000014"],
                ["1000000008"], ["1"]
            ),
            (##"{"type":"number","multipleOf":10}"##, ["0", "30", "-20"], ["1.", "35,"], ["3", "35"]),
            (
                ##"{"type":"number","multipleOf":0.01,"maximum":1,"minimum":0}"##,
                ["0.06", "0.5", "0.10", "1", "1.00"], ["0.001", "1.01", "0.07", "0.28"], []
            ),
            (##"{"type":"number","multipleOf":2.5}"##, ["2.5", "5", "-7.5"], ["2.4", "3.0"], ["2", "3"]),
            (
                ##"{"type":"number","minimum":0.1,"maximum":0.9}"##,
                ["0.1", "0.15", "0.9", "0.90", "0.10000000000000001"], ["1", "0.91", "0.95", "-", "0.0"], ["0.", "0"]
            ),
            (
                ##"{"type":"number","exclusiveMinimum":0,"maximum":1e-6}"##, ["0.000001", "0.00000001"],
                ["0.00001", "1", "0.0000011"], ["0", "0.0"]
            ),
            (
                ##"{"type":"number","minimum":-1.5,"maximum":-0.25}"##, ["-1.5", "-1", "-0.25", "-0.3"],
                ["0", "-0.24", "-1.51", "-2"], ["-0", "-0.2"]
            ),
            (
                ##"{"type":"number","exclusiveMaximum":1,"minimum":0}"##, ["0.999999999999997", "0"],
                ["1", "0.9999999999999999"], ["0."]
            ),
            (##"{"type":"number","minimum":5,"exclusiveMinimum":true}"##, ["5.1", "6"], ["4."], ["5", "5.0", "1"]),
            (##"{"type":["integer","null"],"minimum":2,"maximum":2}"##, ["2", "null"], ["3", "1"], []),
            (##"{"type":"integer","maximum":-7}"##, ["-7", "-10"], ["0", "7"], ["-6", "-1"]),
        ] as [(String, [String], [String], [String])])
    func aBoundedNumberIsFollowedDigitByDigit(schema: String, whole: [String], none: [String], begun: [String]) throws {
        let grammar = try Self.grammar(schema)
        for text in whole { #expect(JSONConstraintTests.reading(text, grammar) == "whole", "\(text)") }
        for text in none { #expect(JSONConstraintTests.reading(text, grammar) == "no", "\(text)") }
        for text in begun { #expect(JSONConstraintTests.reading(text, grammar) == "part", "\(text)") }
    }

    /// Every text of up to four digits: it is a number of the range exactly when arithmetic says so, and one that can
    /// go on exactly when a longer one is.
    @Test func whatGoesOnCanBeCompleted() throws {
        var numbers = SeededNumbers(3), wholes = 0
        func pick(_ count: Int) -> Int { Int(numbers.next() % UInt64(count)) }
        for _ in 0..<60 {
            // In hundredths; steps that doubles divide by exactly.
            let isWhole = pick(2) == 0, unit = isWhole ? 100 : [25, 50, 75][pick(3)]
            let low = (pick(400) - 200) * unit, high = low + pick(60) * unit, step = unit * [1, 1, 2, 3, 7][pick(5)]
            func spelled(_ hundredths: Int) -> String {
                let size = abs(hundredths), tail = size % 100
                return (hundredths < 0 ? "-" : "") + "\(size / 100)"
                    + (tail == 0 ? "" : tail % 10 == 0 ? ".\(tail / 10)" : tail < 10 ? ".0\(tail)" : ".\(tail)")
            }
            var schema: [JSONValue.Member] = [
                .init("type", isWhole ? "integer" : "number"), .init("minimum", .number(spelled(low))),
                .init("maximum", .number(spelled(high))),
            ]
            schema.append(.init("multipleOf", .number(spelled(step))))
            let multiples = (low...high).filter { $0 % step == 0 }
            guard !multiples.isEmpty else {
                #expect(throws: JSONSchemaError.self) { try JSONGrammar(schema: .object(schema)) }
                continue
            }
            let grammar = try JSONGrammar(schema: .object(schema))
            // All spellings, with what zeros may be added behind the point.
            var all: Set<String> = []
            for value in multiples {
                let text = spelled(value)
                all.insert(text)
                guard step % 100 != 0 else { continue }
                let places = step % 10 == 0 ? 1 : 2
                let digits = text.contains(".") ? text.split(separator: ".")[1].count : 0
                if digits == 0 {
                    for count in 1...places { all.insert(text + "." + String(repeating: "0", count: count)) }
                }
                if digits > 0 && digits < places { all.insert(text + "0") }
            }
            var begun: Set<String> = []
            for text in all { for end in text.indices { begun.insert(String(text[..<end])) } }
            var texts = [""]
            while let text = texts.popLast() {
                let reading = JSONConstraintTests.reading(text, grammar)
                #expect(
                    reading == (all.contains(text) ? "whole" : begun.contains(text) ? "part" : "no"),
                    "\(text) \(JSONValue.object(schema).text())")
                wholes += reading == "whole" ? 1 : 0
                if reading != "no" && text.count < 7 { texts += "0123456789.-".map { text + String($0) } }
            }
        }
        #expect(wholes > 1000)
    }

    @Test(arguments: [
        (##"{"type":"integer","minimum":5,"maximum":4}"##, "minimum"),
        (##"{"type":"integer","minimum":0.1,"maximum":0.9}"##, "minimum"),
        (##"{"type":"number","exclusiveMinimum":1,"exclusiveMaximum":1}"##, "exclusiveMinimum"),
        (##"{"type":"integer","minimum":3,"maximum":4,"multipleOf":5}"##, "minimum"),
        (##"{"type":"number","multipleOf":0}"##, "multipleOf"),
        (##"{"type":"number","minimum":"1"}"##, "minimum"), (##"{"type":"number","minimum":1e60}"##, "minimum"),
        (##"{"type":"number","multipleOf":0.00000000000001}"##, "multipleOf"),
        (##"{"allOf":[{"type":"integer","minimum":5},{"maximum":4}]}"##, "minimum"),
    ])
    func boundsThatLeaveNothingAreRefusedByName(schema: String, keyword: String) throws {
        let error = try #require(throws: JSONSchemaError.self) { try Self.grammar(schema) }
        #expect(error.keyword == keyword, "\(error)")
    }

    @Test func decimalsCompareExactly() {
        let ascending = [
            "-1e3", "-999.5", "-1", "-0.1", "0", "1e-400", "0.1", "0.10000000000000000001", "1", "9007199254740993",
            "1e400",
        ]
        for (a, b) in zip(ascending, ascending.dropFirst()) { #expect(DecimalNumber(a)! < DecimalNumber(b)!) }
        #expect(
            DecimalNumber("1.50e1") == DecimalNumber("15") && DecimalNumber("-0") == .zero && DecimalNumber("x") == nil)
    }
}
