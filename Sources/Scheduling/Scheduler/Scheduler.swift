import Sampling
import Wire

/// Decides the contents of every frame: rows of which sequences, and changes of their KV cache. It is a value; it does
/// not send, wait or read a clock.
///
/// The caller submits and cancels requests, sends the frames of `nextFrame` in order, and hands in every result. After
/// each of these it delivers the notices.
///
/// A frame first gets decode rows, in at most as many micro-batches as there are stages, then prompt rows in the
/// remaining room. While answers are decoded, prompts get little room and no frame waits behind another, so a long
/// prompt delays answers by a bounded time.
///
/// A sequence gets its blocks when it is first served. If an answer needs another block and none is left, the youngest
/// sequence is preempted: it loses its blocks and is computed again later. A token depends only on seed, position and
/// history, so the answer does not change.
public struct Scheduler: Sendable {
    /// The settings.
    public let options: Options
    /// Positions of a sequence.
    public let contextLength: Int

    var pool: BlockPool
    var jobs = JobStore()
    /// Waiting requests by client, and the clients in the order of their turns.
    var waiting: [String: [Int]] = [:]
    var turns: [String] = []
    /// Requests whose blocks were taken away, and those that are served, both oldest first.
    var preempted: [Int] = [], serving: [Int] = []
    /// When a client's prompts last got room, in turns.
    var lastPrefill: [String: Int] = [:]
    var frames: [FrameInFlight] = [], nextFrameNumber: UInt64 = 0
    /// Rows in flight that were cancelled since the stages were last told.
    var cancellations: [CancelledSegment] = []
    /// Changes of the KV cache that go with the next frame.
    var operations: [CacheOperation] = []
    var notices: [Notice] = []
    var pace = MicroBatchPacer(), hops = HopLatency(), costs: LearnedCost
    /// The time on all hops of the pipeline, in steps of one row in one stage.
    var hopSteps: Double { hops.steps(options) }
    var nextID = 1, nextSequence: UInt32 = 1, turn = 0
    var totals = GenerationLoad()

    /// News about a request, which has this number.
    public enum Notice: Sendable, Equatable {
        case event(Int, GenerationEvent)
        case failed(Int, SchedulingError)
    }

    /// A frame in flight, and what its result must contain.
    struct FrameInFlight: Sendable {
        /// Frames are numbered from 0, and from 0 again after `restart`.
        var number: UInt64
        var parts: [Part]
        /// Whether it has decode rows.
        var decodes: Bool
        /// When it was sent, in seconds of the caller's clock.
        var sent: Double

        struct Part: Sendable {
            var id: Int, generation: Int, sequence: UInt32
            /// The first position of its rows, their number, and the number of rows with logits.
            var first: Int, count: Int, outputs: Int
            /// How many of those with logits report the prompt's tokens; they are the first.
            var scores = 0
            /// Whether its rows are cancelled, so that stages need not compute them.
            var isCancelled = false
        }
    }

    /// A scheduler without requests.
    ///
    /// - Parameters:
    ///   - contextLength: positions of a sequence.
    ///   - blockCount: KV blocks of `blockTokens` positions on every stage, at least those of one whole context.
    public init(options: Options, contextLength: Int, blockCount: Int, blockTokens: Int) {
        self.options = options
        self.contextLength = contextLength
        costs = LearnedCost(expected: options.costs.decode)
        pool = BlockPool(blockCount: blockCount, blockTokens: blockTokens)
    }

    /// Requests that wait, including preempted ones.
    var waitingCount: Int { waiting.values.reduce(preempted.count) { $0 + $1.count } }

    /// The current load and the totals since the start.
    public var load: GenerationLoad {
        var load = totals
        load.queued = waitingCount
        load.running = serving.count
        load.blocksUsed = pool.heldBlocks
        load.blocksCached = pool.cachedBlocks
        load.blocksTotal = pool.blockCount
        return load
    }

    /// The notices since the last call.
    public mutating func takeNotices() -> [Notice] {
        defer { notices.removeAll(keepingCapacity: true) }
        return notices
    }

