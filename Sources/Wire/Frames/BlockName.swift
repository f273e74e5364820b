/// What the keys and values of a sealed KV block depend on, as a digest of 32 bytes: its tokens and all before them, the
/// model, and everything else that decides a bit. Two blocks of one name hold the same.
public struct BlockName: Hashable, Sendable {
    /// The digest's bytes, eight at a time, little-endian.
    public var words: SIMD4<UInt64>

    /// The name with these words.
    public init(words: SIMD4<UInt64>) { self.words = words }

    /// The name with these 32 bytes; nil when there are not so many.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        words = .zero
        for (i, byte) in bytes.enumerated() { words[i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
    }

    /// Bytes of a name.
    public static let byteCount = 32

    /// The 32 bytes.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }
}
