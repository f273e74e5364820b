import GGUF
import ModelStore
import Scheduling

/// The embedding rows that enter the first stage, from the mapped model file; only rows that are used cost memory.
struct EmbeddingTable: Sendable {
    private let file: GGUFFile
    private let tensor: GGUFTensor
    /// Number of values of a row.
    let width: Int
    /// Number of rows: the vocabulary size.
    var count: Int { tensor.rowCount }

    init(_ model: Model) throws {
        file = model.file
        tensor = try model.file.tensor("token_embd.weight")
        width = tensor.rowLength
    }

    /// Whether a token is in the vocabulary.
    func has(_ token: Int32) -> Bool { token >= 0 && Int(token) < tensor.rowCount }

    /// Throws when a token is not in the vocabulary.
    func check(_ tokens: [Int32]) throws(SchedulingError) {
        for token in tokens where !has(token) {
            throw SchedulingError(.contextExceeded, "token \(token) is not in the vocabulary of \(tensor.rowCount)")
        }
    }

    /// The rows of these tokens, concatenated; `row` is scratch space.
    func rows(of tokens: [Int32], scratch row: inout [Float]) -> [Float] {
        var rows: [Float] = []
        rows.reserveCapacity(tokens.count * width)
        for token in tokens {
            file.row(Int(token), of: tensor, into: &row)
            rows += row
        }
        return rows
    }
}
