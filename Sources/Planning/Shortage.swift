/// By how much a model does not fit, and what would fit. Sizes are in bytes.
public struct Shortage: Equatable, Sendable, CustomStringConvertible {
    /// A stage of a given split that does not fit its node.
    public struct Overflow: Equatable, Sendable {
        /// The node's name.
        public var node: String
        /// What its slice needs.
        public var needed: Int
        /// What the node has for it.
        public var budget: Int
    }

    /// The wanted positions of one context.
    public var contextLength: Int
    /// The wanted number of such contexts.
    public var contexts: Int
    /// Weights of all stages together.
    public var weightBytes: Int
    /// KV cache of all stages together.
    public var kvBytes: Int
    /// Scratch memory of all stages together.
    public var workspaceBytes: Int
    /// The number of nodes.
    public var nodeCount: Int
    /// The budgets of all nodes together.
    public var budget: Int
    /// The stages that do not fit, if the split was given.
    public var overflows: [Overflow]
    /// What every node would need in addition so that a cut into whole blocks fits.
    public var missingPerNode: Int
    /// The longest context that fits these nodes, `contexts` times; nil if not even one KV block of positions does.
    public var fittingContextLength: Int?
    /// Whether it would fit with memory for only one context.
    public var fitsWithOneContext = false
    /// Whether it would fit with keys and values in q8_0.
    public var fitsWithSmallerKV = false
    /// The budget of one more node, last in the pipeline, with which it would fit; nil if no single node helps.
    public var extraNodeBytes: Int?

    /// All that the stages need together.
    public var neededBytes: Int { weightBytes.adding(kvBytes).adding(workspaceBytes) }

    /// What is needed, what the nodes have, and what would fit.
    public var description: String {
        var text =
            """
            the model with \(contexts > 1 ? "\(contexts) contexts" : "a context") of \(contextLength) tokens needs \
            \(size(neededBytes)) 
            """
            + "(weights \(size(weightBytes)), KV cache \(size(kvBytes)), workspace \(size(workspaceBytes)))"
        let nodes = nodeCount == 1 ? "the one node gives" : "the \(nodeCount) nodes give"
        if !overflows.isEmpty {
            let list = overflows.map {
                "\($0.node) needs \(size($0.needed)) and gives \(size($0.budget)), "
                    + "\(size($0.needed - $0.budget)) too little"
            }
            text += ", and the given split does not fit: \(list.joined(separator: "; "))."
        } else if neededBytes > budget {
            text += ", but \(nodes) \(size(budget)): \(size(neededBytes - budget)) too little."
        } else {
            text +=
                ". Although \(nodes) \(size(budget)), no cut into whole blocks fits: "
                + "each is up to \(size(missingPerNode)) too small."
        }
        var remedies: [String] = []
        if let fittingContextLength {
            remedies.append("\(contexts > 1 ? "contexts" : "a context") of at most \(fittingContextLength) tokens")
        }
        if fitsWithOneContext { remedies.append("a single context (--parallel 1)") }
        if fitsWithSmallerKV { remedies.append("keys and values in q8_0 (--kv q8_0)") }
        if let extraNodeBytes {
            remedies.append("one more node of \(size(NodeFacts.memory(forSlice: extraNodeBytes)))")
        }
        if overflows.isEmpty, missingPerNode < .max { remedies.append("\(size(missingPerNode)) more on each node") }
        if !overflows.isEmpty { remedies.append("another split") }
        if !remedies.isEmpty { text += " What would do: \(remedies.joined(separator: ", or "))." }
        return text
    }
}

