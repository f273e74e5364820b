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
    /// One of `idle`, `loading`, `ready`, `failed`.
    public var state: String
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
        modelFingerprint: String?, state: String, held: Held? = nil
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
    }
}

/// A worker's part in a plan.
public struct Assignment: Codable, Equatable, Sendable {
    /// The plan; raised with every new one.
    public var epoch: UInt32
    /// The model the slice is cut from.
    public var modelFingerprint: String
    /// Index of the first transformer block, from 0.
    public var firstLayer: Int
    /// Number of transformer blocks.
    public var layerCount: Int
    /// Whether the final norm and the output matrix belong to the slice.
    public var hasHead: Bool
    /// Positions a sequence may have.
    public var contextLength: Int
    /// Blocks of the KV cache; their numbers run from 0 to one less.
    public var kvBlockCount: Int
    /// How KV elements are stored, e.g. `f16`.
    public var kvType: String
    /// The name of the plan's ``RowType``.
    public var rowType: String
    /// Where the stage sends its frames.
    public var nextURL: String
    /// Whether the coordinator itself sends to this stage.
    public var isFirst: Bool
    /// Elements of a row.
    public var width: Int
    /// Size of the vocabulary.
    public var vocabulary: Int
    /// How rotary positions are stretched, whatever the file says.
    public var rope: RopeSetting

    /// An `Assignment` of these values.
    public init(
        epoch: UInt32, modelFingerprint: String, firstLayer: Int, layerCount: Int, hasHead: Bool, contextLength: Int,
        kvBlockCount: Int, kvType: String, rowType: String, nextURL: String, isFirst: Bool, width: Int, vocabulary: Int,
        rope: RopeSetting = .none
    ) {
        self.epoch = epoch
        self.modelFingerprint = modelFingerprint
        self.firstLayer = firstLayer
        self.layerCount = layerCount
        self.hasHead = hasHead
        self.contextLength = contextLength
        self.kvBlockCount = kvBlockCount
        self.kvType = kvType
        self.rowType = rowType
        self.nextURL = nextURL
        self.isFirst = isFirst
        self.width = width
        self.vocabulary = vocabulary
        self.rope = rope
    }
}

/// A worker's answer to an ``Assignment`` it accepts.
public struct AssignedReply: Codable, Equatable, Sendable {
    /// Where the stage receives its frames.
    public var dataURL: String
    /// Bytes of the slice's weights.
    public var weightBytes: Int
    /// Bytes of the slice's KV cache.
    public var kvBytes: Int
    /// Bytes of scratch memory.
    public var workspaceBytes: Int
    /// Whether the coordinator has to send the weights.
    public var needsWeights: Bool

    /// An `AssignedReply` of these values.
    public init(dataURL: String, weightBytes: Int, kvBytes: Int, workspaceBytes: Int, needsWeights: Bool) {
        self.dataURL = dataURL
        self.weightBytes = weightBytes
        self.kvBytes = kvBytes
        self.workspaceBytes = workspaceBytes
        self.needsWeights = needsWeights
    }
}

/// The shards of a slice: each transformer block, and the head, is a GGUF file of its own, so that another cut of the
/// same model moves only the blocks that change hands.
public struct SliceQuery: Codable, Equatable, Sendable {
    /// One shard and the length of its file.
    public struct Shard: Codable, Equatable, Sendable {
        /// `blk.12`, or `head`.
        public var name: String
        public var byteCount: Int

        /// A `Shard` of these values.
        public init(name: String, byteCount: Int) {
            self.name = name
            self.byteCount = byteCount
        }
    }

    /// The model the shards are cut from.
    public var modelFingerprint: String
    public var shards: [Shard]

    /// A `SliceQuery` of these values.
    public init(modelFingerprint: String, shards: [Shard]) {
        self.modelFingerprint = modelFingerprint
        self.shards = shards
    }
}

/// A worker's answer to a ``SliceQuery``.
public struct SliceReply: Codable, Equatable, Sendable {
    /// Names of the shards that have to be sent.
    public var missing: [String]

    /// A `SliceReply` of these values.
    public init(missing: [String]) {
        self.missing = missing
    }
}

