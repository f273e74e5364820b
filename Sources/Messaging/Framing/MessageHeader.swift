/// What stands before every message on a byte stream, 16 bytes, numbers in little-endian order:
///
/// | bytes | what |
/// |---|---|
/// | 0–1 | `BM` |
/// | 2 | version, ``Hello/version`` |
/// | 3 | 0, reserved |
/// | 4–7 | number of the request that this is, or answers; 0 in a pipeline |
/// | 8–15 | length of the body in bytes |
struct MessageHeader: Equatable {
    static let byteCount = 16
    private static let magic: [UInt8] = [0x42, 0x4d, Hello.version, 0]

    var number: UInt32
    var length: UInt64

    /// Writes the header to the first 16 bytes of `target`.
    func write(to target: UnsafeMutableRawBufferPointer) {
        for (index, byte) in Self.magic.enumerated() { target[index] = byte }
        target.storeBytes(of: number.littleEndian, toByteOffset: 4, as: UInt32.self)
        target.storeBytes(of: length.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    init(number: UInt32, length: UInt64) {
        (self.number, self.length) = (number, length)
    }

    /// Reads a header from the first 16 bytes of `source`. Nil: these bytes are none.
    init?(_ source: UnsafeRawBufferPointer) {
        for (index, byte) in Self.magic.enumerated() where source[index] != byte { return nil }
        number = UInt32(littleEndian: source.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        length = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}

/// What a socket is, as the other end must know.
enum SocketKind: UInt8 {
    case push = 1
    case pull = 2
    case request = 3
    case reply = 4

    /// The only kind that it can talk to.
    var counterpart: SocketKind {
        switch self {
        case .push: .pull
        case .pull: .push
        case .request: .reply
        case .reply: .request
        }
    }
}

/// The first 16 bytes that either end of a connection sends: who dials says what it is, who accepts answers whether it
/// may stay. Bytes 0–3 are `BRGD`, then version, kind and answer; the rest is 0, reserved.
struct Hello: Equatable {
    static let byteCount = 16
    static let version: UInt8 = 1
    private static let magic: [UInt8] = [0x42, 0x52, 0x47, 0x44]

    /// What the end that accepts says to the one that dials.
    enum Answer: UInt8 {
        case welcome = 0
        /// A pull socket has one live pusher, and another one is it.
        case occupied = 1
        case wrongKind = 2
        case wrongVersion = 3
        /// The process at the other end of the socket file is another user's.
        case wrongUser = 4
        /// TLS did not verify the peer.
        case notVerified = 5
        case closing = 6

        /// For whoever was turned away.
        var reason: String {
            switch self {
            case .welcome: "welcome"
            case .occupied: "another socket sends there"
            case .wrongKind: "the socket there is of a kind that does not fit this one"
            case .wrongVersion: "the node there speaks another version of the protocol"
            case .wrongUser: "the socket belongs to another user"
            case .notVerified: "the certificate was not verified"
            case .closing: "the socket there is closing"
            }
        }
    }

    var version = Hello.version
    var kind: SocketKind
    var answer = Answer.welcome

    func write(to target: UnsafeMutableRawBufferPointer) {
        for index in 0..<Self.byteCount { target[index] = 0 }
        for (index, byte) in Self.magic.enumerated() { target[index] = byte }
        (target[4], target[5], target[6]) = (version, kind.rawValue, answer.rawValue)
    }

    init(kind: SocketKind, answer: Answer = .welcome) {
        (self.kind, self.answer) = (kind, answer)
    }

    /// Reads the first 16 bytes of `source`. Nil: whoever sent them is no socket of this kind of program.
    init?(_ source: UnsafeRawBufferPointer) {
        for (index, byte) in Self.magic.enumerated() where source[index] != byte { return nil }
        guard let kind = SocketKind(rawValue: source[5]), let answer = Answer(rawValue: source[6]) else { return nil }
        (version, self.kind, self.answer) = (source[4], kind, answer)
    }
}
