import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Sampling
import Synchronization

/// How a stream of JSON objects is framed.
enum Framing: Sendable {
    /// Server-sent events, as OpenAI streams.
    case events
    /// One object per line, as Ollama streams.
    case lines

    var contentType: String { self == .events ? "text/event-stream; charset=utf-8" : "application/x-ndjson" }

    /// The bytes of one object.
    func frame(_ value: JSONValue) -> ByteBuffer {
        var bytes: [UInt8] = self == .events ? Array("data: ".utf8) : []
        value.write(to: &bytes)
        bytes += self == .events ? "\n\n".utf8 : "\n".utf8
        return ByteBuffer(bytes: bytes)
    }
}

/// Writes the parts of a stream to a client.
struct StreamWriter {
    let framing: Framing
    fileprivate let deadline: WriteDeadline
    fileprivate var writer: any ResponseBodyWriter

    mutating func send(_ value: JSONValue) async throws { try await send(framing.frame(value)) }

    /// Sends text unchanged: a comment, or the end mark.
    mutating func send(raw text: String) async throws { try await send(ByteBuffer(string: text)) }

    private mutating func send(_ buffer: ByteBuffer) async throws {
        deadline.begin()
        try await writer.write(buffer)
        deadline.end()
    }
}

/// Measures how long a write has been waiting for the client to read.
private final class WriteDeadline: Sendable {
    private let since = Mutex<ContinuousClock.Instant?>(nil)

    func begin() { since.withLock { $0 = .now } }
    func end() { since.withLock { $0 = nil } }
    var waiting: Duration { since.withLock { $0.map { .now - $0 } } ?? .zero }
}

extension Response {
    /// A streamed answer. `body` is cancelled when the client disconnects, or does not read for `patience`. If `body`
    /// throws, the stream's last object is made by `error`.
    ///
    /// Noticing that a client disconnects takes reading from the connection. It can therefore not take another request
    /// afterwards and is closed.
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

/// Passes a value to the only task that uses it from then on.
private struct SendableBox<Value>: @unchecked Sendable {
    // Unchecked: the sender does not use the value again.
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// A failure after which the connection takes no other request. The answer must say so, or the client would send one.
struct ClosingError: Error {
    let cause: any Error
}

extension Request {
    /// Runs `body`, which is cancelled when the client disconnects. The answer must close the connection.
    ///
    /// - Throws: `ClosingError`.
    func whileConnected<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> R {
        do { return try await self.body.consumeWithCancellationOnInboundClose { _ in try await body() } } catch {
            throw ClosingError(cause: error)
        }
    }
}
