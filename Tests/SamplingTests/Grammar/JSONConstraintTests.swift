import Candidates
import Foundation
import JSON
import Testing

@testable import Sampling

struct JSONConstraintTests {
    /// Bytes, and some tokens of several bytes that begin, end and cross what JSON distinguishes; 500 ends.
    static let tokens = TokenBytes(count: 501, ends: [500]) { id in
        let longer = [
            "{\"", "\":", "\", \"", "null", "true", "12", "\"}", "}}", "],[", " \n", "\n  ", "ab", "ä", "[[", "\\u00",
            ": {", "</th", "ink>\n\n",
        ]
        if id < 256 { return [UInt8(id)] }
        return Int(id) - 256 < longer.count ? Array(longer[Int(id) - 256].utf8) : []
    }

    /// An answer drawn from random logits: ends and closing brackets are likelier the longer it gets, so that it ends.
    static func answer(_ grammar: JSONGrammar, seed: UInt64, limit: Int = 3000) throws -> String? {
        var constraint = JSONConstraint(grammar, tokens: tokens), numbers = SeededNumbers(seed)
        let sampler = try Sampler(SamplingParameters(temperature: 1, topK: 20, topP: 1), seed: seed)
        var history: [Int32] = [], bytes: [UInt8] = []
        for _ in 0..<limit {
            var logits = (0..<501).map { _ in Float(numbers.next() % 1000) / 200 }
            let push = Float(history.count) / 20
            for closing in ["}", "]", "\"", "n", "u", "l"] { logits[Int(closing.utf8.first!)] += push }
            logits[500] += 2 * push
            let token = try sampler.sample(
                Candidates(full: logits), history: history[...], position: history.count, constraint: constraint)
            #expect(constraint.allows(token))
            if token == 500 { return String(decoding: bytes, as: UTF8.self) }
            constraint.accept(token)
            history.append(token)
            bytes += tokens.storage[tokens.range(of: token)]
        }
        return nil
    }

    @Test func theListOfAllowedTokensIsTheirs() throws {
        var maker = SchemaMaker(seed: 9), numbers = SeededNumbers(9), states = 0, longest = 0
        while states < 2000 {
            guard let grammar = try? JSONGrammar(schema: maker.document()) else { continue }
            var constraint = JSONConstraint(grammar, tokens: Self.tokens)
            for _ in 0..<40 {
                let allowed = (0..<501).filter { constraint.allows($0) }
                #expect(
                    constraint.allowed(atMost: 501) == allowed && constraint.allowed(atMost: allowed.count) == allowed)
                if !allowed.isEmpty { #expect(constraint.allowed(atMost: allowed.count - 1) == nil) }
                states += 1
                longest = max(longest, allowed.count)
                guard let token = allowed.randomElement(using: &numbers), token != 500 else { break }
                constraint.accept(token)
            }
        }
        #expect(longest > 100)
    }

