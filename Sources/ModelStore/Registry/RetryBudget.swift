/// Decides whether to try again, and after what pause: the number of attempts in a row that bring too few bytes is
/// limited. Attempts that bring enough are not counted, so a large blob gets through a poor connection. And if nothing
/// comes at all, the time is limited, however long each attempt waits.
struct RetryBudget: Equatable, Sendable {
    /// Number of failures in a row after which to give up.
    let attempts: Int
    /// The pause after the first failure.
    let firstPause: Duration
    /// Number of bytes that an attempt must bring to count as a success.
    let enough: Int
    /// How long nothing at all may come, over all attempts.
    let silence: Duration
    /// Failures in a row.
    private(set) var failures = 0
    private var lastBytes: ContinuousClock.Instant

    /// - Parameter now: when the first attempt begins.
    init(
        attempts: Int, firstPause: Duration, enough: Int = 1, silence: Duration = .seconds(1 << 30),
        now: ContinuousClock.Instant = .now
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.enough = enough
        self.silence = silence
        lastBytes = now
    }

    /// Records an attempt that failed after `bytes`; returns the pause before the next attempt, or nil to give up.
    ///
    /// - Parameter asked: the pause that the server asks for, of which at most a minute is granted.
    mutating func failed(after bytes: Int, asked: Duration? = nil, now: ContinuousClock.Instant = .now) -> Duration? {
        failures = bytes >= enough ? 1 : failures + 1
        let asked = asked.map { min($0, .seconds(60)) }
        // Who asks for a pause is there.
        if bytes > 0 || asked != nil { lastBytes = now + (asked ?? .zero) }
        guard failures < attempts, now - lastBytes < silence else { return nil }
        let pause = firstPause * (1 << min(failures - 1, 4))
        return max(pause, asked ?? .zero)
    }
}
