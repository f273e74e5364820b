import Candidates

/// The last stage's answer to one frame.
///
/// Layout, little-endian, offsets in bytes:
///
/// | at | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `BRGR` |
/// | 4 | 2 | protocol version |
/// | 6 | 2 | zero |
/// | 8 | 4 | plan |
/// | 12 | 4 | N: outputs |
/// | 16 | 8 | epoch |
/// | 24 | 8 | number of the answered frame |
/// | 32 | 8 | nanoseconds that the last stage computed |
/// | 40 | 4 | C: candidates of all outputs |
/// | 44 | 4 | E: extra logits of all outputs |
/// | 48 | 4 | V: whole-vocabulary logits of all outputs |
/// | 52 | 4 | S: segments whose rows were cancelled |
/// | 56 | 16 | authenticator: see ``Authenticator`` |
/// | 72 | 16·N | outputs: log-sum-exp (f32), candidates, extra, full (u32 each) |
/// | | 4·C | the candidates' ids (i32), output by output |
/// | | 4·C | the candidates' logits (f32) |
/// | | 4·E | extra logits (f32) |
/// | | 4·V | whole-vocabulary logits (f32) |
/// | | 4·S | the cancelled segments' sequences (u32) |
public struct ResultFrame: Equatable, Sendable {
    /// The plan of the answered frame, and its epoch.
    public var plan: UInt32, epoch: UInt64
    /// The number of the answered frame.
    public var number: UInt64
    /// One entry per output request, in the order of the frame's segments and their requests.
    public var outputs: [Candidates]
    /// Nanoseconds that the last stage spent on the frame.
    public var computeNanoseconds: UInt64
    /// The sequences whose rows were cancelled before every stage had computed them; they have no outputs.
    public var cancelled: [UInt32]
    /// Proves that the sender knows the plan's secret.
    public var authenticator: Authenticator

    /// A `ResultFrame` with these values.
    public init(
        plan: UInt32 = 1, epoch: UInt64 = 0, number: UInt64 = 0, outputs: [Candidates] = [],
        computeNanoseconds: UInt64 = 0, cancelled: [UInt32] = [], authenticator: Authenticator = .none
    ) {
        self.plan = plan
        self.authenticator = authenticator
        self.epoch = epoch
        self.number = number
        self.outputs = outputs
        self.computeNanoseconds = computeNanoseconds
        self.cancelled = cancelled
    }

    static let magic: UInt32 = 0x5247_5242  // "BRGR", little-endian
    static let headerSize = 72
    static let outputSize = 16
}

extension ResultFrame {
    /// The result as a new message; see the layout above.
    public func encode() -> [UInt8] {
        var buffer = [UInt8]()
        encode(into: &buffer)
        return buffer
    }

    /// Makes `buffer` the message; its storage is reused if it is large enough. Traps if an output's `ids` and `logits`
    /// differ in length, which is a bug of the caller.
    public func encode(into buffer: inout [UInt8]) {
        var candidates = 0
        var extras = 0
        var full = 0
        for output in outputs {
            precondition(
                output.ids.count == output.logits.count, "\(output.ids.count) ids, \(output.logits.count) logits")
            candidates += output.ids.count
            extras += output.extra.count
            full += output.full.count
        }
        let length =
            Self.headerSize + Self.outputSize * outputs.count + 8 * candidates + 4 * extras + 4 * full + 4
            * cancelled.count
        resize(&buffer, to: length, filler: 0)
        var span = buffer.mutableSpan
        var bytes = span.mutableBytes
        var offset = 0
        bytes.store(Self.magic, at: &offset)
        bytes.store(WireProtocol.version, at: &offset)
        bytes.store(UInt16(0), at: &offset)
        bytes.store(plan, at: &offset)
        bytes.store(UInt32(outputs.count), at: &offset)
        bytes.store(epoch, at: &offset)
        bytes.store(number, at: &offset)
        bytes.store(computeNanoseconds, at: &offset)
        for count in [candidates, extras, full, cancelled.count] { bytes.store(UInt32(count), at: &offset) }
        bytes.store(authenticator, at: &offset)
        for output in outputs {
            bytes.store(output.logSumExp, at: &offset)
            bytes.store(UInt32(output.ids.count), at: &offset)
            bytes.store(UInt32(output.extra.count), at: &offset)
            bytes.store(UInt32(output.full.count), at: &offset)
        }
        for output in outputs { bytes.store(output.ids, at: &offset) }
        for output in outputs { bytes.store(output.logits, at: &offset) }
        for output in outputs { bytes.store(output.extra, at: &offset) }
        for output in outputs { bytes.store(output.full, at: &offset) }
        for sequence in cancelled { bytes.store(sequence, at: &offset) }
    }
}
