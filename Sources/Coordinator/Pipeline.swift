import Messaging
import Wire

/// The two ends of the line: frames go to the first stage, results come from the last. Results come in the order of their
/// frames.
actor Pipeline {
    private var state: PipelineState
    private var failure: CoordinatorError?
    private var waitingForResult: [UInt64: CheckedContinuation<ResultFrame, any Error>] = [:]
    private var arrived: [UInt64: ResultFrame] = [:]
    private var waitingForCredit: [CheckedContinuation<Void, Never>] = []
    private let outgoing: AsyncStream<[UInt8]>.Continuation
    private var tasks: [Task<Void, Never>] = []

    /// Results so far; it rises with every one, so that a watcher sees progress.
    private(set) var results = 0
    /// Frames in flight.
    var inFlight: Int { state.inFlight }

    init(epoch: UInt32, credits: Int, push: SharedSocket<PushSocket>, pull: SharedSocket<PullSocket>) {
        state = PipelineState(epoch: epoch, credits: credits)
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        outgoing = continuation
        // One sender, so that frames leave in the order of their numbers.
        let sender = Task { [weak self] in
            for await message in stream {
                do { try await push.socket.send(message, deadline: .seconds(30)) } catch {
                    await self?.fail(CoordinatorError(.nodeLost, "the first stage takes no frames: \(error)"))
                }
            }
        }
        let receiver = Task { [weak self] in
            while !Task.isCancelled {
                do {
                    guard let message = try await pull.socket.receive(deadline: .seconds(1)) else { continue }
                    await self?.received(message)
                } catch {
                    if Task.isCancelled || (error as? MessagingError)?.code == .closed { return }
                    await self?.fail(CoordinatorError(.nodeLost, "results cannot be received: \(error)"))
                    return
                }
            }
        }
        Task { await self.keep([sender, receiver]) }
    }

    private func keep(_ tasks: [Task<Void, Never>]) {
        self.tasks = tasks
        if failure != nil { tasks.forEach { $0.cancel() } }
    }

    /// Sends a frame as soon as there is a credit; returns its number. The caller must collect its result.
    func send(_ operations: [CacheOperation], _ segments: [Segment], width: Int, rows: [Float]) async throws -> UInt64 {
        while failure == nil && !state.hasCredit {
            await withCheckedContinuation { waitingForCredit.append($0) }
        }
        if let failure { throw failure }
        let number = state.send()
        let frame = Frame(
            epoch: state.epoch, number: number, width: width, operations: operations, segments: segments, rows: rows)
        outgoing.yield(frame.encode())
        return number
    }

    /// The result of a frame, once it has come.
    func result(of number: UInt64) async throws -> ResultFrame {
        if let result = arrived.removeValue(forKey: number) { return result }
        if let failure { throw failure }
        return try await withCheckedThrowingContinuation { waitingForResult[number] = $0 }
    }

    private func received(_ message: [UInt8]) {
        let result: ResultFrame
        do { result = try ResultFrame(decoding: message) } catch {
            return fail(
                CoordinatorError(.nodeLost, "a message of \(message.count) bytes on the coordinator's socket is not a result: \(error)"))
        }
        switch state.received(epoch: result.epoch, number: result.number) {
        case .ignore: return
        case .fault(let sentence): fail(CoordinatorError(.frameLost, sentence))
        case .deliver:
            results += 1
            if let waiting = waitingForResult.removeValue(forKey: result.number) {
                waiting.resume(returning: result)
            } else {
                arrived[result.number] = result
            }
            if !waitingForCredit.isEmpty { waitingForCredit.removeFirst().resume() }
        }
    }

    /// Ends everything that waits, and everything that will, with this error. The first failure counts.
    func fail(_ error: CoordinatorError) {
        guard failure == nil else { return }
        failure = error
        outgoing.finish()
        for waiting in waitingForResult.values { waiting.resume(throwing: error) }
        waitingForResult = [:]
        for waiting in waitingForCredit { waiting.resume() }
        waitingForCredit = []
        tasks.forEach { $0.cancel() }
    }
}
