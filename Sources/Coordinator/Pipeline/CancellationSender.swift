import Control
import Wire

/// Tells one stage which rows on their way nobody needs any more. A hint: whether and when it arrives changes no
/// answer, so nobody waits for it and no failure is told.
actor CancellationSender {
    private let node: NodeConnection, epoch: UInt64
    private var waiting: [CancelledSegment] = [], isSending = false

    /// Entries that may wait for the request before them; older ones have most likely passed.
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
