extension Renderer {
    /// Calls whatever can be called.
    func call(_ object: Object, _ arguments: Arguments) throws(Failure) -> Object {
        switch object {
        case .macro(let macro): return try string(try call(macro, arguments))
        case .function(let function): return try call(function, arguments)
        case .method(let method): return try call(method.method, of: method.receiver, arguments)
        case .joiner(let joiner):
            try expectNone(arguments, "a joiner")
            defer { joiner.isUsed = true }
            return joiner.isUsed ? joiner.separator : .string(.empty)
        case .loop(let loop):
            guard let recursion = loop.recursion else {
                throw Failure(.type, "only a loop that is marked 'recursive' can be called")
            }
            return try call(recursion, arguments, depth: loop.depth0 + 1)
        case .block(let name):
            try expectNone(arguments, "a block")
            guard let block = program.blocks[Text(name, isTrusted: true)] else { return .none }
            return try string(try captured { () throws(Failure) in try runBody(of: block) })
        case .undefined(let undefined): throw undefined.failure
        default: throw Failure(.type, "a \(object.typeName) cannot be called")
        }
    }

    @inline(never)
    private func call(
        _ recursion: LoopState.Recursion, _ arguments: Arguments, depth: Int
    ) throws(Failure) -> Object {
        let iterable = try bind(arguments, to: ["iterable"], required: 1, of: "loop")[0] ?? .none
        return try string(try runRecursive(recursion.loop, over: iterable, in: recursion.frame, depth: depth))
    }

    /// The call that a `call` block makes, with the block's body as its `caller`.
    func call(_ expression: Expression, caller: Object) throws(Failure) -> Object {
        guard case .call(let callee, let arguments) = expression.kind else { return .none }
        do throws(Failure) {
            let object = try nested(callee)
            var all = try self.arguments(arguments)
            guard !all.named.contains(where: { $0.name == "caller" }) else {
                throw Failure(.type, "the argument 'caller' is given twice")
            }
            all.named.append(("caller", caller))
            return try call(object, all)
        } catch { throw error.located(at: expression.offset) }
    }

    /// What a macro writes.
    @inline(never)
    private func call(_ macro: Macro, _ arguments: Arguments) throws(Failure) -> Text {
        try budget.enter(Self.callDepth)
        defer { budget.leave(Self.callDepth) }
        let (frame, missing) = try bind(arguments, to: macro)
        let savedFrame = self.frame, savedOutput = output
        self.frame = frame
        output = TextBuilder()
        defer {
            self.frame = savedFrame
            output = savedOutput
        }
        enter(program.scopes[macro.definition.scope])
        for parameter in missing { try store(try defaultValue(of: parameter), in: parameter.variable) }
        _ = try run(macro.definition.body)
        return output.text()
    }

    /// A call takes more of the stack than other steps inwards.
    static let callDepth = 4

    /// The frame of a macro's call with its arguments, and the parameters that were not given.
    @inline(never)
    private func bind(
        _ arguments: Arguments, to macro: Macro
    ) throws(Failure) -> (frame: Frame, missing: [MacroDefinition.Parameter]) {
        let definition = macro.definition, plan = program.scopes[definition.scope]
        let frame = makeFrame(of: plan, outer: macro.frame)
        try budget.allocate(64 + frame.slots.count * 32)
        var named = arguments.named
        func take(_ name: Text) -> Object? {
            named.firstIndex { $0.name == name }.map { named.remove(at: $0).value }
        }
        var parameters: [Object] = []
        for (i, parameter) in definition.parameters.enumerated() {
            parameters.append(
                i < arguments.positional.count
                    ? arguments.positional[i] : take(parameter.variable.name) ?? .missing)
        }
        let name = definition.name.map { "the macro '\($0.name.string)'" } ?? "the caller"
        if let slot = plan.special[.caller] {
            let caller = take("caller")
            frame.slots[slot] =
                caller == nil || caller!.isNone ? .undefined(Undefined(.hint("there is no caller"))) : caller!
        }
        if let slot = plan.special[.kwargs] {
            frame.slots[slot] = try dict(named.map { (.string($0.name), $0.value) })
        } else if let first = named.first {
            throw Failure(.type, "\(name) has no parameter '\(first.name.string)'")
        }
        if let slot = plan.special[.varargs] {
            frame.slots[slot] = try tuple(Array(arguments.positional.dropFirst(parameters.count)))
        } else if arguments.positional.count > parameters.count {
            throw Failure(.type, "\(name) takes at most \(parameters.count) arguments")
        }
        var missing: [MacroDefinition.Parameter] = []
        for (parameter, value) in zip(definition.parameters, parameters) {
            frame.slots[program.references[parameter.variable.mention].slot] = value
            if value.isMissing { missing.append(parameter) }
        }
        return (frame, missing)
    }

