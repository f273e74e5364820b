extension ControlRequest {
    private static let name = "control request"

    /// The request as a message: a header (see ``ControlHeader``), the JSON, and for ``weights(_:payload:)`` and
    /// ``discard(_:)`` the bytes of the payload up to the end.
    public func encode(
        _ header: ControlHeader = ControlHeader(), limits: WireLimits = .standard
    ) throws(WireError) -> [UInt8] {
        let envelope: RequestEnvelope
        var payload: [UInt8] = []
        switch self {
        case .hello(let greeting): envelope = RequestEnvelope(kind: .hello, greeting: greeting)
        case .assign(let assignment): envelope = RequestEnvelope(kind: .assign, assignment: assignment)
        case .locate(let query): envelope = RequestEnvelope(kind: .locate, query: query)
        case .weights(let chunk, let bytes):
            envelope = RequestEnvelope(kind: .weights, chunk: chunk)
            payload = bytes
        case .probe: envelope = RequestEnvelope(kind: .probe)
        case .discard(let bytes):
            envelope = RequestEnvelope(kind: .discard, byteCount: bytes.count)
            payload = bytes
        case .session(let order): envelope = RequestEnvelope(kind: .session, order: order)
        case .health: envelope = RequestEnvelope(kind: .health)
        case .heartbeat(let epoch): envelope = RequestEnvelope(kind: .heartbeat, epoch: epoch)
        case .cancel(let epoch, let segments):
            envelope = RequestEnvelope(kind: .cancel, epoch: epoch, segments: segments)
        case .release(let epoch): envelope = RequestEnvelope(kind: .release, epoch: epoch)
        case .stop: envelope = RequestEnvelope(kind: .stop)
        }
        return try ControlCoding.encode(envelope, header, payload: payload, message: Self.name, limits)
    }

    /// Reads a request. Throws ``WireError`` for another magic or version, JSON beyond
    /// ``WireLimits/maxControlJSONBytes``, an unknown kind, a value outside its range, or bytes after the end.
    public init(decoding message: RawSpan, limits: WireLimits = .standard) throws(WireError) {
        let (envelope, payload) = try ControlCoding.decode(
            RequestEnvelope.self, from: message, message: Self.name, limits)
        switch envelope.kind {
        case .hello: self = .hello(try ControlCoding.require(envelope.greeting, "greeting", Self.name))
        case .assign:
            let assignment = try ControlCoding.require(envelope.assignment, "assignment", Self.name)
            try assignment.validate(limits)
            self = .assign(assignment)
        case .locate:
            let query = try ControlCoding.require(envelope.query, "query", Self.name)
            try query.validate()
            self = .locate(query)
        case .weights:
            let chunk = try ControlCoding.require(envelope.chunk, "chunk", Self.name)
            try chunk.validate(payloadBytes: message.byteCount - payload)
            self = .weights(chunk, payload: message.extracting(payload..<message.byteCount).array)
            return
        case .probe: self = .probe
        case .discard:
            let count = try ControlCoding.require(envelope.byteCount, "byteCount", Self.name)
            try checkSize("a discard request's byteCount", count)
            guard message.byteCount - payload == count else {
                throw .wrongLength(message: Self.name, found: message.byteCount, expected: payload + count)
            }
            self = .discard(message.extracting(payload..<message.byteCount).array)
            return
        case .session:
            let order = try ControlCoding.require(envelope.order, "order", Self.name)
            try order.validate(limits)
            self = .session(order)
        case .health: self = .health
        case .heartbeat: self = .heartbeat(epoch: try ControlCoding.require(envelope.epoch, "epoch", Self.name))
        case .cancel:
            let segments = try ControlCoding.require(envelope.segments, "segments", Self.name)
            try checkSize("a cancel request's segment count", segments.count, limit: limits.maxSegments)
            self = .cancel(epoch: try ControlCoding.require(envelope.epoch, "epoch", Self.name), segments: segments)
        case .release: self = .release(epoch: try ControlCoding.require(envelope.epoch, "epoch", Self.name))
        case .stop: self = .stop
        }
        try ControlCoding.requireEnd(payload, message.byteCount, Self.name)
    }
}

