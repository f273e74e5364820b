import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

/// Bodies of requests that came compressed.
enum CompressedBody {
    /// The content of a body.
    ///
    /// - Parameters:
    ///   - encoding: the request's `Content-Encoding`.
    ///   - limit: the most bytes that come of it.
    ///   - tooLarge: the error if there would be more.
    static func content(
        _ body: ByteBuffer, encoding: String?, limit: Int, tooLarge: ServingError
    ) throws(ServingError) -> ByteBuffer {
        let encoding = encoding?.lowercased() ?? "identity"
        if encoding == "identity" || encoding.isEmpty { return body }
        let name = encoding == "x-gzip" ? "gzip" : encoding
        guard ["gzip", "deflate"].contains(name) else {
            throw ServingError(
                415, "the body is encoded with '\(encoding.prefix(40))', expected gzip, deflate or nothing",
                code: "unsupported_encoding")
        }
        do {
            return try decompressed(body, name, limit: limit)
        } catch NIOHTTPDecompression.DecompressionError.limit {
            throw tooLarge
        } catch {
            throw ServingError(400, "the body is no complete \(name) data", code: "invalid_encoding")
        }
    }

    /// Runs the decompressor of the HTTP library, which is a channel's handler, over a body.
    private static func decompressed(_ body: ByteBuffer, _ encoding: String, limit: Int) throws -> ByteBuffer {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.pipeline.syncOperations.addHandler(NIOHTTPRequestDecompressor(limit: .size(limit)))
        let headers: HTTPHeaders = ["content-encoding": encoding, "content-length": "\(body.readableBytes)"]
        try channel.writeInbound(
            HTTPServerRequestPart.head(.init(version: .http1_1, method: .POST, uri: "/", headers: headers)))
        try channel.writeInbound(HTTPServerRequestPart.body(body))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        var content = ByteBuffer()
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            if case .body(var piece) = part { content.writeBuffer(&piece) }
        }
        return content
    }
}
