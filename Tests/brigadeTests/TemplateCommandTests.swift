import ArgumentParser
import ChildProcess
import Foundation
import JSON
import TinyModel
import Testing
import Tokenizer

@testable import brigade

private let executable = ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"].flatMap { $0.isEmpty ? nil : $0 }

/// `brigade template` prints what jinja2 writes.
struct TemplateCommandTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("JinjaTests/Fixtures")

    private static let templates: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: fixtures.path + "/Templates")) ?? []).sorted()

    @Test(arguments: [
        ("a=1", JSONValue.Member("a", 1)), ("a=", .init("a", "")), ("a=b=c", .init("a", "b=c")),
        ("a=false", .init("a", false)), ("a=\"1\"", .init("a", "1")), ("a=[1]", .init("a", [1])),
    ])
    func aValueIsJSONOrText(argument: String, member: JSONValue.Member) {
        #expect(TemplateVariable(argument: argument)?.member == member)
    }

    @Test func whatIsNoNameAndValueIsRefused() {
        #expect(TemplateVariable(argument: "a") == nil && TemplateVariable(argument: "=1") == nil)
    }

    @Test func aTimeIsRead() {
        let noon = LocalTime(year: 2026, month: 7, day: 26, hour: 12)
        #expect(LocalTime(argument: "2026-07-26T12:00:00") == noon && LocalTime(argument: "2026-07-26 12:00") == noon)
        #expect(LocalTime(argument: "2026-07-26") == LocalTime(year: 2026, month: 7, day: 26))
        for wrong in ["", "2026", "2026-13-01", "2026-07-26T25:00", "x-y-z"] {
            #expect(LocalTime(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func eitherAModelOrAFileIsNamed() {
        for arguments in [["--messages", "-"], ["m", "--file", "f", "--messages", "-"]] {
            #expect(throws: (any Error).self) { try TemplateCommand.parse(arguments) }
        }
    }

    /// Each template with one of the conversations.
    @Test(.enabled(if: executable != nil))
    func printsToTheByteWhatTheTemplateWrites() throws {
        let conversations = try JSONValue(
            parsing: Data(contentsOf: Self.fixtures.appendingPathComponent("Conversations.json")))
        let list = try #require(conversations.array)
        for (index, name) in Self.templates.enumerated() {
            let conversation = list[index % list.count]
            let expected = try JSONValue(
                parsing: Data(contentsOf: Self.fixtures.appendingPathComponent("Expected/\(name.dropLast(6)).json")))
            let folder = NSTemporaryDirectory() + "brigade-template-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            func write(_ name: String) throws -> String {
                try Data((conversation[name] ?? .null).text().utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                return "\(folder)/\(name)"
            }
            var arguments = [
                "template", "--file", Self.fixtures.path + "/Templates/" + name, "--messages", try write("messages"),
                "--now", "2026-07-26T12:00:00",
            ]
            if conversation["tools"]?.array != nil { arguments += ["--tools", try write("tools")] }
            for member in conversation["variables"]?.members ?? [] {
                if member.name == "add_generation_prompt", member.value == false {
                    arguments.append("--no-generation-prompt")
                } else {
                    arguments += ["--set", "\(member.name)=\(member.value.text())"]
                }
            }
            let program = try ChildProcess(try #require(executable), arguments)
            #expect(program.wait() == nil)
            let wanted = try #require(conversation["case"]?.string.flatMap { expected[$0] })
            if let text = wanted.string {
                #expect(program.process.terminationStatus == 0 && program.output == text, "\(name): \(program.errors)")
            } else {
                #expect(program.process.terminationStatus == 1 && program.errors.contains("line"), "\(name)")
            }
        }
    }

    @Test(.enabled(if: executable != nil))
    func aModelsTokensAreItsIds() throws {
        let path = NSTemporaryDirectory() + "brigade-messages-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(#"[{"role": "user", "content": "hello <|im_end|>"}]"#.utf8).write(to: URL(fileURLWithPath: path))
        let program = try ChildProcess(
            try #require(executable), ["template", TinyModel.path(), "--messages", path, "--tokens"])
        #expect(program.wait() == nil)
        let ids = program.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        let text = try ChildProcess(try #require(executable), ["template", TinyModel.path(), "--messages", path])
        #expect(text.wait() == nil)
        #expect(text.output == "<|im_start|>user\nhello <|im_end|><|im_end|>\n<|im_start|>assistant\n")
        #expect(ids.filter { $0 == ids.first }.count == 2, "the turn's own openings and no more")
    }
}
