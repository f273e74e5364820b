import Candidates
import Wire

/// Random numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Messages of each kind that together use every field.
enum Sample {
    static let name = BlockName(
        words: [0xa7a6_a5a4_a3a2_a1a0, 0xafae_adac_abaa_a9a8, 0xb7b6_b5b4_b3b2_b1b0, 0xbfbe_bdbc_bbba_b9b8])

    static let frame = Frame(
        plan: 3, epoch: 7 << 40, number: 0x0123_4567_89ab_cdef, width: 3, rank: 1,
        authenticator: Authenticator(words: [1, .max]),
        operations: [
            .append(sequence: 1, block: 40),
            .share(sequence: 2, blocks: [3, 4, 5], length: 33),
            .copy(sequence: 2, index: 2, to: 9),
            .truncate(sequence: 1, length: 17),
            .share(sequence: 4, blocks: [8], length: 16),
            .seal(block: 40, name: name),
            .free(sequence: 3),
        ],
        segments: [
            Segment(
                sequence: 1, firstPosition: 17, rowCount: 2,
                outputs: [
                    CandidateRequest(row: 0, top: 0), CandidateRequest(row: 1, top: 40, extra: [5, -1, 151_643]),
                ]),
            Segment(sequence: 9, firstPosition: 0, rowCount: 0),
            Segment(sequence: 5, firstPosition: 70, rowCount: 4, isCancelled: true),
            Segment(
                sequence: 2, firstPosition: 131_071, rowCount: 1,
                outputs: [CandidateRequest(row: 0, top: 1, extra: [8])]),
        ],
        rows: [1, -2, 0.5, .infinity, -0.0, .leastNonzeroMagnitude, 3e38, 7, 8])

    static let result = ResultFrame(
        plan: 3, epoch: 7 << 40, number: 12,
        outputs: [
            Candidates(logSumExp: 12.5, full: [1, 2, 3, 4]),
            Candidates(logSumExp: -3, ids: [9, 8], logits: [2, 1], extra: [0.5, 0.25, -1]),
            Candidates(logSumExp: 0, ids: [7], logits: [4]),
        ], computeNanoseconds: 1_234_567_890, cancelled: [5, .max],
        authenticator: Authenticator(words: [.max, 2]))

    static let assignment = Assignment(
        plan: 2, epoch: 3, modelFingerprint: "abc", firstLayer: 12, layerCount: 12, hasHead: true, contextLength: 8192,
        kvBlockCount: 512, kvType: "f16", rowType: "f32", nextURL: "tcp://10.0.0.2:7751", rank: 1, ranks: 3,
        width: 5120,
        vocabulary: 152_064,
        rope: RopeSetting(
            type: "yarn", factor: 4, originalContext: 32768, attentionFactor: 0.75, betaFast: 32, betaSlow: 1))

    static let digest = String(repeating: "0af9", count: 16)

    static let requests: [ControlRequest] = [
        .hello(Greeting(version: "0.1.0")),
        .hello(Greeting(version: "0.2.0", arithmetic: "00ff", owner: "me", generation: .max)), .assign(assignment),
        .locate(
            SliceQuery(
                modelFingerprint: "abc",
                shards: [.init(name: "blk.3", byteCount: 10), .init(name: "head", byteCount: 1 << 40)])),
        .weights(
            WeightsChunk(fingerprint: "abc", shard: "blk.3", totalBytes: 10, offset: 4, sha256: "00ff"),
            payload: [1, 2, 3, 4, 5, 6]),
        .weights(WeightsChunk(fingerprint: "abc", shard: "blk.3", totalBytes: 0, offset: 0), payload: []),
        .session(
            SessionOrder(
                epoch: 9, number: .max, action: .load, session: digest, blocks: [0, 7, .max], digests: [digest, digest])
        ),
        .session(SessionOrder(epoch: 9, number: 0, action: .forget, session: digest)),
        .probe, .discard([9, 8, 7]), .discard([]), .health, .release(epoch: .max), .stop,
        .cancel(
            epoch: 3,
            segments: [CancelledSegment(frame: .max, sequence: 0), CancelledSegment(frame: 4, sequence: .max)]),
        .cancel(epoch: 3, segments: []),
    ]

    static let replies: [ControlReply] = [
        .hello(
            HelloReply(
                version: "0.1.0", protocolVersion: 1, cpu: "Cortex-A76 \"é\" / 2", cpuFeatures: ["neon", "dotprod"],
                threads: 4, memoryBudget: 8 << 30, modelFingerprint: nil, state: .idle,
                held: .init(modelFingerprint: digest, firstLayer: 3, layerCount: 5, hasHead: true), arithmetic: "00ff",
                owner: Owner(name: "me", generation: .max, leaseSeconds: 12.5))),
        .assigned(
            AssignedReply(needsWeights: true)),
        .located(SliceReply(missing: ["blk.3", "head"])), .located(SliceReply(missing: [])),
        .speed(SpeedReply(readBandwidth: 2.5e10, weightBandwidth: 2.25e10, int8Rate: 1.9e11, multiplyAddRate: 1e11)),
        .session(SessionReply(state: .done, doneBytes: 1 << 40, totalBytes: 1 << 40, digests: [digest])),
        .session(SessionReply(state: .failed, problem: "the disk is full")),
        .weights(WeightsReply(nextOffset: 10, complete: true)),
        .weights(WeightsReply(nextOffset: 4, complete: false, sha256: "00ff")),
        .health(
            HealthReport(
                state: .failed, problem: "out of memory", version: "0.1.0", cpu: "x", cpuFeatures: ["avx2"],
                threads: 2,
                firstLayer: 1, layerCount: 2, hasHead: true, epoch: 4, memoryUsed: 5, memoryBudget: 6, kvBlocksUsed: 7,
                kvBlockCount: 8, framesDone: .max, tokensDone: 9, millisecondsPerToken: 1.25, loadProgress: 1,
                lastFrame: 10)),
        .health(HealthReport(state: .idle, version: "0.1.0", cpu: "x", cpuFeatures: [], threads: 2, memoryBudget: 6)),
        .ok, .failure(code: "busy", message: "a plan is running; release it first"),
    ]
}

extension [UInt8] {
    /// Overwrites four bytes, little-endian.
    mutating func patch(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    }

    func patched(_ value: UInt32, at offset: Int) -> [UInt8] {
        var copy = self
        copy.patch(value, at: offset)
        return copy
    }
}
