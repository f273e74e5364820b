/// The state of a worker.
public struct HealthReport: Codable, Equatable, Sendable {
    /// What it is doing.
    public var state: NodeState
    /// What went wrong, if it has failed.
    public var problem: String?
    /// The program's version on that node.
    public var version: String
    /// The processor's name.
    public var cpu: String
    /// The instruction sets that its kernels use.
    public var cpuFeatures: [String]
    /// Threads of its compute pool.
    public var threads: Int
    /// Index of the slice's first transformer block.
    public var firstLayer: Int?
    /// Number of the slice's transformer blocks.
    public var layerCount: Int?
    /// Whether the slice includes the head.
    public var hasHead: Bool
    /// The epoch of the plan that the worker is part of.
    public var epoch: UInt64?
    /// Bytes in use.
    public var memoryUsed: Int
    /// Bytes it may use.
    public var memoryBudget: Int
    /// KV blocks in use.
    public var kvBlocksUsed: Int
    /// All KV blocks.
    public var kvBlockCount: Int
    /// Frames computed since the plan began.
    public var framesDone: UInt64
    /// Rows computed since the plan began.
    public var tokensDone: UInt64
    /// Milliseconds in which this stage decodes a token.
    public var millisecondsPerToken: Double?
    /// The fraction of the slice that is loaded, 0 to 1.
    public var loadProgress: Double?
    /// Number of the last frame computed.
    public var lastFrame: UInt64?
    /// Whether a frame is being computed or sent on now.
    public var computing: Bool
    /// Bytes of frames received, and of frames or results sent on, since the plan began.
    public var bytesIn: UInt64?, bytesOut: UInt64?

    /// A `HealthReport` with these values.
    public init(
        state: NodeState, problem: String? = nil, version: String, cpu: String, cpuFeatures: [String], threads: Int,
        firstLayer: Int? = nil, layerCount: Int? = nil, hasHead: Bool = false, epoch: UInt64? = nil,
        memoryUsed: Int = 0, memoryBudget: Int, kvBlocksUsed: Int = 0, kvBlockCount: Int = 0, framesDone: UInt64 = 0,
        tokensDone: UInt64 = 0, millisecondsPerToken: Double? = nil, loadProgress: Double? = nil,
        lastFrame: UInt64? = nil, computing: Bool = false, bytesIn: UInt64? = nil, bytesOut: UInt64? = nil
    ) {
        self.state = state
        self.problem = problem
        self.version = version
        self.cpu = cpu
        self.cpuFeatures = cpuFeatures
        self.threads = threads
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.hasHead = hasHead
        self.epoch = epoch
        self.memoryUsed = memoryUsed
        self.memoryBudget = memoryBudget
        self.kvBlocksUsed = kvBlocksUsed
        self.kvBlockCount = kvBlockCount
        self.framesDone = framesDone
        self.tokensDone = tokensDone
        self.millisecondsPerToken = millisecondsPerToken
        self.loadProgress = loadProgress
        self.lastFrame = lastFrame
        self.computing = computing
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }
}
