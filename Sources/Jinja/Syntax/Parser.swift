/// Makes statements and expressions of tokens.
struct Parser {
    /// Tags or brackets may stand in each other this deep, and an expression's tree may be that high twice over:
    /// about what Python's own recursion limit leaves to Jinja.
    static let deepest = 80

    private let tokens: [Token]
    private var index = 0
    /// How many mentions of variables and how many scopes there were so far.
    private(set) var mentionCount = 0
    private(set) var scopeCount = 1
    private var depth = 0
    /// The tags that are open, innermost last, and the names that would go on with or end them.
    var open: [(tag: String, offset: Int)] = []

    init(_ tokens: [Token]) { self.tokens = tokens }

    /// The statements of a whole template.
    mutating func parseTemplate() throws(Failure) -> [Statement] { try parseBody(until: []) }

    // MARK: Tokens

    var current: Token { tokens[index] }
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[index]
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    func isSign(_ sign: Token.Sign) -> Bool { current.kind == .sign(sign) }

    func isName(_ name: StaticString) -> Bool { current.kind == .name && current.text.equals(name) }

    mutating func skip(_ sign: Token.Sign) -> Bool {
        guard isSign(sign) else { return false }
        advance()
        return true
    }

    mutating func skip(name: StaticString) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    @discardableResult
    mutating func expect(_ kind: Token.Kind) throws(Failure) -> Token {
        guard current.kind == kind else {
            let expected = kind == .name ? "a name" : Token(kind: kind, offset: 0).description
            throw error("\(expected) is expected, not \(current.description)")
        }
        return advance()
    }

    @discardableResult
    mutating func expect(_ sign: Token.Sign) throws(Failure) -> Token { try expect(.sign(sign)) }

    mutating func expect(name: StaticString) throws(Failure) {
        guard skip(name: name) else { throw error("'\(name)' is expected, not \(current.description)") }
    }

    func error(_ message: String, at offset: Int? = nil) -> Failure {
        Failure(.syntax, message, at: offset ?? current.offset)
    }

    // MARK: What is made

    mutating func nextMention() -> Int {
        defer { mentionCount += 1 }
        return mentionCount
    }

    mutating func mention(_ name: Text, at offset: Int) -> VariableMention {
        VariableMention(name: name, mention: nextMention(), offset: offset)
    }

    /// The first of some scopes' numbers.
    mutating func nextScope(_ count: Int = 1) -> Int {
        defer { scopeCount += count }
        return scopeCount
    }

    func make(_ kind: Expression.Kind, at offset: Int) throws(Failure) -> Expression {
        let expression = Expression(kind, at: offset)
        guard expression.depth <= 2 * Self.deepest else {
            throw error("an expression nests more than \(2 * Self.deepest) deep", at: offset)
        }
        return expression
    }

    mutating func nested<Result>(
        _ body: (inout Parser) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard depth < Self.deepest else { throw error("tags or brackets nest more than \(Self.deepest) deep") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    // MARK: Bodies

    /// What stands between a tag's end and one of the tags that go on with it; the parser then stands at its name.
    mutating func parseBody(ofTagUntil ends: [StaticString]) throws(Failure) -> [Statement] {
        _ = skip(.colon)
        try expect(.blockEnd)
        let body = try nested { (parser) throws(Failure) in try parser.parseBody(until: ends) }
        if current.kind == .end {
            let names = ends.map { "'\($0)'" }.joined(separator: " or ")
            let tag = open.last.map { "'\($0.tag)'" } ?? "a tag"
            throw error("the template ends inside of \(tag): \(names) is missing", at: open.last?.offset)
        }
        return body
    }

    private mutating func parseBody(until ends: [StaticString]) throws(Failure) -> [Statement] {
        var body: [Statement] = [], pieces: [Statement.Piece] = []
        func flush() {
            if !pieces.isEmpty { body.append(.output(pieces)) }
            pieces = []
        }
        while current.kind != .end {
            switch current.kind {
            case .data: pieces.append(.text(advance().text))
            case .variableBegin:
                advance()
                pieces.append(.value(try parseTuple()))
                try expect(.variableEnd)
            default:
                flush()
                try expect(.blockBegin)
                if current.kind == .name, ends.contains(where: { current.text.equals($0) }) { return body }
                body += try parseStatement(endings: ends)
                try expect(.blockEnd)
            }
        }
        flush()
        return body
    }
}
