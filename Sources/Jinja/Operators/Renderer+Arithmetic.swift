extension Renderer {
    /// What a binary operator makes of two values.
    func binary(_ sign: BinaryOperator, _ left: Object, _ right: Object) throws(Failure) -> Object {
        if case .int(let a, let x) = left, case .int(let b, let y) = right,
            let result = Self.small(sign, a, b)
        {
            return .int(result, isTrusted: x && y)
        }
        if case .undefined(let undefined) = left { throw undefined.failure }
        if case .undefined(let undefined) = right, !(sign == .modulo && left.text != nil) { throw undefined.failure }
        switch (sign, left, right) {
        case (.add, .string(let a), .string(let b)): return try string(try join(a, b))
        case (.add, .list(let a), .list(let b)):
            try budget.allocate((a.objects.count + b.objects.count) * 32)
            return try list(a.objects + b.objects)
        case (.add, .tuple(let a), .tuple(let b)):
            try budget.allocate((a.objects.count + b.objects.count) * 32)
            return try tuple(a.objects + b.objects)
        case (.modulo, .string(let format), _): return try string(try formatted(percent: format, right))
        case (.multiply, .string, _), (.multiply, .list, _), (.multiply, .tuple, _):
            if let count = right.index { return try repeated(left, count) }
        case (.multiply, _, .string), (.multiply, _, .list), (.multiply, _, .tuple):
            if let count = left.index { return try repeated(right, count) }
        default: break
        }
        guard let a = left.plainNumber, let b = right.plainNumber else {
            throw Failure(
                .type, "'\(sign.rawValue)' does not take a \(left.typeName) and a \(right.typeName)")
        }
        try budget.step()
        return try arithmetic(sign, a, b, isTrusted: left.isTrusted && right.isTrusted)
    }

    /// The result of whole numbers where it is one that fits.
    private static func small(_ sign: BinaryOperator, _ a: Int, _ b: Int) -> Int? {
        var result: (partialValue: Int, overflow: Bool)
        switch sign {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .floorDivide, .modulo:
            guard b != 0, !(a == .min && b == -1) else { return nil }
            let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            return sign == .modulo ? (isBelow ? remainder + b : remainder) : (isBelow ? quotient - 1 : quotient)
        case .divide, .power: return nil
        }
        return result.overflow ? nil : result.partialValue
    }

    /// Two texts one behind the other. With `Markup` among them, the other one is escaped, as Python's would be.
    private func join(_ a: Text, _ b: Text) throws(Failure) -> Text {
        let isMarkup = a.isMarkup || b.isMarkup
        try budget.allocate(a.size + b.size)
        var builder = TextBuilder(capacity: a.bytes.count + b.bytes.count)
        builder.append(isMarkup ? try escaped(a) : a)
        builder.append(isMarkup ? try escaped(b) : b)
        return builder.text(isMarkup: isMarkup)
    }

    private func repeated(_ object: Object, _ count: Int) throws(Failure) -> Object {
        guard count > .min, count < .max else { throw Failure(.overflow, "nothing can be repeated so often") }
        let count = max(count, 0)
        switch object {
        case .string(let text):
            let size = text.runs.isEmpty ? text.bytes.count : text.size
            try budget.allocate(size.multiplyingSaturating(count))
            var builder = TextBuilder(capacity: text.bytes.count * count)
            builder.append(text, times: count)
            return .string(builder.text(isMarkup: text.isMarkup))
        case .list(let items), .tuple(let items):
            let total = items.objects.count.multiplyingSaturating(count)
            try budget.allocate(total.multiplyingSaturating(32))
            var objects: [Object] = []
            objects.reserveCapacity(total)
            if !items.objects.isEmpty { for _ in 0..<count { objects += items.objects } }
            if case .list = object { return try list(objects) }
            return try tuple(objects)
        default: return object
        }
    }

    private func arithmetic(
        _ sign: BinaryOperator, _ left: Object, _ right: Object, isTrusted: Bool
    ) throws(Failure) -> Object {
        if let a = left.integer, let b = right.integer {
            return try arithmetic(sign, a, b, isTrusted: isTrusted)
        }
        let a = try left.double(), b = try right.double()
        switch sign {
        case .add: return .double(a + b, isTrusted: isTrusted)
        case .subtract: return .double(a - b, isTrusted: isTrusted)
        case .multiply: return .double(a * b, isTrusted: isTrusted)
        case .divide:
            try Self.checkDivisor(b == 0)
            return .double(a / b, isTrusted: isTrusted)
        case .floorDivide, .modulo:
            try Self.checkDivisor(b == 0)
            let (quotient, remainder) = Self.flooringDivide(a, b)
            return .double(sign == .modulo ? remainder : quotient, isTrusted: isTrusted)
        case .power: return .double(try power(a, b), isTrusted: isTrusted)
        }
    }

    private func arithmetic(
        _ sign: BinaryOperator, _ a: BigInteger, _ b: BigInteger, isTrusted: Bool
    ) throws(Failure) -> Object {
        try budget.step(a.limbs.count * b.limbs.count / 8)
        let result: BigInteger
        switch sign {
        case .add: result = a + b
        case .subtract: result = a - b
        case .multiply: result = a * b
        case .divide:
            try Self.checkDivisor(b.limbs.isEmpty)
            let quotient = a.dividedExactly(by: b)
            guard quotient.isFinite else { throw Failure(.overflow, "the quotient is too large for a float") }
            return .double(quotient, isTrusted: isTrusted)
        case .floorDivide, .modulo:
            try Self.checkDivisor(b.limbs.isEmpty)
            let (quotient, remainder) = a.dividedFlooring(by: b)
            result = sign == .modulo ? remainder : quotient
        case .power:
            guard !b.isNegative else {
                let a = try Object.big(a, isTrusted: true).double(), b = try Object.big(b, isTrusted: true).double()
                return .double(try power(a, b), isTrusted: isTrusted)
            }
            result = try power(a, b)
        }
        guard result.limbs.count <= BigInteger.largest else {
            throw Failure(.limit, "a number has more than 4300 digits")
        }
        return Object(result, isTrusted: isTrusted)
    }

    private static func checkDivisor(_ isZero: Bool) throws(Failure) {
        if isZero { throw Failure(.other, "division by zero") }
    }

    func negative(_ object: Object) throws(Failure) -> Object {
        switch object.plainNumber {
        case .int(let value, let isTrusted)? where value != .min: return .int(-value, isTrusted: isTrusted)
        case .int(let value, let isTrusted)?: return Object(-BigInteger(value), isTrusted: isTrusted)
        case .big(let value, let isTrusted)?: return Object(-value, isTrusted: isTrusted)
        case .double(let value, let isTrusted)?: return .double(-value, isTrusted: isTrusted)
        default: throw unaryFailure("-", object)
        }
    }

    func positive(_ object: Object) throws(Failure) -> Object {
        guard let number = object.plainNumber else { throw unaryFailure("+", object) }
        return number
    }

    private func unaryFailure(_ sign: String, _ object: Object) -> Failure {
        if case .undefined(let undefined) = object { return undefined.failure }
        return Failure(.type, "'\(sign)' does not take a \(object.typeName)")
    }
}
