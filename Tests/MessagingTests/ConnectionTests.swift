import Messaging
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
    /// An address where a socket listened a moment ago and no longer does.
    private func abandonedURL(_ transport: TransportCase) throws -> NodeURL {
        let pull = try PullSocket(options: transport.options)
        return try pull.listen(transport.freshURL())
    }

    @Test(arguments: TransportCase.allCases)
    func aBlockingDialToNobodyIsRefused(_ transport: TransportCase) async throws {
        let url = try abandonedURL(transport)
        let error = await #expect(throws: MessagingError.self) {
            try await onThread {
                let push = try PushSocket(options: transport.options)
                try push.dial(url, nonblocking: false)
            }
        }
        #expect(error?.code == .refused)
        #expect(error?.url == url.description)
    }

    @Test(arguments: TransportCase.allCases)
    func aNonblockingDialFindsThePeerOnceItListens(_ transport: TransportCase) async throws {
        let url = try abandonedURL(transport)
        let push = try PushSocket(options: transport.options)
        try push.dial(url, nonblocking: true)
        let error = await #expect(throws: MessagingError.self) { try await push.send([1], deadline: .milliseconds(30)) }
        #expect(error?.code == .timedOut)
        let pull = try PullSocket(options: transport.options)
        try pull.listen(url)
        try await push.send([2], deadline: patience)
        #expect(try await pull.receive(deadline: patience) == [2])
    }

    @Test(arguments: TransportCase.allCases)
    func watchersLearnOfPeersThatComeAndGo(_ transport: TransportCase) async throws {
        let (events, handler) = pipeEvents()
        let pull = try PullSocket(options: transport.options, onPipeChange: handler)
        let url = try pull.listen(transport.freshURL())
        let (dialerEvents, dialerHandler) = pipeEvents()
        do {
            let push = try PushSocket(options: transport.options, onPipeChange: dialerHandler)
            try push.dial(url)
            try await push.send([1], deadline: patience)
            _ = try await pull.receive(deadline: patience)
        }
        var seen = [PipeEvent]()
        for await event in events {
            seen.append(event)
            if seen.count == 2 { break }
        }
        #expect(seen.map(\.kind) == [.added, .removed])
        #expect(seen[0].pipe == seen[1].pipe)
        var dialer: PipeEvent?
        for await event in dialerEvents {
            dialer = event
            break
        }
        if transport == .tcp || transport == .tls {
            #expect(seen.map(\.localAddress) == [url.description, url.description])
            #expect(seen[0].remoteAddress == dialer?.localAddress)
            #expect(dialer?.remoteAddress == url.description)
            #expect(dialer?.localAddress?.contains("tcp://127.0.0.1:") == true)
        } else {
            #expect(seen.allSatisfy { $0.localAddress == nil && $0.remoteAddress == nil })
        }
    }

    @Test(arguments: TransportCase.allCases)
    func aPusherLearnsThatItsPeerIsGone(_ transport: TransportCase) async throws {
        let (events, handler) = pipeEvents()
        let push = try PushSocket(options: transport.options, onPipeChange: handler)
        do {
            let pull = try PullSocket(options: transport.options)
            try push.dial(pull.listen(transport.freshURL()))
            try await push.send([1], deadline: patience)
            _ = try await pull.receive(deadline: patience)
        }
        var kinds = [PipeEvent.Kind]()
        for await event in events {
            kinds.append(event.kind)
            if kinds.count == 2 { break }
        }
        #expect(kinds == [.added, .removed])
    }

    @Test func portZeroReportsThePortBound() throws {
        for text in ["tcp://127.0.0.1:0", "tcp://*:0"] {
            let asked = try NodeURL(text)
            let pull = try PullSocket()
            let bound = try pull.listen(asked)
            #expect(bound != asked)
            #expect(bound.withPort(0) == asked)
        }
    }

    @Test(arguments: TransportCase.allCases)
    func anAddressInUseIsRefusedAndItsOwnerGoesOn(_ transport: TransportCase) async throws {
        let first = try PullSocket(options: transport.options)
        let url = try first.listen(transport.freshURL())
        let second = try PullSocket(options: transport.options)
        let error = #expect(throws: MessagingError.self) { try second.listen(url) }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains(url.description) == true)
        if case .ipc(let path) = url.transport { #expect(fileExists(path)) }
        for _ in 0..<3 {
            #expect(throws: MessagingError.self) { try PullSocket(options: transport.options).listen(url) }
        }
        second.close()
        let push = try PushSocket(options: transport.options)
        try push.dial(url)
        try await push.send([7], deadline: patience)
        #expect(try await first.receive(deadline: patience) == [7])
    }

    @Test func aSocketFileNobodyListensOnIsReplacedAndRemovedAtTheEnd() throws {
        let url = try TransportCase.ipc.freshURL()
        guard case .ipc(let path) = url.transport else { return }
        // A process that was killed leaves its file behind.
        let descriptor = socket(AF_UNIX, socketStreamType, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        for (index, byte) in path.utf8.enumerated() { setByte(&address, index, byte) }
        #expect(bindSocket(descriptor, &address) == 0)
        close(descriptor)
        #expect(fileExists(path))
        do {
            let pull = try PullSocket()
            try pull.listen(url)
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        #expect(!fileExists(path))
    }

    @Test func aFileThatIsNoSocketIsKept() throws {
        let url = try TransportCase.ipc.freshURL()
        guard case .ipc(let path) = url.transport else { return }
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
        defer { unlink(path) }
        let pull = try PullSocket()
        let error = #expect(throws: MessagingError.self) { try pull.listen(url) }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains("exists and is not a socket") == true)
        #expect(fileExists(path))
    }

    @Test func listeningAgainIsTriedUntilItSucceeds() async throws {
        let folder = temporaryPath(-1) + ".folder"
        #expect(mkdir(folder, 0o700) == 0)
        defer { rmdir(folder) }
        let pull = try PullSocket(), url = try pull.listen(NodeURL("ipc://\(folder)/a"))
        #expect(rename(folder, folder + ".away") == 0)
        for _ in 0..<2 { #expect(throws: MessagingError.self) { try pull.listenAgain() } }
        #expect(rename(folder + ".away", folder) == 0)
        try pull.listenAgain()
        let push = try PushSocket()
        try push.dial(url)
        try await push.send([1], deadline: patience)
        #expect(try await pull.receive(deadline: patience) == [1])
        pull.close()
        unlink(folder + "/a")
    }

    @Test func aDirectoryThatDoesNotExistIsAnError() throws {
        let pull = try PullSocket()
        let error = #expect(throws: MessagingError.self) { try pull.listen(NodeURL("ipc:///nonexistent-dir/a.sock")) }
        #expect(error?.operation == "listen")
    }
}

#if canImport(Glibc)
    private let socketStreamType = Int32(SOCK_STREAM.rawValue)
#else
    private let socketStreamType = SOCK_STREAM
#endif

private func setByte(_ address: inout sockaddr_un, _ index: Int, _ byte: UInt8) {
    withUnsafeMutableBytes(of: &address.sun_path) { $0[index] = byte }
}

private func bindSocket(_ descriptor: Int32, _ address: inout sockaddr_un) -> Int32 {
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
