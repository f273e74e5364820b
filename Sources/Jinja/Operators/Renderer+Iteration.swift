extension Renderer {
    /// Whether a value counts as true.
    func isTrue(_ object: Object) throws(Failure) -> Bool {
        switch object {
        case .missing, .undefined, .none: false
        case .bool(let value): value
        case .int(let value, _): value != 0
        case .big: true
        case .double(let value, _): value != 0
        case .string(let text): !text.isEmpty
        case .list(let items), .tuple(let items): !items.objects.isEmpty
        case .dict(let mapping), .view(let mapping, _): !mapping.entries.isEmpty
        case .range(let range): range.count > 0
        case .loop(let loop): try loop.length(self) > 0
        case .generator, .namespace, .macro, .function, .method, .cycler, .joiner, .template, .block: true
        }
    }

    /// The number of items, if it is known without going through them.
    func count(ifKnown object: Object) throws(Failure) -> Int? {
        switch object {
        case .undefined: 0
        case .string(let text): text.count
        case .list(let items), .tuple(let items): items.objects.count
        case .dict(let mapping), .view(let mapping, _): mapping.entries.count
        case .range(let range): range.count
        case .loop(let loop): try loop.length(self)
        default: nil
        }
    }

    /// Python's `len`.
    func count(of object: Object) throws(Failure) -> Int {
        guard let count = try count(ifKnown: object) else {
            throw Failure(.type, "a \(object.typeName) has no length")
        }
        return count
    }

    func isIterable(_ object: Object) -> Bool {
        switch object {
        case .undefined, .string, .list, .tuple, .dict, .view, .range, .generator, .loop: true
        default: false
        }
    }

    /// The items of a value, one after the other.
    func iterate(_ object: Object) throws(Failure) -> Generator {
        switch object {
        case .generator(let generator): return generator
        case .string(let markup):
            try budget.allocate(64)
            // Python's markup is made of ordinary characters.
            let text = markup.asMarkup(false)
            var offset = 0
            return Generator(depth: 0) { (renderer) throws(Failure) in
                guard offset < text.bytes.count else { return nil }
                let start = offset
                offset += Text.width(ofLead: text.bytes[start])
                try renderer.budget.step()
                return try renderer.string(text.slice(start..<offset))
            }
        case .range(let range):
            try budget.allocate(64)
            var index = 0
            return Generator(depth: 0) { (renderer) throws(Failure) in
                guard index < range.count else { return nil }
                try renderer.budget.step()
                index += 1
                return .int(range[index - 1])
            }
        default: return Generator(try objects(of: object), depth: object.depth)
        }
    }

    /// All items of a value. More than the given number need not be there.
    func objects(of object: Object, atMost limit: Int = .max) throws(Failure) -> [Object] {
        switch object {
        case .undefined: return []
        case .list(let items), .tuple(let items): return items.objects
        case .dict(let mapping): return try objects(of: mapping, .keys)
        case .view(let mapping, let view): return try objects(of: mapping, view)
        case .string, .range, .generator:
            let source = try iterate(object)
            var result: [Object] = []
            while result.count <= limit, let next = try source.next(self) {
                try budget.allocate(32)
                result.append(next)
            }
            return result
        default: throw Failure(.type, "a \(object.typeName) cannot be iterated over")
        }
    }

    func objects(of mapping: Mapping, _ view: Mapping.View) throws(Failure) -> [Object] {
        try budget.allocate(mapping.entries.count * (view == .items ? 128 : 32))
        switch view {
        case .keys: return mapping.entries.map(\.key)
        case .values: return mapping.entries.map(\.value)
        case .items: return mapping.entries.map { .tuple([$0.key, $0.value]) }
        }
    }

    /// Python's `in`.
    func contains(_ container: Object, _ element: Object) throws(Failure) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = element else {
                throw Failure(.type, "a string holds strings only, not a \(element.typeName)")
            }
            try budget.scan(text.bytes.count + part.bytes.count)
            return text.contains(part)
        case .dict(let mapping): return try contains(mapping, element)
        case .view(let mapping, .keys): return try contains(mapping, element)
        case .range(let range):
            guard let value = element.index else {
                if case .double(let value, _) = element, let whole = Int(exactly: value) {
                    return Self.contains(range, whole)
                }
                return false
            }
            return Self.contains(range, value)
        case .undefined: return false
        case .list, .tuple, .view, .generator:
            let source = try iterate(container)
            while let next = try source.next(self) {
                try budget.step()
                if try areEqual(next, element) { return true }
            }
            return false
        default: throw Failure(.type, "a \(container.typeName) holds nothing")
        }
    }

    private func contains(_ mapping: Mapping, _ element: Object) throws(Failure) -> Bool {
        try budget.scan(element.weight)
        guard let key = HashKey(element) else {
            throw Failure(.type, "a \(element.typeName) cannot be the key of a dict")
        }
        return mapping.value(key) != nil
    }

    private static func contains(_ range: RangeObject, _ value: Int) -> Bool {
        guard range.count > 0 else { return false }
        let last = range[range.count - 1]
        guard min(range.start, last)...max(range.start, last) ~= value else { return false }
        return range.count == 1 || (value.subtractingReportingOverflow(range.start).partialValue) % range.step == 0
    }
}
