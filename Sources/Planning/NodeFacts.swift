/// What a plan needs to know about a node: its memory and its speed.
public struct NodeFacts: Sendable, Equatable {
    /// Its name in messages: the URL.
    public var name: String
    /// Bytes for a slice: weights, KV cache and workspace. See ``sliceBudget(of:)``.
    public var memoryBudget: Int
    /// Its compute threads.
    public var threads: Int
    /// Bytes of weights that it reads per second when it computes one row.
    public var weightBandwidth: Double
    /// Multiply-adds per second when it computes many rows.
    public var multiplyAddRate: Double
    /// The link from the coordinator.
    public var link: LinkFacts
    /// The slice of the model that it has already, in memory or on disk. A plan that leaves it there is preferred to
    /// one that is hardly better.
    public var held: HeldSlice?

    /// The facts about a node.
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

    /// The bytes of a node's memory that a slice may take. The program itself needs the rest: a sixteenth, but at most
    /// 100 MiB.
    public static func sliceBudget(of memory: Int) -> Int { memory - min(100 << 20, memory / 16) }

    /// The memory of a node, in bytes, whose ``sliceBudget(of:)`` is `slice` or a few bytes more.
    static func memory(forSlice slice: Int) -> Int { slice.adding(min(100 << 20, slice / 15 + 1)) }

    /// A node of which only the threads are known. Each counts as 8 GB/s and 50 billion multiply-adds per second, as on
    /// an ordinary desktop. If all nodes are assumed, their threads decide.
    public static func assumed(name: String, memoryBudget: Int, threads: Int) -> NodeFacts {
        NodeFacts(
            name: name, memoryBudget: memoryBudget, threads: threads, weightBandwidth: 8e9 * Double(threads),
            multiplyAddRate: 50e9 * Double(threads))
    }

    /// A node whose probes read `bandwidth` bytes and make `int8` multiply-adds per second. With weights, the kernels
    /// reach a part of both: 0.9 and 0.57, see Performance in the manual.
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
    /// Its first block, and the number of blocks.
    public var firstLayer: Int, layerCount: Int
    /// Whether it includes the head.
    public var hasHead: Bool

    /// A slice with these values.
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
    /// Bytes per second.
    public var throughput: Double

    /// A link with these values.
    public init(roundTrip: Double, throughput: Double) {
        self.roundTrip = roundTrip
        self.throughput = throughput
    }

    /// Two processes on one machine.
    public static let sameMachine = LinkFacts(roundTrip: 100e-6, throughput: 2e9)
    /// A cable with one gigabit per second.
    public static let gigabit = LinkFacts(roundTrip: 300e-6, throughput: 117e6)
    /// A cable with ten gigabits per second.
    public static let tenGigabit = LinkFacts(roundTrip: 150e-6, throughput: 1.17e9)
    /// A good wireless network at home.
    public static let wifi = LinkFacts(roundTrip: 5e-3, throughput: 25e6)
}
