extension Parser {
    mutating func parseStatement(endings: [StaticString]) throws(Failure) -> [Statement] {
        guard current.kind == .name else { throw error("a tag's name is expected, not \(current.description)") }
        let tag = current.text.string, offset = current.offset
        open.append((tag, offset))
        defer { open.removeLast() }
        switch tag {
        case "for": return [try parseLoop()]
        case "if": return [try parseCondition()]
        case "set": return [try parseAssignment()]
        case "macro": return [try parseMacro()]
        case "call": return [try parseCallBlock()]
        case "filter": return [try parseFilterBlock()]
        case "with": return [try parseWith()]
        case "block": return [try parseBlock()]
        case "autoescape": return [try parseEscapeScope()]
        case "print": return [try parsePrint()]
        case "include", "import", "from", "extends": return [try parseOtherTemplate()]
        case "do":
            advance()
            return [.evaluate(try parseTuple())]
        case "break", "continue":
            advance()
            return [.interrupt(tag == "break" ? .leave : .next, offset: offset)]
        case "generation":
            // Marks what a model wrote, for training; it writes what is inside.
            advance()
            return try parseWholeBody(until: "endgeneration")
        default:
            var message = "there is no tag '\(tag)'"
            if open.count > 1, !endings.isEmpty {
                let names = endings.map { "'\($0)'" }.joined(separator: " or ")
                message = "'\(tag)' does not belong here: '\(open[open.count - 2].tag)' goes on with \(names)"
            }
            throw error(message)
        }
    }

    /// A tag's body, and the tag that ends it.
    mutating func parseWholeBody(until end: StaticString) throws(Failure) -> [Statement] {
        let body = try parseBody(ofTagUntil: [end])
        advance()
        return body
    }

    private mutating func parseLoop() throws(Failure) -> Statement {
        let offset = advance().offset
        let target = try parseTarget(until: "in")
        try expect(name: "in")
        let iterable = try parseTuple(withCondition: false, until: "recursive")
        let test = skip(name: "if") ? try parseExpression() : nil
        let isRecursive = skip(name: "recursive")
        let scope = nextScope(3), variable = mention("loop", at: offset)
        let body = try parseBody(ofTagUntil: ["endfor", "else"])
        let otherwise = advance().text == "else" ? try parseWholeBody(until: "endfor") : []
        return .loop(
            Loop(
                target: target, iterable: iterable, body: body, otherwise: otherwise, test: test,
                testTarget: test == nil ? nil : copy(target), isRecursive: isRecursive, offset: offset, scope: scope,
                loopVariable: variable))
    }

    private mutating func copy(_ target: Target) -> Target {
        switch target {
        case .name(let variable): return .name(mention(variable.name, at: variable.offset))
        case .attribute(let variable, let name): return .attribute(mention(variable.name, at: variable.offset), name)
        case .tuple(let targets, let offset):
            var copies: [Target] = []
            for target in targets { copies.append(copy(target)) }
            return .tuple(copies, offset: offset)
        }
    }

    private mutating func parseCondition() throws(Failure) -> Statement {
        var branches: [Statement.Branch] = [], otherwise: [Statement] = []
        while true {
            advance()
            let test = try parseTuple(withCondition: false)
            let body = try parseBody(ofTagUntil: ["elif", "else", "endif"])
            branches.append(Statement.Branch(test: test, body: body))
            if isName("elif") { continue }
            if advance().text == "else" { otherwise = try parseWholeBody(until: "endif") }
            return .condition(branches, otherwise: otherwise)
        }
    }

    private mutating func parseAssignment() throws(Failure) -> Statement {
        let offset = advance().offset
        let target = try parseTarget(withAttributes: true)
        if skip(.assign) { return .assign(target, try parseTuple()) }
        let filter = try parseFilters(of: nil)
        let scope = nextScope(), body = try parseWholeBody(until: "endset")
        return .assignBlock(AssignBlock(target: target, filter: filter, body: body, offset: offset, scope: scope))
    }

    private mutating func parseMacro() throws(Failure) -> Statement {
        let offset = advance().offset, name = try expect(.name)
        let parameters = try parseParameters()
        return .macro(try parseMacroBody(mention(name.text, at: name.offset), parameters, offset, until: "endmacro"))
    }

    private mutating func parseMacroBody(
        _ name: VariableMention?, _ parameters: [MacroDefinition.Parameter], _ offset: Int, until end: StaticString
    ) throws(Failure) -> MacroDefinition {
        let scope = nextScope()
        let special = [
            mention("caller", at: offset), mention("kwargs", at: offset), mention("varargs", at: offset),
        ]
        return MacroDefinition(
            name: name, parameters: parameters, body: try parseWholeBody(until: end), offset: offset, scope: scope,
            special: special)
    }

