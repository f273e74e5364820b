import GGUF
import Kernels

/// The shapes of one block's tensors, by name: `[inputs, outputs]` as GGUF writes them.
extension ModelConfiguration {
    /// Matrices of block `layer`: tensor name and shape.
    func matrices(ofLayer layer: Int) -> [(name: String, shape: [Int])] {
        let p = "blk.\(layer).", kv = kvHeads * headDimension
        return [
            (p + "attn_q.weight", [width, width]), (p + "attn_k.weight", [width, kv]), (p + "attn_v.weight", [width, kv]),
            (p + "attn_output.weight", [width, width]), (p + "ffn_gate.weight", [width, feedForward]),
            (p + "ffn_up.weight", [width, feedForward]), (p + "ffn_down.weight", [feedForward, width]),
        ]
    }

    /// The output matrix's name and shape.
    var headMatrix: (name: String, shape: [Int]) {
        (tiedHead ? "token_embd.weight" : "output.weight", [width, vocabulary])
    }

    /// Bytes the packed matrices of one block take (norms and biases are too small to count).
    public func weightBytes(ofLayer layer: Int, in file: GGUFFile) throws(ModelError) -> Int {
        var sum = 0
        for matrix in matrices(ofLayer: layer) { sum += try packedBytes(matrix, file) }
        return sum
    }

    /// Bytes the packed output matrix takes.
    public func headBytes(in file: GGUFFile) throws(ModelError) -> Int { try packedBytes(headMatrix, file) }

    /// One region for the matrices of a slice, in the order it reads them.
    func arena(layers: Range<Int>, head: Bool, in file: GGUFFile) throws(ModelError) -> WeightArena {
        var sizes: [Int] = []
        for layer in layers {
            for matrix in matrices(ofLayer: layer) { sizes.append(try packedBytes(matrix, file)) }
        }
        if head { sizes.append(try packedBytes(headMatrix, file)) }
        do { return try WeightArena(sizes) } catch { throw .kernel(error) }
    }

    /// Names of all tensors a slice reads, in the order it reads them.
    public func tensorNames(layers: Range<Int>, head: Bool) -> [String] {
        var names: [String] = []
        for layer in layers {
            names += matrices(ofLayer: layer).map(\.name)
            names += ["attn_norm.weight", "ffn_norm.weight", "attn_q.bias", "attn_k.bias", "attn_v.bias"].map {
                "blk.\(layer)." + $0
            }
        }
        return head ? names + ["output_norm.weight", headMatrix.name] : names
    }

    private func packedBytes(_ matrix: (name: String, shape: [Int]), _ file: GGUFFile) throws(ModelError) -> Int {
        do { return try PackedMatrix.byteCount(of: file.tensor(matrix.name, shape: matrix.shape)) } catch let error as GGUFError {
            throw .file(error)
        } catch let error as KernelError {
            throw .kernel(error)
        } catch { throw .unsupported("\(error)") }
    }
}

/// Reads tensors for a slice, checking each one's shape, and counts what was read.
struct WeightReader {
    let file: GGUFFile
    let engine: ComputeEngine
    let arena: WeightArena
    var bytes = 0
    let progress: (Int) -> Void

    mutating func matrix(_ matrix: (name: String, shape: [Int])) throws(ModelError) -> PackedMatrix {
        do {
            let packed = try PackedMatrix(file, file.tensor(matrix.name, shape: matrix.shape), engine: engine, arena: arena)
            bytes += packed.byteCount
            progress(bytes)
            return packed
        } catch let error as GGUFError {
            throw .file(error)
        } catch let error as KernelError {
            throw .kernel(error)
        } catch { throw .unsupported("\(error)") }
    }

    mutating func vector(_ name: String, _ count: Int) throws(ModelError) -> FloatRows {
        do { return try FloatRows(name, file.floats(of: file.tensor(name, shape: [count]))) } catch let error as GGUFError {
            throw .file(error)
        } catch let error as KernelError {
            throw .kernel(error)
        } catch { throw .unsupported("\(error)") }
    }

    /// Biases are there in Qwen2 and absent in its relatives.
    mutating func optionalVector(_ name: String, _ count: Int) throws(ModelError) -> FloatRows? {
        file.tensors.contains { $0.name == name } ? try vector(name, count) : nil
    }
}

/// One transformer block's weights.
struct LayerWeights {
    let attentionNorm: FloatRows, feedForwardNorm: FloatRows  // [width]
    let query: PackedMatrix, key: PackedMatrix, value: PackedMatrix  // [width] -> [heads*dim], [kvHeads*dim] twice
    let queryBias: FloatRows?, keyBias: FloatRows?, valueBias: FloatRows?
    let attentionOutput: PackedMatrix  // [heads*dim] -> [width]
    let gate: PackedMatrix, up: PackedMatrix, down: PackedMatrix  // [width] -> [feedForward] twice, and back

    init(_ layer: Int, _ c: ModelConfiguration, _ reader: inout WeightReader) throws(ModelError) {
        let p = "blk.\(layer).", m = c.matrices(ofLayer: layer), kv = c.kvHeads * c.headDimension
        attentionNorm = try reader.vector(p + "attn_norm.weight", c.width)
        feedForwardNorm = try reader.vector(p + "ffn_norm.weight", c.width)
        query = try reader.matrix(m[0])
        key = try reader.matrix(m[1])
        value = try reader.matrix(m[2])
        queryBias = try reader.optionalVector(p + "attn_q.bias", c.width)
        keyBias = try reader.optionalVector(p + "attn_k.bias", kv)
        valueBias = try reader.optionalVector(p + "attn_v.bias", kv)
        attentionOutput = try reader.matrix(m[3])
        gate = try reader.matrix(m[4])
        up = try reader.matrix(m[5])
        down = try reader.matrix(m[6])
    }
}
