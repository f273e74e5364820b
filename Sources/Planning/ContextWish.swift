/// How long a context shall be when the nodes' memory decides.
public struct ContextWish: Sendable, Equatable {
    /// The longest that makes sense: what the model was made for, or what the user asked for.
    public var most: Int
    /// The shortest that is accepted.
    public var least: Int
    /// The length for which the plan is made as fast as possible; more is taken only where it costs no speed.
    public var usual: Int
    /// How many contexts there should be memory for, and how many there must be.
    public var contexts: Int, leastContexts: Int

    /// A wish with these values, made consistent.
    public init(most: Int, least: Int = 1, usual: Int = .max, contexts: Int = 1, leastContexts: Int = 1) {
        self.most = most
        self.least = min(least, most)
        self.usual = max(min(usual, most), self.least)
        self.leastContexts = max(leastContexts, 1)
        self.contexts = max(contexts, self.leastContexts)
    }
}

/// Decides which node holds which slice, and how long the context is: the plan is that of `makePlan` for the usual
/// context, or for the longest that fits if that is less. What memory its stages have left makes the context longer,
/// and then makes room for more contexts.
///
/// - Parameter wish: how long the context shall be; the other parameters are those of `makePlan`.
/// - Throws: `PlanningError`, as for the least context if not even that fits.
public func makePlan(
    model: ModelShape, nodes: [NodeFacts], wish: ContextWish, blockTokens: Int, layers: [Int]? = nil,
    goal: PlanningGoal = .latency, expectedContext: Int = 512
) throws(PlanningError) -> Plan {
    func plan(_ length: Int) throws(PlanningError) -> Plan {
        try makePlan(
            model: model, nodes: nodes, contextLength: length, blockTokens: blockTokens, layers: layers, goal: goal,
            kvTokens: length.times(wish.leastContexts), expectedContext: expectedContext)
    }
    var found: Plan
    do { found = try plan(wish.usual) } catch {
        guard case .doesNotFit(let shortage) = error else { throw error }
        // An error about the least context names what would help with that.
        let fitting = shortage.fittingContextLength ?? 0
        found = try plan(fitting >= wish.least ? fitting : wish.least)
    }
    found.lengthen(wish, model)
    return found
}

extension Plan {
    /// Uses the memory that the stages have left.
    fileprivate mutating func lengthen(_ wish: ContextWish, _ model: ModelShape) {
        let free = stages.map { stage -> Int in
            let perToken = model.kvBytesPerTokenPerLayer.times(stage.layerCount)
            return perToken > 0 ? (stage.budget - stage.weightBytes - stage.workspaceBytes) / perToken : .max
        }
        let positions = (free.min() ?? 0) / blockTokens * blockTokens
        guard positions / wish.leastContexts >= contextLength else { return }
        let room = positions / wish.leastContexts
        // Blocks are whole, and so are the contexts that do not end where the model does.
        contextLength = max(contextLength, room < wish.most ? room / blockTokens * blockTokens : wish.most)
        let tokens = min(contextLength.times(wish.contexts), positions)
        kvBlockCount = (tokens - 1) / blockTokens + 1
        for i in stages.indices {
            stages[i].kvBytes = kvBlockCount.times(blockTokens).times(model.kvBytesPerTokenPerLayer)
                .times(stages[i].layerCount)
        }
    }
}
