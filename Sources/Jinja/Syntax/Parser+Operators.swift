extension Parser {
    mutating func parseExpression(withCondition: Bool = true) throws(Failure) -> Expression {
        try nested { (parser) throws(Failure) in
            withCondition ? try parser.parseConditional() : try parser.parseOr()
        }
    }

    /// One expression or, where commas follow, a tuple.
    mutating func parseTuple(
        withCondition: Bool = true, until end: StaticString? = nil, inParentheses: Bool = false
    ) throws(Failure) -> Expression {
        let offset = current.offset
        var items: [Expression] = [], isTuple = false
        while true {
            if !items.isEmpty { try expect(.comma) }
            if isTupleEnd(end) { break }
            items.append(try parseExpression(withCondition: withCondition))
            guard isSign(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = items.first { return only }
            guard inParentheses else { throw error("an expression is expected, not \(current.description)") }
        }
        return try make(.tuple(items), at: offset)
    }

    private mutating func parseConditional() throws(Failure) -> Expression {
        let offset = current.offset
        var result = try parseOr()
        while skip(name: "if") {
            let test = try parseOr()
            var otherwise: Expression?
            if skip(name: "else") {
                otherwise = try nested { (parser) throws(Failure) in try parser.parseConditional() }
            }
            result = try make(.conditional(test: test, then: result, otherwise: otherwise), at: offset)
        }
        return result
    }

    private mutating func parseOr() throws(Failure) -> Expression {
        let offset = current.offset
        var left = try parseAnd()
        while skip(name: "or") { left = try make(.or(left, try parseAnd()), at: offset) }
        return left
    }

    private mutating func parseAnd() throws(Failure) -> Expression {
        let offset = current.offset
        var left = try parseNot()
        while skip(name: "and") { left = try make(.and(left, try parseNot()), at: offset) }
        return left
    }

    private mutating func parseNot() throws(Failure) -> Expression {
        let offset = current.offset
        guard skip(name: "not") else { return try parseComparison() }
        let inner = try nested { (parser) throws(Failure) in try parser.parseNot() }
        return try make(.not(inner), at: offset)
    }

    private mutating func parseComparison() throws(Failure) -> Expression {
        let offset = current.offset
        let first = try parseSum()
        var operands: [Expression.Operand] = []
        while let comparison = skipComparison() {
            operands.append(Expression.Operand(comparison: comparison, value: try parseSum()))
        }
        return operands.isEmpty ? first : try make(.comparison(first, operands), at: offset)
    }

    private mutating func skipComparison() -> Comparison? {
        if case .sign(let sign) = current.kind, let comparison = Comparison(rawValue: sign.rawValue) {
            advance()
            return comparison
        }
        if skip(name: "in") { return .isIn }
        guard isName("not"), following.kind == .name, following.text == "in" else { return nil }
        advance()
        advance()
        return .isNotIn
    }

    private mutating func skipOperator(_ signs: [Token.Sign]) -> (BinaryOperator, offset: Int)? {
        guard case .sign(let sign) = current.kind, signs.contains(sign),
            let binary = BinaryOperator(rawValue: sign.rawValue)
        else { return nil }
        return (binary, advance().offset)
    }

    private mutating func parseSum() throws(Failure) -> Expression {
        var left = try parseConcatenation()
        while let (sign, offset) = skipOperator([.add, .subtract]) {
            left = try make(.binary(sign, left, try parseConcatenation()), at: offset)
        }
        return left
    }

    private mutating func parseConcatenation() throws(Failure) -> Expression {
        let offset = current.offset
        var parts = [try parseProduct()]
        while skip(.tilde) { parts.append(try parseProduct()) }
        return parts.count == 1 ? parts[0] : try make(.concatenation(parts), at: offset)
    }

    private mutating func parseProduct() throws(Failure) -> Expression {
        var left = try parsePower()
        while let (sign, offset) = skipOperator([.multiply, .divide, .floorDivide, .modulo]) {
            left = try make(.binary(sign, left, try parsePower()), at: offset)
        }
        return left
    }

    private mutating func parsePower() throws(Failure) -> Expression {
        var left = try parseUnary()
        while let (sign, offset) = skipOperator([.power]) {
            left = try make(.binary(sign, left, try parseUnary()), at: offset)
        }
        return left
    }

    private mutating func parseUnary(withFilter: Bool = true) throws(Failure) -> Expression {
        let offset = current.offset
        var result: Expression
        if skip(.subtract) {
            let inner = try nested { (parser) throws(Failure) in try parser.parseUnary(withFilter: false) }
            result = try make(.negative(inner), at: offset)
        } else if skip(.add) {
            let inner = try nested { (parser) throws(Failure) in try parser.parseUnary(withFilter: false) }
            result = try make(.positive(inner), at: offset)
        } else {
            result = try parsePrimary()
        }
        result = try parsePostfix(of: result)
        return withFilter ? try parseFiltersAndTests(of: result) : result
    }
}
