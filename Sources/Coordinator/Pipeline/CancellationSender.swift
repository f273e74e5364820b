import Control
import Wire

/// Tells one stage which rows in flight are cancelled. This is only a hint: it changes no answer whether it arrives, so
/// nothing waits for it and failures are ignored.
actor CancellationSender {
    private let node: NodeConnection, epoch: UInt64
    private var waiting: [CancelledSegment] = [], isSending = false

    /// Limit on waiting entries. The rows of older ones have most likely been computed already.
    private static let most = 256

    init(_ node: NodeConnection, epoch: UInt64) {
        self.node = node
        self.epoch = epoch
    }

    func send(_ segments: [CancelledSegment]) async {
        waiting = Array((waiting + segments).suffix(Self.most))
        guard !isSending else { return }
        isSending = true
        while !waiting.isEmpty {
            let segments = waiting
            waiting = []
            _ = try? await node.call(.cancel(epoch: epoch, segments: segments), deadline: .seconds(1))
        }
        isSending = false
    }
}
