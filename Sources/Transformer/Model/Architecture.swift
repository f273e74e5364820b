import Kernels

/// The architectures that Brigade runs; the raw values are those of `general.architecture`. All have the same blocks
/// (RMSNorm, grouped attention with rotary positions, gated feed-forward); this type has the differences.
public enum Architecture: String, Sendable, CaseIterable {
    /// QwQ, Qwen2, Qwen2.5 and DeepSeek-R1-Distill-Qwen.
    case qwen2
    /// The dense models of Qwen3.
    case qwen3
    /// Llama 3, DeepSeek-R1-Distill-Llama and others with the same structure.
    case llama

    /// Whether queries, keys and values have biases.
    var hasBiases: Bool { self == .qwen2 }

    /// Whether the queries and keys of each head are normalized before rotation.
    var hasHeadNorms: Bool { self == .qwen3 }

    /// Which values of a head are rotated together. For Llama, GGUF's converters make these neighbours.
    var rotationLayout: Rotation.Layout { self == .llama ? .pairs : .halves }

    /// All architectures, for error messages.
    static var supported: String {
        """
        qwen2 (QwQ, Qwen2, Qwen2.5, DeepSeek-R1-Distill-Qwen), qwen3 (Qwen3 dense) and llama (Llama 3, \
        DeepSeek-R1-Distill-Llama)
        """
    }
}
