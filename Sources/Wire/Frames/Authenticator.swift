/// The first 16 bytes of a keyed digest over a message. They prove that the sender knows the plan's secret. `none`, all
/// zeros, if the plan has no secret.
public struct Authenticator: Equatable, Sendable {
    /// The bytes in words of eight, little-endian.
    public var words: SIMD2<UInt64>

    /// The authenticator with these words.
    public init(words: SIMD2<UInt64>) { self.words = words }

    /// No authenticator.
    public static let none = Authenticator(words: .zero)
    /// The number of bytes of an authenticator.
    public static let byteCount = 16
}

extension MutableRawSpan {
    mutating func store(_ authenticator: Authenticator, at offset: inout Int) {
        store(authenticator.words[0], at: &offset)
        store(authenticator.words[1], at: &offset)
    }
}

extension RawSpan {
    func loadAuthenticator(at offset: inout Int) -> Authenticator {
        Authenticator(words: SIMD2(load(UInt64.self, at: &offset), load(UInt64.self, at: &offset)))
    }
}
