import Foundation
import GGUF
import ModelStore
import Testing
import Tokenizer

/// Where a file keeps its chat templates.
struct ChatTemplateSourceTests {
    typealias Source = ChatTemplate.Source

    /// A file with these keys, and no more than a file must have.
    private func model(_ keys: [(String, GGUFValue)]) throws -> Model {
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string("qwen2"))
        for (key, value) in keys { try writer.set(key, value) }
        try writer.add("t", .f32, shape: [1], bytes: [0, 0, 0, 0])
        let path = NSTemporaryDirectory() + "brigade-template-\(UUID().uuidString).gguf"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try writer.write(to: path)
        return try Model(path: path)
    }

    private func sources(_ keys: [(String, GGUFValue)]) throws -> [Source] { Source.all(in: try model(keys).file) }

    @Test func oneTextIsTheDefault() throws {
        #expect(try sources([("tokenizer.chat_template", .string("a"))]) == [Source(text: "a")])
        #expect(try sources([]).isEmpty)
    }

    @Test func othersHaveKeysOfTheirOwn() throws {
        let found = try sources([
            ("tokenizer.chat_template", .string("a")), ("tokenizer.chat_template.tool_use", .string("b")),
            ("tokenizer.chat_templates", .array(.string(["tool_use"]))),
        ])
        #expect(found == [Source(text: "a"), Source(name: "tool_use", text: "b")])
    }

    @Test func aListOfTextsIsRead() throws {
        let texts = GGUFValue.array(.string(["a", "b"]))
        #expect(
            try sources([("tokenizer.chat_template", texts)]) == [Source(text: "a"), Source(name: "1", text: "b")])
        let names = GGUFValue.array(.string(["default", "tool_use"]))
        #expect(
            try sources([("tokenizer.chat_template", texts), ("tokenizer.chat_templates", names)])
                == [Source(text: "a"), Source(name: "tool_use", text: "b")])
        #expect(
            try sources([("tokenizer.chat_templates", .array(.string(["{{ a }}"])))]) == [Source(text: "{{ a }}")])
    }

    @Test func aListInJSONIsRead() throws {
        let text = #"[{"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}]"#
        #expect(
            try sources([("tokenizer.chat_template", .string(text))])
                == [Source(text: "a"), Source(name: "tool_use", text: "b")])
        #expect(try sources([("tokenizer.chat_template", .string("[INST]"))]) == [Source(text: "[INST]")])
    }

    @Test func aNameIsAStyleOrAFileOrOneOfTheModels() throws {
        let model = try model([
            ("tokenizer.chat_template", .string("a")), ("tokenizer.chat_template.rag", .string("b")),
        ])
        let path = NSTemporaryDirectory() + "brigade-template-\(UUID().uuidString).jinja"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("c".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try model.chatTemplate(named: nil).sources.first?.text == "a")
        #expect(try model.chatTemplate(named: "rag").sources.map(\.text) == ["b"])
        #expect(try model.chatTemplate(named: path).sources.map(\.text) == ["c"])
        #expect(try model.chatTemplate(named: "qwq").sources == ChatTemplate(.qwq).sources)
        #expect(throws: TokenizerError.unknownChatTemplateName("alpaca")) {
            try model.chatTemplate(named: "alpaca")
        }
        try Data([0xFF]).write(to: URL(fileURLWithPath: path))
        #expect(throws: ModelStoreError.self) { try model.chatTemplate(named: path) }
    }
}
