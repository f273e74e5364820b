import JSON
import HTTPTypes
import Hummingbird
import NIOCore
import Sampling
import Synchronization

/// How a stream of JSON objects is framed.
enum Framing: Sendable {
    /// Server-sent events, as OpenAI streams.
    case events
    /// One object a line, as Ollama streams.
    case lines

    var contentType: String { self == .events ? "text/event-stream; charset=utf-8" : "application/x-ndjson" }

    /// One object's bytes.
    func frame(_ value: JSONValue) -> ByteBuffer {
        var bytes: [UInt8] = self == .events ? Array("data: ".utf8) : []
        value.write(to: &bytes)
        bytes += self == .events ? "\n\n".utf8 : "\n".utf8
        return ByteBuffer(bytes: bytes)
    }
}

/// Writes a stream's parts to a client.
struct StreamWriter {
    let framing: Framing
    fileprivate let deadline: WriteDeadline
    fileprivate var writer: any ResponseBodyWriter

    mutating func send(_ value: JSONValue) async throws { try await send(framing.frame(value)) }

    /// Text as it is: a comment, or the end mark.
    mutating func send(raw text: String) async throws { try await send(ByteBuffer(string: text)) }

    private mutating func send(_ buffer: ByteBuffer) async throws {
        deadline.begin()
        try await writer.write(buffer)
        deadline.end()
    }
}

/// Since when a write has been waiting for its reader.
private final class WriteDeadline: Sendable {
    private let since = Mutex<ContinuousClock.Instant?>(nil)

    func begin() { since.withLock { $0 = .now } }
    func end() { since.withLock { $0 = nil } }
    var waiting: Duration { since.withLock { $0.map { .now - $0 } } ?? .zero }
}

extension Response {
    /// A stream. `body` is cancelled when the client goes away, or does not read for `patience`; an error it throws is
    /// the stream's last object, made by `error`.
    ///
    /// To see a client go, the connection must be read from, and so cannot take another request afterwards: it is
    /// closed.
    static func stream(
        _ request: Request, _ framing: Framing, patience: Duration = .seconds(30),
        error: @escaping @Sendable (ServingError) -> JSONValue,
        _ body: @escaping @Sendable (inout StreamWriter) async throws -> Void
    ) -> Response {
        let headers: HTTPFields = [
            .contentType: framing.contentType, .cacheControl: "no-cache", .connection: "close",
            HTTPField.Name("x-accel-buffering")!: "no",
        ]
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let deadline = WriteDeadline()
                let stream = StreamWriter(framing: framing, deadline: deadline, writer: writer)
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        let box = SendableBox(stream)
                        group.addTask {
                            var stream = box.value
                            do { try await body(&stream) } catch let problem
                                where !(problem is CancellationError) || !Task.isCancelled
                            {
                                try await stream.send(error(ServingError(problem)))
                            }
                        }
                        group.addTask {
                            while deadline.waiting < patience { try await Task.sleep(for: .seconds(1)) }
                            throw ServingError(408, "the client does not read")
                        }
                        try await group.next()
                        group.cancelAll()
                    }
                }
                try await writer.finish(nil)
            })
    }
}

/// Hands a value to the one task that uses it from then on.
private struct SendableBox<Value>: @unchecked Sendable {
    // Unchecked: the giver does not touch the value again.
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// A failure behind which the connection takes no other request; the answer must say so, lest the client send one
/// there.
struct ClosingError: Error {
    let cause: any Error
}

extension Request {
    /// Runs `body`, which is cancelled when the client goes away. The answer must close the connection; what is thrown
    /// is a `ClosingError`.
    func whileConnected<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        do { return try await self.body.consumeWithCancellationOnInboundClose { _ in try await body() } } catch {
            throw ClosingError(cause: error)
        }
    }
}