    private mutating func parseParameters() throws(Failure) -> [MacroDefinition.Parameter] {
        var parameters: [MacroDefinition.Parameter] = []
        try expect(.leftParenthesis)
        while !isSign(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let name = try expect(.name)
            if Self.isReserved(name.text) { throw error("'\(name.text.string)' can be no parameter", at: name.offset) }
            var value: Expression?
            if skip(.assign) {
                value = try parseExpression()
            } else if parameters.last?.defaultValue != nil {
                throw error("a parameter without default follows one with a default", at: name.offset)
            }
            if parameters.contains(where: { $0.variable.name == name.text }) {
                throw error("the parameter '\(name.text.string)' stands there twice", at: name.offset)
            }
            parameters.append(
                MacroDefinition.Parameter(variable: mention(name.text, at: name.offset), defaultValue: value))
        }
        try expect(.rightParenthesis)
        return parameters
    }

    private mutating func parseCallBlock() throws(Failure) -> Statement {
        let offset = advance().offset
        let parameters = isSign(.leftParenthesis) ? try parseParameters() : []
        let call = try parseExpression()
        guard case .call = call.kind else { throw error("'call' needs a call of a macro", at: call.offset) }
        let caller = try parseMacroBody(nil, parameters, offset, until: "endcall")
        return .call(CallBlock(call: call, caller: caller, offset: offset))
    }

    private mutating func parseFilterBlock() throws(Failure) -> Statement {
        let offset = advance().offset, scope = nextScope()
        guard let filter = try parseFilters(of: nil, isInline: true) else {
            throw error("a filter is missing", at: offset)
        }
        return .filter(FilterBlock(filter: filter, body: try parseWholeBody(until: "endfilter"), scope: scope))
    }

    private mutating func parseWith() throws(Failure) -> Statement {
        var targets: [Target] = [], values: [Expression] = []
        advance()
        let scope = nextScope()
        while current.kind != .blockEnd {
            if !targets.isEmpty { try expect(.comma) }
            targets.append(try parseTarget())
            try expect(.assign)
            values.append(try parseExpression())
        }
        let body = try parseWholeBody(until: "endwith")
        return .with(With(targets: targets, values: values, body: body, scope: scope))
    }

    private mutating func parseBlock() throws(Failure) -> Statement {
        let offset = advance().offset, name = try expect(.name).text
        let isScoped = skip(name: "scoped"), isRequired = skip(name: "required")
        let scope = nextScope(), special = [mention("self", at: offset), mention("super", at: offset)]
        let body = try parseWholeBody(until: "endblock")
        if isRequired {
            for case .output(let pieces) in body {
                for case .value(let value) in pieces { throw error("a required block holds nothing", at: value.offset) }
            }
        }
        if current.kind == .name, current.text == name { advance() }
        return .block(
            Block(
                name: name, body: body, isScoped: isScoped, isRequired: isRequired, offset: offset, scope: scope,
                special: special))
    }

    private mutating func parseEscapeScope() throws(Failure) -> Statement {
        advance()
        let isOn = try parseExpression(), scope = nextScope()
        return .escape(EscapeScope(isOn: isOn, body: try parseWholeBody(until: "endautoescape"), scope: scope))
    }

    private mutating func parsePrint() throws(Failure) -> Statement {
        var pieces: [Statement.Piece] = []
        advance()
        while current.kind != .blockEnd {
            if !pieces.isEmpty { try expect(.comma) }
            pieces.append(.value(try parseExpression()))
        }
        return .output(pieces)
    }

    /// Read as far as it must be to know where the tag ends and which names it would assign.
    private mutating func parseOtherTemplate() throws(Failure) -> Statement {
        let tag = advance()
        let template = try parseExpression()
        var names: [VariableMention] = []
        if tag.text == "import" {
            try expect(name: "as")
            let name = try expect(.name)
            names.append(mention(name.text, at: name.offset))
        } else if tag.text == "from" {
            try expect(name: "import")
            repeat {
                if isName("with") || isName("without"), following.text == "context" { break }
                var name = try expect(.name)
                if skip(name: "as") { name = try expect(.name) }
                names.append(mention(name.text, at: name.offset))
            } while skip(.comma)
        } else if tag.text == "include", isName("ignore"), following.text == "missing" {
            advance()
            advance()
        }
        if tag.text != "extends", isName("with") || isName("without"), following.text == "context" {
            advance()
            advance()
        }
        return .otherTemplate(tag: tag.text.string, template: template, names: names, offset: tag.offset)
    }
}
