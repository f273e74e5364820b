extension Renderer {
    /// Calls a method of a value that has it.
    func call(_ method: Method, of receiver: Object, _ arguments: Arguments) throws(Failure) -> Object {
        switch receiver {
        case .string(let text):
            try budget.scan(text.bytes.count)
            return try call(method, of: text, arguments)
        case .dict(let mapping): return try call(method, of: mapping, arguments)
        case .list, .tuple, .range: return try callOfSequence(method, receiver, arguments)
        case .loop(let loop):
            guard arguments.named.isEmpty else { throw Failure(.type, "'loop.\(method)' takes no named arguments") }
            return method == .cycle
                ? try cycle(loop, arguments.positional) : try changed(loop, arguments.positional)
        case .cycler(let cycler):
            try expectNone(arguments, "a cycler")
            if method == .reset {
                cycler.position = 0
                return .none
            }
            defer { cycler.position = (cycler.position + 1) % cycler.items.objects.count }
            return cycler.items.objects[cycler.position]
        default: return try callOfNumber(method, receiver, arguments)
        }
    }

    private func call(_ method: Method, of mapping: Mapping, _ arguments: Arguments) throws(Failure) -> Object {
        switch method {
        case .get:
            let values = try positional(arguments, 1...2, of: "get")
            if case .string(let name) = values[0] {
                return mapping.value(name) ?? (values.count > 1 ? values[1] : .none)
            }
            try budget.scan(values[0].weight)
            guard let key = HashKey(values[0]) else {
                throw Failure(.type, "a \(values[0].typeName) cannot be the key of a dict")
            }
            return mapping.value(key) ?? (values.count > 1 ? values[1] : .none)
        case .items, .keys, .values:
            _ = try positional(arguments, 0...0, of: method.rawValue)
            return .view(mapping, method == .items ? .items : method == .keys ? .keys : .values)
        case .copy:
            _ = try positional(arguments, 0...0, of: "copy")
            return try dict(mapping.entries)
        default:
            let values = try positional(arguments, 1...2, of: method.rawValue)
            let value = values.count > 1 ? values[1] : Object.none
            return try dict(try objects(of: values[0]).map { ($0, value) })
        }
    }

    private func callOfSequence(
        _ method: Method, _ receiver: Object, _ arguments: Arguments
    ) throws(Failure) -> Object {
        if method == .copy {
            _ = try positional(arguments, 0...0, of: "copy")
            return try list(try objects(of: receiver))
        }
        let values = try positional(arguments, method == .count ? 1...1 : 1...3, of: method.rawValue)
        let objects = try objects(of: receiver)
        if method == .count {
            var count = 0
            for object in objects {
                try budget.step()
                if try areEqual(object, values[0]) { count += 1 }
            }
            return .int(count)
        }
        func bound(_ i: Int, _ missing: Int) throws(Failure) -> Int {
            guard i < values.count else { return missing }
            let value = try values[i].argument("a position")
            return min(max(value < 0 ? value.addingSaturating(objects.count) : value, 0), objects.count)
        }
        let start = try bound(1, 0), end = try bound(2, objects.count)
        for i in start..<max(start, end) {
            try budget.step()
            if try areEqual(objects[i], values[0]) { return .int(i) }
        }
        throw Failure(.value, "the value is not in the \(receiver.typeName)")
    }

    private func callOfNumber(_ method: Method, _ receiver: Object, _ arguments: Arguments) throws(Failure) -> Object {
        try expectNone(arguments, "'\(method.rawValue)'")
        switch (method, receiver) {
        case (.isInteger, .double(let value, _)): return .bool(value.isFinite && value == value.rounded())
        case (.bitLength, _): return .int(receiver.integer?.bitWidth ?? 0)
        case (.bitCount, _): return .int(receiver.integer?.limbs.reduce(0) { $0 + $1.nonzeroBitCount } ?? 0)
        default: return receiver.plainNumber ?? receiver
        }
    }
}
