import GGUF
import Tokenizer

/// What a model file's header says about the model.
public struct ModelDetails: Sendable, Equatable {
    /// `general.architecture`, which Ollama calls the family.
    public let architecture: String
    /// Number of weights, over all tensors.
    public internal(set) var parameterCount: Int
    /// Context length the model was trained for, in tokens; nil when the file does not say.
    public let contextLength: Int?
    /// Width of an activation row, in values; nil when the file does not say.
    public let embeddingLength: Int?
    /// Quantization of the weights, such as `Q4_K_M`.
    public let quantization: String
    /// The file's chat templates, in Jinja.
    public let chatTemplates: [ChatTemplate.Source]
    /// The one of them that is used where there are no tools; nil when the file has none.
    public var chatTemplate: String? { (chatTemplates.first { $0.name == "default" } ?? chatTemplates.first)?.text }

    /// Reads the header of an opened file.
    ///
    /// - Throws: when the file does not name its architecture.
    public init(_ file: GGUFFile) throws(GGUFError) {
        let architecture = try file.string("general.architecture")
        self.architecture = architecture
        parameterCount = file.tensors.reduce(0) { $0 &+ $1.shape.reduce(1, &*) }
        contextLength = try? file.int(architecture + ".context_length")
        embeddingLength = try? file.int(architecture + ".embedding_length")
        chatTemplates = ChatTemplate.Source.all(in: file)
        quantization = Self.mixtures[(try? file.int("general.file_type")) ?? -1] ?? Self.mostCommonType(of: file)
    }

    /// The number of weights in short form: `32.8B`, `494.03M`.
    public var parameterSize: String {
        func text(_ unit: Int, _ digits: Int) -> String {
            let scale = digits == 1 ? 10 : 100
            let value = (parameterCount * scale + unit / 2) / unit  // in tenths or hundredths, rounded
            let rest = "\(value % scale)"
            return "\(value / scale)"
                + (value % scale == 0 ? "" : "." + String(repeating: "0", count: digits - rest.count) + rest)
        }
        if parameterCount >= 1_000_000_000_000_000 { return "\(parameterCount)" }
        if parameterCount >= 1_000_000_000 { return text(1_000_000_000, 1) + "B" }
        if parameterCount >= 1_000_000 { return text(1_000_000, 2) + "M" }
        return parameterCount >= 1000 ? "\(parameterCount / 1000)K" : "\(parameterCount)"
    }

    /// Names of the values of `general.file_type`, as llama.cpp's `llama_ftype` numbers them.
    private static let mixtures: [Int: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
        12: "Q3_K_M",
        13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 21: "Q2_K_S", 32: "BF16",
    ]

    /// The block format with the most bytes, for a file that does not say its `file_type`.
    private static func mostCommonType(of file: GGUFFile) -> String {
        var bytes: [String: Int] = [:]
        for tensor in file.tensors { bytes[tensor.type.name, default: 0] += tensor.byteCount }
        return bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "unknown"
    }
}
