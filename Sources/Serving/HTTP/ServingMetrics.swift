import Control
import Coordinator
import Scheduling
import Synchronization

/// Counts requests and answers, and writes the metrics for Prometheus. Labels are routes, states and stages, never
/// single requests.
final class ServingMetrics: Sendable {
    /// Number of values up to each bound (Prometheus' histogram).
    struct Histogram: Sendable {
        let bounds: [Double]
        private(set) var counts: [Int], sum = 0.0, count = 0

        init(_ bounds: [Double]) {
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count)
        }

        mutating func add(_ value: Double) {
            for i in bounds.indices where value <= bounds[i] { counts[i] += 1 }
            sum += value
            count += 1
        }
    }

    private struct State {
        var requests: [String: [Int: Int]] = [:]
        var firstToken = Histogram([0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300])
        var nextToken = Histogram([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5])
        var answer = Histogram([0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800])
        var failures: [String: Int] = [:]
        var endings: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func answered(path: String, status: Int) {
        state.withLock { $0.requests[path, default: [:]][status, default: 0] += 1 }
    }

    func token(first: Bool, seconds: Double) {
        state.withLock { s in if first { s.firstToken.add(seconds) } else { s.nextToken.add(seconds) } }
    }

    func ended(_ end: AnswerEnd) {
        state.withLock { s in
            s.answer.add(end.seconds)
            s.endings[end.stop == nil ? end.summary.ending.rawValue : "stopString", default: 0] += 1
        }
    }

    func failed(_ error: any Error) {
        let kind =
            switch error {
            case is CancellationError: "cancelled"
            case let error as SchedulingError: error.code.rawValue
            case let error as CoordinatorError: error.code.rawValue
            case let error as ControlError: error.code.rawValue
            case let error as ServingError: error.code ?? "other"
            default: "other"
            }
        state.withLock { $0.failures[kind, default: 0] += 1 }
    }

    /// The metrics in Prometheus' text format (exposition format 0.0.4).
    func text(load: GenerationLoad, active: Int, status: ClusterStatus) -> String {
        let s = state.withLock { $0 }
        var page = MetricsPage()
        page.counter(
            "brigade_http_requests_total", "HTTP requests answered.",
            s.requests.flatMap { path, counts in
                counts.map { (["path": path, "status": "\($0.key)"], Double($0.value)) }
            })
        page.histogram("brigade_time_to_first_token_seconds", "From the request to its first token.", s.firstToken)
        page.histogram("brigade_time_per_token_seconds", "From one token to the next.", s.nextToken)
        page.histogram("brigade_answer_seconds", "From the request to its end.", s.answer)
        page.counter(
            "brigade_answers_total", "Answers by how they ended.",
            s.endings.map { (["ending": $0.key], Double($0.value)) })
        page.counter(
            "brigade_answers_failed_total", "Answers that failed or whose client went away.",
            s.failures.map { (["reason": $0.key], Double($0.value)) })
        page.gauge("brigade_ready", "Whether the cluster can answer.", [([:], status.isReady ? 1 : 0)])
        page.gauge("brigade_streams", "Answers being given or waiting.", [([:], Double(active))])
        page.gauge("brigade_queue", "Requests that wait.", [([:], Double(load.queued))])
        page.gauge("brigade_running", "Requests being computed.", [([:], Double(load.running))])
        page.gauge(
            "brigade_kv_blocks", "Blocks of the KV cache.",
            [
                (["use": "running"], Double(load.blocksUsed)), (["use": "cached"], Double(load.blocksCached)),
                (["use": "all"], Double(load.blocksTotal)),
            ])
        page.counter(
            "brigade_tokens_total", "Tokens of prompts, of those reused, of answers, drafted, and accepted of those.",
            [
                (["kind": "prompt"], Double(load.promptTokens)), (["kind": "reused"], Double(load.reusedTokens)),
                (["kind": "answer"], Double(load.answerTokens)),
                (["kind": "draft"], Double(load.draftTokens)), (["kind": "accepted"], Double(load.acceptedTokens)),
            ])
        page.counter(
            "brigade_generations_started_total", "Requests to the engine; each ends as one of the results below.",
            [([:], Double(load.started))])
        page.counter(
            "brigade_generations_total", "What became of requests to the engine.",
            [
                (["result": "ended"], Double(load.ended)), (["result": "cancelled"], Double(load.cancelled)),
                (["result": "refused"], Double(load.refused)),
                (["result": "failed"], Double(load.failed)),
            ])
        page.counter(
            "brigade_preempted_total", "Requests that gave up their blocks for a while.",
            [([:], Double(load.preempted))])
        func stages(_ value: (ClusterStatus.Stage) -> Double?) -> [([String: String], Double)] {
            status.stages.enumerated().compactMap { i, stage in
                value(stage).map { (["stage": "\(i + 1)", "url": stage.url], $0) }
            }
        }
        page.gauge("brigade_stage_healthy", "Whether the stage is ready.", stages { $0.state == "ready" ? 1 : 0 })
        page.gauge("brigade_stage_memory_bytes", "Bytes in use.", stages { $0.residentBytes.map(Double.init) })
        page.gauge("brigade_stage_memory_budget_bytes", "Bytes the stage may use.", stages { Double($0.budget) })
        page.gauge(
            "brigade_stage_round_trip_seconds", "Time of a health question and its answer.",
            stages { $0.roundTripMilliseconds.map { $0 / 1000 } })
        page.gauge(
            "brigade_stage_token_seconds", "Time of a generated token in the stage.",
            stages { $0.lastComputeMilliseconds.map { $0 / 1000 } })
        page.counter("brigade_stage_frames_total", "Frames computed.", stages { $0.frames.map(Double.init) })
        page.counter(
            "brigade_stage_received_bytes_total", "Bytes of frames that came in.",
            stages { $0.bytesIn.map(Double.init) })
        page.counter(
            "brigade_stage_sent_bytes_total", "Bytes of frames or results handed on.",
            stages { $0.bytesOut.map(Double.init) })
        page.gauge(
            "brigade_stage_kv_blocks", "Blocks of the KV cache that sequences hold.",
            stages { $0.blocksUsed.map(Double.init) })
        return page.text
    }
}

/// Builds Prometheus' text format.
struct MetricsPage {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, _ values: [([String: String], Double)]) {
        lines(name, help, "counter", values)
    }
    mutating func gauge(_ name: String, _ help: String, _ values: [([String: String], Double)]) {
        lines(name, help, "gauge", values)
    }

    private mutating func lines(_ name: String, _ help: String, _ type: String, _ values: [([String: String], Double)])
    {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        text += values.map { "\(name)\(Self.labels($0))\(" ")\(Self.number($1))\n" }.sorted().joined()
    }

    mutating func histogram(_ name: String, _ help: String, _ histogram: ServingMetrics.Histogram) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            text += "\(name)_bucket{le=\"\(Self.number(bound))\"} \(count)\n"
        }
        text +=
            """
            \(name)_bucket{le="+Inf"} \(histogram.count)\n\(name)_sum \(histogram.sum)\n\(name)_count \
            \(histogram.count)\n
            """
    }

    private static func labels(_ labels: [String: String]) -> String {
        guard !labels.isEmpty else { return "" }
        let parts = labels.sorted { $0.key < $1.key }.map { key, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(key)=\"\(escaped)\""
        }
        return "{" + parts.joined(separator: ",") + "}"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
