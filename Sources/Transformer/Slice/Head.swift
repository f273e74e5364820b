import Kernels

/// The weights of the model's end: final norm and output matrix.
struct HeadWeights {
    let norm: FloatRows  // [width]
    let matrix: PackedMatrix  // [width] -> [vocabulary]

    init(_ c: ModelConfiguration, _ reader: inout WeightReader) throws(ModelError) {
        norm = try reader.vector("output_norm.weight", c.width)
        matrix = try reader.matrix(c.headMatrix)
    }
}

/// The end of the model: its weights, and what its logits are computed in.
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

/// What is wanted of one row's logits.
public struct LogitsRequest: Sendable, Equatable {
    /// The row in the batch.
    public var row: Int
    /// How many of the best; 0 asks for the whole vocabulary.
    public var top: Int
    /// Tokens whose logits are wanted besides.
    public var extra: [Int32]

    /// A request for row `row`.
    public init(row: Int, top: Int, extra: [Int32] = []) {
        self.row = row
        self.top = top
        self.extra = extra
    }
}

/// The answer to a `LogitsRequest`.
public struct Logits: Sendable, Equatable {
    /// log(sum(e^logit)) over the whole vocabulary.
    public var logSumExp: Float
    /// The best tokens and their logits, best first; of equals the lower id first. Empty when all were asked for.
    public var ids: [Int32], values: [Float]
    /// The logits of the tokens asked for besides, in their order; a token beyond the vocabulary has -infinity.
    public var extra: [Float]
    /// All logits, when `top` was 0.
    public var all: [Float]
}

extension Slice {
    /// Final norm and logits of the rows asked for; `rows` is what `forward` left.
    public func logits(_ requests: [LogitsRequest], rows: [Float]) -> [Logits] {
        guard let head else { preconditionFailure("this slice has no head") }
        var answers: [Logits] = []
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

    private func answer(_ request: LogitsRequest, _ logits: FloatRows, row: Int) -> Logits {
        let best = engine.best(request.top, of: logits, row: row, count: configuration.vocabulary)
        let extra = request.extra.map {
            $0 >= 0 && Int($0) < configuration.vocabulary ? logits[row, Int($0)] : -Float.infinity
        }
        return Logits(
            logSumExp: best.logSumExp, ids: best.ids, values: best.values, extra: extra,
            all: request.top == 0 ? logits.row(row) : [])
    }
}
