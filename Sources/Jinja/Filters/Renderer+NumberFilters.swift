extension Renderer {
    func applyToNumber(_ filter: Filter, _ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        // Reading a number takes time with the square of its length; beyond some thousand digits it is not one.
        if case .string(let text) = value {
            try budget.examine(text.bytes.count * 4)
            if text.bytes.count < 8192 { try budget.step(text.bytes.count * text.bytes.count / 256) }
        }
        switch filter {
        case .abs:
            guard let number = value.plainNumber else {
                throw Failure(.type, "'abs' does not take a \(value.typeName)")
            }
            switch number {
            case .double(let value, let isTrusted): return .double(value.magnitude, isTrusted: isTrusted)
            case .int(let value, _) where value >= 0: return number
            case .big(let value, _) where !value.isNegative: return number
            default: return try negative(number)
            }
        case .int: return try whole(value, given)
        case .float:
            let fallback = given[0] ?? .double(0, isTrusted: true)
            do throws(Failure) { return .double(try value.double(), isTrusted: value.isTrusted) } catch {
                guard error.kind == .type || error.kind == .value else { throw error }
                return fallback
            }
        case .round: return try rounded(value, given)
        case .sum: return try sum(value, given)
        default: return try fileSize(value, given)
        }
    }

    private func whole(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let fallback = given[0] ?? .int(0), base = try given[1]?.argument("'base'") ?? 10
        do throws(Failure) { return try value.wholeNumber(base: base) } catch {
            guard error.kind == .type || error.kind == .value else { throw error }
        }
        do throws(Failure) {
            return try Object.double(try value.double(), isTrusted: value.isTrusted).wholeNumber()
        } catch {
            guard error.kind == .type || error.kind == .value || error.kind == .overflow else { throw error }
            return fallback
        }
    }

    private func rounded(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let method = try given[1].map { (object) throws(Failure) in try argumentText(object, "round") } ?? "common"
        let decimals = try given[0]?.argument("'precision'") ?? 0
        guard let number = value.plainNumber else {
            if case .undefined(let undefined) = value { throw undefined.failure }
            throw Failure(.type, "'round' does not take a \(value.typeName)")
        }
        switch method.string {
        case "common":
            if case .double(let double, let isTrusted) = number {
                try budget.step(double.digitSteps)
                let result = NumberText.rounded(double, decimals: decimals)
                guard result.isFinite || !double.isFinite else {
                    throw Failure(.overflow, "a rounded number is too large")
                }
                return .double(result, isTrusted: isTrusted)
            }
            guard decimals < 0, let whole = number.integer else { return number }
            guard decimals > -4400 else { return .int(0, isTrusted: number.isTrusted) }
            let unit = try power(BigInteger(10), BigInteger(-decimals))
            let (quotient, rest) = whole.dividedFlooring(by: unit), twice = rest + rest
            let isUp = twice > unit || (twice == unit && (quotient.limbs.first ?? 0) & 1 == 1)
            return Object((isUp ? quotient + BigInteger(1) : quotient) * unit, isTrusted: number.isTrusted)
        case "ceil", "floor":
            let scale = try binary(.power, .int(10), .int(decimals))
            let scaled = try binary(.multiply, number, scale)
            var whole = scaled
            if case .double(let double, let isTrusted) = scaled {
                let cut = Object.double(double.rounded(method == "ceil" ? .up : .down), isTrusted: isTrusted)
                whole = try cut.wholeNumber()
            }
            return try binary(.divide, whole, scale)
        default: throw Failure(.other, "'round' knows 'common', 'ceil' and 'floor'")
        }
    }

    private func sum(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        var total = given[1] ?? .int(0)
        if case .string = total { throw Failure(.type, "'sum' adds no strings; use 'join'") }
        let path = if let attribute = given[0], !attribute.isNone { try path(attribute) } else { nil as AttributePath? }
        for object in try objects(of: value) {
            try budget.step()
            total = try binary(.add, total, path == nil ? object : try self.value(at: path!, of: object))
        }
        return total
    }

    private func fileSize(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let bytes = try value.double(), isBinary = if let binary = given[0] { try isTrue(binary) } else { false }
        let base = isBinary ? 1024.0 : 1000.0
        func made(_ text: String) throws(Failure) -> Object { try string(Text(text, isTrusted: value.isTrusted)) }
        if bytes == 1 { return try made("1 Byte") }
        if bytes < base {
            let whole = try Object.double(bytes, isTrusted: true).wholeNumber()
            return try made(try string(of: whole).string + " Bytes")
        }
        let letters = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
        var unit = base, index = -1
        repeat {
            unit *= base
            index += 1
        } while bytes >= unit && index < letters.count - 1
        let prefix = isBinary ? letters[index].uppercased() + "iB" : letters[index] + "B"
        try budget.step(bytes.digitSteps)
        return try made(NumberText.text(base * bytes / unit, "f", precision: 1) + " " + prefix)
    }
}
