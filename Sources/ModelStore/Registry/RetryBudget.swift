/// How often and after what pauses something is tried again: a bounded number of attempts in a row that bring nothing.
/// Those that bring enough are not counted, so a poor connection can carry a large blob.
struct RetryBudget: Equatable, Sendable {
    /// Attempts in a row that may bring nothing.
    let attempts: Int
    /// The first pause.
    let firstPause: Duration
    /// Bytes that count as a success.
    let enough: Int
    private var failures = 0

    /// Nothing has failed yet.
    init(attempts: Int, firstPause: Duration, enough: Int = 1) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.enough = enough
    }

    /// Notes an attempt that failed after `bytes`; returns how long to pause before the next, or nil to give up.
    ///
    /// - Parameter asked: the pause that the other side asks for; a longer one than a minute is not granted.
    mutating func failed(after bytes: Int, asked: Duration? = nil) -> Duration? {
        failures = bytes >= enough ? 1 : failures + 1
        guard failures < attempts else { return nil }
        let pause = firstPause * (1 << min(failures - 1, 4))
        return max(pause, min(asked ?? .zero, .seconds(60)))
    }
}
