import Messaging
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    private static let url = "tls+tcp://127.0.0.1:0"

    private func options(_ credentials: TLSCredentials) -> SocketOptions { SocketOptions(tls: credentials) }

    /// The error of a blocking dial, nil when it connects.
    private func dial(_ url: NodeURL, _ credentials: TLSCredentials) async throws -> MessagingError? {
        let options = options(credentials)
        return try await onThread {
            let push = try PushSocket(options: options)
            do throws(MessagingError) { try push.dial(url, nonblocking: false) } catch { return error }
            return nil
        }
    }

    @Test func bothEndsKnowThatTheOtherIsOfTheCluster() async throws {
        let (events, handler) = pipeEvents(), (dialerEvents, dialerHandler) = pipeEvents()
        let pull = try PullSocket(options: options(TestCertificates.node), onPipeChange: handler)
        let push = try PushSocket(options: options(TestCertificates.node), onPipeChange: dialerHandler)
        try push.dial(pull.listen(NodeURL(Self.url)))
        for await event in events {
            #expect(event.isVerified)
            break
        }
        for await event in dialerEvents {
            #expect(event.isVerified)
            break
        }
    }

    @Test func aNodeOfAnotherAuthorityIsRefusedByBothEnds() async throws {
        let pull = SharedSocket(try PullSocket(options: options(TestCertificates.node)))
        let url = try pull.socket.listen(NodeURL(Self.url))
        #expect(try await dial(url, TestCertificates.stranger) != nil)
        #expect(try await dial(url, TestCertificates.node) == nil)
        let pretender = SharedSocket(try PullSocket(options: options(TestCertificates.stranger)))
        let error = try await dial(try pretender.socket.listen(NodeURL(Self.url)), TestCertificates.node)
        #expect(error != nil)
    }

    @Test func aCertificateOfAnotherNameIsRefused() async throws {
        let pull = SharedSocket(try PullSocket(options: options(TestCertificates.node)))
        let error = try await dial(try pull.socket.listen(NodeURL(Self.url)), TestCertificates.elsewhere)
        #expect(error?.code == .notPermitted)
        #expect(error?.description.contains("certificates of both ends") == true)
    }

    @Test func whoDoesNotSpeakTLSDoesNoHarm() async throws {
        let pull = SharedSocket(try PullSocket(options: options(TestCertificates.node)))
        let url = try pull.socket.listen(NodeURL(Self.url))
        let plain = try NodeURL("tcp://127.0.0.1:\(try #require(url.port))")
        for _ in 0..<50 {
            let peer = try RawPeer(plain)
            peer.send(Array("BRGD".utf8) + [1, 1] + [UInt8](repeating: 0, count: 10))
        }
        let error = await #expect(throws: MessagingError.self) {
            try await onThread {
                let push = try PushSocket()
                try push.dial(plain, nonblocking: false)
            }
        }
        #expect(error != nil)
        #expect(try await dial(url, TestCertificates.node) == nil)
    }

    @Test func anAddressWithTLSNeedsACertificate() throws {
        let pull = try PullSocket(), push = try PushSocket()
        let listening = #expect(throws: MessagingError.self) { try pull.listen(NodeURL(Self.url)) }
        let dialing = #expect(throws: MessagingError.self) { try push.dial(NodeURL("tls+tcp://127.0.0.1:9")) }
        for error in [listening, dialing] {
            #expect(error?.code == .notPermitted)
            #expect(error?.detail.contains("was given no certificate") == true)
        }
    }

    @Test(arguments: ["", "no certificate", TestCertificates.authority])
    func whatIsNoKeyIsRefused(key: String) {
        let error = #expect(throws: MessagingError.self) {
            try TLSCredentials(
                authority: TestCertificates.authority, certificate: TestCertificates.nodeCertificate, key: key,
                peerName: "a")
        }
        #expect(error?.code == .notPermitted)
        #expect(error?.operation == "read the node's certificate and key")
    }
}

extension NodeURL {
    /// The port of a TCP address.
    var port: UInt16? {
        if case .tcp(_, let port) = transport { return port }
        return nil
    }
}
