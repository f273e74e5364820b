import ArgumentParser
import Foundation
import ModelStore
import Tokenizer

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a model is and what is packed with it.")

    @Argument(help: "A model's name, or a GGUF file.")
    var model: String

    @Flag(help: "Print JSON, with all texts in full.")
    var json = false

    func run() async throws {
        let card = try ModelLibrary.standard().show(model)
        if json { try emit(json: Report(card)) } else { emit(text(of: card)) }
    }

    private struct Report: Encodable {
        struct Details: Encodable {
            var format = "gguf", family: String, parameter_size: String, quantization_level: String
            var parameter_count: Int, context_length: Int?, embedding_length: Int?
        }
        var name: String?, path: String, size: Int, details: Details
        /// `template` is the file's own, in Jinja; `packed_template` the store's, in Go's language.
        var template: String?, packed_template: String?, system: String?, parameters: [String: [String]],
            license: [String]

        init(_ card: ModelCard) {
            let d = card.details, settings = card.located.settings
            name = card.located.name?.description
            path = card.located.path
            size = card.size
            details = Details(
                family: d.architecture, parameter_size: d.parameterSize, quantization_level: d.quantization,
                parameter_count: d.parameterCount, context_length: d.contextLength, embedding_length: d.embeddingLength)
            template = d.chatTemplate
            packed_template = settings.template
            system = settings.system
            parameters = Dictionary(uniqueKeysWithValues: settings.parameters.map { ($0.name, $0.values) })
            license = settings.licenses
        }
    }
}

/// What a person wants to see of a model; long texts are cut.
func text(of card: ModelCard) -> String {
    let d = card.details, settings = card.located.settings
    let width = Table.outputWidth
    func section(_ title: String, _ rows: [(String, String)]) -> String {
        rows.isEmpty
            ? "" : "  \(title)\n" + Table(rows.map { ($0.0 + "  ", $0.1) }, indent: 4).text(width: width) + "\n"
    }
    func section(_ title: String, _ text: String, lines: Int) -> String {
        let all = harmless(text).split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.map { "    " + $0 }
        let rows = filled(all.joined(separator: "\n"), columns: width ?? .max).split(separator: "\n").map(String.init)
        let more = rows.count > lines ? ["    …"] : []
        return rows.isEmpty ? "" : "  \(title)\n" + (rows.prefix(lines) + more).map { $0 + "\n" }.joined() + "\n"
    }
    var model = [("architecture", d.architecture), ("parameters", d.parameterSize)]
    if let length = d.contextLength { model.append(("context length", "\(length)")) }
    if let length = d.embeddingLength { model.append(("embedding length", "\(length)")) }
    model += [
        ("quantization", d.quantization), ("template", templateName(card)),
        ("size", ProgressState.bytes(Double(card.size))),
    ]
    let parameters = settings.parameters.flatMap { parameter in
        parameter.values.map {
            (parameter.name, parameter.name == "stop" ? harmless($0).debugDescription : $0)
        }
    }
    return section("Model", model) + section("Parameters", parameters)
        + section("System", settings.system ?? "", lines: 10)
        + settings.licenses.map { section("License", $0, lines: 2) }.joined()
}

/// What chat template the model has, and what is wrong with it.
private func templateName(_ card: ModelCard) -> String {
    let sources = card.details.chatTemplates
    if !sources.isEmpty {
        do {
            let template = try ChatTemplate(sources)
            let abilities = [template.format.thinks ? "thinking" : nil, template.offersTools ? "tools" : nil]
            let names = sources.count > 1 ? [sources.map(\.name).joined(separator: ", ")] : []
            return (["its own"] + names + abilities.compactMap { $0 }).map(harmless).joined(separator: ", ")
        } catch { return harmless("\(error)") }
    }
    guard let packed = card.located.settings.template else { return "none" }
    return (try? GoTemplate.style(of: packed))?.rawValue ?? "not one that is known"
}
