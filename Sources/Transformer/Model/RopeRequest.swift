import Kernels

/// A user's choice of rope scaling instead of that of the model's file. Numbers that are nil come from the file.
public struct RopeRequest: Sendable, Equatable {
    /// The kinds of scaling.
    public enum Method: String, Sendable, CaseIterable { case none, linear, yarn }

    /// The kind of scaling.
    public var method: Method
    /// How many times longer the context becomes, and for YaRN the tokens of the original context.
    public var factor: Double?, original: Int?

    /// The ranges of `factor` and `original`.
    public static let factors = 1.0...1024.0, originals = 1...16_777_216

    /// A request with these values. They are checked in `scaling(for:)`.
    public init(_ method: Method, factor: Double? = nil, original: Int? = nil) {
        self.method = method
        self.factor = factor
        self.original = original
    }

    /// The scaling for a model.
    ///
    /// - Throws: `unsupported` if a number is missing in both the request and the file, or is outside its range.
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
