import JSON
import Testing

@testable import Sampling

struct RandomAnswerTests {
    /// An answer of random tokens, ends and closing brackets likelier the longer it gets; nil when there is no end.
    private static func answer(_ grammar: JSONGrammar, _ numbers: inout SeededNumbers) throws -> String? {
        let tokens = JSONConstraintTests.tokens
        var constraint = JSONConstraint(grammar, tokens: tokens), bytes: [UInt8] = []
        for step in 0..<4000 {
            let mask = constraint.mask(501)
            var allowed = mask.indices.filter { mask[$0] }
            #expect(!allowed.isEmpty, "nothing goes on behind \(String(decoding: bytes, as: UTF8.self))")
            guard !allowed.isEmpty else { return nil }
            if mask[500], numbers.next() % 4 == 0 || step > 100 { return String(decoding: bytes, as: UTF8.self) }
            let closing = allowed.filter { [0x22, 0x5D, 0x7D].contains($0) }
            if !closing.isEmpty, numbers.next() % 100 < step, numbers.next() % 4 > 0 { allowed = closing }
            let token = Int32(allowed[Int(numbers.next() % UInt64(allowed.count))])
            guard token != 500 else { continue }
            constraint.accept(token)
            bytes += tokens.storage[tokens.range(of: token)]
        }
        return nil
    }

    @Test(arguments: 0..<8)
    func everyAnswerSatisfiesTheKeywordsOfEveryDay(seed: UInt64) throws {
        var maker = EverydaySchemas(seed: seed + 1), numbers = SeededNumbers(seed + 100), answers = 0, refused = 0
        for _ in 0..<40 {
            let schema = maker.schema(), grammar: JSONGrammar
            do { grammar = try JSONGrammar(schema: schema) } catch {
                // Two of the patterns may be of one property and leave nothing, bounds as well.
                #expect(
                    error.description.contains("no ") || error.description.contains("nothing"),
                    "\(error) \(schema.text())")
                refused += 1
                continue
            }
            for _ in 0..<3 {
                guard let text = try Self.answer(grammar, &numbers) else {
                    Issue.record("an answer without end: \(schema.text())")
                    continue
                }
                let value = try JSONValue(parsing: text)
                let wrong = try fault(value, schema)
                #expect(wrong == nil, "\(text) for \(schema.text())")
                answers += 1
            }
        }
        #expect(answers > 60 && refused < 12)
    }

    /// What is remembered is what the automaton says, also where names and items must differ.
    @Test func whatIsRememberedIsRight() throws {
        var maker = EverydaySchemas(seed: 77), numbers = SeededNumbers(77), asked = 0
        let tokens = JSONConstraintTests.tokens
        while asked < 300 {
            guard let grammar = try? JSONGrammar(schema: maker.schema()) else { continue }
            var constraint = JSONConstraint(grammar, tokens: tokens), automaton = JSONAutomaton(grammar)
            for _ in 0..<30 {
                let expected = (0..<Int32(500)).map { id in
                    let range = tokens.range(of: id)
                    return !range.isEmpty && automaton.allows(tokens.storage[range])
                }
                #expect((0..<500).map { constraint.allows($0) } == expected)
                #expect(Array(constraint.mask(501)[..<500]) == expected)
                asked += 1
                let allowed = expected.indices.filter { expected[$0] }
                guard let token = allowed.randomElement(using: &numbers) else { break }
                constraint.accept(Int32(token))
                for i in tokens.range(of: Int32(token)) { automaton.take(tokens.storage[i]) }
            }
        }
    }

    @Test func theMemoryIsEmptiedWhenItIsFull() throws {
        let grammar = try JSONGrammar(schema: ["type": "string", "maxLength": 6000])
        var constraint = JSONConstraint(grammar, tokens: JSONConstraintTests.tokens)
        let early = {
            constraint.accept(0x22); return constraint
        }()
        for _ in 0..<6000 {
            #expect(constraint.allows(0x61))
            constraint.accept(0x61)
        }
        #expect(!constraint.allows(0x61) && constraint.allowed(atMost: 5) == [0x22])
        // A copy from before has the same memory, and still its own place.
        #expect(early.allows(0x61) && early.allows(0x22) && !early.allows(500))
        constraint.accept(0x22)
        #expect(constraint.isComplete && constraint.allows(500) && !constraint.allows(0x61))
    }
}
