import Coordinator
import JSON

extension ClusterStatus {
    /// Throws why the cluster cannot answer, if it cannot.
    func check() throws(ServingError) {
        if let start { throw .starting(start.words) }
        if let stage = stages.first(where: { $0.state != "ready" }) {
            throw ServingError(
                503, "the worker at \(stage.url) is \(stage.state)", code: "cluster_unavailable", retryAfter: 2)
        }
    }
}

extension ServingError {
    /// The error for requests while the cluster starts.
    static func starting(_ words: String) -> ServingError {
        ServingError(
            503, "the cluster is starting: \(words). Ask again soon", code: "cluster_starting", retryAfter: 2)
    }
}

extension ClusterStatus.Stage {
    /// The stage as `/api/cluster` shows it.
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

    /// The members of `json` that change while the cluster runs, and the URL.
    var changing: JSONValue {
        let names: Set = [
            "url", "state", "resident_bytes", "round_trip_ms", "frames", "last_compute_ms", "blocks_used", "bytes_in",
            "bytes_out",
        ]
        return .object((json.members ?? []).filter { names.contains($0.name) })
    }
}
