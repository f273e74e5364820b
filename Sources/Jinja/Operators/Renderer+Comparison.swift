extension Renderer {
    /// Whether one of Python's comparisons holds.
    func holds(_ comparison: Comparison, _ left: Object, _ right: Object) throws(Failure) -> Bool {
        switch comparison {
        case .equal: return try areEqual(left, right)
        case .notEqual: return try !areEqual(left, right)
        case .isIn: return try contains(right, left)
        case .isNotIn: return try !contains(right, left)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            try budget.scan(min(left.weight, right.weight))
            return try Self.isOrdered(comparison, left, right)
        }
    }

    func areEqual(_ left: Object, _ right: Object) throws(Failure) -> Bool {
        try budget.scan(min(left.weight, right.weight))
        return Self.areEqual(left, right)
    }

    /// Python's `==`; where a thing came from does not matter to it.
    static func areEqual(_ left: Object, _ right: Object) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)): return a == b
        case (.none, .none), (.undefined, .undefined): return true
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): return a === b || areEqual(a, b)
        case (.dict(let a), .dict(let b)): return a === b || areEqual(a, b)
        case (.view(let a, let kind), .view(let b, let other)):
            guard kind == other, kind != .values else { return a === b && kind == other }
            return kind == .items ? areEqual(a, b) : haveEqualKeys(a, b)
        case (.range, .range), (.generator, .generator), (.namespace, .namespace), (.macro, .macro),
            (.function, .function), (.cycler, .cycler), (.joiner, .joiner):
            return HashKey(left) == HashKey(right)
        case (.loop(let a), .loop(let b)): return a === b
        case (.method(let a), .method(let b)): return a.method == b.method && areIdentical(a.receiver, b.receiver)
        default: return numericOrder(left, right) == .same
        }
    }

    private static func areEqual(_ a: Items, _ b: Items) -> Bool {
        guard a.objects.count == b.objects.count else { return false }
        for (x, y) in zip(a.objects, b.objects) where !areEqual(x, y) { return false }
        return true
    }

    private static func areEqual(_ a: Mapping, _ b: Mapping) -> Bool {
        guard a.entries.count == b.entries.count else { return false }
        for (key, value) in a.entries {
            guard let key = HashKey(key), let other = b.value(key), areEqual(value, other) else { return false }
        }
        return true
    }

    private static func haveEqualKeys(_ a: Mapping, _ b: Mapping) -> Bool {
        guard a.entries.count == b.entries.count else { return false }
        return a.entries.allSatisfy { HashKey($0.key).flatMap { b.value($0) } != nil }
    }

    /// Python's `is`, as far as a template can tell: equal values that cannot change are the same one.
    static func areIdentical(_ left: Object, _ right: Object) -> Bool {
        switch (left, right) {
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
        case (.dict(let a), .dict(let b)): a === b
        case (.undefined(let a), .undefined(let b)): a === b
        case (.view, .view), (.range, .range), (.method, .method): false
        case (.int(let a, _), .int(let b, _)): a == b
        case (.double(let a, _), .double(let b, _)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.int, _), (.double, _), (.bool, _), (.big, _): false
        case (.string(let a), .string(let b)): a == b && a.isMarkup == b.isMarkup
        default: areEqual(left, right)
        }
    }

    // MARK: Order

    enum Order {
        case before, same, after
        /// Not a number is neither before, nor after, nor the same as anything.
        case unordered
    }

    /// How two numbers stand to each other, exactly, whatever their types; nil if one is no number.
    static func numericOrder(_ left: Object, _ right: Object) -> Order? {
        func compare<Number: Comparable>(_ a: Number, _ b: Number) -> Order {
            a < b ? .before : a == b ? .same : .after
        }
        switch (left.plainNumber, right.plainNumber) {
        case (.int(let a, _), .int(let b, _)): return compare(a, b)
        case (.double(let a, _), .double(let b, _)): return a.isNaN || b.isNaN ? Order.unordered : compare(a, b)
        case (.big(let a, _), .big(let b, _)): return compare(a, b)
        case (.int(let a, _), .big(let b, _)): return compare(BigInteger(a), b)
        case (.big(let a, _), .int(let b, _)): return compare(a, BigInteger(b))
        case (.int(let a, _), .double(let b, _)): return order(BigInteger(a), to: b)
        case (.big(let a, _), .double(let b, _)): return order(a, to: b)
        case (.double(let a, _), .int(let b, _)): return order(BigInteger(b), to: a).reversed
        case (.double(let a, _), .big(let b, _)): return order(b, to: a).reversed
        default: return nil
        }
    }

    private static func order(_ a: BigInteger, to b: Double) -> Order {
        if b.isNaN { return .unordered }
        if b.isInfinite { return b > 0 ? .before : .after }
        let whole = BigInteger(b)
        if a < whole { return .before }
        if whole < a { return .after }
        let rest = b - b.rounded(.towardZero)
        return rest > 0 ? .before : rest < 0 ? .after : .same
    }

    private static func isOrdered(
        _ comparison: Comparison, _ left: Object, _ right: Object
    ) throws(Failure) -> Bool {
        let order = try order(left, right, comparison)
        switch comparison {
        case .less: return order == .before
        case .lessOrEqual: return order == .before || order == .same
        case .greater: return order == .after
        default: return order == .after || order == .same
        }
    }

    static func order(_ left: Object, _ right: Object, _ comparison: Comparison) throws(Failure) -> Order {
        switch (left, right) {
        case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw undefined.failure
        case (.string(let a), .string(let b)): return a < b ? .before : a == b ? .same : .after
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (x, y) in zip(a.objects, b.objects) where !areEqual(x, y) { return try order(x, y, comparison) }
            let difference = a.objects.count - b.objects.count
            return difference < 0 ? .before : difference == 0 ? .same : .after
        default:
            if let order = numericOrder(left, right) { return order }
            throw Failure(
                .type, "a \(left.typeName) and a \(right.typeName) cannot be compared with '\(comparison.rawValue)'")
        }
    }
}

extension Renderer.Order {
    var reversed: Renderer.Order {
        switch self {
        case .before: .after
        case .after: .before
        default: self
        }
    }
}

extension Object {
    /// The number, a bool counting as one.
    var plainNumber: Object? {
        switch self {
        case .bool(let value): .int(value ? 1 : 0)
        case .int, .big, .double: self
        default: nil
        }
    }
}
