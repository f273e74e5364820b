@testable import Tokenizer

/// Small vocabularies: ids 0 to 255 are the single bytes, then follow the merged tokens in the order of the merges, the
/// control tokens, and the user-defined tokens.
enum SmallVocabulary {
    static func make(merges: [String], control: [String] = [], userDefined: [String] = []) -> Vocabulary {
        var tokens = (0...255).map { spelled([UInt8($0)]) }
        for merge in merges {
            let joined = merge.filter { $0 != " " }
            if !tokens.contains(joined) { tokens.append(joined) }
        }
        let types =
            [Int](repeating: 1, count: tokens.count) + [Int](repeating: 3, count: control.count)
            + [Int](repeating: 4, count: userDefined.count)
        return Vocabulary(tokens: tokens + control + userDefined, types: types, merges: merges)
    }

    /// `bytes` in the byte-level alphabet, implemented here independently.
    static func spelled(_ bytes: [UInt8]) -> String {
        let visible = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        let hidden = (0...255).filter { !visible.contains($0) }
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let value = hidden.firstIndex(of: Int(byte)).map { 256 + $0 } ?? Int(byte)
            if let scalar = Unicode.Scalar(UInt32(value)) { text.append(scalar) }
        }
        return String(text)
    }

    /// A tokenizer with ChatML's markers and a few merges.
    static func chat() throws -> Tokenizer {
        try Tokenizer(
            make(
                merges: ["h i", "u s", "us e", "use r", "o k"],
                control: ["<|im_start|>", "<|im_end|>", "<|endoftext|>"],
                userDefined: ["<think>", "</think>"]))
    }
}

/// Random numbers that are the same in every run (SplitMix64, Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
