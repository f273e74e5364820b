/// What a coordinator, or whoever asks, says about itself when it greets a worker.
public struct Greeting: Codable, Equatable, Sendable {
    /// Brigade's version there.
    public var version: String
    /// Which arithmetic it computes; see ``HelloReply/arithmetic``.
    public var arithmetic: String?
    /// The owner in whose name it asks for plans, if it will.
    public var owner: String?
    /// How often that owner has started, this time included: of two coordinators with one owner the later one counts.
    public var generation: UInt64?

    /// A `Greeting` of these values.
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

/// Who a node works for.
public struct Owner: Codable, Equatable, Sendable {
    /// The owner's name for itself, its generation, and the seconds until another may take its place if nothing more is
    /// heard of it.
    public var name: String, generation: UInt64, leaseSeconds: Double

    /// An `Owner` of these values.
    public init(name: String, generation: UInt64, leaseSeconds: Double) {
        self.name = name
        self.generation = generation
        self.leaseSeconds = leaseSeconds
    }
}

/// What a node is doing.
public enum NodeState: String, Codable, Equatable, Sendable {
    /// No plan.
    case idle
    /// Reading and packing the weights of its slice.
    case loading
    /// Computing, or able to.
    case ready
    /// Its plan cannot go on there.
    case failed
    /// Finishing what it has; it takes no new plan.
    case draining
}

/// What a worker says about itself when it is greeted.
public struct HelloReply: Codable, Equatable, Sendable {
    /// Brigade's version on that node.
    public var version: String
    /// The version of the wire protocol it speaks; see ``WireProtocol/version``.
    public var protocolVersion: Int
    /// The processor's name.
    public var cpu: String
    /// The instruction sets the kernels use there, e.g. `avx2`.
    public var cpuFeatures: [String]
    /// Threads of its compute pool.
    public var threads: Int
    /// Bytes it may spend: its slice and the program itself.
    public var memoryBudget: Int
    /// The model the worker has at hand, if any.
    public var modelFingerprint: String?
    /// What it is doing.
    public var state: NodeState
    /// Which arithmetic its kernels compute: a digest of a tiny model's logits. A plan never mixes two.
    public var arithmetic: String?
    /// Whose plans it serves, while it does.
    public var owner: Owner?
    /// The slice it held last, whose weights it may still have; nil: none since it was started.
    public var held: Held?

    /// A slice of a model.
    public struct Held: Codable, Equatable, Sendable {
        /// The model.
        public var modelFingerprint: String
        /// The slice's first block, and how many there are.
        public var firstLayer: Int, layerCount: Int
        /// Whether it includes the head.
        public var hasHead: Bool

        /// A slice.
        public init(modelFingerprint: String, firstLayer: Int, layerCount: Int, hasHead: Bool) {
            self.modelFingerprint = modelFingerprint
            self.firstLayer = firstLayer
            self.layerCount = layerCount
            self.hasHead = hasHead
        }
    }

    /// A `HelloReply` of these values.
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
