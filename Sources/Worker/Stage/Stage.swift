import Candidates
import GGUF
import Kernels
import Messaging
import Transformer
import Wire

/// A stage of the pipeline: receives frames, computes its slice, and sends frames or results on.
final class Stage {
    let slice: Slice
    private let next: PushSocket
    private var state: StageState
    /// The epoch of its plan.
    var epoch: UInt64 { state.epoch }
    private var frame = Frame()
    private var buffer: [UInt8] = []
    private let status: SharedStatus
    private let clock = ContinuousClock()

    /// How long the next stage may take to accept a frame. Few frames are in flight, so a stage that accepts none for
    /// that long is gone.
    private static let sendDeadline = Duration.seconds(30)

    /// - Parameter kept: the slice's weights, if they are still in memory.
    init(
        _ assignment: Assignment, file: GGUFFile, kept: SliceWeights? = nil, engine: ComputeEngine, status: SharedStatus
    ) throws {
        self.status = status
        let layers = assignment.firstLayer..<assignment.firstLayer + assignment.layerCount
        let description = SliceDescription(
            layers: layers, hasHead: assignment.hasHead, kvBlocks: assignment.kvBlockCount,
            kvType: KVType(rawValue: assignment.kvType) ?? .f16, ropeScaling: RopeScaling(assignment.rope))
        let expected = try Self.weightBytes(file, layers, head: assignment.hasHead)
        let weights =
            try kept
            ?? SliceWeights(file, layers: layers, hasHead: assignment.hasHead, engine: engine) { loaded in
                status.loaded(loaded, of: expected, epoch: assignment.epoch)
            }
        slice = try Slice(weights, description, engine: engine)
        next = try PushSocket()
        state = StageState(
            plan: assignment.plan, epoch: assignment.epoch, width: slice.configuration.width,
            kvBlocks: assignment.kvBlockCount,
            blockTokens: KVLayer.blockTokens)
        try next.dial(NodeURL(assignment.nextURL))
        let memory = slice.weightBytes + slice.kvBytes + slice.workspaceBytes
        status.update(assignment.epoch) {
            $0.memoryUsed = memory
            $0.loadProgress = 1
            $0.state = .ready
        }
    }

    static func weightBytes(_ file: GGUFFile, _ layers: Range<Int>, head: Bool) throws(ModelError) -> Int {
        let c = try ModelConfiguration(file)
        var sum = head ? try c.headBytes(in: file) : 0
        for layer in layers { sum += try c.weightBytes(ofLayer: layer, in: file) }
        return sum
    }

    /// Handles one message from the data socket. An error ends the plan.
    ///
    /// - Parameter cancelled: the sequences whose rows are cancelled in the frame with this number.
    func handle(_ message: RawSpan, cancelled: (UInt64) -> Set<UInt32>) throws {
        do { try frame.decode(message) } catch {
            throw StageFault(
                """
                a message of \(message.byteCount) bytes on the data socket is not a frame: \(error). Something other \
                than \
                Brigade's coordinator and workers sends here, or their versions differ
                """
            )
        }
        if frame.plan == state.plan, frame.epoch == epoch { frame.cancel(cancelled(frame.number)) }
        switch state.received(frame) {
        case .drop: return
        case .fault(let sentence): throw StageFault(sentence)
        case .compute(let copies, let runs, let requests):
            try compute(copies, runs, requests, received: message.byteCount)
        }
    }

    private func compute(
        _ copies: [StageState.BlockCopy], _ runs: [RowRun], _ requests: [CandidateRequest], received: Int
    )
        throws
    {
        let start = clock.now
        for copy in copies { slice.copyBlock(copy.from, to: copy.to) }
        let rowCount = frame.rowCount
        if rowCount > 0 { slice.forward(runs, rows: &frame.rows) }
        if slice.description.hasHead {
            let logits = slice.logits(requests, rows: frame.rows)
            let spent = (clock.now - start).nanoseconds
            let result = ResultFrame(
                plan: frame.plan, epoch: frame.epoch, number: frame.number, outputs: logits,
                computeNanoseconds: UInt64(spent),
                cancelled: frame.segments.filter(\.isCancelled).map(\.sequence))
            result.encode(into: &buffer)
        } else {
            frame.encode(into: &buffer)
        }
        let spent = Double((clock.now - start).nanoseconds) / 1e9
        try next.send(buffer, deadline: Self.sendDeadline)
        let used = state.tables.blocksUsed, number = frame.number, sent = buffer.count
        status.update(state.epoch) {
            $0.framesDone += 1
            $0.tokensDone += UInt64(rowCount)
            $0.lastFrame = number
            $0.kvBlocksUsed = used
            $0.bytesIn += UInt64(received)
            $0.bytesOut += UInt64(sent)
            if rowCount == 1 {
                $0.decodeFrames += 1
                $0.decodeSeconds += spent
            }
        }
    }
}

extension Duration {
    /// The duration in whole nanoseconds, at most `Int64.max` (292 years).
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (high, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return over ? .max : high &+ attoseconds / 1_000_000_000
    }
}
