/// What a plan needs to know of a node: what it gives and how fast it is.
public struct NodeFacts: Sendable, Equatable {
    /// How messages name it: its URL.
    public var name: String
    /// Bytes it gives to a slice: weights, KV cache and workspace. See ``sliceBudget(of:)``.
    public var memoryBudget: Int
    /// Its compute threads.
    public var threads: Int
    /// Bytes of weights it reads in a second when it computes one row.
    public var weightBandwidth: Double
    /// Multiply-adds a second when it computes many rows.
    public var multiplyAddRate: Double
    /// The way to it, from the coordinator.
    public var link: LinkFacts
    /// What it holds of the model, in memory or on disk: a plan that leaves it there is preferred to one that is hardly
    /// better.
    public var held: HeldSlice?

    /// A node's facts.
    public init(
        name: String, memoryBudget: Int, threads: Int, weightBandwidth: Double, multiplyAddRate: Double,
        link: LinkFacts = .sameMachine
    ) {
        self.name = name
        self.memoryBudget = memoryBudget
        self.threads = threads
        self.weightBandwidth = weightBandwidth
        self.multiplyAddRate = multiplyAddRate
        self.link = link
    }

    /// What of a node's memory a slice may take: the program itself needs some, at most a hundred megabytes.
    public static func sliceBudget(of memory: Int) -> Int { memory - min(100 << 20, memory / 16) }

    /// The memory whose ``sliceBudget(of:)`` is at least `slice`, or a few bytes more than that.
    static func memory(forSlice slice: Int) -> Int { slice.adding(min(100 << 20, slice / 15 + 1)) }

    /// A node of which only the threads are known: 8 GB/s and 50 billion multiply-adds a second for each, an ordinary
    /// desktop's. Nodes that are all assumed compare by their threads.
    public static func assumed(name: String, memoryBudget: Int, threads: Int) -> NodeFacts {
        NodeFacts(
            name: name, memoryBudget: memoryBudget, threads: threads, weightBandwidth: 8e9 * Double(threads),
            multiplyAddRate: 50e9 * Double(threads))
    }

    /// What a machine whose probes read `bandwidth` bytes and make `int8` multiply-adds a second does with real
    /// weights: the kernels' shares of both, see Performance in the manual.
    public static func fromProbes(
        name: String, memoryBudget: Int, threads: Int, bandwidth: Double, int8: Double, link: LinkFacts
    ) -> NodeFacts {
        NodeFacts(
            name: name, memoryBudget: memoryBudget, threads: threads, weightBandwidth: 0.9 * bandwidth,
            multiplyAddRate: 0.57 * int8,
            link: link)
    }
}

/// The slice that a node held last.
public struct HeldSlice: Sendable, Equatable {
    /// Its first block, and how many there are.
    public var firstLayer: Int, layerCount: Int
    /// Whether it includes the head.
    public var hasHead: Bool

    /// A slice.
    public init(firstLayer: Int, layerCount: Int, hasHead: Bool) {
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.hasHead = hasHead
    }
}

/// A network link between the coordinator and a node.
public struct LinkFacts: Sendable, Equatable {
    /// Seconds from a small request to its answer.
    public var roundTrip: Double
    /// Bytes a second.
    public var throughput: Double

    /// A link.
    public init(roundTrip: Double, throughput: Double) {
        self.roundTrip = roundTrip
        self.throughput = throughput
    }

    /// Two processes on one machine.
    public static let sameMachine = LinkFacts(roundTrip: 100e-6, throughput: 2e9)
    /// A cable of a gigabit a second.
    public static let gigabit = LinkFacts(roundTrip: 300e-6, throughput: 117e6)
    /// A cable of ten gigabits a second.
    public static let tenGigabit = LinkFacts(roundTrip: 150e-6, throughput: 1.17e9)
    /// A wireless network at home, not a bad one.
    public static let wifi = LinkFacts(roundTrip: 5e-3, throughput: 25e6)
}
