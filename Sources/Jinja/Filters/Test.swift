/// Jinja's tests.
enum Test: String, Sendable {
    case odd, even, divisibleby, defined, undefined, filter, test, none, boolean, integer, float, lower, upper, string
    case mapping, number, sequence, iterable, callable, sameas, escaped
    case isFalse = "false"
    case isTrue = "true"
    case isIn = "in"
    case equalSign = "=="
    case eq, equalto
    case notEqualSign = "!="
    case ne
    case greaterSign = ">"
    case gt, greaterthan
    case greaterOrEqualSign = ">="
    case ge
    case lessSign = "<"
    case lt, lessthan
    case lessOrEqualSign = "<="
    case le

    /// The comparison that it is another name of.
    var comparison: Comparison? {
        switch self {
        case .equalSign, .eq, .equalto: .equal
        case .notEqualSign, .ne: .notEqual
        case .greaterSign, .gt, .greaterthan: .greater
        case .greaterOrEqualSign, .ge: .greaterOrEqual
        case .lessSign, .lt, .lessthan: .less
        case .lessOrEqualSign, .le: .lessOrEqual
        case .isIn: .isIn
        default: nil
        }
    }

    /// The names of its parameters behind the value it tests.
    var parameters: [StaticString] {
        switch self {
        case .divisibleby: ["num"]
        case .sameas: ["other"]
        case .isIn: ["seq"]
        default: comparison == nil ? [] : ["b"]
        }
    }
}

extension Renderer {
    /// Whether a test that stands in the template holds.
    func test(
        _ name: Expression.Name<Test>, _ value: Object, _ arguments: CallArguments
    ) throws(Failure) -> Bool {
        guard let test = name.known else { throw Failure(.other, "there is no test '\(name.text.string)'") }
        // The common ones need no arguments.
        switch test {
        case .defined where arguments.positional.isEmpty && arguments.named.isEmpty: return !value.isUndefined
        default: return try self.test(test, value, try self.arguments(arguments))
        }
    }

    func test(_ test: Test, _ value: Object, _ arguments: Arguments) throws(Failure) -> Bool {
        let parameters = test.parameters
        let given = try bind(arguments, to: parameters, required: parameters.count, of: test.rawValue)
        if let comparison = test.comparison { return try holds(comparison, value, given[0] ?? .none) }
        switch test {
        case .odd: return try areEqual(try binary(.modulo, value, .int(2)), .int(1))
        case .even: return try areEqual(try binary(.modulo, value, .int(2)), .int(0))
        case .divisibleby: return try areEqual(try binary(.modulo, value, given[0] ?? .none), .int(0))
        case .defined: return !value.isUndefined
        case .undefined: return value.isUndefined
        case .filter, .test:
            if HashKey(value) == nil { throw Failure(.type, "a \(value.typeName) names nothing") }
            guard case .string(let name) = value else { return false }
            return test == .filter ? Filter(rawValue: name.string) != nil : Test(rawValue: name.string) != nil
        case .none: return value.isNone
        case .boolean: if case .bool = value { return true }
        case .isTrue: if case .bool(true) = value { return true }
        case .isFalse: if case .bool(false) = value { return true }
        case .integer:
            switch value {
            case .int, .big: return true
            default: return false
            }
        case .float: if case .double = value { return true }
        case .number: return value.plainNumber != nil
        case .lower, .upper:
            let text = try string(of: value)
            try budget.examine(text)
            return text.isAll(upper: test == .upper)
        case .string: return value.text != nil
        case .mapping: if case .dict = value { return true }
        case .sequence:
            switch value {
            case .undefined, .string, .list, .tuple, .dict, .range: return true
            default: return false
            }
        case .iterable: return isIterable(value)
        case .callable:
            switch value {
            case .undefined, .function, .method, .macro, .joiner, .loop, .block: return true
            default: return false
            }
        case .sameas:
            try budget.scan(min(value.weight, given[0]?.weight ?? 0))
            return Self.areIdentical(value, given[0] ?? .none)
        case .escaped: return value.text?.isMarkup ?? false
        default: return false
        }
        return false
    }
}
