extension Renderer {
    /// The value of an expression; a failure says where the innermost one stands that has none.
    ///
    /// Expressions nest as deep as a template likes, up to the limit, so this and what it calls on its way inwards
    /// are kept small on the stack: each kind has a function of its own, which alone takes the kind's parts out.
    @inline(never)
    func evaluate(_ expression: Expression) throws(Failure) -> Object {
        do throws(Failure) {
            try budget.step()
            switch expression.kind {
            case .constant: return constant(expression)
            case .name: return variable(expression)
            case .attribute: return try evaluateAttribute(expression)
            case .conditional, .and, .or: return try evaluateChoice(expression)
            case .not, .negative, .positive: return try evaluateUnary(expression)
            case .binary: return try evaluateBinary(expression)
            case .comparison: return try evaluateComparison(expression)
            case .call: return try evaluateCall(expression)
            case .filter: return try evaluateFilter(expression)
            case .test: return try evaluateTest(expression)
            case .item: return try evaluateItem(expression)
            case .slice: return try evaluateSlice(expression)
            case .concatenation: return try concatenate(expression)
            case .tuple, .list: return try evaluateItems(expression)
            case .dict: return try evaluateDict(expression)
            }
        } catch {
            throw error.located(at: expression.offset)
        }
    }

    /// An expression inside of another one.
    func nested(_ expression: Expression) throws(Failure) -> Object {
        try budget.enter()
        defer { budget.leave() }
        return try evaluate(expression)
    }

    @inline(never)
    private func constant(_ expression: Expression) -> Object {
        guard case .constant(let constant) = expression.kind else { return .none }
        return Object(constant)
    }

    @inline(never)
    private func variable(_ expression: Expression) -> Object {
        guard case .name(let name, let mention) = expression.kind else { return .none }
        let object = load(program.references[mention])
        return object.isMissing ? .undefined(Undefined(.name(name))) : object
    }

    @inline(never)
    private func evaluateAttribute(_ expression: Expression) throws(Failure) -> Object {
        guard case .attribute(let base, let name) = expression.kind else { return .none }
        return try attribute(name, of: try nested(base))
    }

    @inline(never)
    private func evaluateChoice(_ expression: Expression) throws(Failure) -> Object {
        switch expression.kind {
        case .and(let left, let right):
            let value = try nested(left)
            return try isTrue(value) ? try nested(right) : value
        case .or(let left, let right):
            let value = try nested(left)
            return try isTrue(value) ? value : try nested(right)
        case .conditional(let test, let then, let otherwise):
            if try isTrue(try nested(test)) { return try nested(then) }
            if let otherwise { return try nested(otherwise) }
            return .undefined(Undefined(.hint("the condition is false and has no else")))
        default: return .none
        }
    }

    @inline(never)
    private func evaluateUnary(_ expression: Expression) throws(Failure) -> Object {
        switch expression.kind {
        case .not(let inner): return .bool(try !isTrue(try nested(inner)))
        case .negative(let inner): return try negative(try nested(inner))
        case .positive(let inner): return try positive(try nested(inner))
        default: return .none
        }
    }

    @inline(never)
    private func evaluateBinary(_ expression: Expression) throws(Failure) -> Object {
        guard case .binary(let sign, let left, let right) = expression.kind else { return .none }
        return try binary(sign, try nested(left), try nested(right))
    }

    @inline(never)
    private func evaluateItem(_ expression: Expression) throws(Failure) -> Object {
        guard case .item(let base, let index) = expression.kind else { return .none }
        let object = try nested(base)
        return try item(try nested(index), of: object)
    }

    @inline(never)
    private func evaluateFilter(_ expression: Expression) throws(Failure) -> Object {
        guard case .filter(let base?, let name, let arguments) = expression.kind else { return .none }
        return try apply(name, to: try nested(base), arguments)
    }

    @inline(never)
    private func evaluateTest(_ expression: Expression) throws(Failure) -> Object {
        guard case .test(let base, let name, let arguments) = expression.kind else { return .none }
        return .bool(try test(name, try nested(base), arguments))
    }

