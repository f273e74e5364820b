import Candidates
import Kernels

/// The weights of the head: final norm and output matrix.
struct HeadWeights {
    let norm: FloatRows  // [width]
    let matrix: PackedMatrix  // [width] -> [vocabulary]

    init(_ c: ModelConfiguration, _ reader: inout WeightReader) throws(ModelError) {
        norm = try reader.vector("output_norm.weight", c.width)
        matrix = try reader.matrix(c.headMatrix)
    }
}

/// The head: its weights and its workspace.
final class Head {
    /// Rows whose logits are computed at once.
    static let rows = 16

    let weights: HeadWeights
    let x: FloatRows  // [rows][width]
    let normalized: QuantizedRows  // [rows][width]
    let logits: FloatRows  // [rows][vocabulary]

    init(_ c: ModelConfiguration, _ weights: HeadWeights) throws(ModelError) {
        self.weights = weights
        do {
            x = try FloatRows("the head", rows: Self.rows, width: c.width)
            normalized = try QuantizedRows(rows: Self.rows, width: c.width)
            logits = try FloatRows("logits", rows: Self.rows, width: c.vocabulary)
        } catch { throw .kernel(error) }
    }

    var workspaceBytes: Int { x.byteCount + normalized.byteCount + logits.byteCount }
}

extension Slice {
    /// Computes the final norm and the logits of the requested rows. `rows` is the result of `forward`; a request's
    /// `row` is an index into it. The slice must have the head.
    public func logits(_ requests: [CandidateRequest], rows: [Float]) -> [Candidates] {
        guard let head else { preconditionFailure("this slice has no head") }
        var answers: [Candidates] = []
        answers.reserveCapacity(requests.count)
        for start in stride(from: 0, to: requests.count, by: Head.rows) {
            let batch = requests[start..<min(start + Head.rows, requests.count)]
            for (i, request) in batch.enumerated() {
                head.x.load(rows, sourceRow: request.row, row: i)
            }
            engine.normalize(
                head.x, rows: batch.count, weight: head.weights.norm, epsilon: configuration.epsilon,
                to: head.normalized)
            engine.multiply(head.normalized, rows: batch.count, Product(head.weights.matrix, to: head.logits))
            for (i, request) in batch.enumerated() { answers.append(answer(request, head.logits, row: i)) }
        }
        return answers
    }

    private func answer(_ request: CandidateRequest, _ logits: FloatRows, row: Int) -> Candidates {
        let best = engine.best(request.top, of: logits, row: row, count: configuration.vocabulary)
        let extra = request.extra.map {
            $0 >= 0 && Int($0) < configuration.vocabulary ? logits[row, Int($0)] : -Float.infinity
        }
        return Candidates(
            logSumExp: best.logSumExp, ids: best.ids, logits: best.values, extra: extra,
            full: request.top == 0 ? logits.row(row) : [])
    }
}
