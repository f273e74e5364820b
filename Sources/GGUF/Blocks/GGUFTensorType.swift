/// How a tensor's weights are stored. Raw values are ggml's type numbers. Each case lists the contents of its block in
/// order; `d`, `m` and `dmin` are float16.
public enum GGUFTensorType: UInt32, Sendable, CaseIterable {
    /// 32 bits per weight: IEEE 754 binary32.
    case f32 = 0
    /// 16 bits per weight: IEEE 754 binary16.
    case f16 = 1
    /// 4.5 bits per weight: `d`, 16 bytes of nibbles; `w = d * (q - 8)`.
    case q4_0 = 2
    /// 5 bits per weight: `d`, `m`, 16 bytes of nibbles; `w = d * q + m`.
    case q4_1 = 3
    /// 5.5 bits per weight: `d`, 32 fifth bits, 16 bytes of nibbles; `w = d * (q - 16)`.
    case q5_0 = 6
    /// 6 bits per weight: `d`, `m`, 32 fifth bits, 16 bytes of nibbles; `w = d * q + m`.
    case q5_1 = 7
    /// 8.5 bits per weight: `d`, 32 int8; `w = d * q`.
    case q8_0 = 8
    /// 2.625 bits per weight: 16 bytes of 4-bit scales and minima, 64 of 2-bit quants, `d`, `dmin`;
    /// `w = d * sc * q - dmin * m`.
    case q2_K = 10
    /// 3.4375 bits per weight: 32 bytes of third bits, 64 of 2-bit quants, 12 of 6-bit scales, `d`;
    /// `w = d * (sc - 32) * (q - 4)`.
    case q3_K = 11
    /// 4.5 bits per weight: `d`, `dmin`, 12 bytes of 6-bit scales and minima, 128 of nibbles;
    /// `w = d * sc * q - dmin * m`.
    case q4_K = 12
    /// 5.5 bits per weight: `d`, `dmin`, 12 bytes of 6-bit scales and minima, 32 of fifth bits, 128 of nibbles;
    /// `w = d * sc * q - dmin * m`.
    case q5_K = 13
    /// 6.5625 bits per weight: 128 bytes of nibbles, 64 of upper bits, 16 int8 scales, `d`; `w = d * sc * (q - 32)`.
    case q6_K = 14
    /// 16 bits per weight: the upper half of a binary32.
    case bf16 = 30

    /// Weights in a block; a row is a whole number of blocks.
    public var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// Bytes a block takes in the file.
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 2 + 16
        case .q4_1: 2 + 2 + 16
        case .q5_0: 2 + 4 + 16
        case .q5_1: 2 + 2 + 4 + 16
        case .q8_0: 2 + 32
        case .q2_K: 16 + 64 + 2 + 2
        case .q3_K: 32 + 64 + 12 + 2
        case .q4_K: 2 + 2 + 12 + 128
        case .q5_K: 2 + 2 + 12 + 32 + 128
        case .q6_K: 128 + 64 + 16 + 2
        }
    }

    /// ggml's name, for example `Q4_K`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q2_K: "Q2_K"
        case .q3_K: "Q3_K"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        case .bf16: "BF16"
        }
    }

    /// Names, for messages, of the ggml types that this module does not read.
    private static let foreignNames: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
        29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]

    /// A type number with its name, if known: `IQ4_XS (23)`, `1000 (unknown)`.
    static func describe(id: UInt32) -> String {
        if let name = GGUFTensorType(rawValue: id)?.name ?? foreignNames[id] { return "\(name) (\(id))" }
        return "\(id) (unknown)"
    }
}
