extension Renderer {
    /// `map`: another filter, or an attribute, of each item.
    func map(_ value: Object, _ arguments: Arguments) throws(Failure) -> Object {
        try lazily(over: value) { (renderer) throws(Failure) in
            let change = try renderer.change(arguments)
            return { (renderer, items) throws(Failure) in
                guard let next = try items.next(renderer) else { return nil }
                return try change(renderer, next)
            }
        }
    }

    private typealias Change = (Renderer, Object) throws(Failure) -> Object

    private func change(_ arguments: Arguments) throws(Failure) -> Change {
        if arguments.positional.isEmpty, let attribute = arguments.named.first(where: { $0.name == "attribute" }) {
            let fallback = arguments.named.first { $0.name == "default" }?.value
            for (name, _) in arguments.named where name != "attribute" && name != "default" {
                throw Failure(.other, "'map' has no parameter '\(name.string)'")
            }
            let path = try path(attribute.value, default: fallback)
            return { (renderer, object) throws(Failure) in try renderer.value(at: path, of: object) }
        }
        guard let first = arguments.positional.first else { throw Failure(.other, "'map' needs a filter's name") }
        guard case .string(let name) = first, let filter = Filter(rawValue: name.string) else {
            throw Failure(.other, "there is no filter '\(first.text?.string ?? first.typeName)'")
        }
        var rest = arguments
        rest.positional.removeFirst()
        return { [rest] (renderer, object) throws(Failure) in try renderer.apply(filter, to: object, rest) }
    }

    /// `select`, `reject`, `selectattr`, `rejectattr`: the items, or those with an attribute, that pass a test or not.
    func select(_ value: Object, _ arguments: Arguments, _ filter: Filter) throws(Failure) -> Object {
        let byAttribute = filter == .selectattr || filter == .rejectattr
        let isWanted = filter == .select || filter == .selectattr
        return try lazily(over: value) { (renderer) throws(Failure) in
            var rest = arguments, path: AttributePath?
            if byAttribute {
                guard !rest.positional.isEmpty else {
                    throw Failure(.other, "'\(filter.rawValue)' needs an attribute's name")
                }
                path = try renderer.path(rest.positional.removeFirst())
            }
            var test: Test?
            if !rest.positional.isEmpty {
                let first = rest.positional.removeFirst()
                guard case .string(let name) = first, let found = Test(rawValue: name.string) else {
                    throw Failure(.other, "there is no test '\(first.text?.string ?? first.typeName)'")
                }
                test = found
            }
            return { [rest, path, test] (renderer, items) throws(Failure) in
                while let next = try items.next(renderer) {
                    let object = path == nil ? next : try renderer.value(at: path!, of: next)
                    let passes =
                        test == nil ? try renderer.isTrue(object) : try renderer.test(test!, object, rest)
                    if passes == isWanted { return next }
                }
                return nil
            }
        }
    }

    private typealias Advance = (Renderer, Generator) throws(Failure) -> Object?

    /// A generator that looks at its arguments only when its first item is asked for, and only if there may be one.
    private func lazily(
        over value: Object, _ prepare: @escaping (Renderer) throws(Failure) -> Advance
    ) throws(Failure) -> Object {
        var prepared: (items: Generator, advance: Advance)?
        return try generator(over: value) { (renderer) throws(Failure) in
            if prepared == nil {
                guard try renderer.isTrue(value) else { return nil }
                let advance = try prepare(renderer)
                prepared = (try renderer.iterate(value), advance)
            }
            guard let (items, advance) = prepared else { return nil }
            try renderer.budget.step()
            try renderer.budget.enter()
            defer { renderer.budget.leave() }
            return try advance(renderer, items)
        }
    }
}
