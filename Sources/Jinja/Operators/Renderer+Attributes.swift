extension Renderer {
    /// `object.name`: an attribute or method, else an item of that name.
    func attribute(_ name: AttributeName, of object: Object) throws(Failure) -> Object {
        if case .dict(let mapping) = object, name.method?.isOf(object) != true {
            if Method.isForbidden(name.text, of: object) {
                return .undefined(Undefined(.unsafe(of: object.typeName, name.text)))
            }
            return mapping.value(name.text) ?? .undefined(Undefined(.attribute(of: "dict object", name.text)))
        }
        if let own = try ownAttribute(name, of: object) { return own }
        if case .template = object, program.blocks[name.text] != nil { return .block(name: name.text.string) }
        return absent(name.text, of: object)
    }

    /// What an object has under a name of its own, not counting items.
    func ownAttribute(_ name: AttributeName, of object: Object) throws(Failure) -> Object? {
        if let method = name.method, method.isOf(object) {
            try budget.allocate(64)
            return .method(BoundMethod(object, method))
        }
        if case .undefined(let undefined) = object { throw undefined.failure }
        if Method.isForbidden(name.text, of: object) {
            return .undefined(Undefined(.unsafe(of: object.typeName, name.text)))
        }
        if case .namespace(let namespace) = object {
            try budget.step(namespace.attributes.count)
            return namespace.value(name.text)
        }
        guard name.text.bytes.count <= AttributeName.longest else { return nil }
        switch object {
        case .loop(let loop): return try attribute(name.text, of: loop)
        case .tuple(let items):
            return items.fieldNames.firstIndex(of: name.text).map { items.objects[$0] }
        case .macro(let macro): return try attribute(name.text, of: macro)
        case .range(let range):
            switch name.text.string {
            case "start": return .int(range.start)
            case "stop": return .int(range.stop)
            case "step": return .int(range.step)
            default: return nil
            }
        case .bool, .int, .big, .double: return numberAttribute(name.text, of: object)
        case .cycler(let cycler):
            switch name.text.string {
            case "current": return cycler.items.objects[cycler.position]
            case "pos": return .int(cycler.position)
            case "items": return .tuple(cycler.items)
            default: return nil
            }
        case .joiner(let joiner):
            switch name.text.string {
            case "sep": return joiner.separator
            case "used": return .bool(joiner.isUsed)
            default: return nil
            }
        default: return nil
        }
    }

    private func numberAttribute(_ name: Text, of object: Object) -> Object? {
        switch (name.string, object) {
        case ("real", .bool(let value)), ("numerator", .bool(let value)): .int(value ? 1 : 0)
        case ("real", _): object
        case ("imag", .double(_, let isTrusted)): .double(0, isTrusted: isTrusted)
        case ("imag", _): .int(0)
        case ("numerator", .int), ("numerator", .big): object
        case ("denominator", .bool), ("denominator", .int), ("denominator", .big): .int(1)
        default: nil
        }
    }

    private func attribute(_ name: Text, of macro: Macro) throws(Failure) -> Object? {
        let definition = macro.definition, plan = program.scopes[definition.scope]
        switch name.string {
        case "name": return definition.name.map { .string($0.name) } ?? Object.none
        case "arguments": return try tuple(definition.parameters.map { .string($0.variable.name) })
        case "catch_kwargs": return .bool(plan.special[.kwargs] != nil)
        case "catch_varargs": return .bool(plan.special[.varargs] != nil)
        case "caller": return .bool(plan.special[.caller] != nil)
        case "explicit_caller": return .bool(definition.parameters.contains { $0.variable.name == "caller" })
        default: return nil
        }
    }

    func absent(_ name: Text, of object: Object) -> Object {
        .undefined(Undefined(.attribute(of: object.isNone ? "None" : object.typeName + " object", name)))
    }

    /// `object[index]`: an item, else an attribute of that name.
    func item(_ index: Object, of object: Object) throws(Failure) -> Object {
        if let item = try ownItem(index, of: object) { return item }
        if case .string(let name) = index {
            return try ownAttribute(AttributeName(name), of: object) ?? absent(name, of: object)
        }
        if case .undefined(let undefined) = object { throw undefined.failure }
        let shown = if case .int(let value, _) = index { "\(value)" } else { "of type \(index.typeName)" }
        return .undefined(Undefined(.element(of: object.typeName + " object", shown)))
    }

    private func ownItem(_ index: Object, of object: Object) throws(Failure) -> Object? {
        switch object {
        case .dict(let mapping):
            if case .string(let name) = index { return mapping.value(name) }
            try budget.scan(index.weight)
            return HashKey(index).flatMap { mapping.value($0) }
        case .list(let items), .tuple(let items):
            return position(index, in: items.objects.count).map { items.objects[$0] }
        case .string(let text):
            guard let position = position(index, in: text.count) else { return nil }
            try budget.scan(text.bytes.count)
            return try string(text.slice(scalars: position..<position + 1))
        case .range(let range): return position(index, in: range.count).map { .int(range[$0]) }
        case .undefined(let undefined): throw undefined.failure
        case .template:
            guard case .string(let name) = index, program.blocks[name] != nil else { return nil }
            return .block(name: name.string)
        default: return nil
        }
    }

    /// The position an index means, counted from the end if it is negative.
    private func position(_ index: Object, in count: Int) -> Int? {
        guard let value = index.index else { return nil }
        let position = value < 0 ? value.addingSaturating(count) : value
        return position >= 0 && position < count ? position : nil
    }
}

extension Object {
    /// The whole number that can be an index; numbers beyond `Int` are as far as one can go.
    var index: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value, _): value
        case .big(let value, _): value.isNegative ? .min : .max
        default: nil
        }
    }
}
