/// The expected costs of steps in a pipeline before any was measured.
public struct StepCosts: Sendable, Equatable {
    /// Decode steps, with logits for every row; and prefill steps, without logits.
    public var decode: StepCost, prefill: StepCost

    /// Costs with these values.
    public init(decode: StepCost = .measured, prefill: StepCost = .measuredPrefill) {
        (self.decode, self.prefill) = (decode, prefill)
    }
}

/// The cost of a step by its number of rows, in steps of one row.
public struct StepCost: Sendable, Equatable {
    /// Rows and their cost, ascending; the cost between two points is interpolated.
    private let points: [(rows: Double, cost: Double)]

    /// Whether all points are equal.
    public static func == (a: Self, b: Self) -> Bool { a.points.elementsEqual(b.points, by: ==) }

    /// The cost with these points, ascending by rows. The first point must be one row, which costs 1.
    public init(_ points: [(rows: Int, cost: Double)]) {
        precondition(points.first?.rows == 1, "the cost of one row is the measure")
        self.points = points.map { (Double($0.rows), $0.cost) }
    }

    /// Measured by `brigade bench` with one thread on a development machine.
    public static let measured = StepCost([(1, 1), (2, 1.03), (4, 1.13), (8, 1.57), (16, 3.02), (64, 9.44)])

    /// The same for prefill, where rows need no logits.
    public static let measuredPrefill = StepCost([
        (1, 1), (2, 1.02), (4, 1.1), (8, 1.4), (16, 2.4), (32, 4.75), (64, 9.4),
    ])

    /// The cost of a step that also takes `fixed` steps of one row, for any number of rows. One row again costs 1.
    func beside(_ fixed: Double) -> StepCost {
        fixed > 0 ? StepCost(points.map { (Int($0.rows), ($0.cost + fixed) / (1 + fixed)) }) : self
    }

    /// The most rows (at least 1, at most 4096) that cost no more than `limit`.
    public func rows(within limit: Double) -> Int {
        var rows = 1
        while rows < 4096, of(rows + 1) <= limit { rows += 1 }
        return rows
    }

    /// The cost of `rows` rows.
    public func of(_ rows: Int) -> Double {
        let x = Double(rows)
        guard let above = points.firstIndex(where: { $0.rows >= x }) else {
            return points.last!.cost * x / points.last!.rows
        }
        guard above > 0 else { return points[0].cost }
        let (a, b) = (points[above - 1], points[above])
        return a.cost + (b.cost - a.cost) * (x - a.rows) / (b.rows - a.rows)
    }
}
