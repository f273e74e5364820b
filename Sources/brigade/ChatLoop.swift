import Control
import Coordinator
import Foundation
import ModelStore
import Scheduling

/// The chat in the terminal: reads lines, carries out commands, shows answers.
struct ChatLoop {
    let chat: Chat
    let view: AnswerView
    let model: Model
    let cluster: Cluster
    /// What the nodes are called.
    let names: NodeNames
    var verbose: Bool

    /// Runs until `/bye` or the end of the input.
    mutating func run() async throws {
        var editor = LineEditor(history: LineHistory(path: LineHistory.standardPath)), input = ChatInput()
        if editor.isInteractive {
            emit("\(oneLine(model.name)), \(counted(cluster.nodes.count, "worker")). Type /? for help.\n")
        }
        while true {
            // On a thread of its own, since it waits for the user, and with one core all tasks share one thread.
            let prompt = input.isContinuing ? "... " : ">>> ", before = editor
            let (line, after) = await onOwnThread {
                var editor = before
                return (editor.readLine(prompt: prompt), editor)
            }
            editor = after
            switch line {
            case .end: return
            case .interrupted:
                if input.isContinuing { input.reset() } else { emit(LineEditor.exitHint + "\n") }
            case .text(let line):
                let command: ChatCommand?
                do throws(ChatCommandError) { command = try input.take(line) } catch {
                    emit("\(error)\n")
                    continue
                }
                switch command {
                case nil: continue
                case .bye: return
                case .setHistory(let keeps):
                    editor.history.isEnabled = keeps
                    emit(keeps ? "Set 'history' mode.\n" : "Set 'nohistory' mode.\n")
                case .some(let command):
                    do { try await carryOut(command) } catch let error as ChatCommandError {
                        emit("\(error)\n")
                    } catch let error as SchedulingError where error.code == .contextExceeded {
                        say("error: \(error)")
                    }
                }
            }
        }
    }

    private mutating func carryOut(_ command: ChatCommand) async throws {
        switch command {
        case .message(let text):
            let statistics = try await view.ask(chat, text)
            emit("\n")
            if verbose { view.show(statistics, load: nil) }
        case .setParameter(let name, let values): try await set(name, values)
        case .setSystem(let text):
            await chat.configure { $0.system = text }
            emit("Set system message.\n")
        case .setVerbose(let on):
            verbose = on
            emit(on ? "Set 'verbose' mode.\n" : "Set 'quiet' mode.\n")
        case .show(let topic): emit(await text(of: topic) + "\n")
        case .clear:
            await chat.clear()
            emit("Cleared the conversation.\n")
        case .help(let help): emit(help.text() + "\n")
        case .bye, .setHistory: break
        }
    }

    private func set(_ name: String, _ values: [String]) async throws {
        do {
            switch name {
            case "stop": await chat.configure { $0.stops = values }
            case "num_predict":
                guard let n = Int(values[0]), n == -1 || n > 0 else {
                    throw ChatCommandError("num_predict is '\(values[0])', expected -1 or 1 and more.")
                }
                await chat.configure { $0.limit = n < 0 ? nil : n }
            case "num_ctx":
                throw ChatCommandError(
                    """
                    The context is fixed when the workers load the model (\(cluster.plan.contextLength) tokens now). \
                    Start again with --num-ctx \(values[0]).
                    """
                )
            default: try await chat.configure { try $0.sampling.set(name, to: values[0]) }
            }
            emit("Set parameter '\(name)' to '\(values.joined(separator: " "))'\n")
        } catch let error as ChatCommandError {
            throw error
        } catch { throw ChatCommandError("\(error)") }
    }

    private func text(of topic: ChatCommand.Topic) async -> String {
        switch topic {
        case .info:
            let c = cluster.configuration
            let facts = [
                ("model", c.name),
                ("layers", "\(c.layers), width \(c.width), \(c.heads) heads, \(c.kvHeads) for keys and values"),
                ("context", "\(cluster.plan.contextLength) of \(c.longestContext) tokens"),
            ]
            let rows = zip(cluster.plan.stages, cluster.nodes).map { stage, node in
                let last = stage.firstLayer + stage.layerCount - 1
                let layers =
                    stage.layerCount == 0 ? "head" : "\(stage.firstLayer)-\(last)\(stage.hasHead ? "+head" : "")"
                return [names[node.url.description], layers, readable(stage.weightBytes)]
            }
            let workers = Table(
                [.text("worker", least: 8), .number("layers"), .number("weights")], rows, indent: 2)
            return Table(facts, indent: 2).text() + "\n" + workers.text().trimmingCharacters(in: .newlines)
        case .parameters:
            let p = await chat.sampling, stops = await chat.stops, limit = await chat.limit
            var lines = [
                "temperature \(p.temperature)", "top_k \(p.topK)", "top_p \(p.topP)", "min_p \(p.minP)",
                "repeat_penalty \(p.repeatPenalty)", "repeat_last_n \(p.repeatLastN)",
                "presence_penalty \(p.presencePenalty)", "frequency_penalty \(p.frequencyPenalty)",
                "seed \(p.seed.map(String.init) ?? "-1")", "num_predict \(limit ?? -1)",
                "num_ctx \(cluster.plan.contextLength)",
            ]
            lines += stops.map { "stop \"\($0)\"" }
            return lines.map { "  " + $0 }.joined(separator: "\n")
        case .system: return await chat.system ?? chat.template.defaultSystem ?? "No system message was set."
        case .template: return chat.template.sources.map(\.text).joined(separator: "\n\n")
        }
    }
}
