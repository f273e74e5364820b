/// What steps cost on the processors at hand: expected beforehand, then learned from the steps that a stage has
/// computed.
///
/// How much more four rows cost than one is the processor's affair: 1.05 times as much on one, 1.5 on another. How many
/// draft tokens pay, and how many rows of a prompt may ride along, follows from it. It changes the speed, never an answer.
struct LearnedCost: Sendable, Equatable {
    /// As it is known now.
    private(set) var cost: StepCost
    private let expected: StepCost
    /// Seconds of a step by what was expected of it, by how many rows it had: 1, 2, up to 4, up to 8, …, up to 64 and
    /// more.
    private var found = [Double?](repeating: nil, count: sizes)
    private var counted = [Int](repeating: 0, count: sizes)

    private static let sizes = 7
    /// From so many steps on what was found counts; each changes it by this share at least.
    private static let least = 4, share = 0.05
    /// A step that took so many times as long was disturbed, and counts as one that took just this long.
    private static let most = 2.0

    init(expected: StepCost) { (cost, self.expected) = (expected, expected) }

    /// A step of `rows` rows took a stage `seconds`.
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
        // What was not seen is as far from what was expected as what is nearest to it.
        func factor(_ size: Int) -> Double { found[known.min { abs($0 - size) < abs($1 - size) }!]! }
        var points: [(rows: Int, cost: Double)] = []
        for size in 0..<Self.sizes {
            // More rows never cost less.
            points.append((1 << size, max(expected.of(1 << size) * factor(size) / factor(0), points.last?.cost ?? 1)))
        }
        cost = StepCost(points)
    }
}
