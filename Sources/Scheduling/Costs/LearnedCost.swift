/// The cost of steps on these processors: first an expectation, then learned from the steps that a stage has computed.
///
/// How much more four rows cost than one depends on the processor: 1.05 times on one, 1.5 times on another. It decides
/// how many draft tokens and how many prompt rows are worth adding to a step. It changes the speed, never an answer.
struct LearnedCost: Sendable, Equatable {
    /// The cost as known now.
    private(set) var cost: StepCost
    private let expected: StepCost
    /// Measured seconds of a step over its expected cost, by number of rows: 1, 2, up to 4, up to 8, up to 16, up to
    /// 32, more. And how many steps were measured.
    private var found = [Double?](repeating: nil, count: sizes)
    private var counted = [Int](repeating: 0, count: sizes)

    private static let sizes = 7
    /// A size counts from this many steps on; each step changes it at least by this share.
    private static let least = 4, share = 0.05
    /// A step that took longer than this many times the average was disturbed, and is counted as this many times.
    private static let most = 2.0

    init(expected: StepCost) { (cost, self.expected) = (expected, expected) }

    /// Notes that a stage computed a step of `rows` rows in `seconds`.
    mutating func noted(rows: Int, seconds: Double) {
        guard rows > 0, seconds > 0, seconds.isFinite else { return }
        var size = 0
        while size < Self.sizes - 1, 1 << size < rows { size += 1 }
        let ratio = seconds / expected.of(rows)
        counted[size] += 1
        let before = found[size] ?? ratio
        found[size] = before + (min(ratio, Self.most * before) - before) * max(Self.share, 1 / Double(counted[size]))
        update()
    }

    private mutating func update() {
        let known = (0..<Self.sizes).filter { counted[$0] >= Self.least }
        guard !known.isEmpty else { return }
        // A size that was not measured is as far from its expectation as the nearest size that was.
        func factor(_ size: Int) -> Double { found[known.min { abs($0 - size) < abs($1 - size) }!]! }
        var points: [(rows: Int, cost: Double)] = []
        for size in 0..<Self.sizes {
            // More rows never cost less.
            points.append((1 << size, max(expected.of(1 << size) * factor(size) / factor(0), points.last?.cost ?? 1)))
        }
        cost = StepCost(points)
    }
}
