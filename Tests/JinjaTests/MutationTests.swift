import Foundation
import JSON
import Jinja
import Testing

/// Published templates and conversations with something spoilt: whatever comes of it is a text or an error.
///
/// `JINJA_MUTATIONS` sets how many are tried, of which those from `JINJA_FIRST_MUTATION` on; a failure is found again
/// by its number.
struct MutationTests {
    @Test func spoiltTemplatesEndInATextOrAnError() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["JINJA_MUTATIONS"].flatMap { Int($0) } ?? 2000
        let first = environment["JINJA_FIRST_MUTATION"].flatMap { Int($0) } ?? 0
        let sources = try Fixture.templateNames.map { try Fixture.source($0) }
        let conversations = try Fixture.conversations()
        let limits = Limits(source: 1 << 20, steps: 300_000, depth: 400, memory: 8 << 20, output: 1 << 20)
        var texts = 0, errors = 0
        for number in first..<first + count {
            if number % 10_000 == 0, count > 10_000 { print("mutation \(number): \(texts) texts, \(errors) errors") }
            var mutation = Mutation(number: number)
            let source = mutation.mutated(sources[number % sources.count], among: sources)
            var conversation = conversations.randomElement(using: &mutation.random)!
            conversation.messages = mutation.mutated(conversation.messages)
            conversation.tools = mutation.mutated(conversation.tools)
            do throws(TemplateError) {
                let rendered = try Template(source, limits: limits).render(conversation.variables, now: Fixture.now)
                #expect(rendered.runs.allSatisfy { !$0.text.isEmpty }, "mutation \(number)")
                texts += 1
            } catch {
                #expect(error.line > 0 && error.column > 0 && !error.message.isEmpty, "mutation \(number)")
                errors += 1
            }
        }
        #expect(texts > count / 20)
        #expect(errors > count / 20)
    }
}

private struct Mutation {
    var random: SeededGenerator

    init(number: Int) { random = SeededGenerator(seed: UInt64(number) &* 0x1234_5678_9ABC_DEF1) }

    private static let tokens = [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", "(", ")", "[", "]", "[::-1]", "[1:]", "|", ".", ",", ":", "~",
        "+", "-", "*", "/",
        "//", "%", "**", "==", "<", "'", "\"", "\\", "if", "else", "elif", "endif", "for", "in", "endfor", "set",
        "endset", "macro",
        "endmacro", "call", "endcall", "not", "and", "or", "is", "defined", "none", "true", "loop", "loop.index",
        "caller", "recursive",
        "namespace()", "range(9)", "|tojson", "|length", "|list", "|map('upper')", "|join", "|sort", "|indent", "|int",
        "|float", ".split('a')",
        ".items()", ".strip()", ".format(1)", ".replace('a','bb')", "9223372036854775807", "-9223372036854775808",
        "1e308", "1e999", "0", "''",
        "99999", "é", "🙂", "\n", "\r\n", "\u{0}", "\u{2028}", "messages", "message.content", "raise_exception('x')",
    ]

    mutating func mutated(_ source: String, among others: [String]) -> String {
        var scalars = Array(source.unicodeScalars)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !scalars.isEmpty else { break }
            let place = Int.random(in: 0..<scalars.count, using: &random)
            let length = min(Int.random(in: 1...12, using: &random), scalars.count - place)
            let token = Array(Self.tokens.randomElement(using: &random)!.unicodeScalars)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: scalars.removeSubrange(place..<place + length)
            case 1: scalars.insert(contentsOf: token, at: place)
            case 2: scalars.replaceSubrange(place..<place + length, with: token)
            case 3:
                scalars.insert(
                    contentsOf: scalars[place..<place + length], at: Int.random(in: 0...scalars.count, using: &random))
            case 4: scalars[place] = Unicode.Scalar(UInt8.random(in: 0..<128, using: &random))
            case 5:
                let other = Array(others.randomElement(using: &random)!.unicodeScalars)
                let start = Int.random(in: 0..<other.count, using: &random)
                scalars.insert(contentsOf: other[start..<min(start + 60, other.count)], at: place)
            default: scalars.removeSubrange(place...)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    mutating func mutated(_ value: JSONValue) -> JSONValue {
        if Int.random(in: 0..<25, using: &random) == 0 {
            let others: [JSONValue] = [
                .null, true, 0, -1, 1.5, .number("123456789012345678901234567890"), "", "\n x \n", "<think>a</think>b",
                [], [:], ["a": ["b": []]],
                .string(String(Self.tokens.randomElement(using: &random)!)), .number("1e400"),
            ]
            return others.randomElement(using: &random)!
        }
        switch value {
        case .array(let values):
            var result: [JSONValue] = []
            for value in values where Int.random(in: 0..<20, using: &random) > 0 { result.append(mutated(value)) }
            return .array(result)
        case .object(let members):
            var result: [JSONValue.Member] = []
            for member in members where Int.random(in: 0..<30, using: &random) > 0 {
                result.append(.init(member.name, mutated(member.value)))
            }
            return .object(result)
        default: return value
        }
    }
}