/// Says where the payload that follows belongs in a shard's bytes.
public struct WeightsChunk: Codable, Equatable, Sendable {
    /// The fingerprint of the model and the name of the shard.
    public var fingerprint: String, shard: String
    /// Length of the whole shard.
    public var totalBytes: Int
    /// Where the payload begins in the whole.
    public var offset: Int
    /// SHA-256, in hexadecimal, of everything up to the payload's end: so every chunk is checked as it comes, and the
    /// last one's is that of the whole. Nil without a payload.
    public var sha256: String?

    /// A `WeightsChunk` of these values.
    public init(fingerprint: String, shard: String, totalBytes: Int, offset: Int, sha256: String? = nil) {
        self.fingerprint = fingerprint
        self.shard = shard
        self.totalBytes = totalBytes
        self.offset = offset
        self.sha256 = sha256
    }
}

/// A worker's answer to a ``WeightsChunk``.
public struct WeightsReply: Codable, Equatable, Sendable {
    /// Where the next chunk has to begin; less than what was sent when a part has to come again.
    public var nextOffset: Int
    /// Whether the whole has arrived and was verified.
    public var complete: Bool
    /// SHA-256 of what has arrived, to a chunk without payload: the sender compares it before it goes on.
    public var sha256: String?

    /// A `WeightsReply` of these values.
    public init(nextOffset: Int, complete: Bool, sha256: String? = nil) {
        self.nextOffset = nextOffset
        self.complete = complete
        self.sha256 = sha256
    }
}

/// How a worker fares.
public struct HealthReport: Codable, Equatable, Sendable {
    /// One of `idle`, `loading`, `ready`, `failed`.
    public var state: String
    /// What went wrong, when `state` is `failed`.
    public var problem: String?
    /// Brigade's version on that node.
    public var version: String
    /// The processor's name.
    public var cpu: String
    /// The instruction sets the kernels use there.
    public var cpuFeatures: [String]
    /// Threads of its compute pool.
    public var threads: Int
    /// Index of the slice's first transformer block.
    public var firstLayer: Int?
    /// Number of the slice's transformer blocks.
    public var layerCount: Int?
    /// Whether the slice holds the head.
    public var hasHead: Bool
    /// The plan the worker is part of.
    public var epoch: UInt32?
    /// Bytes in use.
    public var memoryUsed: Int
    /// Bytes it may use.
    public var memoryBudget: Int
    /// KV blocks in use.
    public var kvBlocksUsed: Int
    /// KV blocks there are.
    public var kvBlockCount: Int
    /// Frames computed since the plan began.
    public var framesDone: UInt64
    /// Rows computed since the plan began.
    public var tokensDone: UInt64
    /// Time of one generated token in this stage, in milliseconds.
    public var millisecondsPerToken: Double?
    /// Share of the slice that is loaded, 0 to 1.
    public var loadProgress: Double?
    /// Number of the last frame computed.
    public var lastFrame: UInt64?
    /// Whether a frame is being computed or handed on at this moment.
    public var computing: Bool
    /// Bytes of frames received and of frames or results handed on since the plan began.
    public var bytesIn: UInt64?, bytesOut: UInt64?

    /// A `HealthReport` of these values.
    public init(
        state: String, problem: String? = nil, version: String, cpu: String, cpuFeatures: [String], threads: Int,
        firstLayer: Int? = nil, layerCount: Int? = nil, hasHead: Bool = false, epoch: UInt32? = nil,
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

/// How fast a node is, as it measured itself.
public struct SpeedReply: Codable, Equatable, Sendable {
    /// Bytes a second that all threads read from memory.
    public var readBandwidth: Double
    /// Bytes of weights a second that a product of one row reads.
    public var weightBandwidth: Double
    /// int8 multiply-adds a second with operands in registers.
    public var int8Rate: Double
    /// Multiply-adds a second of a product of many rows.
    public var multiplyAddRate: Double

    /// A `SpeedReply` of these values.
    public init(readBandwidth: Double, weightBandwidth: Double, int8Rate: Double, multiplyAddRate: Double) {
        self.readBandwidth = readBandwidth
        self.weightBandwidth = weightBandwidth
        self.int8Rate = int8Rate
        self.multiplyAddRate = multiplyAddRate
    }
}

/// Rows of one sequence in one frame.
public struct CancelledSegment: Codable, Equatable, Sendable {
    /// The frame's number, which no other frame of the plan has.
    public var frame: UInt64
    /// The sequence's number.
    public var sequence: UInt32

    /// A `CancelledSegment` of these values.
    public init(frame: UInt64, sequence: UInt32) {
        self.frame = frame
        self.sequence = sequence
    }
}
