/// The name of a sealed KV block: a digest, in 32 bytes, of all that its keys and values depend on. These are its
/// tokens and all tokens before them, the model, and every setting that changes a bit. Equal names mean equal blocks.
public struct BlockName: Hashable, Sendable {
    /// The bytes of the digest in words of eight, little-endian.
    public var words: SIMD4<UInt64>

    /// The name with these words.
    public init(words: SIMD4<UInt64>) { self.words = words }

    /// The name with these bytes; nil if there are not 32.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        words = .zero
        for (i, byte) in bytes.enumerated() { words[i / 8] |= UInt64(byte) << UInt64(8 * (i % 8)) }
    }

    /// The number of bytes of a name.
    public static let byteCount = 32

    /// The 32 bytes.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(8 * ($0 % 8))) }
    }
}
