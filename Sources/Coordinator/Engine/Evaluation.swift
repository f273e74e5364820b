import Candidates
import Kernels
import ModelStore
import Scheduling
import Wire

/// The model's prediction after one token of a text.
public struct PositionLogprobs: Sendable, Equatable {
    /// The token at this position.
    public var token: Int32
    /// The most likely next tokens with their logprobs (natural, over the whole vocabulary, at temperature 1), best
    /// first.
    public var top: [(id: Int32, logprob: Float)]
    /// Logprob of the actual next token; nil at the end.
    public var follow: Float?

    public static func == (a: Self, b: Self) -> Bool {
        a.token == b.token && a.follow == b.follow
            && a.top.elementsEqual(b.top, by: { $0.id == $1.id && $0.logprob == $1.logprob })
    }
}

/// Computes the predictions at every position of one text, on a cluster that serves nothing else.
public struct Evaluation: Sendable {
    private let cluster: Cluster
    private let embedding: EmbeddingTable

    /// An evaluation. A cluster can have only one.
    public init(_ cluster: Cluster, model: Model) throws {
        self.cluster = cluster
        embedding = try EmbeddingTable(model)
    }

    /// Computes `tokens` as one sequence, and calls `onPosition` for each in order.
    ///
    /// - Parameter batch: rows per frame; it does not change the result.
    public func logprobs(
        _ tokens: [Int32], top: Int, batch: Int, onPosition: (PositionLogprobs) throws -> Void
    ) async throws {
        guard tokens.count <= cluster.plan.contextLength else {
            throw SchedulingError(
                .contextExceeded,
                """
                the text has \(tokens.count) tokens, the context \(cluster.plan.contextLength). Use --num-ctx \
                \(tokens.count) or more
                """
            )
        }
        try embedding.check(tokens)
        let blocks = (tokens.count + KVLayer.blockTokens - 1) / KVLayer.blockTokens
        var operations = (0..<blocks).map { CacheOperation.append(sequence: 1, block: UInt32($0)) },
            scratch: [Float] = []
        for start in stride(from: 0, to: tokens.count, by: batch) {
            let part = Array(tokens[start..<min(start + batch, tokens.count)])
            let outputs = part.indices.map { i in
                let next = start + i + 1
                return CandidateRequest(row: i, top: max(top, 1), extra: next < tokens.count ? [tokens[next]] : [])
            }
            let segment = Segment(sequence: 1, firstPosition: start, rowCount: part.count, outputs: outputs)
            let number = try cluster.pipeline.send(
                operations, [segment], width: embedding.width, rows: embedding.rows(of: part, scratch: &scratch))
            operations = []
            for (i, row) in try await cluster.pipeline.result(of: number).outputs.enumerated() {
                // In double, so that the difference of two nearby floats keeps its precision.
                let normalizer = Double(row.logSumExp)
                try onPosition(
                    PositionLogprobs(
                        token: part[i],
                        top: zip(row.ids, row.logits).map { ($0, Float(Double($1) - normalizer)) },
                        follow: row.extra.first.map { Float(Double($0) - normalizer) }))
            }
        }
        _ = try await cluster.pipeline.result(of: cluster.pipeline.send([.free(sequence: 1)], [], width: 0, rows: []))
    }
}
