extension Renderer {
    func applyToSequence(_ filter: Filter, _ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        switch filter {
        case .first:
            return try iterate(value).next(self) ?? .undefined(Undefined(.hint("there is no first item")))
        case .last: return try last(of: value)
        case .list: return try list(try objects(of: value))
        case .join: return try join(value, given)
        case .reverse: return try reversed(value)
        case .items:
            return try generator(
                over: value,
                over: { (renderer) throws(Failure) in
                    if value.isUndefined { return [] }
                    guard case .dict(let mapping) = value else {
                        throw Failure(.type, "'items' needs a dict, not a \(value.typeName)")
                    }
                    return try renderer.objects(of: mapping, .items)
                })
        case .dictsort: return try dictSorted(value, given)
        case .sort: return try sorted(value, given)
        case .min, .max: return try extreme(value, isMax: filter == .max, given)
        case .unique: return try unique(value, given)
        case .groupby: return try grouped(value, given)
        case .batch: return try batches(value, given)
        default: return try slices(value, given)
        }
    }

    /// A generator over what is only found when its first item is asked for.
    func generator(
        over source: Object, over objects: @escaping (Renderer) throws(Failure) -> [Object]
    ) throws(Failure) -> Object {
        var found: [Object]?, index = 0
        return try generator(over: source) { (renderer) throws(Failure) in
            let all = if let found { found } else { try objects(renderer) }
            found = all
            guard index < all.count else { return nil }
            index += 1
            return all[index - 1]
        }
    }

    private func isSet(_ object: Object?) throws(Failure) -> Bool {
        if let object { try isTrue(object) } else { false }
    }

    private func last(of value: Object) throws(Failure) -> Object {
        if case .generator = value { throw Failure(.type, "a generator has no last item; make it a list") }
        if case .loop = value { throw Failure(.type, "a loop has no last item") }
        return try objects(of: value).last ?? .undefined(Undefined(.hint("there is no last item")))
    }

    private func join(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let separator = try given[0].map { (object) throws(Failure) in try string(of: object) } ?? .empty
        let path = if let attribute = given[1], !attribute.isNone { try path(attribute) } else { nil as AttributePath? }
        var builder = TextBuilder(), isFirst = true
        for object in try objects(of: value) {
            let text = try string(of: path == nil ? object : try self.value(at: path!, of: object))
            try budget.allocate(text.size + separator.size)
            if !isFirst { builder.append(separator) }
            builder.append(text)
            isFirst = false
        }
        return .string(builder.text())
    }

    private func reversed(_ value: Object) throws(Failure) -> Object {
        switch value {
        case .string(let text):
            var builder = TextBuilder(), end = text.bytes.count
            try budget.allocate(text.size)
            try budget.examine(text)
            while end > 0 {
                let start = text.offset(before: end)
                builder.append(text, start..<end)
                end = start
            }
            return .string(builder.text(isMarkup: text.isMarkup))
        case .generator: return try list(try objects(of: value).reversed())
        default:
            let objects: [Object] = try objects(of: value).reversed()
            try budget.allocate(64 + objects.count * 32)
            return .generator(Generator(objects, depth: value.depth))
        }
    }

    private func dictSorted(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let by = try given[1].map { (object) throws(Failure) in try argumentText(object, "dictsort") } ?? "key"
        guard by == "key" || by == "value" else { throw Failure(.other, "'dictsort' sorts by 'key' or 'value'") }
        if case .undefined(let undefined) = value { throw undefined.failure }
        guard case .dict(let mapping) = value else {
            throw Failure(.type, "'dictsort' needs a dict, not a \(value.typeName)")
        }
        let path = try path(nil, ignoresCase: try !isSet(given[0])), byKey = by == "key"
        let entries = try sorted(mapping.entries, reversed: try isSet(given[2])) { (entry) throws(Failure) in
            try self.value(at: path, of: byKey ? entry.key : entry.value)
        }
        return try list(entries.map { .tuple([$0.key, $0.value]) })
    }

