/// A coordinator's request to a node, over REQ/REP. Layout: ``ControlHeader`` and `encode`; errors: `init(decoding:)`.
public enum ControlRequest: Equatable, Sendable {
    /// Asks a node about itself. Answered by ``ControlReply/hello(_:)``.
    case hello(Greeting)
    /// Gives the node a slice. Answered by ``ControlReply/assigned(_:)``.
    case assign(Assignment)
    /// Asks which shards of a slice the node lacks. Answered by ``ControlReply/located(_:)``.
    case locate(SliceQuery)
    /// Bytes of a shard; without any it asks where to continue. `payload` follows the JSON unchanged. Answered by
    /// ``ControlReply/weights(_:)``.
    case weights(WeightsChunk, payload: [UInt8])
    /// Asks for the node's speed, which is measured once, while no plan runs; that takes about a second. Answered by
    /// ``ControlReply/speed(_:)``.
    case probe
    /// Bytes that the node ignores: the time of the answer measures the link. Answered by ``ControlReply/ok``.
    case discard([UInt8])
    /// Writes KV blocks to disk, reads them back, or asks for the progress. Answered by ``ControlReply/session(_:)``.
    case session(SessionOrder)
    /// Asks for the node's health. Answered by ``ControlReply/health(_:)``.
    case health
    /// Tells that the coordinator of plan `epoch` is alive, and asks for the node's health. Answered by
    /// ``ControlReply/health(_:)``.
    case heartbeat(epoch: UInt64)
    /// Cancels rows of plan `epoch`, because a draft before them was rejected. It is a hint: rows that are done or
    /// unknown are ignored. Answered by ``ControlReply/ok``.
    case cancel(epoch: UInt64, segments: [CancelledSegment])
    /// Makes the node leave the plan `epoch` and free its memory. Answered by ``ControlReply/ok``.
    case release(epoch: UInt64)
    /// Ends the process. Answered by ``ControlReply/ok``.
    case stop
}

/// A node's answer to a ``ControlRequest``.
public enum ControlReply: Equatable, Sendable {
    case hello(HelloReply)
    case assigned(AssignedReply)
    case located(SliceReply)
    case weights(WeightsReply)
    case health(HealthReport)
    case speed(SpeedReply)
    case session(SessionReply)
    /// Done.
    case ok
    /// Refused or failed without any change. `code` is for programs, `message` for people.
    case failure(code: String, message: String)
}

/// The JSON of a request: `kind` and the body of that kind.
struct RequestEnvelope: Codable {
    enum Kind: String, Codable {
        case hello, assign, locate, weights, probe, discard, session, health, heartbeat, cancel, release, stop
    }

    var kind: Kind
    var greeting: Greeting?
    var assignment: Assignment?
    var query: SliceQuery?
    var chunk: WeightsChunk?
    var order: SessionOrder?
    var epoch: UInt64?
    var segments: [CancelledSegment]?
    /// Bytes after the JSON that the node discards.
    var byteCount: Int?
}

/// The JSON of a reply: `kind` and the body of that kind.
struct ReplyEnvelope: Codable {
    enum Kind: String, Codable { case hello, assigned, located, weights, health, speed, session, ok, failure }

    var kind: Kind
    var hello: HelloReply?
    var assigned: AssignedReply?
    var located: SliceReply?
    var weights: WeightsReply?
    var health: HealthReport?
    var speed: SpeedReply?
    var session: SessionReply?
    var code: String?
    var message: String?
}
