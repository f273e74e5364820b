/// Tokens per second of all answers together, over the last seconds. A plain value; the time is passed in, in seconds
/// on any monotonic clock.
///
/// The measured time begins with the first token after a pause, so that a new answer is not averaged over idle seconds.
struct SpeedMeter: Sendable {
    /// Length in seconds of the window and of each of its steps.
    private static let window = 5.0, step = 0.25
    /// Number of tokens in each step, oldest first.
    private var counts: [(step: Int, tokens: Int)] = []
    private var begin = 0.0, last = -Double.infinity

    /// Records a token.
    mutating func add(at now: Double) {
        if now - last > Self.window {
            begin = now
            counts = []
        }
        last = now
        let step = Int(now / Self.step)
        if counts.last?.step == step { counts[counts.count - 1].tokens += 1 } else { counts.append((step, 1)) }
        forget(now)
    }

    /// Records that no answer runs, so that the measured time begins anew with the next token.
    mutating func pause() { last = -.infinity }

    /// Tokens per second until `now`.
    func rate(at now: Double) -> Double {
        let from = max(begin, now - Self.window), first = Int(from / Self.step)
        var tokens = counts.reduce(0) { $0 + ($1.step >= first ? $1.tokens : 0) }
        // The first token marks the start of the time and is not counted, since it was computed before.
        if from == begin { tokens -= 1 }
        let seconds = now - (from == begin ? begin : Double(first) * Self.step)
        return tokens > 0 && seconds > 0 ? Double(tokens) / max(seconds, Self.step) : 0
    }

    private mutating func forget(_ now: Double) {
        let first = Int((now - Self.window) / Self.step)
        while let oldest = counts.first, oldest.step < first { counts.removeFirst() }
    }
}