    @Test func longListsAreNotMade() throws {
        let tokens = TokenBytes(count: 3000, ends: [2999]) { id in id < 256 ? [UInt8(id)] : Array("word\(id)".utf8) }
        var constraint = JSONConstraint(
            try JSONGrammar(schema: JSONValue(parsing: #"{"type":"string"}"#)), tokens: tokens)
        #expect(constraint.allowed(atMost: 3000)?.contains(34) == true)
        constraint.accept(34)
        #expect(constraint.allows(1000) && constraint.allowed(atMost: 3000) == nil)
        constraint.accept(34)
        #expect(constraint.allowed(atMost: 3000)?.contains(2999) == true)
    }

    @Test func everyAnswerSatisfiesItsSchema() throws {
        var maker = SchemaMaker(seed: 7), tried = 0, lengths = 0
        while tried < 80 {
            let schema = maker.document()
            let grammar: JSONGrammar
            do { grammar = try JSONGrammar(schema: schema) } catch {
                Issue.record("\(error) \(schema.text())")
                return
            }
            tried += 1
            for seed in UInt64(0)..<3 {
                let text = try #require(try Self.answer(grammar, seed: seed), "an answer without end: \(schema.text())")
                lengths += text.utf8.count
                _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
                let value = try JSONValue(parsing: text)
                #expect(satisfies(value, schema, root: schema), "\(text) for \(schema.text())")
            }
        }
        #expect(lengths > 80 * 3 * 5)
    }

    @Test func jsonModeGivesAnObject() throws {
        for seed in UInt64(0)..<30 {
            let text = try #require(try Self.answer(.anyObject, seed: seed))
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            #expect(object is [String: Any])
        }
    }

    /// Whether a text, byte by byte, is a whole answer, the beginning of one, or neither.
    static func reading(_ text: String, _ grammar: JSONGrammar) -> String {
        var automaton = JSONAutomaton(grammar)
        for byte in text.utf8 { automaton.take(byte) }
        return automaton.isDead ? "no" : automaton.isComplete ? "whole" : "part"
    }

    @Test(arguments: [
        (#"{"a":1}"#, "whole"), (#"{"a": 1, "b": "x"}"#, "whole"), ("{\n  \"a\": 1\n}", "whole"), (#"{"b":"x"}"#, "no"),
        (#"{"a":1,}"#, "no"),
        (#"{"a":1,"b":"x","c":0}"#, "no"), (#"{"a":1.5"#, "no"), (#"{"a":01"#, "no"), (#"{"a":-"#, "part"),
        (#"{"a":1,"b":""}"#, "no"),
        (#"{"a":1,"b":"xyz"#, "no"), (#"{"a":1,"b":"\u00e4"}"#, "whole"), (#"{"a":1,"b":"\ud8"#, "no"), ("{   ", "no"),
        ("{\n\n", "no"), ("", "part"),
        (#"{"b":"x","a":1}"#, "no"),
    ])
    func propertiesComeInOrderAndWithinTheirLimits(text: String, expected: String) throws {
        let schema: JSONValue = [
            "type": "object",
            "properties": ["a": ["type": "integer"], "b": ["type": "string", "minLength": 1, "maxLength": 2]],
            "required": ["a"], "additionalProperties": false,
        ]
        #expect(Self.reading(text, try JSONGrammar(schema: schema)) == expected)
    }

    @Test func anotherPropertyHasAnotherName() throws {
        let schema: JSONValue = ["properties": ["ab": ["type": "integer"]], "additionalProperties": true]
        let grammar = try JSONGrammar(schema: schema)
        #expect(Self.reading(#"{"ab":1,"abc":[{}]}"#, grammar) == "whole")
        #expect(Self.reading(#"{"abc":"x","ab":"#, grammar) == "no")
        #expect(Self.reading(#"{"\u0061b":"#, grammar) == "no")
    }

    @Test func aNumberMayEndOrGoOn() throws {
        let grammar = try JSONGrammar(schema: ["enum": [1, 12, 123]])
        #expect(["1", "12", "123"].allSatisfy { Self.reading($0, grammar) == "whole" })
        #expect(Self.reading("1234", grammar) == "no" && Self.reading("2", grammar) == "no")
    }

    @Test func theAnswerComesBehindTheThinking() throws {
        let grammar = JSONGrammar.anyObject.afterThinking
        #expect(Self.reading("so {\" </thin </think>\n\n{}", grammar) == "whole")
        #expect(Self.reading("so</think>{", grammar) == "part")
        #expect(Self.reading("so</think>x", grammar) == "no")
        #expect(Self.reading("{}", grammar) == "part")
    }

    private static func calls(_ tools: [(name: String, arguments: JSONGrammar?)]) -> JSONGrammar {
        .calls(
            tools.map {
                .init(
                    opening: "<tool_call>\n{\"name\": \"\($0.name)\", \"arguments\": ", arguments: $0.arguments,
                    closing: "}\n</tool_call>")
            })
    }

    @Test func aCallNamesAToolAndItsArguments() throws {
        let arguments = try JSONGrammar(schema: ["properties": ["x": ["type": "integer"]], "required": ["x"]])
        let grammar = Self.calls([("f", arguments), ("g", nil)])
        #expect(
            Self.reading("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call>", grammar) == "whole")
        #expect(
            Self.reading("<tool_call>\n{\"name\": \"g\", \"arguments\": {\"y\": []}}\n</tool_call>", grammar) == "whole"
        )
        #expect(Self.reading("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"y\"", grammar) == "no")
        #expect(Self.reading("<tool_call>\n{\"name\": \"h\"", grammar) == "no")
    }

    /// Names that begin alike, some of them the beginnings of others.
    static let manyNames = (0..<200).map { "zone/\($0 % 3)/\($0)" }

    @Test(arguments: [false, true])
    func everyStringOfALongListMayCome(asConsts: Bool) throws {
        let list = JSONValue.array(Self.manyNames.map { .string($0) } + [12, 123])
        let schema: JSONValue = asConsts ? ["anyOf": .array(list.array!.map { ["const": $0] })] : ["enum": list]
        let grammar = try JSONGrammar(schema: ["properties": ["zone": schema], "required": ["zone"]])
        for name in Self.manyNames {
            #expect(Self.reading("{\"zone\":\"\(name)\"}", grammar) == "whole", "\(name)")
            #expect(Self.reading("{\"zone\":\"\(name)x", grammar) == "no")
        }
        for none in ["\"zone/0\"", "\"zone/3", "\"zone/1/3\"", "\"\"", "1}", "124"] {
            #expect(Self.reading("{\"zone\":" + none, grammar) == "no", "\(none)")
        }
        #expect(Self.reading("{\"zone\":12}", grammar) == "whole" && Self.reading("{\"zone\":123}", grammar) == "whole")
    }

    @Test func everyOneOfManyToolsMayBeCalled() throws {
        let arguments = try JSONGrammar(schema: ["properties": ["x": ["type": "integer"]], "required": ["x"]])
        let grammar = Self.calls(Self.manyNames.map { ($0, $0.hasSuffix("7") ? nil : arguments) })
        for name in Self.manyNames {
            let opening = "<tool_call>\n{\"name\": \"\(name)\", \"arguments\": "
            #expect(Self.reading(opening + "{\"x\": 1}}\n</tool_call>", grammar) == "whole", "\(name)")
            #expect(Self.reading(opening + "{\"y\"", grammar) == (name.hasSuffix("7") ? "part" : "no"))
        }
        #expect(Self.reading("<tool_call>\n{\"name\": \"zone/1/3\"", grammar) == "no")
    }

    @Test(arguments: [false, true])
    func everyOneOfManyOptionalPropertiesMayCome(others: Bool) throws {
        let schema: JSONValue = [
            "properties": .object(Self.manyNames.map { .init($0, ["type": "integer"]) }),
            "required": .array([.string(Self.manyNames[150])]),
            "additionalProperties": .bool(others),
        ]
        let grammar = try JSONGrammar(schema: schema)
        for i in 0..<150 {
            #expect(
                Self.reading("{\"\(Self.manyNames[i])\":1,\"\(Self.manyNames[150])\":1}", grammar) == "whole", "\(i)")
        }
        for i in 151..<200 {
            #expect(Self.reading("{\"\(Self.manyNames[i])\"", grammar) == "no", "\(i)")
            #expect(
                Self.reading("{\"\(Self.manyNames[150])\":1,\"\(Self.manyNames[i])\":1}", grammar) == "whole", "\(i)")
        }
        #expect(Self.reading("{\"\(Self.manyNames[150])\":1,\"zone/x\":1}", grammar) == (others ? "whole" : "no"))
    }

    @Test func ambiguityDoesNotGrow() throws {
        let schema: JSONValue = [
            "type": "array", "items": ["anyOf": [["type": "number"], ["type": "integer"], ["type": "number"]]],
        ]
        var automaton = JSONAutomaton(try JSONGrammar(schema: schema))
        for byte in ("[" + Array(repeating: "1", count: 200).joined(separator: ",")).utf8 { automaton.take(byte) }
        #expect(!automaton.isDead && automaton.ways.count <= 4)
    }

    @Test func nestingHasALimitThatLeavesAWayOut() throws {
        var automaton = JSONAutomaton(.anyObject)
        for byte in "{\"a\":".utf8 { automaton.take(byte) }
        var depth = 0
        while depth < 1000 {
            var deeper = automaton
            deeper.take(UInt8(ascii: "["))
            if deeper.isDead { break }
            automaton = deeper
            depth += 1
        }
        #expect(depth > 20 && depth < 100)
        for byte in ("1" + String(repeating: "]", count: depth) + "}").utf8 { automaton.take(byte) }
        #expect(automaton.isComplete)
    }
}
