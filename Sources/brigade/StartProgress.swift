import Control
import Coordinator

/// Shows the progress of a cluster's start in the terminal.
final class StartProgress: @unchecked Sendable {
    // Unchecked: only one task at a time uses the lines, the one that starts the cluster.
    private let connecting = ProgressLine(label: "connecting"), loading = ProgressLine(label: "loading")
    private let measuring = ProgressLine(label: "measuring")
    private let sending = ProgressLines(), names: NodeNames

    /// `names`: what the nodes are called.
    init(_ names: NodeNames) { self.names = names }

    func show(_ progress: Cluster.Progress) {
        switch progress {
        case .connecting(let answered, let count): connecting.update(done: answered, total: count, unit: .count)
        case .measuring(let done, let count): measuring.update(done: done, total: count, unit: .count)
        case .sending(let worker, let sent, let total):
            sending.update("weights to \(names[worker])", done: sent, total: total, unit: .bytes)
        case .loading(let share):
            sending.finish()
            loading.update(done: Int(share * 1000), total: 1000, unit: .none)
        }
    }

    func finish() {
        for line in [connecting, measuring, loading] { line.finish() }
        sending.finish()
    }
}
