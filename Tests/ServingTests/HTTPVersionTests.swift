import Foundation
import JSON
import NIOCore
import Testing

@testable import Serving

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// What clients see on the wire: versions of HTTP, bodies that are held back, compressed bodies.
@Suite(.timeLimit(.minutes(1))) struct HTTPVersionTests {
    static let body = #"{"model": "tiny", "prompt": "hello", "stream": false}"#

    static func head(_ more: [String], length: Int = body.utf8.count, version: String = "1.1") -> String {
        (["POST /api/generate HTTP/\(version)", "Host: localhost", "Content-Length: \(length)"] + more)
            .joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test func aBodyThatIsHeldBackIsAskedForAtOnce() async throws {
        try await Fixture(.say("yes")).test { client async throws in
            let wire = try Wire(port: client.port)
            try wire.send(Self.head(["Expect: 100-continue", "Connection: close"]))
            // Nothing else is sent before this has come.
            #expect(try wire.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
            try wire.send(Self.body)
            let answer = try wire.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("\"response\":\"yes\""), "\(answer)")
        }
    }

    @Test func aBodyThatIsTooLargeIsNotAskedFor() async throws {
        try await Fixture(.say("yes")) { $0.bodyLimit = 2000 }.test { client async throws in
            let wire = try Wire(port: client.port)
            try wire.send(Self.head(["Expect: 100-continue"], length: 3000))
            let answer = try wire.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.lowercased().contains("connection: close"), "\(answer)")
        }
    }

    @Test(arguments: ["/api/generate", "/v1/completions"], [false, true])
    func oldClientsGetAnswersWithoutChunks(path: String, streams: Bool) async throws {
        try await Fixture(.say("one two three")).test { client async throws in
            let wire = try Wire(port: client.port)
            let body = #"{"model": "tiny", "prompt": "hello", "max_tokens": 20, "stream": \#(streams)}"#
            try wire.send(
                Self.head([], length: body.utf8.count, version: "1.0").replacing("/api/generate", with: path) + body)
            let answer = try wire.readToEnd()  // which comes only when the connection closes
            let parts = answer.components(separatedBy: "\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.0 200 "), "\(answer)")
            #expect(!parts[0].lowercased().contains("transfer-encoding"))
            #expect(parts[0].lowercased().contains("connection: close"))
            // With chunks, their lengths would stand before what begins here.
            let first = streams && path.hasPrefix("/v1") ? ": queued" : "{"
            #expect(parts.count > 1 && parts[1].hasPrefix(first) && parts[1].hasSuffix("\n") == streams, "\(answer)")
        }
    }

    @Test(arguments: [
        ("gzip", "H4sIAAAAAAACA6tWys1PSc1RslJQKsnMq1TSUVAqKMrPLSgBiWSk5uTkg4SKS4pSE3OBQmmJOcWptQDPEEw8NQAAAA=="),
        ("x-gzip", "H4sIAAAAAAACA6tWys1PSc1RslJQKsnMq1TSUVAqKMrPLSgBiWSk5uTkg4SKS4pSE3OBQmmJOcWptQDPEEw8NQAAAA=="),
        ("deflate", "eJyrVsrNT0nNUbJSUCrJzKtU0lFQKijKzy0oAYlkpObk5IOEikuKUhNzgUJpiTnFqbUAxM8RFQ=="),
    ]) func compressedBodiesAreRead(encoding: String, data: String) async throws {
        let bytes = try #require(Data(base64Encoded: data))
        try await Fixture(.say("yes")).test { client async throws in
            let answer = try await client.execute(
                uri: "/api/generate", method: .post, headers: [.contentEncoding: encoding],
                body: ByteBuffer(bytes: bytes))
            #expect(answer.status == .ok && answer.text.contains("\"response\":\"yes\""), "\(answer.text)")
        }
    }

    /// It holds 400,000 spaces in a few hundred bytes.
    @Test func aCompressedBodyMayNotGrowBeyondTheLimit() async throws {
        let bomb = try #require(
            Data(base64Encoded: Self.bomb.split(whereSeparator: \.isWhitespace).joined()))
        try await Fixture(.say("yes")) { $0.bodyLimit = 100_000 }.test { client async throws in
            for (encoding, bytes, status) in [
                ("gzip", bomb, 413), ("gzip", bomb.dropLast(9), 400), ("gzip", Data("{}".utf8), 400), ("br", bomb, 415),
            ] {
                let answer = try await client.execute(
                    uri: "/api/generate", method: .post, headers: [.contentEncoding: encoding],
                    body: ByteBuffer(bytes: bytes))
                #expect(answer.status.code == status || status == 400 && answer.status.code == 413, "\(answer.text)")
            }
        }
    }

    /// A connection whose bytes the test decides on.
    final class Wire {
        private let descriptor: Int32
        private var unread: [UInt8] = [], hasEnded = false

        init(port: Int) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            let size = socklen_t(MemoryLayout<sockaddr_in>.size), own = descriptor
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(own, $0, size) }
            }
            try #require(result == 0)
        }

        deinit { close(descriptor) }

        func send(_ text: String) throws {
            let bytes = Array(text.utf8)
            try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        }

        /// Reads through the first `mark`.
        func read(through mark: String) throws -> String {
            while true {
                let text = String(decoding: unread, as: UTF8.self)
                if let end = text.range(of: mark)?.upperBound {
                    let found = String(text[..<end])
                    unread.removeFirst(found.utf8.count)
                    return found
                }
                try #require(receive(), "the connection closed, or nothing came: \(text)")
            }
        }

        /// Reads until the connection closes.
        func readToEnd() throws -> String {
            while receive() {}
            try #require(hasEnded, "the connection stays open: \(String(decoding: unread, as: UTF8.self))")
            defer { unread = [] }
            return String(decoding: unread, as: UTF8.self)
        }

        private func receive() -> Bool {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count > 0 { unread += bytes[..<count] }
            hasEnded = count == 0
            return count > 0
        }
    }

    private static let bomb = """
        H4sIAAAAAAACA+3IsQmAMAAEwFXC107gPFoIxgRJI+Lu4hJWd+XdqW1Z98wlYzuuTCX9bLWPbwoAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD8IM8LssGv
        jp8aBgA=
        """
}
