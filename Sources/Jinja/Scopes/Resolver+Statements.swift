extension Resolver {
    mutating func resolveRoot(_ body: [Statement]) throws(Failure) {
        let function = makeFunction(inside: nil)
        let frame = Frame(symbols: Symbols(parent: nil, function: function), isTopLevel: true)
        if UndeclaredNames(["self"], in: body).contains("self") {
            declare(.template, "self", in: frame.symbols, scope: 0)
        }
        try analyze(frame.symbols) { (visitor) throws(Failure) in try visitor.visit(body) }
        try resolve(body, frame)
        finish(0, frame.symbols, function: function)
    }

    mutating func resolveBlock(_ block: Block) throws(Failure) {
        let function = makeFunction(inside: nil)
        let frame = Frame(symbols: Symbols(parent: nil, function: function))
        let undeclared = UndeclaredNames(["self", "super"], in: block.body)
        if undeclared.contains("self") { declare(.template, "self", in: frame.symbols, scope: block.scope) }
        if undeclared.contains("super") { declare(.parentBlock, "super", in: frame.symbols, scope: block.scope) }
        try analyze(frame.symbols) { (visitor) throws(Failure) in try visitor.visit(block.body) }
        try resolve(block.body, frame)
        finish(block.scope, frame.symbols, function: function)
    }

    mutating func resolve(_ statements: [Statement], _ frame: Frame) throws(Failure) {
        for statement in statements { try resolve(statement, frame) }
    }

    private mutating func resolve(_ statement: Statement, _ frame: Frame) throws(Failure) {
        switch statement {
        case .output(let pieces): for case .value(let value) in pieces { try resolve(value, frame) }
        case .condition(let branches, let otherwise):
            for branch in branches {
                try resolve(branch.test, frame.soft())
                try resolve(branch.body, frame.soft())
            }
            try resolve(otherwise, frame.soft())
        case .loop(let loop): try resolve(loop, frame)
        case .assign(let target, let value):
            try resolve(value, frame)
            try resolve(storing: target, frame)
        case .assignBlock(let block): try resolve(block, frame)
        case .macro(let macro):
            try resolve(macro, frame)
            if let name = macro.name { resolve(storing: name, frame) }
        case .call(let block):
            try resolve(block.caller, frame)
            try resolve(block.call, frame)
        case .filter(let block):
            let inner = frame.inner()
            try analyze(inner.symbols) { (visitor) throws(Failure) in
                try visitor.visit(block.body)
                visitor.visit(block.filter)
            }
            try resolve(block.body, inner)
            try resolve(block.filter, inner)
            finish(block.scope, inner.symbols)
        case .with(let with): try resolve(with, frame)
        case .block(let block): try resolveUse(of: block, frame)
        case .evaluate(let value): try resolve(value, frame)
        case .escape(let scope):
            let inner = frame.inner()
            try analyze(inner.symbols) { (visitor) throws(Failure) in
                visitor.visit(scope.isOn)
                try visitor.visit(scope.body)
            }
            try resolve(scope.isOn, inner)
            try resolve(scope.body, inner)
            finish(scope.scope, inner.symbols)
        case .interrupt(_, let offset):
            guard frame.canInterrupt else {
                throw Failure(.syntax, "'break' and 'continue' stand in the body of a loop only", at: offset)
            }
        case .otherTemplate(let tag, let template, let names, let offset):
            guard tag != "extends" || frame.isTopLevel else {
                throw Failure(.syntax, "'extends' stands at the top of a template only", at: offset)
            }
            try resolve(template, frame)
            for name in names { resolve(storing: name, frame) }
        }
    }

    private mutating func resolve(storing target: Target, _ frame: Frame) throws(Failure) {
        switch target {
        case .name(let variable):
            if frame.isInLoop, variable.name == "loop" {
                throw Failure(.syntax, "'loop' cannot be assigned inside of a loop", at: variable.offset)
            }
            resolve(storing: variable, frame)
        case .attribute(let variable, _): resolve(variable.name, mention: variable.mention, frame)
        case .tuple(let targets, _): for target in targets { try resolve(storing: target, frame) }
        }
    }

    private mutating func resolve(_ block: AssignBlock, _ frame: Frame) throws(Failure) {
        let inner = frame.inner()
        try analyze(inner.symbols) { (visitor) throws(Failure) in
            try visitor.visit(block.body)
            if let filter = block.filter { visitor.visit(filter) }
        }
        try resolve(block.body, inner)
        if let filter = block.filter { try resolve(filter, inner) }
        finish(block.scope, inner.symbols)
        try resolve(storing: block.target, frame)
    }

    private mutating func resolve(_ with: With, _ frame: Frame) throws(Failure) {
        let inner = frame.inner()
        try analyze(inner.symbols) { (visitor) throws(Failure) in
            for target in with.targets { visitor.declareParameters(target) }
            try visitor.visit(with.body)
        }
        for value in with.values { try resolve(value, frame) }
        for target in with.targets {
            for variable in target.names { resolve(variable.name, mention: variable.mention, inner) }
        }
        try resolve(with.body, inner)
        finish(with.scope, inner.symbols)
    }

    mutating func collectBlocks(_ statements: [Statement]) throws(Failure) {
        for statement in statements {
            if case .block(let block) = statement, blocks.updateValue(block, forKey: block.name) != nil {
                throw Failure(.syntax, "the block '\(block.name.string)' stands there twice", at: block.offset)
            }
            for body in statement.bodies { try collectBlocks(body) }
        }
    }

    private mutating func resolveUse(of block: Block, _ frame: Frame) throws(Failure) {
        guard block.isScoped else { return }
        var seen: Set<Text> = [], symbols: Symbols? = frame.symbols
        while let current = symbols {
            try pay(current.stores.count * 4)
            for name in current.stores where seen.insert(name).inserted {
                guard let variable = frame.symbols.variable(name) else { continue }
                let reference = reference(variable, from: frame.function)
                scopes[block.scope].locals.append(ScopePlan.Local(name: nameIndex(name), reference: reference))
            }
            symbols = current.parent
        }
    }
}

extension Statement {
    /// The statements inside of it, wherever they stand.
    var bodies: [[Statement]] {
        switch self {
        case .output, .assign, .evaluate, .interrupt, .otherTemplate: []
        case .condition(let branches, let otherwise): branches.map(\.body) + [otherwise]
        case .loop(let loop): [loop.body, loop.otherwise]
        case .assignBlock(let block): [block.body]
        case .macro(let macro): [macro.body]
        case .call(let block): [block.caller.body]
        case .filter(let block): [block.body]
        case .with(let with): [with.body]
        case .block(let block): [block.body]
        case .escape(let scope): [scope.body]
        }
    }
}
