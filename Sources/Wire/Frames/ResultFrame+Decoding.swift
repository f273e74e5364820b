import Candidates

extension ResultFrame {
    /// Reads a message. Throws ``WireError`` if it is not exactly one result within `limits`.
    public init(decoding message: [UInt8], limits: WireLimits = .standard) throws(WireError) {
        try self.init(decoding: message.span.bytes, limits: limits)
    }

    /// Reads a message. Throws ``WireError`` if it is not exactly one result within `limits`.
    public init(decoding bytes: RawSpan, limits: WireLimits = .standard) throws(WireError) {
        try checkPrologue(bytes, message: "result", magic: Self.magic, headerSize: Self.headerSize, limits)
        var offset = 6
        let reserved = bytes.load(UInt16.self, at: &offset)
        guard reserved == 0 else {
            throw .reservedNotZero(message: "result", field: "bytes 6 and 7", found: Int(reserved))
        }
        let plan = bytes.load(UInt32.self, at: &offset)
        let outputCount = bytes.loadCount(at: &offset)
        let epoch = bytes.load(UInt64.self, at: &offset)
        let number = bytes.load(UInt64.self, at: &offset)
        let nanoseconds = bytes.load(UInt64.self, at: &offset)
        let counts = Counts(
            candidates: bytes.loadCount(at: &offset), extras: bytes.loadCount(at: &offset),
            full: bytes.loadCount(at: &offset))
        let cancelledCount = bytes.loadCount(at: &offset)
        let authenticator = bytes.loadAuthenticator(at: &offset)
        try WireLimits.check("a result's output count", outputCount, limits.maxRows)
        try WireLimits.check("a result's cancelled segment count", cancelledCount, limits.maxSegments)
        try checkLength(
            bytes, message: "result", header: Self.headerSize,
            [
                (outputCount, Self.outputSize), (counts.candidates, 8), (counts.extras, 4), (counts.full, 4),
                (cancelledCount, 4),
            ])
        let outputs = try Self.loadOutputs(bytes, outputCount, counts, limits, at: offset)
        var end = bytes.byteCount - 4 * cancelledCount
        let cancelled = (0..<cancelledCount).map { _ in bytes.load(UInt32.self, at: &end) }
        self.init(
            plan: plan, epoch: epoch, number: number, outputs: outputs, computeNanoseconds: nanoseconds,
            cancelled: cancelled, authenticator: authenticator)
    }

    /// Elements of all outputs together.
    private struct Counts {
        var candidates: Int
        var extras: Int
        var full: Int
    }

    private static func loadOutputs(
        _ bytes: RawSpan, _ outputCount: Int, _ counts: Counts, _ limits: WireLimits, at start: Int
    ) throws(WireError) -> [Candidates] {
        var offset = start
        var idOffset = start + outputSize * outputCount
        var logitOffset = idOffset + 4 * counts.candidates
        var extraOffset = logitOffset + 4 * counts.candidates
        var fullOffset = extraOffset + 4 * counts.extras
        var left = counts
        var outputs = [Candidates]()
        outputs.reserveCapacity(outputCount)
        for _ in 0..<outputCount {
            var output = Candidates(logSumExp: Float(bitPattern: bytes.load(UInt32.self, at: &offset)))
            let candidates = bytes.loadCount(at: &offset)
            let extras = bytes.loadCount(at: &offset)
            let full = bytes.loadCount(at: &offset)
            try take("an output's candidate count", candidates, limits.maxTop, from: &left.candidates)
            try take("an output's extra logit count", extras, limits.maxExtra, from: &left.extras)
            try take("an output's whole-vocabulary count", full, limits.maxVocabulary, from: &left.full)
            output.ids = bytes.loadIntegers(candidates, at: &idOffset)
            output.logits = bytes.loadFloats(candidates, at: &logitOffset)
            output.extra = bytes.loadFloats(extras, at: &extraOffset)
            output.full = bytes.loadFloats(full, at: &fullOffset)
            outputs.append(output)
        }
        for (field, left, total) in [
            ("the candidates of all outputs", left.candidates, counts.candidates),
            ("the extra logits of all outputs", left.extras, counts.extras),
            ("the whole-vocabulary logits of all outputs", left.full, counts.full),
        ] where left != 0 {
            throw .inconsistent(field: field, found: total - left, expected: total)
        }
        return outputs
    }

    /// Checks `count` against its limit and subtracts it from the header's total.
    private static func take(
        _ field: String, _ count: Int, _ limit: Int, from left: inout Int
    ) throws(WireError) {
        try WireLimits.check(field, count, limit)
        guard count <= left else { throw .inconsistent(field: field, found: count, expected: left) }
        left -= count
    }
}
