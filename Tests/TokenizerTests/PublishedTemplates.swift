import Foundation
import JSON
import Testing

@testable import Tokenizer

/// The published chat templates that the tests of the language use.
enum PublishedTemplates {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("JinjaTests/Fixtures/Templates")

    static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".jinja") }.map { String($0.dropLast(6)) }.sorted()

    static func source(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name + ".jinja"), encoding: .utf8)
    }

    static func template(_ name: String) throws -> ChatTemplate {
        try ChatTemplate(source(name), beginningOfSequence: "<BOS>", endOfSequence: "<EOS>")
    }

    /// The tool that the tests offer.
    static let tool: JSONValue = [
        "type": "function",
        "function": [
            "name": "add", "description": "Adds.",
            "parameters": ["type": "object", "properties": ["a": ["type": "integer"]], "required": ["a"]],
        ],
    ]
}

extension ChatTemplate {
    /// The prompt as text.
    func text(_ messages: [ChatMessage], tools: [JSONValue] = [], thinks: Bool? = nil) throws -> String {
        try prompt(ChatRequest(messages, tools: tools, thinks: thinks)).text
    }

    /// What is written without the beginning of an answer.
    func closed(_ messages: [ChatMessage]) throws -> String {
        try runs(ChatRequest(messages), addsGenerationPrompt: false).map(\.text).joined()
    }
}
