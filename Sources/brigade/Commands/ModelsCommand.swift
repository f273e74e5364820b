import ArgumentParser
import Foundation
import ModelStore

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the models that are here by name, Brigade's and Ollama's.",
        aliases: ["list", "ls"])

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let models = ModelLibrary.standard().list()
        if json {
            try emit(json: Report(models: models.map(Report.Entry.init)))
        } else {
            emit(table(of: models, now: Date()).text())
        }
        for model in models {
            if let problem = model.problem { say("warning: \(problem)") }
        }
    }

    /// As Ollama's `/api/tags` answers, and who keeps the model.
    private struct Report: Encodable {
        struct Entry: Encodable {
            struct Details: Encodable {
                var format = "gguf", family: String, parameter_size: String, quantization_level: String
            }
            var name: String, model: String, modified_at: String, size: Int, digest: String, store: String
            var details: Details?, problem: String?

            init(_ summary: ModelSummary) {
                name = summary.name.description
                model = name
                modified_at = summary.modified.formatted(.iso8601)
                size = summary.size
                digest = summary.digest
                store = summary.owner.rawValue
                details = summary.details.map {
                    Details(
                        family: $0.architecture, parameter_size: $0.parameterSize, quantization_level: $0.quantization)
                }
                problem = summary.problem
            }
        }
        var models: [Entry]
    }
}

/// A list of models with a heading, as `ollama list` shows it.
func table(of models: [ModelSummary], now: Date) -> Table {
    Table(
        [
            .text("NAME", least: 12), .text("ID", rank: 2), .number("SIZE"), .text("MODIFIED", rank: 1),
            .text("STORE", rank: 3),
        ],
        models.map { model in
            [
                model.name.description, String(model.digest.prefix(12)), ProgressState.bytes(Double(model.size)),
                age(now.timeIntervalSince(model.modified)), model.owner.rawValue,
            ]
        })
}

/// Seconds as people say them: "3 weeks ago".
func age(_ seconds: Double) -> String {
    for (unit, name) in [
        (31_557_600.0, "year"), (2_629_800, "month"), (604_800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"),
    ]
    where seconds >= unit {
        let count = Int(min(seconds / unit, 1e6))
        return "\(count) \(name)\(count == 1 ? "" : "s") ago"
    }
    return "just now"
}