    /// Rows in flight that were cancelled since the last call. Whether and when stages are told changes no answer.
    public mutating func takeCancellations() -> [CancelledSegment] {
        defer { cancellations.removeAll(keepingCapacity: true) }
        return cancellations
    }

    /// Cancels the rows in flight of a request from `position` on. Rows before that go into the prefix cache, so they
    /// are still computed.
    mutating func cancelRows(_ id: Int, from position: Int) {
        for f in frames.indices {
            for p in frames[f].parts.indices where frames[f].parts[p].id == id {
                guard frames[f].parts[p].first >= position, !frames[f].parts[p].isCancelled else { continue }
                frames[f].parts[p].isCancelled = true
                cancellations.append(CancelledSegment(frame: frames[f].number, sequence: frames[f].parts[p].sequence))
            }
        }
    }

    /// Whether a frame is in flight.
    public var isBusy: Bool { !frames.isEmpty }

    // MARK: Requests

    /// Takes a request and returns its number. Throws if it can never be served, or if too many requests wait.
    ///
    /// - Parameter now: seconds on any monotonic clock.
    public mutating func submit(_ request: GenerationRequest, now: Double) throws(SchedulingError) -> Int {
        let count = request.prompt.count
        totals.started += 1
        guard count > 0 else {
            totals.refused += 1
            throw SchedulingError(.contextExceeded, "the prompt is empty; there is nothing to continue")
        }
        // Without an answer, the last token needs no position after it.
        guard count < contextLength || (count == contextLength && request.limit == 0) else {
            totals.refused += 1
            throw SchedulingError(
                .contextExceeded,
                """
                the prompt has \(count) tokens, but the context holds \(contextLength) and the answer needs room as \
                well. Shorten it, clear the chat, start with a larger --num-ctx, or let the oldest tokens go \
                (--overflow shift)
                """
            )
        }
        // A request that can be served at once does not wait, so it is taken even with `maxQueued` 0.
        guard waitingCount < options.maxQueued || (waitingCount == 0 && serving.count < options.maxSequences) else {
            totals.refused += 1
            throw SchedulingError(.busy, "\(waitingCount) requests wait already, which is the limit. Try again later")
        }
        let limit = min(max(request.limit ?? .max, 0), options.maxAnswerTokens ?? .max)
        let job: Job
        do {
            job = try Job(
                id: nextID, request, limit: limit, speculates: request.speculates && options.speculates, now: now)
        } catch {
            totals.refused += 1
            throw SchedulingError(.refused, "\(error)")
        }
        nextID += 1
        jobs.insert(job)
        if waiting[job.client] == nil { turns.append(job.client) }
        waiting[job.client, default: []].append(job.id)
        return job.id
    }

    /// Cancels a request. Its blocks are released at once.
    public mutating func cancel(_ id: Int) {
        guard let job = jobs.find(id) else { return }
        totals.cancelled += 1
        count(job)
        remove(id)
    }

    /// Removes a request from all lists.
    mutating func remove(_ id: Int) {
        guard let job = jobs.remove(id) else { return }
        if let sequence = job.sequence {
            leave(job, sequence)
            serving.removeAll { $0 == id }
        } else if job.age != nil {
            preempted.removeAll { $0 == id }
        } else {
            waiting[job.client]?.removeAll { $0 == id }
            if waiting[job.client]?.isEmpty == true { endTurns(of: job.client) }
        }
        if !jobs.all.contains(where: { $0.client == job.client }) { lastPrefill[job.client] = nil }
    }

    mutating func endTurns(of client: String) {
        waiting[client] = nil
        turns.removeAll { $0 == client }
    }

    /// Starts again with a new pipeline whose stages have empty caches. All sequences are computed again; answers do
    /// not change.
    public mutating func restart() {
        frames = []
        nextFrameNumber = 0
        cancellations = []
        operations = []
        pool = BlockPool(blockCount: pool.blockCount, blockTokens: pool.blockTokens)
        for id in serving {
            jobs[id].loseCache()
            preempted.append(id)
        }
        serving = []
        preempted.sort { jobs[$0].seniority < jobs[$1].seniority }
    }
}
