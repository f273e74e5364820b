import JSON
import Sampling

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

        /// What whoever asks meanwhile is told.
        var refusal: ServingError {
            ServingError(
                503, "the cluster is starting: \(words). Ask again soon", code: "cluster_starting", retryAfter: 2)
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

    /// Throws what keeps the cluster from answering.
    func check() throws(ServingError) {
        if let start { throw start.refusal }
        if let stage = stages.first(where: { $0.state != "ready" }) {
            throw ServingError(
                503, "the worker at \(stage.url) is \(stage.state)", code: "cluster_unavailable", retryAfter: 2)
        }
    }
}

/// Tells how the cluster fares. What serves HTTP knows only this of it.
public protocol ClusterMonitor: Sendable {
    /// The latest known; asks nobody, so it is there at once.
    func status() -> ClusterStatus
}

extension ClusterStatus.Stage {
    /// As `/api/cluster` shows it.
    var json: JSONValue {
        func optional(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? nil }
        func optional(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? nil }
        return [
            "url": .string(url), "name": .string(name), "first_layer": .int(firstLayer),
            "layer_count": .int(layerCount), "head": .bool(hasHead),
            "weight_bytes": .int(weightBytes), "kv_bytes": .int(kvBytes), "budget": .int(budget),
            "threads": optional(threads),
            "cpu": cpu.map { .string($0) } ?? nil, "state": .string(state), "resident_bytes": optional(residentBytes),
            "round_trip_ms": optional(roundTripMilliseconds), "frames": optional(frames),
            "last_compute_ms": optional(lastComputeMilliseconds),
            "blocks_used": optional(blocksUsed), "bytes_in": optional(bytesIn), "bytes_out": optional(bytesOut),
        ]
    }

    /// The part that changes.
    var changing: JSONValue {
        let names: Set = [
            "url", "state", "resident_bytes", "round_trip_ms", "frames", "last_compute_ms", "blocks_used", "bytes_in",
            "bytes_out",
        ]
        return .object((json.members ?? []).filter { names.contains($0.name) })
    }
}
