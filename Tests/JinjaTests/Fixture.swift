import Foundation
import JSON
import Jinja
import Testing

/// What `Fixtures` holds: published chat templates, conversations, and what jinja2 makes of them.
enum Fixture {
    static let now = LocalTime(year: 2026, month: 7, day: 26, hour: 12)

    struct Conversation: Sendable {
        var name: String
        var messages: JSONValue, tools: JSONValue
        var others: [JSONValue.Member]

        /// What a template is given: the names of the special tokens are trusted, the conversation is not.
        var variables: [(name: String, value: Value)] {
            let flags = [JSONValue.Member("add_generation_prompt", true)] + others
            return [("messages", .data(messages)), ("tools", .data(tools))]
                + [("bos_token", .trusted("<BOS>")), ("eos_token", .trusted("<EOS>"))]
                + flags.map { ($0.name, .data($0.value)) }
        }
    }

    static func bytes(_ name: String) throws -> Data {
        let url = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return try Data(contentsOf: url.appendingPathComponent(name))
    }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// The names of the templates, without what follows the dot.
    static let templateNames: [String] = {
        guard let url = Bundle.module.url(forResource: "Fixtures/Templates", withExtension: nil),
            let names = try? FileManager.default.contentsOfDirectory(atPath: url.path)
        else { return [] }
        return names.filter { $0.hasSuffix(".jinja") }.map { String($0.dropLast(6)) }.sorted()
    }()

    static func source(_ name: String) throws -> String { try text("Templates/\(name).jinja") }

    static func conversations() throws -> [Conversation] {
        let rows = try #require(try JSONValue(parsing: bytes("Conversations.json")).array)
        return try rows.map { row in
            Conversation(
                name: try #require(row["case"]?.string), messages: try #require(row["messages"]),
                tools: try #require(row["tools"]), others: try #require(row["variables"]?.members))
        }
    }
}

/// A generator of the same numbers at each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
