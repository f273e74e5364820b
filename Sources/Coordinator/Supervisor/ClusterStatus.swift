/// The cluster as the page and the metrics show it.
public struct ClusterStatus: Sendable, Equatable {
    /// A node with its slice.
    public struct Stage: Sendable, Equatable {
        public var url: String, name: String
        /// The slice: first block, number of blocks, and whether the head belongs to it.
        public var firstLayer: Int, layerCount: Int, hasHead: Bool
        /// Bytes of weights and KV cache as planned, and what the node gives.
        public var weightBytes: Int, kvBytes: Int, budget: Int
        /// What the node said of itself last; nil before it did.
        public var threads: Int?, cpu: String?, residentBytes: Int?, frames: Int?, lastComputeMilliseconds: Double?
        /// KV blocks that sequences hold there, and bytes that came in and went out since the plan began.
        public var blocksUsed: Int?, bytesIn: Int?, bytesOut: Int?
        /// One of `ready`, `loading`, `idle`, `failed`, `unreachable`.
        public var state: String
        public var roundTripMilliseconds: Double?

        /// A `Stage` of these values.
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

    /// A cluster that is not there yet: what is going on, in words, and how far it is, 0 to 1, where that is known.
    public struct Start: Sendable, Equatable {
        public var words: String, share: Double?

        /// A `Start` of these values.
        public init(_ words: String, share: Double? = nil) {
            self.words = words
            self.share = share
        }
    }

    /// How keys and values are kept, and blocks of the whole model.
    public var kvType: String, layers: Int
    public var stages: [Stage]
    /// Nil once the cluster has started.
    public var start: Start?

    /// A `ClusterStatus` of these values.
    public init(kvType: String, layers: Int, stages: [Stage], start: Start? = nil) {
        self.kvType = kvType
        self.layers = layers
        self.stages = stages
        self.start = start
    }

    /// Whether every node is ready.
    public var isReady: Bool { start == nil && stages.allSatisfy { $0.state == "ready" } }
}

extension ClusterStatus {
    /// What people read instead of addresses: a given name, a machine's host, with its port where several nodes share
    /// the host, or the node's place in the line where the address is only a socket's path.
    static func names(of urls: [String], given: [String: String]) -> [String] {
        func address(_ url: String) -> Substring? {
            guard url.hasPrefix("tcp://") || url.hasPrefix("tls+tcp://"), let start = url.firstRange(of: "://") else {
                return nil
            }
            return url[start.upperBound...]
        }
        func host(_ address: Substring) -> Substring { address.lastIndex(of: ":").map { address[..<$0] } ?? address }
        let hosts = urls.compactMap { address($0).map(host) }
        return urls.enumerated().map { i, url in
            if let name = given[url] { return name }
            guard let address = address(url) else { return "worker \(i + 1)" }
            let own = host(address)
            return String(hosts.count { $0 == own } > 1 ? address : own)
        }
    }
}

/// Tells how the cluster fares. What serves HTTP knows only this of it.
public protocol ClusterMonitor: Sendable {
    /// The latest known; asks nobody, so it is there at once.
    func status() -> ClusterStatus
}

extension ClusterStatus.Start {
    /// What is going on, for people.
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
