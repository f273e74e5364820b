/// A piece of a template's source.
struct Token {
    enum Kind: Equatable {
        /// Literal text between the tags.
        case data
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name, string, integer, float
        case sign(Sign)
        case end
    }

    enum Sign: String, CaseIterable {
        case add = "+", subtract = "-", divide = "/", floorDivide = "//", multiply = "*", modulo = "%", power = "**"
        case tilde = "~", leftBracket = "[", rightBracket = "]", leftParenthesis = "(", rightParenthesis = ")"
        case leftBrace = "{", rightBrace = "}", equal = "==", notEqual = "!=", greater = ">", greaterOrEqual = ">="
        case less = "<", lessOrEqual = "<=", assign = "=", dot = ".", colon = ":", pipe = "|", comma = ","
        case semicolon = ";"
    }

    var kind: Kind
    /// Where it begins in the source, in bytes.
    var offset: Int
    /// A name, the literal text, or a string's characters.
    var text = Text.empty
    var number: Constant = .none

    /// As an error message calls it.
    var description: String {
        switch kind {
        case .data: "template text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name: "'\(text.string)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .sign(let sign): "'\(sign.rawValue)'"
        case .end: "the end of the template"
        }
    }
}

/// A value that stands in the source.
enum Constant: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case big(BigInteger)
    case double(Double)
    case string(Text)
}
