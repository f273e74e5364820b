import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Sampling

extension Response {
    /// A JSON answer.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var bytes: [UInt8] = [], headers = headers
        value.write(to: &bytes)
        headers[.contentType] = "application/json"
        headers[.contentLength] = "\(bytes.count)"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A plain text answer.
    static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok)
        -> Response
    {
        let headers: HTTPFields = [.contentType: type, .contentLength: "\(text.utf8.count)"]
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The two dialects of clients. The path decides in which one errors are written.
enum Dialect: Sendable {
    case openAI, ollama

    init(path: String) { self = Gatekeeper.area(of: path) == "api" ? .ollama : .openAI }

    /// An error as a complete answer.
    func response(_ error: ServingError) -> Response {
        var headers: HTTPFields = [:]
        if let seconds = error.retryAfter { headers[.retryAfter] = "\(seconds)" }
        if error.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return .json(self == .openAI ? error.openAI : error.ollama, status: .init(code: error.status), headers: headers)
    }
}

extension Request {
    /// Reads the body, which may be compressed. If it has more than `limit` bytes, the error's message ends with
    /// `advice`.
    mutating func bytes(limit: Int, advice: String) async throws -> ByteBuffer {
        let refusal = ServingError(413, "the body is larger than \(limit) bytes. \(advice)", code: "body_too_large")
        // Who holds a body back is not told to send this one.
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw refusal }
        do {
            let body = try await collectBody(upTo: limit)
            return try CompressedBody.content(
                body, encoding: headers[.contentEncoding], limit: limit, tooLarge: refusal)
        } catch let error as HTTPError
            where error.status == .contentTooLarge
        {
            throw refusal
        } catch is NIOTooManyBytesError {
            throw refusal
        }
    }

    /// Reads the body as a JSON object.
    mutating func object(limit: Int) async throws -> RequestFields {
        let buffer = try await bytes(limit: limit, advice: "Send less, or start brigade serve with a larger --max-body")
        let value = try JSONValue(parsing: buffer.readableBytesView)
        guard value.members != nil else {
            throw ServingError(400, "the body is JSON of type \(value.kind), expected an object", code: "invalid_type")
        }
        return RequestFields(value)
    }
}