    private func sorted(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let ignoresCase = try !isSet(given[1])
        var paths: [AttributePath] = []
        if case .string(let text)? = given[2] {
            for part in try text.parts(at: ",", atMost: .max, &budget) {
                paths.append(try path(.string(part), ignoresCase: ignoresCase))
            }
        } else {
            paths = [try path(given[2], ignoresCase: ignoresCase)]
        }
        let objects = try objects(of: value)
        return try list(
            try sorted(objects, reversed: try isSet(given[0])) { (object) throws(Failure) in
                var keys: [Object] = []
                for path in paths { keys.append(try self.value(at: path, of: object)) }
                return .list(keys)
            })
    }

    private func extreme(_ value: Object, isMax: Bool, _ given: [Object?]) throws(Failure) -> Object {
        let path = try path(given[1], ignoresCase: try !isSet(given[0])), source = try iterate(value)
        guard var best = try source.next(self) else {
            return .undefined(Undefined(.hint("there is no item to choose from")))
        }
        var bestKey = try self.value(at: path, of: best)
        while let next = try source.next(self) {
            let key = try self.value(at: path, of: next)
            if try isMax ? holds(.greater, key, bestKey) : isLess(key, bestKey) { (best, bestKey) = (next, key) }
        }
        return best
    }

    private func unique(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let path = try path(given[1], ignoresCase: try !isSet(given[0]))
        var source: Generator?, seen: Set<HashKey> = []
        return try generator(over: value) { (renderer) throws(Failure) in
            let items = if let source { source } else { try renderer.iterate(value) }
            source = items
            while let next = try items.next(renderer) {
                let object = try renderer.value(at: path, of: next)
                try renderer.budget.allocate(object.weight)
                guard let key = HashKey(object) else {
                    throw Failure(.type, "'unique' cannot tell a \(object.typeName) from others")
                }
                if seen.insert(key).inserted { return next }
            }
            return nil
        }
    }

    private func grouped(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let ignoresCase = try !isSet(given[2])
        let path = try path(given[0], default: given[1], ignoresCase: ignoresCase)
        let shown = try self.path(given[0], default: given[1])
        let items = try sorted(try objects(of: value)) { (object) throws(Failure) in
            try self.value(at: path, of: object)
        }
        var groups: [(key: Object, items: [Object])] = []
        for item in items {
            let key = try self.value(at: path, of: item)
            if let last = groups.last, try areEqual(last.key, key) {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((key, [item]))
            }
        }
        var result: [Object] = []
        for group in groups {
            let key = ignoresCase ? try self.value(at: shown, of: group.items[0]) : group.key
            result.append(try tuple([key, try list(group.items)], fieldNames: ["grouper", "list"]))
        }
        return try list(result)
    }

    private func batches(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let count = try (given[0] ?? .none).argument("'linecount'"), filler = given[1] ?? .none
        var source: Generator?, batch: [Object] = [], isDone = false
        return try generator(over: value) { (renderer) throws(Failure) in
            let items = if let source { source } else { try renderer.iterate(value) }
            source = items
            while !isDone, let next = try items.next(renderer) {
                try renderer.budget.allocate(32)
                let isFull = batch.count == count, full = batch
                if isFull { batch = [] }
                batch.append(next)
                if isFull { return try renderer.list(full) }
            }
            guard !isDone, !batch.isEmpty else { return nil }
            isDone = true
            if !filler.isNone, batch.count < count {
                try renderer.budget.allocate((count - batch.count).multiplyingSaturating(32))
                batch += Array(repeating: filler, count: count - batch.count)
            }
            return try renderer.list(batch)
        }
    }

    private func slices(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let count = given[0] ?? .none, filler = given[1] ?? .none
        return try generator(
            over: value,
            over: { (renderer) throws(Failure) in
                let items = try renderer.objects(of: value), slices = try count.argument("'slices'")
                guard slices != 0 else { throw Failure(.other, "division by zero") }
                guard slices > 0 else { return [] }
                try renderer.budget.allocate(slices.multiplyingSaturating(64))
                let size = items.count / slices, longer = items.count % slices
                var result: [Object] = [], start = 0
                for i in 0..<slices {
                    let end = start + size + (i < longer ? 1 : 0)
                    var slice = Array(items[start..<end])
                    if !filler.isNone, i >= longer { slice.append(filler) }
                    result.append(try renderer.list(slice))
                    start = end
                }
                return result
            })
    }
}
