import Scheduling
import GGUF
import ModelStore

/// The rows that tokens enter the first stage with, from the model's file; only the rows touched cost memory.
struct EmbeddingTable: Sendable {
    private let file: GGUFFile
    private let tensor: GGUFTensor
    /// Floats of a row.
    let width: Int
    /// Tokens of the vocabulary, one row each.
    var count: Int { tensor.rowCount }

    init(_ model: Model) throws {
        file = model.file
        tensor = try model.file.tensor("token_embd.weight")
        width = tensor.rowLength
    }

    /// Whether a token is one of the vocabulary.
    func has(_ token: Int32) -> Bool { token >= 0 && Int(token) < tensor.rowCount }

    /// Throws when a token is none of the vocabulary.
    func check(_ tokens: [Int32]) throws(SchedulingError) {
        for token in tokens where !has(token) {
            throw SchedulingError(.contextExceeded, "token \(token) is not in the vocabulary of \(tensor.rowCount)")
        }
    }

    /// The rows of these tokens, one after another; `row` is scratch space.
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
