import Coordinator
import Foundation
import Synchronization

/// Shows answers as they come, and what they took.
struct AnswerView: Sendable {
    /// Whether thinking is left out.
    var hidesThinking: Bool

    /// Has a question answered. Ctrl-C ends the answer; the statistics then say so.
    func ask(_ chat: Chat, _ text: String) async throws -> Session.Statistics {
        let task = Task { try await chat.ask(text) { emit($0) } }
        ExitHandlers.shared.onInterrupt {
            task.cancel()
            return true
        }
        defer { ExitHandlers.shared.onInterrupt(nil) }
        let statistics = try await task.value
        emit("\n")
        return statistics
    }

    /// Counts, seconds and speeds, on standard error.
    func show(_ s: Session.Statistics, load: Double?) {
        func line(_ name: String, _ value: String) -> String { name.padding(toLength: 16, withPad: " ", startingAt: 0) + value + "\n" }
        func speed(_ n: Int, _ seconds: Double) -> String {
            String(format: "%d tokens in %.2f s, %.1f tokens/s", n, seconds, seconds > 0 ? Double(n) / seconds : 0)
        }
        var text = "\n"
        if let load { text += line("load:", String(format: "%.2f s", load)) }
        let computed = s.promptTokens - s.reusedTokens
        text += line("prompt:", speed(computed, s.promptSeconds) + (s.reusedTokens > 0 ? " (\(s.reusedTokens) more were known)" : ""))
        text += line("answer:", speed(s.answerTokens, s.answerSeconds) + (s.ending == .stop ? "" : " (ended: \(s.ending.rawValue))"))
        print(text, terminator: "", to: &standardError)
    }
}
