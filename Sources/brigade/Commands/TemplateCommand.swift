import ArgumentParser
import Foundation
import JSON
import ModelStore
import Tokenizer

struct TemplateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Print the prompt that a chat template writes for a conversation, to the byte.",
        discussion: """
            Messages and tools are JSON lists as OpenAI's API has them; - is standard input. Nothing is added to what \
            the template writes. With --file, the special tokens of the model are written <BOS> and <EOS>.
              brigade template qwq --messages talk.json --tools tools.json --set enable_thinking=false
            """)

    @Argument(help: "A model's name, or a GGUF file.")
    var model: String?

    @Option(help: ArgumentHelp("A chat template in Jinja, instead of a model's.", valueName: "FILE"))
    var file: String?

    @Option(help: ArgumentHelp("A known template's name or a file, instead of the model's own.", valueName: "NAME"))
    var chatTemplate: String?

    @Option(help: ArgumentHelp("The conversation.", valueName: "FILE"))
    var messages: String

    @Option(help: ArgumentHelp("The tools that the model may call.", valueName: "FILE"))
    var tools: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Tell the template this; the value is JSON, or else text.", valueName: "NAME=VALUE"))
    var variables: [TemplateVariable] = []

    @Flag(name: .customLong("no-generation-prompt"), help: "Do not end with the beginning of the assistant's turn.")
    var hasNoGenerationPrompt = false

    @Option(
        help: ArgumentHelp("What the clock shows, as in 2026-07-26T12:00:00; without it, now.", valueName: "TIME"))
    var now: LocalTime?

    @Flag(help: "Print the ids of the prompt's tokens instead, in one line.")
    var tokens = false

    func validate() throws {
        guard (model == nil) != (file == nil) else {
            throw ValidationError("Name either a model or a template with --file.")
        }
        if file != nil, tokens { throw ValidationError("--tokens needs a model; a template has no vocabulary.") }
        if file != nil, chatTemplate != nil { throw ValidationError("--file and --chat-template exclude each other.") }
        if messages == "-", tools == "-" { throw ValidationError("Only one of --messages and --tools can be -.") }
    }

    func run() async throws {
        let turns = try list(messages, "--messages"), tools = try tools.map { try list($0, "--tools") }
        var template: ChatTemplate, tokenizer: Tokenizer?
        if let file {
            template = try ChatTemplate(
                ChatTemplate.text(ofFile: file), beginningOfSequence: "<BOS>", endOfSequence: "<EOS>")
        } else {
            let opened = try Model(named: model ?? "")
            let vocabulary = try opened.tokenizer()
            tokenizer = vocabulary
            template = try opened.chatTemplate(named: chatTemplate).with(vocabulary)
        }
        let prompt = try template.render(
            turns, tools: tools, variables: variables.map(\.member), addsGenerationPrompt: !hasNoGenerationPrompt,
            now: now ?? .now)
        if tokens, let tokenizer {
            emit(verbatim: tokenizer.encode(prompt).map(String.init).joined(separator: " ") + "\n", dimmed: false)
        } else {
            emit(verbatim: prompt.text, dimmed: false)
        }
    }

    private func list(_ path: String, _ option: String) throws -> [JSONValue] {
        let text = try readText(path)
        let value: JSONValue
        do { value = try JSONValue(parsing: text) } catch {
            throw ValidationError("\(option) \(path): \(error.description).")
        }
        guard let list = value.array else {
            throw ValidationError(
                "\(option) \(path) holds \(value.kind == "object" ? "an" : "a") \(value.kind), expected a list.")
        }
        return list
    }
}

/// A name and a value, as `--set` takes them.
struct TemplateVariable: ExpressibleByArgument {
    let member: JSONValue.Member

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        let text = String(argument[argument.index(after: equals)...])
        member = .init(String(argument[..<equals]), (try? JSONValue(parsing: text)) ?? .string(text))
    }
}

extension LocalTime: ExpressibleByArgument {
    /// A date, and a time of day behind `T` or a space.
    public init?(argument: String) {
        let parts = argument.split(whereSeparator: { $0 == "T" || $0 == " " })
        guard let date = parts.first?.split(separator: "-", omittingEmptySubsequences: false).map({ Int($0) }),
            date.count == 3, let year = date[0], let month = date[1], let day = date[2], parts.count <= 2,
            (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let time = parts.count == 2 ? parts[1].split(separator: ":").map { Int($0) } : [0, 0]
        guard (2...3).contains(time.count), !time.contains(nil) else { return nil }
        let numbers = time.compactMap { $0 } + [0]
        guard (0...23).contains(numbers[0]), (0...59).contains(numbers[1]), (0...60).contains(numbers[2]) else {
            return nil
        }
        self.init(year: year, month: month, day: day, hour: numbers[0], minute: numbers[1], second: numbers[2])
    }
}
