extension Renderer {
    func run(_ statements: [Statement]) throws(Failure) -> Flow {
        for statement in statements {
            let flow = try run(statement)
            if flow != .onward { return flow }
        }
        return .onward
    }

    @inline(never)
    private func run(_ statement: Statement) throws(Failure) -> Flow {
        try budget.step()
        switch statement {
        case .output(let pieces): try write(pieces)
        case .condition(let branches, let otherwise): return try run(branches, otherwise: otherwise)
        case .assign(let target, let value): try assign(try evaluate(value), to: target)
        case .loop(let loop): return try runNested(loop)
        default: return try runOther(statement)
        }
        return .onward
    }

    @inline(never)
    private func run(_ branches: [Statement.Branch], otherwise: [Statement]) throws(Failure) -> Flow {
        for branch in branches {
            if try isTrue(try evaluate(branch.test)) { return try runNested(branch.body) }
        }
        return try runNested(otherwise)
    }

    private func runNested(_ statements: [Statement]) throws(Failure) -> Flow {
        try budget.enter()
        defer { budget.leave() }
        return try run(statements)
    }

    @inline(never)
    private func runNested(_ loop: Loop) throws(Failure) -> Flow {
        try budget.enter()
        defer { budget.leave() }
        do throws(Failure) {
            guard loop.isRecursive else { return try run(loop, over: try evaluate(loop.iterable)) }
            let text = try runRecursive(loop, over: try evaluate(loop.iterable), in: frame, depth: 0)
            try write(text)
            return .onward
        } catch { throw error.located(at: loop.iterable.offset) }
    }

    @inline(never)
    private func write(_ pieces: [Statement.Piece]) throws(Failure) {
        for piece in pieces {
            switch piece {
            case .text(let text): try write(text)
            case .value(let expression):
                let object = try evaluate(expression)
                if case .string(let text) = object {
                    try write(text)
                } else {
                    do throws(Failure) { try write(try string(of: object)) } catch {
                        throw error.located(at: expression.offset)
                    }
                }
            }
        }
    }

    @inline(never)
    private func runOther(_ statement: Statement) throws(Failure) -> Flow {
        try budget.enter()
        defer { budget.leave() }
        switch statement {
        case .assignBlock(let block): return try run(block)
        case .macro(let definition):
            try budget.allocate(64)
            try capture(frame)
            if let name = definition.name { try store(.macro(Macro(definition, in: frame)), in: name) }
        case .call(let block): try run(block)
        case .filter(let block): return try run(block)
        case .with(let with): return try run(with)
        case .block(let block): try run(block)
        case .evaluate(let expression): _ = try evaluate(expression)
        case .escape(let scope): return try run(scope)
        case .interrupt(let interruption, _): return interruption == .leave ? .leave : .next
        case .otherTemplate(let tag, _, _, let offset):
            throw Failure(.other, "'\(tag)' needs another template, and a chat template stands alone", at: offset)
        default: break
        }
        return .onward
    }

    @inline(never)
    private func run(_ block: AssignBlock) throws(Failure) -> Flow {
        let plan = program.scopes[block.scope]
        enter(plan)
        defer { leave(plan) }
        var flow = Flow.onward
        let text = try captured { () throws(Failure) in flow = try run(block.body) }
        guard flow == .onward else { return flow }
        var value = try string(text)
        if let filter = block.filter { value = try apply(filter, to: value) }
        try assign(value, to: block.target)
        return .onward
    }

    @inline(never)
    private func run(_ block: FilterBlock) throws(Failure) -> Flow {
        let plan = program.scopes[block.scope]
        enter(plan)
        defer { leave(plan) }
        var flow = Flow.onward
        let text = try captured { () throws(Failure) in flow = try run(block.body) }
        guard flow == .onward else { return flow }
        let result = try apply(block.filter, to: try string(text))
        try write(try written(result, by: "'filter'", at: block.filter.offset))
        return .onward
    }

    @inline(never)
    private func run(_ block: CallBlock) throws(Failure) {
        try budget.allocate(64)
        try capture(frame)
        let result = try call(block.call, caller: .macro(Macro(block.caller, in: frame)))
        try write(try written(result, by: "'call'", at: block.offset))
    }

    @inline(never)
    private func run(_ scope: EscapeScope) throws(Failure) -> Flow {
        let plan = program.scopes[scope.scope]
        enter(plan)
        defer { leave(plan) }
        guard try !isTrue(try evaluate(scope.isOn)) else {
            throw Failure(.other, "'autoescape' cannot be switched on: prompts are no HTML", at: scope.isOn.offset)
        }
        return try run(scope.body)
    }

    /// What a block's call or filter gave, which must be a string.
    private func written(_ object: Object, by tag: String, at offset: Int) throws(Failure) -> Text {
        guard case .string(let text) = object else {
            throw Failure(.type, "\(tag) gives a \(object.typeName), where only a string can be written", at: offset)
        }
        return text
    }

    /// Applies filters that stand in a tag to what its body wrote.
    private func apply(_ filter: Expression, to value: Object) throws(Failure) -> Object {
        guard case .filter(let base, let name, let arguments) = filter.kind else { return try evaluate(filter) }
        let input = base == nil ? value : try apply(base!, to: value)
        do throws(Failure) { return try apply(name, to: input, arguments) } catch {
            throw error.located(at: filter.offset)
        }
    }

    @inline(never)
    private func run(_ with: With) throws(Failure) -> Flow {
        let plan = program.scopes[with.scope]
        enter(plan)
        defer { leave(plan) }
        for (target, value) in zip(with.targets, with.values) { try assign(try evaluate(value), to: target) }
        return try run(with.body)
    }

    // MARK: Assignment

    func store(_ value: Object, in variable: VariableMention) throws(Failure) {
        let reference = program.references[variable.mention]
        if reference.hops == 0 {
            frame.slots[reference.slot] = value
        } else {
            holder(of: reference).slots[reference.slot] = value
        }
        guard !program.exports.isEmpty, program.exports[variable.mention] >= 0 else { return }
        exported[program.exports[variable.mention]] = value
    }

    func assign(_ value: Object, to target: Target) throws(Failure) {
        switch target {
        case .name(let variable): try store(value, in: variable)
        case .attribute(let variable, let name):
            guard case .namespace(let namespace) = load(program.references[variable.mention]) else {
                throw Failure(
                    .other, "'\(variable.name.string)' is no namespace: only a namespace's attributes can be set",
                    at: variable.offset)
            }
            try budget.allocate(64)
            try budget.step(namespace.attributes.count)
            namespace.set(name, value)
        case .tuple(let targets, let offset):
            do throws(Failure) {
                let objects = try objects(of: value, atMost: targets.count)
                guard objects.count == targets.count else {
                    let found = objects.count > targets.count ? "more" : "\(objects.count)"
                    throw Failure(.value, "\(targets.count) values are expected, not \(found)")
                }
                for (target, object) in zip(targets, objects) { try assign(object, to: target) }
            } catch { throw error.located(at: offset) }
        }
    }
}
