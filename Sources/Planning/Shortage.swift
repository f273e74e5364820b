/// By how much a model does not fit, and what would. All sizes in bytes.
public struct Shortage: Equatable, Sendable, CustomStringConvertible {
    /// A stage of a given cut that does not fit its node.
    public struct Overflow: Equatable, Sendable {
        /// The node's name.
        public var node: String
        /// What its slice needs.
        public var needed: Int
        /// What the node gives.
        public var budget: Int
    }

    /// Positions of one context that were asked for.
    public var contextLength: Int
    /// How many such contexts there is to be memory for.
    public var contexts: Int
    /// Weights of all stages together.
    public var weightBytes: Int
    /// KV cache of all stages together.
    public var kvBytes: Int
    /// Scratch memory of all stages together.
    public var workspaceBytes: Int
    /// How many nodes there are.
    public var nodeCount: Int
    /// What the nodes give together.
    public var budget: Int
    /// Stages that do not fit, when the cut was given.
    public var overflows: [Overflow]
    /// What each node would have to give besides for a cut into whole blocks to fit.
    public var missingPerNode: Int
    /// The longest context that fits these nodes, as many times as was asked for; nil when not even one block of
    /// positions does.
    public var fittingContextLength: Int?
    /// Whether it would fit if there were to be memory for one context only.
    public var fitsWithOneContext = false
    /// Whether it would fit if keys and values were cached in q8_0.
    public var fitsWithSmallerKV = false
    /// The budget of one more node, last in the line, with which it would fit; nil when no single node helps.
    public var extraNodeBytes: Int?

    /// What all stages need together.
    public var neededBytes: Int { weightBytes.adding(kvBytes).adding(workspaceBytes) }

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
    /// Finds what would fit. `stages` is the given cut, if there is one; `anyLine`: nodes may change places or be left
    /// out. `cachedTokens`: positions of all contexts together.
    init(
        _ partition: Partition, contextLength: Int, cachedTokens: Int, blockTokens: Int, stages: [StagePlan]?,
        anyLine: Bool = false
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
        // A context within the same number of blocks needs the same memory, so only whole blocks are tried.
        let blocks = (cachedTokens - 1) / blockTokens + 1
        func fits(blocks: Int) -> Bool {
            Partition(model: model, nodes: nodes, positions: blocks.times(blockTokens)).fits(counts, anyLine)
        }
        // What fits is less than was cached, so each context's part of it is less than a context.
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
            return Partition(model: model, nodes: larger, positions: partition.positions).fits(nil, anyLine)
        }
        if let smaller = model.smallerKVBytesPerTokenPerLayer {
            var other = model
            other.kvBytesPerTokenPerLayer = smaller
            fitsWithSmallerKV = Partition(model: other, nodes: nodes, positions: partition.positions).fits(
                counts, anyLine)
        }
        guard nodes.count < partition.layers, stages == nil else {
            extraNodeBytes = nil
            return
        }
        let extra = Self.least { bytes in
            let one = NodeFacts.assumed(name: "", memoryBudget: bytes, threads: 1)
            return Partition(model: model, nodes: nodes + [one], positions: partition.positions).fits(nil, anyLine)
        }
        extraNodeBytes = extra < .max ? extra : nil
    }

    /// The greatest number in 1..<end for which `holds` is true; it is true up to some number and false from there on.
    private static func last(below end: Int, _ holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = end  // holds at low (or low is 0), does not hold at high
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(middle) { low = middle } else { high = middle }
        }
        return low > 0 ? low : nil
    }

    /// The least number for which `holds` is true, or the greatest Int when it never is; false up to some number.
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
    /// Whether the given cut, or any when there is none, fits.
    fileprivate func fits(_ counts: [Int]?, _ anyLine: Bool) -> Bool {
        guard let counts else {
            return anyLine && nodes.count <= PipelineSearch.mostNodes ? PipelineSearch(self).fits : fits
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

/// A size for people, rounded up, so that what a message asks for is enough: "18.6 GiB", "700 MiB", "12 bytes".
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