extension ControlRequest {
    /// Reads a request from an array, with the same errors.
    public init(decoding message: [UInt8], limits: WireLimits = .standard) throws(WireError) {
        try self.init(decoding: message.span.bytes, limits: limits)
    }
}

extension ControlReply {
    private static let name = "control reply"

    /// Reads a reply from an array, with the errors of `init(decoding:)` from a span.
    public init(decoding message: [UInt8], limits: WireLimits = .standard) throws(WireError) {
        try self.init(decoding: message.span.bytes, limits: limits)
    }

    /// The reply as a message: a header with the counter of the request, then the JSON.
    public func encode(
        _ header: ControlHeader = ControlHeader(), limits: WireLimits = .standard
    ) throws(WireError) -> [UInt8] {
        let envelope: ReplyEnvelope =
            switch self {
            case .hello(let body): ReplyEnvelope(kind: .hello, hello: body)
            case .assigned(let body): ReplyEnvelope(kind: .assigned, assigned: body)
            case .located(let body): ReplyEnvelope(kind: .located, located: body)
            case .weights(let body): ReplyEnvelope(kind: .weights, weights: body)
            case .health(let body): ReplyEnvelope(kind: .health, health: body)
            case .speed(let body): ReplyEnvelope(kind: .speed, speed: body)
            case .session(let body): ReplyEnvelope(kind: .session, session: body)
            case .ok: ReplyEnvelope(kind: .ok)
            case .failure(let code, let message): ReplyEnvelope(kind: .failure, code: code, message: message)
            }
        return try ControlCoding.encode(envelope, header, payload: [], message: Self.name, limits)
    }

    /// Reads a reply. Throws ``WireError`` for another magic or version, JSON beyond
    /// ``WireLimits/maxControlJSONBytes``, an unknown kind, a value outside its range, or bytes after the end.
    public init(decoding message: RawSpan, limits: WireLimits = .standard) throws(WireError) {
        let (envelope, payload) = try ControlCoding.decode(
            ReplyEnvelope.self, from: message, message: Self.name, limits)
        try ControlCoding.requireEnd(payload, message.byteCount, Self.name)
        switch envelope.kind {
        case .hello:
            let body = try ControlCoding.require(envelope.hello, "hello", Self.name)
            try body.validate()
            self = .hello(body)
        case .assigned:
            self = .assigned(try ControlCoding.require(envelope.assigned, "assigned", Self.name))
        case .located: self = .located(try ControlCoding.require(envelope.located, "located", Self.name))
        case .weights:
            let body = try ControlCoding.require(envelope.weights, "weights", Self.name)
            try checkSize("a weights reply's nextOffset", body.nextOffset)
            self = .weights(body)
        case .health:
            let body = try ControlCoding.require(envelope.health, "health", Self.name)
            try body.validate()
            self = .health(body)
        case .speed:
            let body = try ControlCoding.require(envelope.speed, "speed", Self.name)
            try body.validate()
            self = .speed(body)
        case .session:
            let body = try ControlCoding.require(envelope.session, "session", Self.name)
            try body.validate()
            self = .session(body)
        case .ok: self = .ok
        case .failure:
            self = .failure(
                code: try ControlCoding.require(envelope.code, "code", Self.name),
                message: try ControlCoding.require(envelope.message, "message", Self.name))
        }
    }
}

/// Checks a size or count from a peer. Only impossible values are refused, so that later arithmetic cannot overflow;
/// whether a node has room for it is decided elsewhere.
func checkSize(_ field: String, _ value: Int?, limit: Int = 1 << 48) throws(WireError) {
    guard let value else { return }
    guard value >= 0 else { throw .invalidValue(field: field, found: String(value), expected: "0 or more") }
    try WireLimits.check(field, value, limit)
}

