/// Decides whether to try again, and after what pause: the number of attempts in a row that bring too few bytes is
/// limited. Attempts that bring enough are not counted, so a large blob gets through a poor connection.
struct RetryBudget: Equatable, Sendable {
    /// Number of failures in a row after which to give up.
    let attempts: Int
    /// The pause after the first failure.
    let firstPause: Duration
    /// Number of bytes that an attempt must bring to count as a success.
    let enough: Int
    private var failures = 0

    init(attempts: Int, firstPause: Duration, enough: Int = 1) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.enough = enough
    }

    /// Records an attempt that failed after `bytes`; returns the pause before the next attempt, or nil to give up.
    ///
    /// - Parameter asked: the pause that the server asks for, of which at most a minute is granted.
    mutating func failed(after bytes: Int, asked: Duration? = nil) -> Duration? {
        failures = bytes >= enough ? 1 : failures + 1
        guard failures < attempts else { return nil }
        let pause = firstPause * (1 << min(failures - 1, 4))
        return max(pause, min(asked ?? .zero, .seconds(60)))
    }
}
