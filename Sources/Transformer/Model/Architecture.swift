import Kernels

/// The kinds of model that Brigade runs; the raw values are what `general.architecture` says. All are the same stack of
/// blocks (RMSNorm, grouped attention with rotary positions, gated feed-forward); what tells them apart stands here.
public enum Architecture: String, Sendable, CaseIterable {
    /// QwQ, Qwen2, Qwen2.5 and DeepSeek-R1-Distill-Qwen.
    case qwen2
    /// Qwen3, the dense ones.
    case qwen3
    /// Llama 3, DeepSeek-R1-Distill-Llama and others of that build.
    case llama

    /// Whether queries, keys and values have biases.
    var hasBiases: Bool { self == .qwen2 }

    /// Whether each head's queries and keys are normalized before they are rotated.
    var hasHeadNorms: Bool { self == .qwen3 }

    /// Which values of a head turn together. GGUF's converters reorder Llama's weights for neighbours.
    var rotationLayout: Rotation.Layout { self == .llama ? .pairs : .halves }

    /// All of them, for an error.
    static var supported: String {
        """
        qwen2 (QwQ, Qwen2, Qwen2.5, DeepSeek-R1-Distill-Qwen), qwen3 (Qwen3 dense) and llama (Llama 3, \
        DeepSeek-R1-Distill-Llama)
        """
    }
}
