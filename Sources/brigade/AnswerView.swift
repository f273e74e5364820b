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
        @Sendable func show(_ pieces: [ThinkingPrinter.Piece]) {
            for piece in pieces where !piece.text.isEmpty { emit(verbatim: piece.text, dimmed: piece.isDimmed) }
        }
        let quiet = TerminalSettings.Use(.quiet)  // what is typed meanwhile is for the next prompt
        defer { _ = quiet }
        let task = Task {
            try await chat.ask(text) { dropped in
                say(
                    """
                    note: the \(dropped) oldest tokens of the conversation were left out to make room (--overflow \
                    shift)
                    """)
            } onPrompt: { done, total in
                if total > 512 { reading.update(done: done, total: total, unit: .tokens) }
            } onParts: { parts in
                show(printer.withLock { $0.pieces(of: parts) })
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
            show(printer.withLock { $0.end() })
            emit("\n")
            return statistics
        } catch {
            Screen.shared.endUnfinishedLine()  // the message begins on a line of its own
            throw error
        }
    }

    /// Writes counts, times and speeds to standard error.
    func show(_ s: Chat.Statistics, load: Double?) {
        func line(_ name: String, _ value: String) {
            say(name.padding(toLength: 10, withPad: " ", startingAt: 0) + value, hanging: 10)
        }
        func speed(_ n: Int, _ seconds: Double) -> String {
            String(format: "%d tokens in %.2f s, %.1f tokens/s", n, seconds, seconds > 0 ? Double(n) / seconds : 0)
        }
        say("")
        if let load { line("load:", String(format: "%.2f s", load)) }
        let reused = s.reusedTokens > 0 ? " (\(s.reusedTokens) more from the prefix cache)" : ""
        let drafts = s.draftTokens > 0 ? " (\(s.acceptedTokens) of \(s.draftTokens) draft tokens accepted)" : ""
        line("prompt:", speed(s.promptTokens - s.reusedTokens, s.promptSeconds) + reused)
        line("answer:", speed(s.answerTokens, s.answerSeconds) + drafts + Self.remark(s.ending))
    }

    /// Writes to standard error how much was sent to workers; nothing if nothing was sent.
    func show(_ d: Cluster.Delivery) {
        guard d.workers > 0 else { return }
        let rate = d.seconds > 0 ? Double(d.bytesSent) / d.seconds / 1e6 : 0
        say(
            String(
                format: "weights:  sent %d bytes, of %d that were missing, to %d worker(s) in %.2f s, %.1f MB/s",
                d.bytesSent, d.bytesMissing, d.workers, d.seconds, rate), hanging: 10)
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
