import Sampling
import Wire

/// Decides what every frame carries: which rows of which sequences, and what changes in their KV cache. A value;
/// nothing here sends, waits or looks at a clock.
///
/// Whoever carries it out submits and cancels requests, sends what `nextFrame` gives in its order, hands in every
/// result, and passes on the notices after each of these.
///
/// Every frame takes first the rows of answers whose next token is known, in as many micro-batches as there are stages, then
/// prompt rows in the room that is left. While answers run, prompts get little room and no frame waits behind another,
/// so that a long prompt delays them by a bounded time. A sequence's blocks are allocated when it is first served; an
/// answer that grows and finds none takes those of the youngest sequence, which is computed again later: a token
/// depends on seed, position and history only, so nobody sees that.
public struct Scheduler: Sendable {
    /// The settings.
    public let options: Options
    /// Positions of a sequence.
    public let contextLength: Int

    var pool: BlockPool
    var jobs = JobStore()
    /// Requests that wait, by client, and the clients in the order of their turns.
    var waiting: [String: [Int]] = [:]
    var turns: [String] = []
    /// Requests whose blocks were taken away, and those that are served; both the oldest first.
    var preempted: [Int] = [], serving: [Int] = []
    /// When a client's prompts last got room, in turns.
    var lastPrefill: [String: Int] = [:]
    var frames: [FrameUnderWay] = [], nextFrameNumber: UInt64 = 0
    /// Rows in flight that have become useless since the stages were told the last time.
    var cancellations: [CancelledSegment] = []
    /// Changes of the cache that leave with the next frame.
    var operations: [CacheOperation] = []
    var notices: [Notice] = []
    var pace = MicroBatchPacer(), hops = HopLatency(), costs: LearnedCost
    /// What the hops through the line take, in steps of one row in one stage.
    var hopSteps: Double { hops.steps(options) }
    var nextID = 1, nextSequence: UInt32 = 1, turn = 0
    var totals = GenerationLoad()

    /// What somebody must be told.
    public enum Notice: Sendable, Equatable {
        case event(Int, GenerationEvent)
        case failed(Int, SchedulingError)
    }

    /// A frame that has left, and what is expected back.
    struct FrameUnderWay: Sendable {
        /// Frames are numbered from 0 on, anew for a line that was made anew.
        var number: UInt64
        var parts: [Part]
        /// Whether it carries rows of running answers.
        var decodes: Bool
        /// When it left.
        var sent: Double

        struct Part: Sendable {
            var id: Int, generation: Int, sequence: UInt32
            /// Positions of its rows, and the first row with logits.
            var first: Int, count: Int, outputs: Int
            /// Nobody needs its rows any more, and the stages may cancel them.
            var isCancelled = false
        }
    }

    /// Nobody has asked anything.
    ///
    /// - Parameters:
    ///   - blockCount: KV blocks of `blockTokens` positions on every stage; at least those of one whole context.
    public init(options: Options, contextLength: Int, blockCount: Int, blockTokens: Int) {
        self.options = options
        self.contextLength = contextLength
        costs = LearnedCost(expected: options.costs.ofAnswers)
        pool = BlockPool(blockCount: blockCount, blockTokens: blockTokens)
    }

    /// Requests that wait to be served.
    var waitingCount: Int { waiting.values.reduce(preempted.count) { $0 + $1.count } }

    /// What is going on.
    public var load: GenerationLoad {
        var load = totals
        load.queued = waitingCount
        load.running = serving.count
        load.blocksUsed = pool.heldBlocks
        load.blocksCached = pool.cachedBlocks
        load.blocksTotal = pool.blockCount
        return load
    }

    /// What must be told since the last call.
    public mutating func takeNotices() -> [Notice] {
        defer { notices.removeAll(keepingCapacity: true) }
        return notices
    }

    /// Rows in flight that stages need not compute. Whether they are told, and when, changes no answer.
    public mutating func takeCancellations() -> [CancelledSegment] {
        defer { cancellations.removeAll(keepingCapacity: true) }
        return cancellations
    }

    /// What is in flight of a request from `position` on was sent for nothing. Rows before that may be kept for others
    /// to find.
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

    /// Takes a request. Throws when it can never be served, or when too many wait.
    ///
    /// - Parameter now: seconds on any clock that only goes forward.
    public mutating func submit(_ request: GenerationRequest, now: Double) throws(SchedulingError) -> Int {
        let count = request.prompt.count
        totals.started += 1
        guard count > 0 else {
            totals.refused += 1
            throw SchedulingError(.contextExceeded, "the prompt is empty; there is nothing to continue")
        }
        guard count < contextLength else {
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
        // A request that is served at once waits for nobody, even where none may wait.
        guard waitingCount < options.maxQueued || (waitingCount == 0 && serving.count < options.maxSequences) else {
            totals.refused += 1
            throw SchedulingError(.busy, "\(waitingCount) requests wait already, which is the limit. Try again later")
        }
        let limit = min(max(request.limit ?? .max, 1), options.maxAnswerTokens ?? .max)
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

    /// Nobody wants this answer any more; what it holds is free at once.
    public mutating func cancel(_ id: Int) {
        guard let job = jobs.find(id) else { return }
        totals.cancelled += 1
        count(job)
        remove(id)
    }

    /// Takes a request out, wherever it stands.
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

    /// The stages hold nothing any more: the line was lost and made anew. Everything is computed again, and comes out
    /// the same.
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
