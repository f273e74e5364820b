import Kernels
import Transformer

/// How a person wants positions to be stretched, instead of as the model's file says. What is left open is as in the
/// file.
public struct RopeRequest: Sendable, Equatable {
    /// The ways of stretching.
    public enum Method: String, Sendable, CaseIterable { case none, linear, yarn }

    /// Which way.
    public var method: Method
    /// How many times longer the context gets, and for YaRN the tokens of the context before.
    public var factor: Double?, original: Int?

    /// What `factor` and `original` may be.
    public static let factors = 1.0...1024.0, originals = 1...16_777_216

    /// A request. Whether its numbers can be computed with is said when it is applied.
    public init(_ method: Method, factor: Double? = nil, original: Int? = nil) {
        self.method = method
        self.factor = factor
        self.original = original
    }

    /// The scaling for a model.
    ///
    /// - Throws: `unsupported` when a number is missing in the request and the file, or one makes no sense.
    public func scaling(for c: ModelConfiguration) throws(ModelError) -> RopeScaling {
        func factor(_ ofFile: Double?) throws(ModelError) -> Double {
            guard let factor = self.factor ?? ofFile else {
                throw .unsupported(
                    """
                    rope scaling by \(method.rawValue) needs a factor, as the model's file states none: --rope-factor, \
                    or rope_factor in a cluster file.
                    """
                )
            }
            return factor
        }
        let scaling: RopeScaling
        switch (method, c.ropeScaling) {
        case (.none, _): scaling = .none
        case (.linear, .linear(let ofFile)): scaling = .linear(factor: try factor(ofFile))
        case (.linear, _): scaling = .linear(factor: try factor(nil))
        case (.yarn, .yarn(var yarn)):
            yarn.factor = try factor(yarn.factor)
            yarn.originalContext = original ?? yarn.originalContext
            scaling = .yarn(yarn)
        case (.yarn, _):
            scaling = .yarn(.init(factor: try factor(nil), originalContext: original ?? c.contextLength))
        }
        if let problem = scaling.problem { throw .unsupported(problem) }
        return scaling
    }
}
