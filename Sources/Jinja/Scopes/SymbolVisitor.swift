/// Collects the variables that a scope's own statements read and assign. It stops at inner scopes.
struct SymbolVisitor {
    var symbols: Symbols
    /// What may still be copied: many conditions over many names would otherwise take their product.
    var budget: Int

    mutating func visit(_ statements: [Statement]) throws(Failure) {
        for statement in statements { try visit(statement) }
    }

    mutating func visit(_ statement: Statement) throws(Failure) {
        switch statement {
        case .output(let pieces): for case .value(let value) in pieces { visit(value) }
        case .condition(let branches, let otherwise): try visitCondition(branches, otherwise: otherwise)
        case .loop(let loop): visit(loop.iterable)
        case .assign(let target, let value):
            visit(value)
            store(target)
        case .assignBlock(let block): store(block.target)
        case .macro(let macro): if let name = macro.name { symbols.store(name.name) }
        case .call(let block): visit(block.call)
        case .filter(let block): visit(block.filter)
        case .with(let with): for value in with.values { visit(value) }
        case .block, .escape, .interrupt: break
        case .evaluate(let value): visit(value)
        case .otherTemplate(_, let template, let names, _):
            visit(template)
            for name in names { symbols.store(name.name) }
        }
    }

    func visit(_ expression: Expression) {
        if case .name(let name, _) = expression.kind { symbols.load(name) }
        for child in expression.kind.children { visit(child) }
    }

    func store(_ target: Target) {
        switch target {
        case .name(let variable): symbols.store(variable.name)
        case .attribute(let variable, _): symbols.load(variable.name)
        case .tuple(let targets, _): for target in targets { store(target) }
        }
    }

    func declareParameters(_ target: Target) {
        for variable in target.names { symbols.declareParameter(variable.name) }
    }

    private mutating func visitCondition(
        _ branches: [Statement.Branch], otherwise: [Statement]
    ) throws(Failure) {
        guard let first = branches.first else { return }
        visit(first.test)
        let outer = symbols
        let body = try branch(of: outer) { (visitor) throws(Failure) in try visitor.visit(first.body) }
        let others = try branch(of: outer) { (visitor) throws(Failure) in
            for other in branches.dropFirst() { try visitor.visitCondition([other], otherwise: []) }
        }
        let last = try branch(of: outer) { (visitor) throws(Failure) in try visitor.visit(otherwise) }
        symbols = outer
        outer.merge([body, others, last])
    }

    private mutating func branch(
        of outer: Symbols, _ body: (inout SymbolVisitor) throws(Failure) -> Void
    ) throws(Failure) -> Symbols {
        budget -= outer.size + 1
        guard budget > 0 else {
            throw Failure(.limit, "the template has too many blocks or conditions over too many variables")
        }
        symbols = Symbols(copying: outer)
        try body(&self)
        return symbols
    }
}

/// Finds which of some names are read without having been assigned before, looking into inner scopes as well.
struct UndeclaredNames {
    private var sought: [Text]
    private(set) var found: [Text] = []

    init(_ names: [Text], in statements: [Statement]) {
        sought = names
        visit(statements)
    }

    func contains(_ name: Text) -> Bool { found.contains(name) }

    private mutating func assign(_ target: Target) {
        for variable in target.names { sought.removeAll { $0 == variable.name } }
    }

    private mutating func visit(_ expression: Expression) {
        if case .name(let name, _) = expression.kind, sought.contains(name), !found.contains(name) {
            found.append(name)
        }
        for child in expression.kind.children { visit(child) }
    }

    private mutating func visit(_ statements: [Statement]) { for statement in statements { visit(statement) } }

    private mutating func visit(_ macro: MacroDefinition) {
        for parameter in macro.parameters { assign(.name(parameter.variable)) }
        for parameter in macro.parameters { if let value = parameter.defaultValue { visit(value) } }
        visit(macro.body)
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .output(let pieces): for case .value(let value) in pieces { visit(value) }
        case .condition(let branches, let otherwise):
            for branch in branches {
                visit(branch.test)
                visit(branch.body)
            }
            visit(otherwise)
        case .loop(let loop):
            assign(loop.target)
            visit(loop.iterable)
            visit(loop.body)
            visit(loop.otherwise)
            if let test = loop.test { visit(test) }
        case .assign(let target, let value):
            assign(target)
            visit(value)
        case .assignBlock(let block):
            assign(block.target)
            if let filter = block.filter { visit(filter) }
            visit(block.body)
        case .macro(let macro): visit(macro)
        case .call(let block):
            visit(block.call)
            visit(block.caller)
        case .filter(let block):
            visit(block.body)
            visit(block.filter)
        case .with(let with):
            for target in with.targets { assign(target) }
            for value in with.values { visit(value) }
            visit(with.body)
        case .block, .interrupt: break
        case .evaluate(let value): visit(value)
        case .escape(let scope):
            visit(scope.isOn)
            visit(scope.body)
        case .otherTemplate(_, let template, _, _): visit(template)
        }
    }
}
