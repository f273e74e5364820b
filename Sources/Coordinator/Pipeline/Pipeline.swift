import Messaging
import Synchronization
import Wire

/// The coordinator's two ends of the pipeline: frames go to the first stage, and results come from the last, in the
/// order of their frames.
///
/// Not an actor, so that frames leave in the order of the calls, without a suspension between a decision and its
/// effect.
final class Pipeline: Sendable {
    private struct Shared {
        var state: PipelineState
        var failure: CoordinatorError?
        /// If set, no more frames are sent, for this reason.
        var ending: CoordinatorError?
        var waiting: [UInt64: CheckedContinuation<ResultFrame, any Error>] = [:]
        var arrived: [UInt64: ResultFrame] = [:]
        var results = 0
        /// Length in bytes of each frame in flight, oldest first.
        var sizes: [Int] = []
        var tasks: [Task<Void, Never>] = []
    }

    private let shared: Mutex<Shared>
    private let plan: UInt32, epoch: UInt64
    private let outgoing: AsyncStream<[UInt8]>.Continuation

    /// Number of results so far, for noticing progress.
    var results: Int { shared.withLock { $0.results } }
    /// Number of frames in flight.
    var inFlight: Int { shared.withLock { $0.state.inFlight } }
    /// Total bytes of the frames in flight.
    var bytesInFlight: Int { shared.withLock { $0.sizes.reduce(0, +) } }
    /// Limit on the frames in flight.
    let credits: Int

    init(
        plan: UInt32 = 1, epoch: UInt64, credits: Int, push: SharedSocket<PushSocket>, pull: SharedSocket<PullSocket>
    ) {
        self.plan = plan
        self.epoch = epoch
        self.credits = credits
        shared = Mutex(Shared(state: PipelineState(plan: plan, epoch: epoch, credits: credits)))
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        outgoing = continuation
        // A single sender, so that frames leave in the order of their numbers.
        let sender = Task { [weak self] in
            for await message in stream {
                do { try await push.socket.send(message, deadline: .seconds(30)) } catch {
                    self?.fail(CoordinatorError(.nodeLost, "the first stage takes no frames: \(error)"))
                }
            }
        }
        let receiver = Task { [weak self] in
            while !Task.isCancelled {
                do {
                    guard let message = try await pull.socket.receiveMessage(deadline: .seconds(1)) else { continue }
                    self?.received(message)
                } catch {
                    if Task.isCancelled || (error as? MessagingError)?.code == .closed { return }
                    self?.fail(CoordinatorError(.nodeLost, "results cannot be received: \(error)"))
                    return
                }
            }
        }
        shared.withLock { $0.tasks = [sender, receiver] }
    }

    /// Sends a frame, for which there must be a credit; returns its number. The caller must fetch its result.
    @discardableResult
    func send(
        _ operations: [CacheOperation], _ segments: [Segment], width: Int, rows: [Float]
    ) throws(CoordinatorError) -> UInt64 {
        var frame = Frame(
            plan: plan, epoch: epoch, width: width, operations: operations, segments: segments, rows: rows)
        let problem = shared.withLock { shared -> CoordinatorError? in
            if let failure = shared.failure ?? shared.ending { return failure }
            frame.number = shared.state.send()
            let message = frame.encode()
            shared.sizes.append(message.count)
            outgoing.yield(message)
            return nil
        }
        if let problem { throw problem }
        return frame.number
    }

    /// Waits for the result of a frame.
    func result(of number: UInt64) async throws -> ResultFrame {
        try await withCheckedThrowingContinuation { continuation in
            let ready = shared.withLock { shared -> Result<ResultFrame, any Error>? in
                if let result = shared.arrived.removeValue(forKey: number) { return .success(result) }
                if let failure = shared.failure { return .failure(failure) }
                shared.waiting[number] = continuation
                return nil
            }
            if let ready { continuation.resume(with: ready) }
        }
    }

    private func received(_ message: borrowing Message) {
        let result: ResultFrame
        do {
            result = try message.withBytes { bytes throws(WireError) in try ResultFrame(decoding: bytes) }
        } catch {
            return fail(
                CoordinatorError(
                    .nodeLost,
                    "a message of \(message.byteCount) bytes on the coordinator's socket is not a result: \(error)"))
        }
        let (waiting, problem) = shared.withLock { shared -> (CheckedContinuation<ResultFrame, any Error>?, String?) in
            switch shared.state.received(plan: result.plan, epoch: result.epoch, number: result.number) {
            case .ignore: return (nil, nil)
            case .fault(let sentence): return (nil, sentence)
            case .deliver:
                shared.results += 1
                shared.sizes.removeFirst()
                if let waiting = shared.waiting.removeValue(forKey: result.number) { return (waiting, nil) }
                shared.arrived[result.number] = result
                return (nil, nil)
            }
        }
        waiting?.resume(returning: result)
        if let problem { fail(CoordinatorError(.frameLost, problem)) }
    }

    /// Sends nothing more and waits for the frames in flight, at most for `limit`: what the stages compute is then
    /// not thrown away.
    func drain(_ reason: CoordinatorError, within limit: Duration) async {
        shared.withLock { $0.ending = reason }
        let end = ContinuousClock.now + limit
        while shared.withLock({ $0.failure == nil && $0.state.inFlight > 0 }), .now < end {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Ends all current and later waits with this error. Only the first failure counts.
    func fail(_ error: CoordinatorError) {
        let (waiting, tasks) = shared.withLock {
            shared -> ([CheckedContinuation<ResultFrame, any Error>], [Task<Void, Never>]) in
            guard shared.failure == nil else { return ([], []) }
            shared.failure = error
            defer { shared.waiting = [:] }
            return (Array(shared.waiting.values), shared.tasks)
        }
        outgoing.finish()
        for continuation in waiting { continuation.resume(throwing: error) }
        for task in tasks { task.cancel() }
    }
}
