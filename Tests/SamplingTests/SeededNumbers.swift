import Candidates
import Sampling

/// Pseudo-random numbers for tests, the same on every machine (xorshift64*).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x2545_f491_4f6c_dd1d | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}

/// The last stage's answer to a request, from all logits.
func answer(_ request: CandidateRequest, from logits: [Float]) -> Candidates {
    if request.top == 0 { return Candidates(full: logits) }
    let order = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    let best = order.prefix(request.top)
    return Candidates(
        ids: best.map { Int32($0) }, logits: best.map { logits[$0] },
        extra: request.extra.map { Int($0) < logits.count ? logits[Int($0)] : -.infinity })
}
