import Messaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A peer that does as it likes: a connection made without the module under test.
final class RawPeer: Sendable {
    private let descriptor: Int32

    /// Connects to an `ipc` address, or a `tcp` one on 127.0.0.1.
    init(_ url: NodeURL) throws {
        let result: Int32
        switch url.transport {
        case .ipc(let path):
            descriptor = socket(AF_UNIX, streamType, 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { bytes in
                for (index, byte) in path.utf8.enumerated() { bytes[index] = byte }
            }
            result = Self.connect(descriptor, &address, MemoryLayout<sockaddr_un>.size)
        case .tcp(_, let port):
            descriptor = socket(AF_INET, streamType, 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            result = Self.connect(descriptor, &address, MemoryLayout<sockaddr_in>.size)
        case .inproc: throw RawPeerError(errno: 0)
        }
        if result != 0 { throw RawPeerError(errno: errno) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Reads until there are `count` bytes or the connection is at its end; blocks.
    func receive(_ count: Int) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while received.count < count {
            let got = read(descriptor, &buffer, count - received.count)
            if got <= 0 { break }
            received += buffer[..<got]
        }
        return received
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address, _ size: Int) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connectSocket(descriptor, $0, socklen_t(size)) }
        }
    }
}

/// A listener on 127.0.0.1 that the system accepts connections for, and nobody looks after.
final class RawListener: Sendable {
    private let descriptor: Int32
    let url: NodeURL

    init() throws {
        descriptor = socket(AF_INET, streamType, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard result else { throw RawPeerError(errno: errno) }
        url = try NodeURL("tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
    }

    deinit { close(descriptor) }
}

struct RawPeerError: Error {
    var errno: Int32
}

private func connectSocket(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
    connect(descriptor, address, size)
}

#if canImport(Glibc)
    private let streamType = Int32(SOCK_STREAM.rawValue)
#else
    private let streamType = SOCK_STREAM
#endif

/// How many sockets this process has open.
func openSockets() -> Int {
    (0..<1024 as Range<Int32>).count { descriptor in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
}

func processNumber() -> Int32 { getpid() }

func userNumber() -> UInt32 { geteuid() }
