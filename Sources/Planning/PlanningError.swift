/// Why no plan could be made.
public enum PlanningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No node was named.
    case noNodes
    /// The model's description has a count or size that no model has.
    case invalidModel(what: String, found: Int)
    /// The context length is below 1.
    case invalidContext(found: Int)
    /// A node's speed or link throughput is not a finite number above 0, or its round trip is negative or not finite.
    case invalidSpeed(node: String, found: Double)
    /// A node's memory budget is negative.
    case invalidBudget(node: String, found: Int)
    /// The given split does not match the number of nodes or the model's blocks; `expected` is the number of blocks.
    case invalidSplit(layers: [Int], nodes: Int, expected: Int)
    /// The memory budgets are too small.
    case doesNotFit(Shortage)

    /// The problem and, where there is one, a remedy.
    public var description: String {
        switch self {
        case .noNodes:
            "there is no node to run the model on. Name at least one worker."
        case .invalidModel(let what, let found):
            "the model has \(found) \(what), which no model has. Check the file."
        case .invalidContext(let found):
            "the context length is \(found), expected at least 1."
        case .invalidSpeed(let node, let found):
            "a speed or delay of \(node) is \(found), expected a number above 0. Check what the cluster file states."
        case .invalidBudget(let node, let found):
            "the memory budget of \(node) is \(found) bytes, expected 0 or more. Check how that worker was started."
        case .invalidSplit(let layers, let nodes, let expected):
            "the split \(layers.map(String.init).joined(separator: ",")) gives \(layers.count) numbers with a sum of "
                + "\(layers.reduce(0) { $0.adding($1) }), expected one number above 0 for each of the \(nodes) nodes "
                + "with a sum of \(expected), the model's blocks."
        case .doesNotFit(let shortage):
            shortage.description
        }
    }
}
