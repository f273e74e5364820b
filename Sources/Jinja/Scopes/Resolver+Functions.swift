extension Resolver {
    mutating func resolve(_ loop: Loop, _ frame: Frame) throws(Failure) {
        for variable in loop.target.names where variable.name == "loop" {
            throw Failure(.syntax, "'loop' cannot be assigned inside of a loop", at: variable.offset)
        }
        let function = loop.isRecursive ? makeFunction(inside: frame.function) : nil
        var inner = frame.inner(function: function), other = frame.inner(function: function)
        inner.canInterrupt = true
        inner.isInLoop = true
        other.isInLoop = true
        let hasScopedBlock = Self.hasScopedBlock(loop.body + loop.otherwise)
        if loop.isRecursive || hasScopedBlock || UndeclaredNames(["loop"], in: loop.body).contains("loop") {
            declare(.loop, "loop", in: inner.symbols, scope: loop.scope)
        }
        try analyze(inner.symbols) { (visitor) throws(Failure) in
            visitor.declareParameters(loop.target)
            try visitor.visit(loop.body)
        }
        try analyze(other.symbols) { (visitor) throws(Failure) in try visitor.visit(loop.otherwise) }
        try resolve(loop.iterable, frame)
        if let test = loop.test, let target = loop.testTarget {
            let function = makeFunction(inside: frame.function)
            var tested = frame.inner(function: function)
            tested.isInLoop = true
            try analyze(tested.symbols) { (visitor) throws(Failure) in
                visitor.declareParameters(target)
                visitor.visit(test)
            }
            for variable in target.names { resolve(variable.name, mention: variable.mention, tested) }
            try resolve(test, tested)
            finish(loop.scope + 2, tested.symbols, function: function)
        }
        for variable in loop.target.names { resolve(variable.name, mention: variable.mention, inner) }
        try resolve(loop.body, inner)
        finish(loop.scope, inner.symbols, function: function)
        try resolve(loop.otherwise, other)
        finish(loop.scope + 1, other.symbols)
    }

    private static func hasScopedBlock(_ statements: [Statement]) -> Bool {
        statements.contains { statement in
            if case .block(let block) = statement, block.isScoped { return true }
            return statement.bodies.contains { hasScopedBlock($0) }
        }
    }

    mutating func resolve(_ macro: MacroDefinition, _ frame: Frame) throws(Failure) {
        let function = makeFunction(inside: frame.function)
        let inner = frame.inner(function: function)
        func analyzeMacro() throws(Failure) {
            try analyze(inner.symbols) { (visitor) throws(Failure) in
                for parameter in macro.parameters { visitor.symbols.declareParameter(parameter.variable.name) }
                for parameter in macro.parameters {
                    if let value = parameter.defaultValue { visitor.visit(value) }
                }
                try visitor.visit(macro.body)
            }
        }
        try analyzeMacro()
        let undeclared = UndeclaredNames(["caller", "kwargs", "varargs"], in: macro.body)
        let specials: [(ScopePlan.Special, Text)] = [
            (.caller, "caller"), (.kwargs, "kwargs"), (.varargs, "varargs"),
        ]
        for (special, name) in specials where undeclared.contains(name) {
            if let own = macro.parameters.first(where: { $0.variable.name == name }) {
                guard special != .caller || own.defaultValue != nil else {
                    throw Failure(
                        .syntax, "the parameter 'caller' needs a default or must be left out",
                        at: own.variable.offset)
                }
            } else {
                declare(special, name, in: inner.symbols, scope: macro.scope)
            }
        }
        try analyzeMacro()
        for parameter in macro.parameters {
            resolve(parameter.variable.name, mention: parameter.variable.mention, inner)
            if let value = parameter.defaultValue { try resolve(value, inner) }
        }
        try resolve(macro.body, inner)
        finish(macro.scope, inner.symbols, function: function)
    }

    mutating func resolve(_ expression: Expression, _ frame: Frame) throws(Failure) {
        switch expression.kind {
        case .name(let name, let mention): resolve(name, mention: mention, frame)
        case .filter(_, let name, _) where name.known == nil && !frame.isSoft:
            throw Failure(.syntax, "there is no filter '\(name.text.string)'", at: expression.offset)
        case .test(_, let name, _) where name.known == nil && !frame.isSoft:
            throw Failure(.syntax, "there is no test '\(name.text.string)'", at: expression.offset)
        default: break
        }
        var frame = frame
        if case .conditional = expression.kind { frame = frame.soft() }
        for child in expression.kind.children { try resolve(child, frame) }
    }
}
