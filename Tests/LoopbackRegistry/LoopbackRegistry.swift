import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A model registry on loopback that misbehaves on request and counts what it serves.
public final class LoopbackRegistry: Sendable {
    /// How the registry misbehaves; by default it does not.
    public struct Behaviour: Sendable {
        /// Answers a request for a range with the whole blob.
        public var ignoresRanges = false
        /// Redirects requests for blobs to another path.
        public var redirects = false
        /// Redirects requests in a circle.
        public var redirectsForEver = false
        /// Number of blob answers that are cut, each after `cutAfter` bytes.
        public var cuts = 0, cutAfter = 0
        /// Total number of blob bytes after which every connection is cut; nil for no limit.
        public var givesAtMost: Int?
        /// Number of answers that are one byte short and announce that length.
        public var shortAnswers = 0
        /// Offset of a wrong byte in the largest blob.
        public var wrongByte: Int?
        /// The status with which requests for blobs fail, and how many of them fail.
        public var status = 503, failures = 0
        /// Accepts requests for blobs and never answers them.
        public var hangs = false
        /// Sends nothing after this many bytes of a blob, with the connection open; or sends a byte at a time, slowly.
        public var stallsAfter: Int?, drips = false
        /// Answers only requests with this token, which the registry gives to anybody.
        public var token: String?
        /// Announces another range than was asked for.
        public var shiftsRanges = false
    }

    /// A request that arrived.
    public struct Request: Sendable {
        /// The path, and the `range` and `accept` headers.
        public var path: String, range: String?, accept: String?
    }

    private struct State {
        var behaviour = Behaviour()
        var manifests: [String: [UInt8]] = [:], blobs: [String: [UInt8]] = [:]
        var requests: [Request] = []
        var served = 0
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Holds every connection until it is closed: SwiftNIO traps when an open one is dropped unserved, as may happen
    /// while the server stops.
    private final class Connections: Sendable {
        private let state = Mutex<(open: [ObjectIdentifier: Connection], hasEnded: Bool)>(([:], false))

        func add(_ connection: Connection) {
            let channel = connection.channel
            let hasEnded = state.withLock {
                $0.open[ObjectIdentifier(channel)] = connection
                return $0.hasEnded
            }
            channel.closeFuture.whenComplete { [self] _ in
                state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
            }
            if hasEnded { channel.close(promise: nil) }
        }

        func end() {
            let open = state.withLock { state in
                state.hasEnded = true
                return state.open
            }
            for connection in open.values { connection.channel.close(promise: nil) }
        }
    }

    private let state = Mutex(State()), connections = Connections()
    private let server: any Channel
    private let serving = Mutex<Task<Void, Never>?>(nil)
    /// The base URL, `http://127.0.0.1:PORT`.
    public let url: String

