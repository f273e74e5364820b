/// A part of a template that has a value.
final class Expression: Sendable {
    enum Kind: Sendable {
        case constant(Constant)
        /// A variable; the number says which of the template's mentions of variables this is.
        case name(Text, mention: Int)
        case tuple([Expression])
        case list([Expression])
        case dict([Pair])
        case conditional(test: Expression, then: Expression, otherwise: Expression?)
        case and(Expression, Expression)
        case or(Expression, Expression)
        case not(Expression)
        case negative(Expression)
        case positive(Expression)
        case binary(BinaryOperator, Expression, Expression)
        case concatenation([Expression])
        case comparison(Expression, [Operand])
        case attribute(Expression, AttributeName)
        case item(Expression, index: Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, CallArguments)
        /// Without a base: applied to what a block wrote.
        case filter(Expression?, Name<Filter>, CallArguments)
        case test(Expression, Name<Test>, CallArguments)
    }

    struct Pair: Sendable {
        var key: Expression, value: Expression
    }

    struct Operand: Sendable {
        var comparison: Comparison, value: Expression
    }

    /// A filter or test by name. One that does not exist is an error when it is applied; outside of a condition,
    /// which may have been written to avoid just that, already before.
    struct Name<Known: Sendable>: Sendable {
        var text: Text
        var known: Known?
    }

    let kind: Kind
    /// Where it begins in the source, in bytes.
    let offset: Int
    /// How many expressions stand around the deepest one in it.
    let depth: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
        depth = 1 + kind.children.reduce(0) { max($0, $1.depth) }
    }
}

/// What stands between the parentheses of a call.
struct CallArguments: Sendable {
    struct Named: Sendable {
        var name: Text, value: Expression
    }

    var positional: [Expression] = []
    var named: [Named] = []
    /// `*more`.
    var spread: Expression?
    /// `**more`.
    var namedSpread: Expression?

    var expressions: [Expression] {
        var all = positional + named.map(\.value)
        if let spread { all.append(spread) }
        if let namedSpread { all.append(namedSpread) }
        return all
    }
}

/// The name behind a dot, looked up among the methods once.
struct AttributeName: Sendable {
    /// No attribute or method of Python's that matters here has a longer name.
    static let longest = 16

    let text: Text
    let method: Method?

    init(_ text: Text) {
        self.text = text
        method = text.bytes.count <= Self.longest ? Method(rawValue: text.string) : nil
    }
}

enum BinaryOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "//", modulo = "%", power = "**"
}

enum Comparison: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    case isIn = "in", isNotIn = "not in"
}

extension Expression.Kind {
    /// In the order in which they are written down in Jinja's own tree.
    var children: [Expression] {
        switch self {
        case .constant, .name: []
        case .tuple(let items), .list(let items), .concatenation(let items): items
        case .dict(let pairs): pairs.flatMap { [$0.key, $0.value] }
        case .conditional(let test, let then, let otherwise): [test, then] + (otherwise.map { [$0] } ?? [])
        case .and(let a, let b), .or(let a, let b), .binary(_, let a, let b): [a, b]
        case .not(let a), .negative(let a), .positive(let a), .attribute(let a, _): [a]
        case .comparison(let first, let operands): [first] + operands.map(\.value)
        case .item(let base, let index): [base, index]
        case .slice(let base, let start, let stop, let step): [base] + [start, stop, step].compactMap { $0 }
        case .call(let callee, let arguments): [callee] + arguments.expressions
        case .filter(let base, _, let arguments): (base.map { [$0] } ?? []) + arguments.expressions
        case .test(let base, _, let arguments): [base] + arguments.expressions
        }
    }
}
