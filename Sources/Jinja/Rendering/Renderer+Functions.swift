extension Renderer {
    /// Calls one of the functions that every template finds.
    func call(_ function: BuiltinFunction, _ arguments: Arguments) throws(Failure) -> Object {
        switch function {
        case .range: return try range(arguments)
        case .dict: return try dict(try entries(arguments, "dict"))
        case .namespace:
            let namespace = try makeNamespace()
            for case (.string(let name), let value) in try entries(arguments, "namespace") {
                try budget.allocate(64)
                try budget.step(namespace.attributes.count)
                namespace.set(name, value)
            }
            return .namespace(namespace)
        case .cycler:
            guard arguments.named.isEmpty, !arguments.positional.isEmpty else {
                throw Failure(.type, "'cycler' needs at least one value")
            }
            guard case .tuple(let items) = try tuple(arguments.positional) else { return .none }
            return .cycler(Cycler(items))
        case .joiner:
            try budget.allocate(64)
            return .joiner(Joiner(try bind(arguments, to: ["sep"], of: "joiner")[0] ?? .text(", ")))
        case .raiseException:
            let message = try bind(arguments, to: ["message"], required: 1, of: "raise_exception")[0] ?? .none
            throw Failure(.refused, try string(of: message).string)
        case .strftimeNow:
            let format = try bind(arguments, to: ["f"], required: 1, of: "strftime_now")[0] ?? .none
            guard let now else { throw Failure(.other, "there is no clock here") }
            return try string(try DateFormat(time: now).text(try argumentText(format, "strftime_now"), self))
        case .lipsum: throw Failure(.other, "'lipsum' is of no use in a chat template and not known here")
        }
    }

    private func range(_ arguments: Arguments) throws(Failure) -> Object {
        let values = try positional(arguments, 1...3, of: "range")
        var bounds: [Int] = []
        for value in values { bounds.append(try value.argument("an argument of 'range'")) }
        let start = bounds.count > 1 ? bounds[0] : 0, stop = bounds.count > 1 ? bounds[1] : bounds[0]
        let step = bounds.count > 2 ? bounds[2] : 1
        guard step != 0 else { throw Failure(.value, "the step of a range cannot be 0") }
        let isEmpty = step > 0 ? start >= stop : start <= stop
        var count = 0
        if !isEmpty {
            let (low, high) = step > 0 ? (start, stop) : (stop, start)
            // As unsigned: the distance between two Ints may be no Int.
            let distance = UInt(bitPattern: high) &- UInt(bitPattern: low)
            let steps = (distance - 1) / step.magnitude
            guard steps < UInt(RangeObject.largest) else {
                throw Failure(.overflow, "a range has more than \(RangeObject.largest) numbers")
            }
            count = Int(steps) + 1
        }
        return .range(RangeObject(start: start, stop: stop, step: step, count: count))
    }

    /// The entries of a dict made of another one or of pairs, and of named arguments.
    private func entries(_ arguments: Arguments, _ what: String) throws(Failure) -> [Mapping.Entry] {
        var entries: [Mapping.Entry] = []
        guard arguments.positional.count <= 1 else { throw Failure(.type, "'\(what)' takes one value without a name") }
        if case .dict(let mapping)? = arguments.positional.first {
            entries = mapping.entries
        } else if let source = arguments.positional.first {
            if case .undefined(let undefined) = source { throw undefined.failure }
            for pair in try objects(of: source) {
                let parts = try objects(of: pair, atMost: 2)
                guard parts.count == 2 else { throw Failure(.value, "'\(what)' needs pairs of keys and values") }
                try budget.allocate(128)
                entries.append((parts[0], parts[1]))
            }
        }
        return entries + arguments.named.map { (.string($0.name), $0.value) }
    }
}
