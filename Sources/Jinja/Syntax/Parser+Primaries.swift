extension Parser {
    mutating func parsePrimary() throws(Failure) -> Expression {
        let token = current
        switch token.kind {
        case .name:
            advance()
            switch token.text.string {
            case "true", "True": return try make(.constant(.bool(true)), at: token.offset)
            case "false", "False": return try make(.constant(.bool(false)), at: token.offset)
            case "none", "None": return try make(.constant(.none), at: token.offset)
            default: return try make(.name(token.text, mention: nextMention()), at: token.offset)
            }
        case .string:
            var builder = TextBuilder()
            while current.kind == .string { builder.append(advance().text) }
            return try make(.constant(.string(builder.text())), at: token.offset)
        case .integer, .float:
            advance()
            return try make(.constant(token.number), at: token.offset)
        case .sign(.leftParenthesis):
            advance()
            let inner = try parseTuple(inParentheses: true)
            try expect(.rightParenthesis)
            return inner
        case .sign(.leftBracket): return try parseList()
        case .sign(.leftBrace): return try parseDict()
        default: throw error("an expression is expected, not \(token.description)")
        }
    }

    @inline(never)
    private mutating func parseList() throws(Failure) -> Expression {
        let offset = advance().offset
        var items: [Expression] = []
        while !isSign(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if isSign(.rightBracket) { break }
            items.append(try parseExpression())
        }
        try expect(.rightBracket)
        return try make(.list(items), at: offset)
    }

    @inline(never)
    private mutating func parseDict() throws(Failure) -> Expression {
        let offset = advance().offset
        var pairs: [Expression.Pair] = []
        while !isSign(.rightBrace) {
            if !pairs.isEmpty { try expect(.comma) }
            if isSign(.rightBrace) { break }
            let key = try parseExpression()
            try expect(.colon)
            pairs.append(Expression.Pair(key: key, value: try parseExpression()))
        }
        try expect(.rightBrace)
        return try make(.dict(pairs), at: offset)
    }

    /// Attributes, items and calls behind an expression.
    mutating func parsePostfix(of expression: Expression) throws(Failure) -> Expression {
        var result = expression
        while true {
            switch current.kind {
            case .sign(.dot): result = try parseAttribute(of: result)
            case .sign(.leftBracket): result = try parseItem(of: result)
            case .sign(.leftParenthesis): result = try parseCall(of: result)
            default: return result
            }
        }
    }

    @inline(never)
    private mutating func parseAttribute(of base: Expression) throws(Failure) -> Expression {
        let offset = advance().offset, token = advance()
        switch token.kind {
        case .name: return try make(.attribute(base, AttributeName(token.text)), at: offset)
        case .integer:
            return try make(.item(base, index: try make(.constant(token.number), at: token.offset)), at: offset)
        default: throw error("a name or a number is expected behind '.', not \(token.description)", at: token.offset)
        }
    }

    @inline(never)
    private mutating func parseItem(of base: Expression) throws(Failure) -> Expression {
        let offset = advance().offset
        var indices: [Expression] = []
        while !isSign(.rightBracket) {
            if !indices.isEmpty { try expect(.comma) }
            let start: Expression? = isSign(.colon) ? nil : try parseExpression()
            guard skip(.colon) else {
                if let start { indices.append(start) }
                continue
            }
            let slice = try parseSlice(of: base, from: start, at: offset)
            guard indices.isEmpty, isSign(.rightBracket) else { throw error("a slice stands among other indices") }
            advance()
            return slice
        }
        try expect(.rightBracket)
        let index = indices.count == 1 ? indices[0] : try make(.tuple(indices), at: offset)
        return try make(.item(base, index: index), at: offset)
    }

    /// What stands behind a slice's first colon.
    private mutating func parseSlice(
        of base: Expression, from start: Expression?, at offset: Int
    ) throws(Failure) -> Expression {
        var stop: Expression?, step: Expression?
        if !isSign(.colon), !isSign(.rightBracket), !isSign(.comma) { stop = try parseExpression() }
        if skip(.colon), !isSign(.rightBracket), !isSign(.comma) { step = try parseExpression() }
        return try make(.slice(base, start: start, stop: stop, step: step), at: offset)
    }

    @inline(never)
    private mutating func parseCall(of callee: Expression) throws(Failure) -> Expression {
        let offset = current.offset
        return try make(.call(callee, try parseArguments()), at: offset)
    }

    @inline(never)
    mutating func parseArguments() throws(Failure) -> CallArguments {
        let start = try expect(.leftParenthesis)
        var arguments = CallArguments(), needsComma = false
        func check(_ isRight: Bool) throws(Failure) {
            if !isRight { throw error("these arguments cannot stand in this order", at: start.offset) }
        }
        while !isSign(.rightParenthesis) {
            if needsComma {
                try expect(.comma)
                if isSign(.rightParenthesis) { break }
            }
            needsComma = true
            if skip(.multiply) {
                try check(arguments.spread == nil && arguments.namedSpread == nil)
                arguments.spread = try parseExpression()
            } else if skip(.power) {
                try check(arguments.namedSpread == nil)
                arguments.namedSpread = try parseExpression()
            } else if current.kind == .name, following.kind == .sign(.assign) {
                try check(arguments.namedSpread == nil)
                let name = advance()
                advance()
                if arguments.named.contains(where: { $0.name == name.text }) {
                    throw error("the argument '\(name.text.string)' stands there twice", at: name.offset)
                }
                arguments.named.append(CallArguments.Named(name: name.text, value: try parseExpression()))
            } else {
                try check(arguments.spread == nil && arguments.namedSpread == nil && arguments.named.isEmpty)
                arguments.positional.append(try parseExpression())
            }
        }
        try expect(.rightParenthesis)
        return arguments
    }

    /// Filters behind `|`; the first one without it, if they stand inline in a tag.
    @inline(never)
    mutating func parseFilters(of base: Expression?, isInline: Bool = false) throws(Failure) -> Expression? {
        var result = base, isInline = isInline
        while isInline || isSign(.pipe) {
            if !isInline { advance() }
            isInline = false
            let offset = current.offset, name = try parseDottedName()
            let arguments = isSign(.leftParenthesis) ? try parseArguments() : CallArguments()
            let filter = Expression.Name(text: name, known: Filter(rawValue: name.string))
            result = try make(.filter(result, filter, arguments), at: offset)
        }
        return result
    }

    private mutating func parseDottedName() throws(Failure) -> Text {
        var name = try expect(.name).text.string
        while skip(.dot) { name += "." + (try expect(.name).text.string) }
        return Text(name, isTrusted: true)
    }

    mutating func parseFiltersAndTests(of expression: Expression) throws(Failure) -> Expression {
        var result = expression
        while true {
            if isSign(.pipe) {
                result = try parseFilters(of: result) ?? result
            } else if isName("is") {
                result = try parseTest(of: result)
            } else if isSign(.leftParenthesis) {
                result = try parseCall(of: result)
            } else {
                return result
            }
        }
    }

    @inline(never)
    private mutating func parseTest(of base: Expression) throws(Failure) -> Expression {
        let offset = advance().offset
        let isNegated = skip(name: "not"), name = try parseDottedName()
        var arguments = CallArguments()
        switch current.kind {
        case .sign(.leftParenthesis): arguments = try parseArguments()
        case .name where isName("else") || isName("or") || isName("and"): break
        case .name, .string, .integer, .float, .sign(.leftBracket), .sign(.leftBrace):
            if isName("is") { throw error("tests with 'is' cannot follow each other") }
            let primary = try nested { (parser) throws(Failure) in try parser.parsePrimary() }
            arguments.positional = [try parsePostfix(of: primary)]
        default: break
        }
        let test = Expression.Name(text: name, known: Test(rawValue: name.string))
        let result = try make(.test(base, test, arguments), at: offset)
        return isNegated ? try make(.not(result), at: offset) : result
    }
}
