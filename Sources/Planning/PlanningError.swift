/// Why there is no plan.
public enum PlanningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No node was named.
    case noNodes
    /// The model's description holds a count or size that no model has.
    case invalidModel(what: String, found: Int)
    /// A context of no positions.
    case invalidContext(found: Int)
    /// A node's or link's speed is not a number above 0.
    case invalidSpeed(node: String, found: Double)
    /// A node gives a negative number of bytes.
    case invalidBudget(node: String, found: Int)
    /// A given cut does not match the nodes or the model.
    case invalidSplit(layers: [Int], nodes: Int, expected: Int)
    /// The nodes' budgets are too small.
    case doesNotFit(Shortage)

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
