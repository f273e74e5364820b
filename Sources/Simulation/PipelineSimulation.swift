import Candidates
import Planning
import Sampling
import Scheduling
import Wire

/// Runs the real scheduler over a modelled pipeline, with modelled times and a model that always gives one token.
///
/// Frames pass stages and hops in order, and each of these works on one frame at a time. So the time of a frame's
/// result is known when the frame is sent, and results are the only events. The same requests always give the same
/// figures.
public struct PipelineSimulation {
    private let pipeline: ModelledPipeline
    private var scheduler: Scheduler
    /// Seconds since the start.
    private var now = 0.0
    /// When each stage and each hop becomes free.
    private var stageFree: [Double], hopFree: [Double]
    /// Frames in flight, oldest first: when their results come back, and the seconds of the last stage.
    private var inFlightFrames: [(back: Double, last: Double, outputs: [Candidates])] = []
    /// The times of each request's tokens, and the number of requests that have ended.
    private var times: [Int: [Double]] = [:], ended = 0

    /// A simulation of an idle pipeline.
    ///
    /// - Parameters:
    ///   - plan: the plan of `pipeline`; it gives the context and the KV blocks.
    ///   - inFlight: the most frames in flight; nil for the scheduler's default.
    ///   - promptRows: prompt rows in a frame; nil for the scheduler's default.
    ///   - maxSequences: the most requests served at the same time.
    public init(
        _ pipeline: ModelledPipeline, plan: Plan, inFlight: Int? = nil, promptRows: Int? = nil, maxSequences: Int = 64
    ) {
        self.pipeline = pipeline
        stageFree = pipeline.stages.map { _ in 0 }
        hopFree = pipeline.hops.map { _ in 0 }
        scheduler = Scheduler(
            options: Scheduler.Options(
                stages: pipeline.stageCount, inFlight: inFlight, promptRows: promptRows, maxSequences: maxSequences,
                maxQueued: .max,
                speculates: false, costs: pipeline.stepCosts),
            contextLength: plan.contextLength, blockCount: plan.kvBlockCount, blockTokens: plan.blockTokens)
    }

    /// Simulates `streams` requests at once: first their prompts, then answers of `tokens` tokens to the same prompts,
    /// which are now in the prefix cache. `StreamBenchmark` measures the same.
    ///
    /// - Throws: `contextExceeded` if they do not fit the context.
    public mutating func run(streams: Int, promptTokens: Int, tokens: Int) throws(SchedulingError)
        -> StreamReport
    {
        // No two prompts begin with the same token.
        let prompts = (0..<streams).map { [Int32](repeating: Int32(truncatingIfNeeded: $0), count: promptTokens) }
        let first = try all(prompts, limit: 1), answers = try all(prompts, limit: tokens)
        let waits = first.times.map { $0[0] }.sorted(), again = answers.times.map { $0[0] }.sorted()
        let count = answers.times.reduce(0) { $0 + $1.count }
        return StreamReport(
            streams: streams, promptTokens: promptTokens, tokens: tokens,
            promptSpeed: Double(streams * promptTokens) / first.seconds,
            firstTokenMedian: StreamReport.share(waits, 0.5), firstTokenP99: StreamReport.share(waits, 0.99),
            firstTokenAgain: StreamReport.share(again, 0.5), speed: Double(count) / answers.seconds,
            speedPerStream: Double(count) / answers.seconds / Double(streams))
    }

    /// Answers all prompts; returns the seconds until the last token, and the times of each request's tokens.
    private mutating func all(_ prompts: [[Int32]], limit: Int) throws(SchedulingError) -> (
        seconds: Double, times: [[Double]]
    ) {
        let start = now
        times = [:]
        ended = 0
        var ids: [Int] = []
        for prompt in prompts {
            let request = GenerationRequest(
                prompt: prompt, sampling: .init(temperature: 0), ends: [], limit: limit, speculates: false)
            ids.append(try scheduler.submit(request, now: now))
        }
        try pump()
        while !inFlightFrames.isEmpty {
            let result = inFlightFrames.removeFirst()
            now = result.back
            try scheduler.received(result.outputs, stageSeconds: result.last, now: now)
            try pump()
        }
        let found = ids.map { id in (times[id] ?? []).map { $0 - start } }
        guard ended == ids.count, found.allSatisfy({ !$0.isEmpty }) else {
            throw SchedulingError(
                .frameLost,
                """
                the pipeline came to rest with \(ids.count - ended) of \(ids.count) requests unanswered; this is a \
                fault \
                of the schedule. Please report it
                """
            )
        }
        return (found.compactMap(\.last).max() ?? 0, found)
    }

    /// Sends every frame that the scheduler has now, and takes its notices.
    private mutating func pump() throws(SchedulingError) {
        while let frame = scheduler.nextFrame(now: now) {
            let (back, last) = send(frame.segments)
            inFlightFrames.append((back, last, frame.segments.flatMap { s in s.outputs.map { Self.answer($0, s) } }))
        }
        for notice in scheduler.takeNotices() {
            switch notice {
            case .event(let id, .token): times[id, default: []].append(now)
            case .event(_, .end): ended += 1
            case .event: break
            case .failed(_, let error): throw error
            }
        }
    }

    /// A row of logits of a model that always chooses token 7.
    private static func answer(_ request: CandidateRequest, _ segment: Segment) -> Candidates {
        Candidates(
            logSumExp: 0, ids: [7],
            logits: [0],
            extra: request.extra.map { _ in -1 })
    }

    /// Sends a frame through the pipeline; returns the time of its result and the seconds of the last stage.
    private mutating func send(_ segments: [Segment]) -> (back: Double, last: Double) {
        var load = ModelledPipeline.Load(), time = now, last = 0.0
        for segment in segments {
            load.rows += segment.rowCount
            load.outputs += segment.outputs.count
            load.positions += segment.firstPosition
        }
        for (i, hop) in pipeline.hops.enumerated() {
            hopFree[i] = max(time, hopFree[i]) + hop.row * Double(i < stageFree.count ? load.rows : load.outputs)
            time = hopFree[i] + hop.delay
            guard i < stageFree.count else { break }
            last = pipeline.seconds(load, stage: i)
            time = max(time, stageFree[i]) + last
            stageFree[i] = time
        }
        return (time, last)
    }
}
