import GGUF
import Kernels

/// The names and shapes of tensors; shapes are `[inputs, outputs]` as in GGUF.
extension ModelConfiguration {
    /// Matrices of block `layer`: tensor name and shape.
    func matrices(ofLayer layer: Int) -> [(name: String, shape: [Int])] {
        let p = "blk.\(layer)."
        return [
            (p + "attn_q.weight", [width, queryWidth]), (p + "attn_k.weight", [width, kvWidth]),
            (p + "attn_v.weight", [width, kvWidth]), (p + "attn_output.weight", [queryWidth, width]),
            (p + "ffn_gate.weight", [width, feedForward]), (p + "ffn_up.weight", [width, feedForward]),
            (p + "ffn_down.weight", [feedForward, width]),
        ]
    }

    /// Vectors of block `layer`: tensor name and length. First norms, then those of this architecture only.
    func vectors(ofLayer layer: Int) -> [(name: String, count: Int)] {
        let p = "blk.\(layer)."
        var vectors = [(p + "attn_norm.weight", width), (p + "ffn_norm.weight", width)]
        if architecture.hasBiases {
            vectors += [(p + "attn_q.bias", queryWidth), (p + "attn_k.bias", kvWidth), (p + "attn_v.bias", kvWidth)]
        }
        if architecture.hasHeadNorms {
            vectors += [(p + "attn_q_norm.weight", headDimension), (p + "attn_k_norm.weight", headDimension)]
        }
        return vectors
    }

    /// The tensor whose values divide the rotary frequencies of all blocks. Only some files have it (Llama 3.1 and
    /// later).
    static let ropeFactors = "rope_freqs.weight"

    /// The name and shape of the output matrix.
    var headMatrix: (name: String, shape: [Int]) {
        (tiedHead ? "token_embd.weight" : "output.weight", [width, vocabulary])
    }

    /// Bytes of the packed matrices of one block. Norms and biases are too small to count.
    public func weightBytes(ofLayer layer: Int, in file: GGUFFile) throws(ModelError) -> Int {
        var sum = 0
        for matrix in matrices(ofLayer: layer) { sum += try packedBytes(matrix, file) }
        return sum
    }

    /// Multiply-adds of one row with the matrices of one block.
    public func multiplyAdds(ofLayer layer: Int) -> Int {
        matrices(ofLayer: layer).reduce(0) { $0 + $1.shape[0] * $1.shape[1] }
    }

    /// Bytes of the packed output matrix.
    public func headBytes(in file: GGUFFile) throws(ModelError) -> Int { try packedBytes(headMatrix, file) }

    /// One region for the matrices of a slice, in the order in which it reads them.
    func arena(layers: Range<Int>, head: Bool, in file: GGUFFile) throws(ModelError) -> WeightArena {
        var sizes: [Int] = []
        for layer in layers {
            for matrix in matrices(ofLayer: layer) { sizes.append(try packedBytes(matrix, file)) }
        }
        if head { sizes.append(try packedBytes(headMatrix, file)) }
        return try ModelError.wrapping { try WeightArena(sizes) }
    }

    /// Names of all tensors that a slice reads. Not every file has the first of them.
    public func tensorNames(layers: Range<Int>, head: Bool) -> [String] {
        var names = [Self.ropeFactors]
        for layer in layers {
            names += matrices(ofLayer: layer).map(\.name) + vectors(ofLayer: layer).map(\.name)
        }
        return head ? names + ["output_norm.weight", headMatrix.name] : names
    }

    private func packedBytes(_ matrix: (name: String, shape: [Int]), _ file: GGUFFile) throws(ModelError) -> Int {
        try ModelError.wrapping { try PackedMatrix.byteCount(of: file.tensor(matrix.name, shape: matrix.shape)) }
    }
}

/// Reads the tensors of a slice, checks their shapes, and counts the bytes of packed matrices.
struct WeightReader {
    let file: GGUFFile
    let engine: ComputeEngine
    let arena: WeightArena
    var bytes = 0
    let progress: (Int) -> Void

    mutating func matrix(_ matrix: (name: String, shape: [Int])) throws(ModelError) -> PackedMatrix {
        let packed = try ModelError.wrapping {
            try PackedMatrix(file, file.tensor(matrix.name, shape: matrix.shape), engine: engine, arena: arena)
        }
        bytes += packed.byteCount
        progress(bytes)
        return packed
    }

    func vector(_ name: String, _ count: Int) throws(ModelError) -> FloatRows {
        try ModelError.wrapping { try FloatRows(name, file.floats(of: file.tensor(name, shape: [count]))) }
    }

    /// The divisors of the rotary frequencies; empty if the file has none.
    func ropeFactors(_ c: ModelConfiguration) throws(ModelError) -> [Float] {
        let name = ModelConfiguration.ropeFactors
        guard file.tensors.contains(where: { $0.name == name }) else { return [] }
        let factors = try ModelError.wrapping { try file.floats(of: file.tensor(name, shape: [c.headDimension / 2])) }
        guard factors.allSatisfy({ $0 >= 1e-6 && $0 <= 1e6 }) else {
            throw .unsupported(
                "tensor \(name) has a factor that is no number above 0. The file is damaged; fetch it again.")
        }
        return factors
    }
}

/// The weights of one transformer block.
struct LayerWeights {
    let attentionNorm: FloatRows, feedForwardNorm: FloatRows  // [width]
    let query: PackedMatrix, key: PackedMatrix, value: PackedMatrix  // [width] -> [heads*dim], [kvHeads*dim] twice
    let queryBias: FloatRows?, keyBias: FloatRows?, valueBias: FloatRows?
    let headNorms: RotaryAttention.HeadNorms?  // [dim] twice
    let attentionOutput: PackedMatrix  // [heads*dim] -> [width]
    let gate: PackedMatrix, up: PackedMatrix, down: PackedMatrix  // [width] -> [feedForward] twice, and back

    init(_ layer: Int, _ c: ModelConfiguration, _ reader: inout WeightReader) throws(ModelError) {
        let m = c.matrices(ofLayer: layer)
        var v: [FloatRows] = []
        for vector in c.vectors(ofLayer: layer) { v.append(try reader.vector(vector.name, vector.count)) }
        attentionNorm = v[0]
        feedForwardNorm = v[1]
        (queryBias, keyBias, valueBias) = c.architecture.hasBiases ? (v[2], v[3], v[4]) : (nil, nil, nil)
        headNorms =
            c.architecture.hasHeadNorms
            ? RotaryAttention.HeadNorms(query: v[v.count - 2], key: v[v.count - 1], epsilon: c.epsilon) : nil
        query = try reader.matrix(m[0])
        key = try reader.matrix(m[1])
        value = try reader.matrix(m[2])
        attentionOutput = try reader.matrix(m[3])
        gate = try reader.matrix(m[4])
        up = try reader.matrix(m[5])
        down = try reader.matrix(m[6])
    }
}
