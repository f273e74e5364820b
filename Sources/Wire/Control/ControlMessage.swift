/// What a coordinator asks of a node, over REQ/REP. Layout and errors: ``ControlRequest/encode(limits:)`` and
/// ``ControlRequest/init(decoding:limits:)``.
public enum ControlRequest: Equatable, Sendable {
    /// Who are you? Answered by ``ControlReply/hello(_:)``.
    case hello(Greeting)
    /// Take this slice. Answered by ``ControlReply/assigned(_:)``.
    case assign(Assignment)
    /// Which of these shards of a slice have you not at hand? Answered by ``ControlReply/located(_:)``.
    case locate(SliceQuery)
    /// Here are bytes of a shard; without any it asks where to go on. `payload` follows the JSON as it is. Answered by
    /// ``ControlReply/weights(_:)``.
    case weights(WeightsChunk, payload: [UInt8])
    /// How fast are you? Measured once, while no plan runs; takes about a second. Answered by
    /// ``ControlReply/speed(_:)``.
    case probe
    /// Take these bytes and forget them: how fast is the way to you? Answered by ``ControlReply/ok``.
    case discard([UInt8])
    /// Write KV blocks to disk or read them back, or say how far that is. Answered by ``ControlReply/session(_:)``.
    case session(SessionOrder)
    /// How do you fare? Answered by ``ControlReply/health(_:)``.
    case health
    /// The coordinator of plan `epoch` lives, and asks for the node's health. Answered by ``ControlReply/health(_:)``.
    case heartbeat(epoch: UInt64)
    /// Nobody needs these rows of plan `epoch` any more, because a draft before them was wrong. A hint: what has passed
    /// already, or is not known, is ignored. Answered by ``ControlReply/ok``.
    case cancel(epoch: UInt64, segments: [CancelledSegment])
    /// Leave the plan `epoch` and free its memory. Answered by ``ControlReply/ok``.
    case release(epoch: UInt64)
    /// End the process. Answered by ``ControlReply/ok``.
    case stop
}

/// What a node answers.
public enum ControlReply: Equatable, Sendable {
    case hello(HelloReply)
    case assigned(AssignedReply)
    case located(SliceReply)
    case weights(WeightsReply)
    case health(HealthReport)
    case speed(SpeedReply)
    case session(SessionReply)
    /// Done; there is nothing to say.
    case ok
    /// Refused or failed; nothing changed. `code` is for programs, `message` for people.
    case failure(code: String, message: String)
}

/// The JSON of a request: `kind` and the one body that kind has.
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
    /// Bytes behind the JSON that are to be discarded.
    var byteCount: Int?
}

/// The JSON of a reply: `kind` and the one body that kind has.
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