/// The limit for layers, threads and blocks: far above real numbers, far below any overflow of sums.
private let largestCount = 1 << 24

extension HelloReply {
    fileprivate func validate() throws(WireError) {
        try checkSize("a hello reply's protocolVersion", protocolVersion, limit: Int(UInt16.max))
        try checkSize("a hello reply's threads", threads, limit: largestCount)
        try checkSize("a hello reply's memoryBudget", memoryBudget)
        try checkSize("a hello reply's held.firstLayer", held?.firstLayer, limit: largestCount)
        try checkSize("a hello reply's held.layerCount", held?.layerCount, limit: largestCount)
    }
}

extension Assignment {
    fileprivate func validate(_ limits: WireLimits) throws(WireError) {
        try checkSize("an assignment's firstLayer", firstLayer, limit: largestCount)
        try checkSize("an assignment's layerCount", layerCount, limit: largestCount)
        try checkSize("an assignment's contextLength", contextLength, limit: 1 << 30)
        try checkSize("an assignment's kvBlockCount", kvBlockCount, limit: largestCount)
        try checkSize("an assignment's ranks", ranks, limit: 255)
        guard (0..<max(ranks, 1)).contains(rank) else {
            throw .invalidValue(
                field: "an assignment's rank", found: "\(rank)",
                expected: "0 to \(max(ranks, 1) - 1), as there are \(ranks) nodes")
        }
        try checkSize("an assignment's width", width, limit: limits.maxWidth)
        try checkSize("an assignment's vocabulary", vocabulary, limit: limits.maxVocabulary)
        try checkSize("an assignment's rope.originalContext", rope.originalContext, limit: 1 << 30)
        guard RowType(name: rowType) != nil else {
            let known = RowType.allCases.map(\.name).joined(separator: ", ")
            throw .invalidValue(field: "an assignment's rowType", found: "\"\(rowType)\"", expected: known)
        }
    }
}

extension SliceQuery {
    fileprivate func validate() throws(WireError) {
        try checkSize("a slice query's number of shards", shards.count, limit: 1 << 16)
        for shard in shards { try checkSize("a slice query's byteCount", shard.byteCount) }
    }
}

extension WeightsChunk {
    fileprivate func validate(payloadBytes: Int) throws(WireError) {
        try checkSize("a weights chunk's totalBytes", totalBytes)
        try checkSize("a weights chunk's offset", offset)
        try WireLimits.check("a weights chunk's end", offset + payloadBytes, totalBytes)
    }
}

extension SpeedReply {
    fileprivate func validate() throws(WireError) {
        for (field, value) in [
            ("readBandwidth", readBandwidth), ("weightBandwidth", weightBandwidth), ("int8Rate", int8Rate),
            ("multiplyAddRate", multiplyAddRate),
        ] where !(value > 0 && value < 1e18) {
            throw .invalidValue(field: "a speed reply's \(field)", found: "\(value)", expected: "above 0, below 1e18")
        }
    }
}

extension HealthReport {
    fileprivate func validate() throws(WireError) {
        try checkSize("a health report's threads", threads, limit: largestCount)
        try checkSize("a health report's firstLayer", firstLayer, limit: largestCount)
        try checkSize("a health report's layerCount", layerCount, limit: largestCount)
        try checkSize("a health report's memoryUsed", memoryUsed)
        try checkSize("a health report's memoryBudget", memoryBudget)
        try checkSize("a health report's kvBlocksUsed", kvBlocksUsed, limit: largestCount)
        try checkSize("a health report's kvBlockCount", kvBlockCount, limit: largestCount)
        if let loadProgress, !(0...1).contains(loadProgress) {
            throw .invalidValue(field: "a health report's loadProgress", found: "\(loadProgress)", expected: "0 to 1")
        }
    }
}