    private func defaultValue(of parameter: MacroDefinition.Parameter) throws(Failure) -> Object {
        if let value = parameter.defaultValue { return try nested(value) }
        return .undefined(Undefined(.hint("the parameter '\(parameter.variable.name.string)' was not given")))
    }

    // MARK: Blocks

    /// Runs a block where it stands.
    func run(_ block: Block) throws(Failure) {
        guard !block.isRequired else {
            throw Failure(
                .other, "the block '\(block.name.string)' must be filled by another template", at: block.offset)
        }
        let saved = exported
        defer { exported = saved }
        for local in program.scopes[block.scope].locals {
            let value = load(local.reference)
            if !value.isMissing { exported[local.name] = value }
        }
        try runBody(of: block)
    }

    private func runBody(of block: Block) throws(Failure) {
        try budget.enter(Self.callDepth)
        defer { budget.leave(Self.callDepth) }
        let plan = program.scopes[block.scope], frame = makeFrame(of: plan, outer: nil)
        try budget.allocate(64 + frame.slots.count * 32)
        try inFrame(frame) { () throws(Failure) in
            enter(plan)
            if let slot = plan.special[.template] { frame.slots[slot] = .template }
            if let slot = plan.special[.parentBlock] {
                let hint = "there is no parent block called '\(block.name.string)'"
                frame.slots[slot] = .undefined(Undefined(.hint(hint)))
            }
            _ = try run(block.body)
        }
    }

    // MARK: Arguments

    func expectNone(_ arguments: Arguments, _ what: String) throws(Failure) {
        guard arguments.positional.isEmpty, arguments.named.isEmpty else {
            throw Failure(.type, "\(what) takes no arguments")
        }
    }

    /// The arguments in the order of the parameters' names; nil for those left out.
    func bind(
        _ arguments: Arguments, to names: [StaticString], required: Int = 0, of what: @autoclosure () -> String
    ) throws(Failure) -> [Object?] {
        var values = [Object?](repeating: nil, count: names.count)
        guard arguments.positional.count <= names.count else {
            throw Failure(.type, "'\(what())' takes at most \(names.count) arguments")
        }
        for (i, value) in arguments.positional.enumerated() { values[i] = value }
        for (name, value) in arguments.named {
            guard let i = names.firstIndex(where: { name.equals($0) }) else {
                throw Failure(.type, "'\(what())' has no parameter '\(name.string)'")
            }
            guard values[i] == nil else {
                throw Failure(.type, "'\(what())' is given the argument '\(name.string)' twice")
            }
            values[i] = value
        }
        for i in 0..<required where values[i] == nil {
            throw Failure(.type, "'\(what())' misses the argument '\(names[i])'")
        }
        return values
    }

    /// Arguments that have no names.
    func positional(
        _ arguments: Arguments, _ counts: ClosedRange<Int>, of what: @autoclosure () -> String
    ) throws(Failure) -> [Object] {
        guard arguments.named.isEmpty else { throw Failure(.type, "'\(what())' takes no named arguments") }
        guard counts.contains(arguments.positional.count) else {
            let expected =
                counts.lowerBound == counts.upperBound
                ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
            throw Failure(.type, "'\(what())' takes \(expected) arguments, not \(arguments.positional.count)")
        }
        return arguments.positional
    }
}
