/// The state of the cluster, for the web page and the metrics.
public struct ClusterStatus: Sendable, Equatable {
    /// A node with its slice.
    public struct Stage: Sendable, Equatable {
        /// The address of the node's control socket, and its name.
        public var url: String, name: String
        /// The slice: first block, number of blocks, and whether it has the head.
        public var firstLayer: Int, layerCount: Int, hasHead: Bool
        /// Bytes of weights and KV cache as planned, and the memory that the node offers, in bytes.
        public var weightBytes: Int, kvBytes: Int, budget: Int
        /// What the node last reported; nil before its first report.
        public var threads: Int?, cpu: String?, residentBytes: Int?, frames: Int?, lastComputeMilliseconds: Double?
        /// Number of KV blocks in use, and bytes received and sent since the plan began; nil before the first report.
        public var blocksUsed: Int?, bytesIn: Int?, bytesOut: Int?
        /// One of `ready`, `loading`, `idle`, `failed`, `unreachable`.
        public var state: String
        /// Time of the last heartbeat in milliseconds; nil when it was not answered.
        public var roundTripMilliseconds: Double?

        /// A stage of which the node has not reported yet.
        public init(
            url: String, name: String, firstLayer: Int, layerCount: Int, hasHead: Bool, weightBytes: Int, kvBytes: Int,
            budget: Int,
            state: String = "ready"
        ) {
            self.url = url
            self.name = name
            self.firstLayer = firstLayer
            self.layerCount = layerCount
            self.hasHead = hasHead
            self.weightBytes = weightBytes
            self.kvBytes = kvBytes
            self.budget = budget
            self.state = state
        }
    }

    /// The progress of a start: in words, and as a fraction from 0 to 1 if known.
    public struct Start: Sendable, Equatable {
        /// The progress in words, and the fraction done, if known.
        public var words: String, share: Double?

        /// Progress with the given words.
        public init(_ words: String, share: Double? = nil) {
            self.words = words
            self.share = share
        }
    }

    /// The type in which keys and values are stored, and the number of the model's blocks.
    public var kvType: String, layers: Int
    /// The stages in the order of the pipeline; empty before the cluster has started.
    public var stages: [Stage]
    /// Nil once the cluster has started.
    public var start: Start?

    /// A status with the given values.
    public init(kvType: String, layers: Int, stages: [Stage], start: Start? = nil) {
        self.kvType = kvType
        self.layers = layers
        self.stages = stages
        self.start = start
    }

    /// Whether every node is ready.
    public var isReady: Bool { start == nil && stages.allSatisfy { $0.state == "ready" } }
}

/// Reports the cluster's state; this is all that the HTTP server knows of the cluster.
public protocol ClusterMonitor: Sendable {
    /// The latest known state; returns at once, without asking the nodes.
    func status() -> ClusterStatus
}

extension ClusterStatus.Start {
    /// Progress as text for users.
    public init(_ progress: Cluster.Progress) {
        func percent(_ share: Double) -> String { "\(Int((share * 100).rounded(.down))) %" }
        switch progress {
        case .connecting(let answered, let count): self.init("connecting, \(answered) of \(count) workers answer")
        case .measuring(let done, let count): self.init("measuring the workers, \(done) of \(count) done")
        case .sending(let worker, let sent, let total):
            self.init("sending weights to \(worker), \(percent(Double(sent) / Double(max(total, 1))))")
        case .loading(let share): self.init("loading the weights, \(percent(share))", share: share)
        }
    }
}
