/// The limits for a file. The file's own length limits everything else: a count is refused when that many elements of
/// the smallest size would not fit into the bytes that follow.
public enum GGUFLimits {
    /// Bytes in a metadata key (the format's own limit).
    public static let keyLength = 65535
    /// Bytes in a tensor's name (the format's own limit).
    public static let tensorNameLength = 64
    /// Dimensions of a tensor (the format's own limit).
    public static let dimensions = 4
    /// How deep arrays may nest; an array of numbers has depth 1.
    public static let arrayDepth = 4
    /// The alignment of tensor data, in bytes, when `general.alignment` is missing.
    public static let defaultAlignment = 32
    /// The versions of the format that can be read.
    public static let versions: ClosedRange<UInt32> = 2...3

    /// Bytes of the smallest metadata entry: key length, one letter, value type, one byte.
    static let smallestEntry = 8 + 1 + 4 + 1
    /// Bytes of the smallest tensor entry: name length, one letter, dimension count, type, offset.
    static let smallestTensorEntry = 8 + 1 + 4 + 4 + 8
}
