/// What a coordinator, or another client of a worker, says about itself.
public struct Greeting: Codable, Equatable, Sendable {
    /// The program's version there.
    public var version: String
    /// Its arithmetic; see ``HelloReply/arithmetic``.
    public var arithmetic: String?
    /// The owner for whom it will make plans, if it will make any.
    public var owner: String?
    /// How many times that owner has started, including now. Of two coordinators with the same owner, the one with the
    /// higher generation is obeyed.
    public var generation: UInt64?

    /// A `Greeting` with these values.
    public init(
        version: String = ProgramVersion.current, arithmetic: String? = nil, owner: String? = nil,
        generation: UInt64? = nil
    ) {
        self.version = version
        self.arithmetic = arithmetic
        self.owner = owner
        self.generation = generation
    }
}

/// The owner that a node works for.
public struct Owner: Codable, Equatable, Sendable {
    /// The owner's name and generation, and the seconds after which another owner may replace it if it is silent.
    public var name: String, generation: UInt64, leaseSeconds: Double

    /// An `Owner` with these values.
    public init(name: String, generation: UInt64, leaseSeconds: Double) {
        self.name = name
        self.generation = generation
        self.leaseSeconds = leaseSeconds
    }
}

/// What a node is doing.
public enum NodeState: String, Codable, Equatable, Sendable {
    /// It has no plan.
    case idle
    /// It reads and packs the weights of its slice.
    case loading
    /// It computes, or is able to.
    case ready
    /// Its plan cannot continue on this node.
    case failed
    /// It finishes its work and takes no new plan.
    case draining
}

/// What a worker says about itself, as the answer to a ``Greeting``.
public struct HelloReply: Codable, Equatable, Sendable {
    /// The program's version on that node.
    public var version: String
    /// Its version of the wire protocol; see ``WireProtocol/version``.
    public var protocolVersion: Int
    /// The processor's name.
    public var cpu: String
    /// The instruction sets that its kernels use, e.g. `avx2`.
    public var cpuFeatures: [String]
    /// Threads of its compute pool.
    public var threads: Int
    /// Bytes it may use for its slice and the program itself.
    public var memoryBudget: Int
    /// The fingerprint of the model that the worker has locally, if any.
    public var modelFingerprint: String?
    /// What it is doing.
    public var state: NodeState
    /// The arithmetic of its kernels: a digest of a tiny model's logits. A plan never mixes two.
    public var arithmetic: String?
    /// The owner of the plans that it serves now, if any.
    public var owner: Owner?
    /// The slice it held last, whose weights it may still have; nil if it held none since it was started.
    public var held: Held?

    /// A slice of a model.
    public struct Held: Codable, Equatable, Sendable {
        /// The fingerprint of the model.
        public var modelFingerprint: String
        /// The slice's first block, and the number of blocks.
        public var firstLayer: Int, layerCount: Int
        /// Whether it includes the head.
        public var hasHead: Bool

        /// A slice with these values.
        public init(modelFingerprint: String, firstLayer: Int, layerCount: Int, hasHead: Bool) {
            self.modelFingerprint = modelFingerprint
            self.firstLayer = firstLayer
            self.layerCount = layerCount
            self.hasHead = hasHead
        }
    }

    /// A `HelloReply` with these values.
    public init(
        version: String, protocolVersion: Int, cpu: String, cpuFeatures: [String], threads: Int, memoryBudget: Int,
        modelFingerprint: String?, state: NodeState, held: Held? = nil, arithmetic: String? = nil, owner: Owner? = nil
    ) {
        self.version = version
        self.protocolVersion = protocolVersion
        self.cpu = cpu
        self.cpuFeatures = cpuFeatures
        self.threads = threads
        self.memoryBudget = memoryBudget
        self.modelFingerprint = modelFingerprint
        self.state = state
        self.held = held
        self.arithmetic = arithmetic
        self.owner = owner
    }
}