    @inline(never)
    private func concatenate(_ expression: Expression) throws(Failure) -> Object {
        guard case .concatenation(let parts) = expression.kind else { return .none }
        var builder = TextBuilder()
        for part in parts {
            let text = try string(of: try nested(part))
            try budget.allocate(text.size)
            builder.append(text)
        }
        return .string(builder.text())
    }

    @inline(never)
    private func evaluateItems(_ expression: Expression) throws(Failure) -> Object {
        switch expression.kind {
        case .tuple(let items): return try tuple(try evaluate(all: items))
        case .list(let items): return try list(try evaluate(all: items))
        default: return .none
        }
    }

    @inline(never)
    private func evaluateDict(_ expression: Expression) throws(Failure) -> Object {
        guard case .dict(let pairs) = expression.kind else { return .none }
        var entries: [Mapping.Entry] = []
        entries.reserveCapacity(pairs.count)
        for pair in pairs { entries.append((try nested(pair.key), try nested(pair.value))) }
        return try dict(entries)
    }

    @inline(never)
    private func evaluate(all expressions: [Expression]) throws(Failure) -> [Object] {
        var objects: [Object] = []
        objects.reserveCapacity(expressions.count)
        for expression in expressions { objects.append(try nested(expression)) }
        return objects
    }

    @inline(never)
    private func evaluateComparison(_ expression: Expression) throws(Failure) -> Object {
        guard case .comparison(let first, let operands) = expression.kind else { return .none }
        var left = try nested(first)
        for operand in operands {
            let right = try nested(operand.value)
            guard try holds(operand.comparison, left, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    @inline(never)
    private func evaluateSlice(_ expression: Expression) throws(Failure) -> Object {
        guard case .slice(let base, let start, let stop, let step) = expression.kind else { return .none }
        let object = try nested(base)
        return try slice(
            object, start: try bound(start), stop: try bound(stop), step: try bound(step))
    }

    private func bound(_ expression: Expression?) throws(Failure) -> Object {
        if let expression { try nested(expression) } else { .none }
    }

    @inline(never)
    func arguments(_ arguments: CallArguments, before first: [Object] = []) throws(Failure) -> Arguments {
        var result = Arguments(first)
        for expression in arguments.positional { result.positional.append(try nested(expression)) }
        for named in arguments.named { result.named.append((named.name, try nested(named.value))) }
        if let spread = arguments.spread { result.positional += try objects(of: try nested(spread)) }
        if let spread = arguments.namedSpread {
            let object = try nested(spread)
            guard case .dict(let mapping) = object else {
                throw Failure(.type, "what stands behind '**' is a \(object.typeName), not a dict")
            }
            try budget.step(mapping.entries.count)
            for (key, value) in mapping.entries {
                guard case .string(let name) = key else { throw Failure(.type, "an argument's name must be a string") }
                guard !result.named.contains(where: { $0.name == name }) else {
                    throw Failure(.type, "the argument '\(name.string)' is given twice")
                }
                result.named.append((name, value))
            }
        }
        return result
    }

    @inline(never)
    private func evaluateCall(_ expression: Expression) throws(Failure) -> Object {
        guard case .call(let callee, let arguments) = expression.kind else { return .none }
        // A method's call is the common one: it needs no object for the method itself.
        if case .attribute(let base, let name) = callee.kind, let method = name.method {
            try budget.step()
            let receiver = try nested(base)
            if method.isOf(receiver) {
                return try call(method, of: receiver, try self.arguments(arguments))
            }
            let object: Object
            do throws(Failure) { object = try attribute(name, of: receiver) } catch {
                throw error.located(at: callee.offset)
            }
            return try call(object, try self.arguments(arguments))
        }
        let object = try nested(callee)
        return try call(object, try self.arguments(arguments))
    }
}

extension Object {
    init(_ constant: Constant) {
        switch constant {
        case .none: self = .none
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value, isTrusted: true)
        case .big(let value): self = .big(value, isTrusted: true)
        case .double(let value): self = .double(value, isTrusted: true)
        case .string(let text): self = .string(text)
        }
    }
}