    /// Starts an empty registry.
    public init() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { [connections] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    let connection = try Connection(wrappingChannelSynchronously: channel)
                    connections.add(connection)
                    return connection
                }
            }
        server = listener.channel
        url = "http://127.0.0.1:\(listener.channel.localAddress?.port ?? 0)"
        let task = Task<Void, Never> { [self] in
            _ = try? await listener.executeThenClose { inbound in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in inbound { group.addTask { try? await self.serve(connection) } }
                }
            }
        }
        serving.withLock { $0 = task }
    }

    /// Stops listening and closes all connections; to be called in the end.
    public func stop() {
        serving.withLock { $0?.cancel() }
        server.close(promise: nil)
        connections.end()
    }

    /// Changes the registry's behaviour.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

    /// The requests so far.
    public var requests: [Request] { state.withLock(\.requests) }
    /// The requests for blobs so far.
    public var blobRequests: [Request] { requests.filter { $0.path.contains("/blobs/") } }
    /// Number of blob bytes served since the start or the last `forget`.
    public var served: Int { state.withLock(\.served) }
    /// Clears the requests and the count of served bytes.
    public func forget() {
        state.withLock {
            $0.requests = []
            $0.served = 0
        }
    }

    // MARK: Contents

    /// Adds a blob; returns its digest.
    @discardableResult public func add(blob: [UInt8]) -> String {
        let digest = "sha256:" + SHA256.hash(data: blob).map { String(format: "%02x", $0) }.joined()
        state.withLock { $0.blobs[digest] = blob }
        return digest
    }

    /// Adds a manifest of layers, each given by the last word of its media type and its bytes; returns the manifest.
    @discardableResult public func add(_ name: String, _ layers: [(kind: String, bytes: [UInt8])]) throws -> [UInt8] {
        let list = layers.map { layer in
            let digest = add(blob: layer.bytes)
            let type = "application/vnd.ollama.image.\(layer.kind)"
            return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(layer.bytes.count)}"#
        }
        let config = Array("{}".utf8)
        let text = """
            {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",\
            "config":{"mediaType":"application/vnd.docker.container.image.v1+json",\
            "digest":"\(add(blob: config))","size":2},\
            "layers":[\(list.joined(separator: ","))]}
            """
        add(name, manifest: Array(text.utf8))
        return Array(text.utf8)
    }

    /// Adds a manifest byte for byte, under a name such as `library/qwq:latest`.
    public func add(_ name: String, manifest: [UInt8]) {
        let pieces = name.split(separator: ":")
        state.withLock { $0.manifests["/v2/\(pieces[0])/manifests/\(pieces[1])"] = manifest }
    }

    // MARK: Answers

    private struct Answer {
        var status = HTTPResponseStatus.ok, headers = HTTPHeaders()
        var body: ArraySlice<UInt8> = []
        var announced: Int?  // content-length, if not the body's own
        var isBlob = false, hangs = false
    }

    private func answer(_ head: HTTPRequestHead) -> Answer {
        state.withLock { state in
            let range = head.headers.first(name: "range")
            state.requests.append(Request(path: head.uri, range: range, accept: head.headers.first(name: "accept")))
            let behaviour = state.behaviour
            if head.uri.hasPrefix("/token") {
                return Answer(body: ArraySlice(#"{"token":"\#(behaviour.token ?? "")"}"#.utf8))
            }
            if let token = behaviour.token, head.headers.first(name: "authorization") != "Bearer " + token {
                let challenge = #"Bearer realm="\#(url)/token",service="loopback",scope="repository:library/tiny:pull""#
                return Answer(status: .unauthorized, headers: ["www-authenticate": challenge])
            }
            if let manifest = state.manifests[head.uri] { return Answer(body: manifest[...]) }
            guard let digest = head.uri.split(separator: "/").last.map(String.init), var blob = state.blobs[digest]
            else {
                return Answer(status: .notFound)
            }
            if behaviour.redirectsForEver || behaviour.redirects && !head.uri.hasPrefix("/elsewhere") {
                return Answer(status: .temporaryRedirect, headers: ["location": url + "/elsewhere/blobs/" + digest])
            }
            if behaviour.failures > 0 {
                state.behaviour.failures -= 1
                return Answer(status: .init(statusCode: behaviour.status))
            }
            if let place = behaviour.wrongByte, blob.count == state.blobs.values.map(\.count).max() { blob[place] ^= 1 }
            var answer = Answer(body: blob[...], isBlob: true, hangs: behaviour.hangs)
            if !behaviour.ignoresRanges, let bounds = range?.dropFirst(6).split(separator: "-").compactMap({ Int($0) }),
                bounds.count == 2
            {
                guard bounds[0] < blob.count else { return Answer(status: .rangeNotSatisfiable) }
                answer.body = blob[bounds[0]...min(bounds[1], blob.count - 1)]
                answer.status = .partialContent
                let first = bounds[0] + (behaviour.shiftsRanges ? 1 : 0)
                answer.headers.add(name: "content-range", value: "bytes \(first)-\(bounds[1])/\(blob.count)")
            }
            if behaviour.shortAnswers > 0, answer.body.count > 1 {
                state.behaviour.shortAnswers -= 1
                answer.body = answer.body.dropLast()
            } else if behaviour.cuts > 0, answer.body.count > behaviour.cutAfter {
                state.behaviour.cuts -= 1
                answer.announced = answer.body.count
                answer.body = answer.body.prefix(behaviour.cutAfter)
            }
            return answer
        }
    }

    /// How many of the next `count` bytes may be sent.
    private func grant(_ count: Int) -> Int {
        state.withLock { state in
            let granted = min(count, state.behaviour.givesAtMost.map { max(0, $0 - state.served) } ?? count)
            state.served += granted
            return granted
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            for try await part in inbound {
                guard case .head(let head) = part else { continue }
                var answer = answer(head)
                if answer.hangs { try await Task.sleep(for: .seconds(600)) }
                answer.headers.add(name: "content-length", value: "\(answer.announced ?? answer.body.count)")
                try await outbound.write(
                    .head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: answer.headers)))
                var rest = answer.body
                let (stall, drips) = state.withLock { ($0.behaviour.stallsAfter, $0.behaviour.drips) }
                if answer.isBlob, let stall, rest.count > stall {
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: rest.prefix(stall)))))
                    try await Task.sleep(for: .seconds(600))
                }
                while !rest.isEmpty {
                    if drips && answer.isBlob { try await Task.sleep(for: .milliseconds(5)) }
                    let wanted = min(rest.count, drips ? 1 : 32 << 10), count = answer.isBlob ? grant(wanted) : wanted
                    try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: rest.prefix(count)))))
                    guard count == wanted else { return }  // the connection is cut
                    rest = rest.dropFirst(count)
                }
                if answer.announced != nil { return }
                try await outbound.write(.end(nil))
            }
        }
    }
}
