/// What steps are expected to cost on a line before any has been seen: those of answers, whose logits are wanted, and
/// those of a prompt.
public struct StepCosts: Sendable, Equatable {
    public var ofAnswers: StepCost, ofPrompts: StepCost

    public init(ofAnswers: StepCost = .measured, ofPrompts: StepCost = .ofPrompts) {
        (self.ofAnswers, self.ofPrompts) = (ofAnswers, ofPrompts)
    }
}

/// What a step of several rows costs, against one of a single row.
public struct StepCost: Sendable, Equatable {
    /// Rows and their cost, ascending; between them it is interpolated.
    private let points: [(rows: Double, cost: Double)]

    public static func == (a: Self, b: Self) -> Bool { a.points.elementsEqual(b.points, by: ==) }

    /// The cost of steps of so many rows; `points` begin with one row, which costs 1.
    public init(_ points: [(rows: Int, cost: Double)]) {
        precondition(points.first?.rows == 1, "the cost of one row is the measure")
        self.points = points.map { (Double($0.rows), $0.cost) }
    }

    /// What `brigade bench` measured for one thread on the machine it was made on.
    public static let measured = StepCost([(1, 1), (2, 1.03), (4, 1.13), (8, 1.57), (16, 3.02), (64, 9.44)])

    /// The same of a prompt's rows, whose logits are not wanted.
    public static let ofPrompts = StepCost([(1, 1), (2, 1.02), (4, 1.1), (8, 1.4), (16, 2.4), (32, 4.75), (64, 9.4)])

    /// The cost of a step that also takes `fixed` whatever its rows, in the same measure; of one row that is 1 again.
    func beside(_ fixed: Double) -> StepCost {
        fixed > 0 ? StepCost(points.map { (Int($0.rows), ($0.cost + fixed) / (1 + fixed)) }) : self
    }

    /// The most rows that cost no more than `limit`; at least one.
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
