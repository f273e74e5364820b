extension Renderer {
    /// Applies a filter that stands in the template.
    func apply(
        _ name: Expression.Name<Filter>, to value: Object, _ arguments: CallArguments
    ) throws(Failure) -> Object {
        guard let filter = name.known else { throw Failure(.other, "there is no filter '\(name.text.string)'") }
        return try apply(filter, to: value, try self.arguments(arguments))
    }

    /// Applies a filter.
    func apply(_ filter: Filter, to value: Object, _ arguments: Arguments) throws(Failure) -> Object {
        guard let parameters = filter.parameters else {
            switch filter {
            case .format: return try format(value, arguments)
            case .map: return try map(value, arguments)
            default: return try select(value, arguments, filter)
            }
        }
        let given = try bind(arguments, to: parameters, required: filter.required, of: filter.rawValue)
        switch filter {
        case .capitalize, .center, .indent, .lower, .replace, .string, .title, .trim, .truncate, .upper, .wordcount,
            .wordwrap:
            return try applyToText(filter, value, given)
        case .e, .escape, .forceescape, .safe, .striptags, .urlencode, .xmlattr:
            return try applyForMarkup(filter, value, given)
        case .abs, .float, .int, .round, .filesizeformat, .sum: return try applyToNumber(filter, value, given)
        case .tojson: return try string(try json(value, given))
        case .d, .defaultValue:
            if value.isUndefined { return given[0] ?? .string(.empty) }
            if let boolean = given[1], try isTrue(boolean), try !isTrue(value) { return given[0] ?? .string(.empty) }
            return value
        case .count, .length: return .int(try count(of: value))
        case .attr: return try attribute(value, given[0] ?? .none)
        case .pprint, .random, .urlize:
            throw Failure(.other, "the filter '\(filter.rawValue)' is of no use in a chat template and not known here")
        default: return try applyToSequence(filter, value, given)
        }
    }

    /// `attr`: an attribute, and never an item.
    private func attribute(_ object: Object, _ name: Object) throws(Failure) -> Object {
        let name = AttributeName(try argumentText(name, "attr"))
        return try ownAttribute(name, of: object) ?? absent(name.text, of: object)
    }

    private func format(_ value: Object, _ arguments: Arguments) throws(Failure) -> Object {
        guard arguments.positional.isEmpty || arguments.named.isEmpty else {
            throw Failure(.other, "'format' takes values with names or without, not both")
        }
        let values =
            arguments.named.isEmpty
            ? try tuple(arguments.positional) : try dict(arguments.named.map { (.string($0.name), $0.value) })
        return try string(try formatted(percent: try string(of: value), values))
    }

    // MARK: Looking into items

    /// Finds the attribute that a filter's argument names, parts between dots one after the other.
    struct AttributePath {
        var parts: [Object]
        var defaultValue: Object?
        var ignoresCase = false
    }

    func path(
        _ attribute: Object?, default defaultValue: Object? = nil, ignoresCase: Bool = false
    ) throws(Failure) -> AttributePath {
        var parts: [Object] = []
        switch attribute {
        case nil, .some(.none): break
        case .string(let text):
            for part in try text.parts(at: ".", atMost: .max, &budget) {
                let isNumber = part.all { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
                parts.append(isNumber ? try Object.string(part).wholeNumber() : .string(part))
            }
        case .some(let other): parts = [other]
        }
        let fallback = if case .some(.none) = defaultValue { nil as Object? } else { defaultValue }
        return AttributePath(parts: parts, defaultValue: fallback, ignoresCase: ignoresCase)
    }

    func value(at path: AttributePath, of object: Object) throws(Failure) -> Object {
        var result = object
        for part in path.parts {
            try budget.step()
            result = try item(part, of: result)
            if let fallback = path.defaultValue, result.isUndefined { result = fallback }
        }
        if path.ignoresCase, case .string(let text) = result {
            try budget.allocate(text.bytes.count)
            return .string(text.cased(.lower))
        }
        return result
    }
}
