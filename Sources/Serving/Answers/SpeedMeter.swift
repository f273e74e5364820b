/// Tokens per second over the last seconds, of all answers together. A value; time is handed in, in seconds on any
/// clock that goes forward.
///
/// The time counted begins with the first token behind a pause, so that an answer that has just begun is not spread
/// over seconds in which nobody asked.
struct SpeedMeter: Sendable {
    /// Seconds looked back, and those that a step of the window has.
    private static let window = 5.0, step = 0.25
    /// Tokens by step, the oldest first.
    private var counts: [(step: Int, tokens: Int)] = []
    private var begin = 0.0, last = -Double.infinity

    /// A token has come.
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

    /// No answer runs: the next token begins anew.
    mutating func pause() { last = -.infinity }

    /// The speed until `now`.
    func rate(at now: Double) -> Double {
        let from = max(begin, now - Self.window), first = Int(from / Self.step)
        var tokens = counts.reduce(0) { $0 + ($1.step >= first ? $1.tokens : 0) }
        // The first token marks the begin; it took its time before that.
        if from == begin { tokens -= 1 }
        let seconds = now - (from == begin ? begin : Double(first) * Self.step)
        return tokens > 0 && seconds > 0 ? Double(tokens) / max(seconds, Self.step) : 0
    }

    private mutating func forget(_ now: Double) {
        let first = Int((now - Self.window) / Self.step)
        while let oldest = counts.first, oldest.step < first { counts.removeFirst() }
    }
}
