import Coordinator
import Foundation
import Synchronization
import Tokenizer

/// Shows answers as they arrive, and their statistics.
struct AnswerView: Sendable {
    /// How thinking is shown.
    var thinking: ThinkingPrinter.Style

    /// Asks a question and shows the answer. Ctrl-C ends the answer but not the program; the statistics then say so.
    func ask(_ chat: Chat, _ text: String) async throws -> Chat.Statistics {
        let printer = Mutex(ThinkingPrinter(thinking))
        let reading = ProgressLine(label: "prefill")
        let task = Task {
            try await chat.ask(text) { dropped in
                print(
                    """
                    note: the \(dropped) oldest tokens of the conversation were left out to make room (--overflow \
                    shift)
                    """,
                    to: &standardError)
            } onPrompt: { done, total in
                if total > 512 { reading.update(done: done, total: total, unit: .tokens) }
            } onParts: { parts in
                emit(printer.withLock { $0.text(of: parts) })
            }
        }
        ExitHandlers.shared.onInterrupt {
            task.cancel()
            return true
        }
        defer {
            ExitHandlers.shared.onInterrupt(nil)
            reading.finish()
        }
        do {
            let statistics = try await task.value
            emit(printer.withLock { $0.end() } + "\n")
            return statistics
        } catch {
            emit("\n")  // starts the error message on a new line
            throw error
        }
    }

    /// Writes counts, times and speeds to standard error.
    func show(_ s: Chat.Statistics, load: Double?) {
        func line(_ name: String, _ value: String) -> String {
            name.padding(toLength: 10, withPad: " ", startingAt: 0) + value + "\n"
        }
        func speed(_ n: Int, _ seconds: Double) -> String {
            String(format: "%d tokens in %.2f s, %.1f tokens/s", n, seconds, seconds > 0 ? Double(n) / seconds : 0)
        }
        var text = "\n"
        if let load { text += line("load:", String(format: "%.2f s", load)) }
        let reused = s.reusedTokens > 0 ? " (\(s.reusedTokens) more were known)" : ""
        let drafts = s.draftTokens > 0 ? " (\(s.acceptedTokens) of \(s.draftTokens) draft tokens accepted)" : ""
        text += line("prompt:", speed(s.promptTokens - s.reusedTokens, s.promptSeconds) + reused)
        text += line("answer:", speed(s.answerTokens, s.answerSeconds) + drafts + Self.remark(s.ending))
        print(text, terminator: "", to: &standardError)
    }

    /// Writes to standard error how much was sent to workers; nothing if nothing was sent.
    func show(_ d: Cluster.Delivery) {
        guard d.workers > 0 else { return }
        let rate = d.seconds > 0 ? Double(d.bytesSent) / d.seconds / 1e6 : 0
        print(
            String(
                format: "weights:  sent %d bytes, of %d that were missing, to %d worker(s) in %.2f s, %.1f MB/s",
                d.bytesSent,
                d.bytesMissing, d.workers, d.seconds, rate), to: &standardError)
    }

    private static func remark(_ ending: Chat.Ending) -> String {
        switch ending {
        case .stop: ""
        case .limit: " (cut at --num-predict)"
        case .contextFull: " (cut: the context is full, see --num-ctx)"
        case .cancelled: " (stopped)"
        }
    }
}