extension Shortage {
    /// Finds what would fit.
    ///
    /// - Parameters:
    ///   - cachedTokens: positions of all contexts together.
    ///   - stages: the given split, if there is one.
    ///   - anyOrder: whether nodes may change their order or be left out.
    init(
        _ partition: Partition, contextLength: Int, cachedTokens: Int, blockTokens: Int, stages: [StagePlan]?,
        anyOrder: Bool = false
    ) {
        let model = partition.model
        let nodes = partition.order.map { partition.nodes[$0] }
        self.contextLength = contextLength
        let (whole, rest) = cachedTokens.quotientAndRemainder(dividingBy: contextLength)
        contexts = rest > contextLength / 2 ? whole + 1 : whole
        weightBytes = model.layerBytes.reduce(model.headBytes) { $0.adding($1) }
        kvBytes = partition.positions.times(model.kvBytesPerTokenPerLayer).times(partition.layers)
        workspaceBytes = model.workspaceBytes.times(nodes.count).adding(model.headWorkspaceBytes)
        nodeCount = nodes.count
        budget = nodes.reduce(0) { $0.adding($1.memoryBudget) }
        overflows = (stages ?? []).filter { $0.neededBytes > $0.budget }.map {
            Overflow(node: partition.nodes[$0.node].name, needed: $0.neededBytes, budget: $0.budget)
        }
        let counts = stages?.map(\.layerCount)
        // Contexts with the same number of KV blocks need the same memory, so only whole blocks are tried.
        let blocks = (cachedTokens - 1) / blockTokens + 1
        func fits(blocks: Int) -> Bool {
            Partition(model: model, nodes: nodes, positions: blocks.times(blockTokens)).fits(counts, anyOrder)
        }
        // Fewer than `cachedTokens` positions fit, so the quotient is below `contextLength` and cannot overflow.
        fittingContextLength = Self.last(below: blocks, fits).flatMap { fitting in
            let length = cachedTokens.dividingFullWidth(
                fitting.times(blockTokens).multipliedFullWidth(by: contextLength)
            )
            .quotient
            return length > 0 ? length : nil
        }
        fitsWithOneContext = contexts > 1 && fits(blocks: (contextLength - 1) / blockTokens + 1)
        missingPerNode = Self.least { more in
            let larger = nodes.map { node in
                var node = node
                node.memoryBudget = node.memoryBudget.adding(more)
                return node
            }
            return Partition(model: model, nodes: larger, positions: partition.positions).fits(nil, anyOrder)
        }
        if let smaller = model.smallerKVBytesPerTokenPerLayer {
            var other = model
            other.kvBytesPerTokenPerLayer = smaller
            fitsWithSmallerKV = Partition(model: other, nodes: nodes, positions: partition.positions).fits(
                counts, anyOrder)
        }
        guard nodes.count < partition.layers, stages == nil else {
            extraNodeBytes = nil
            return
        }
        let extra = Self.least { bytes in
            let one = NodeFacts.assumed(name: "", memoryBudget: bytes, threads: 1)
            return Partition(model: model, nodes: nodes + [one], positions: partition.positions).fits(nil, anyOrder)
        }
        extraNodeBytes = extra < .max ? extra : nil
    }

    /// The greatest number in 1..<end for which `holds` is true. It must be true up to some number and false beyond.
    private static func last(below end: Int, _ holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = end  // true at low (or low is 0), false at high
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low > 0 ? low : nil
    }

    /// The least number for which `holds` is true, or the greatest Int if there is none. It must be false up to some
    /// number and true beyond.
    private static func least(_ holds: (Int) -> Bool) -> Int {
        var step = 1
        while !holds(step) {
            guard step < 1 << 61 else { return .max }
            step <<= 1
        }
        return 1 + (last(below: step) { !holds($0) } ?? 0)
    }
}

extension Partition {
    /// Whether the given split fits, or without one any cut.
    fileprivate func fits(_ counts: [Int]?, _ anyOrder: Bool) -> Bool {
        guard let counts else {
            return anyOrder && nodes.count <= PipelineSearch.mostNodes ? PipelineSearch(self).fits : fits
        }
        var first = 0
        for (node, count) in counts.enumerated() {
            let stage = stage(node, first, first + count)
            guard stage.neededBytes <= stage.budget else { return false }
            first += count
        }
        return true
    }
}

/// A size for messages: "18.6 GiB", "700 MiB", "12 bytes". Rounded up, so that what a message asks for is enough.
func size(_ bytes: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes >= 1 << shift {
        let whole = bytes >> shift
        let rest = bytes & (1 << shift - 1)
        let tenths = (rest * 10 + (1 << shift) - 1) >> shift
        if whole >= 100 || unit == "KiB" { return "\(tenths > 0 ? whole + 1 : whole) \(unit)" }
        return tenths == 10 ? "\(whole + 1).0 \(unit)" : "\(whole).\(tenths) \(unit)"
    }
    return "\(bytes) bytes"
}
