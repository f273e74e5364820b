extension Parser {
    static func isReserved(_ name: Text) -> Bool {
        switch name.string {
        case "true", "false", "none", "True", "False", "None": true
        default: false
        }
    }

    /// What is assigned to: a name, names in a tuple, or, with `set`, an attribute of a namespace.
    mutating func parseTarget(
        withAttributes: Bool = false, until end: StaticString? = nil
    ) throws(Failure) -> Target {
        let offset = current.offset
        var targets: [Target] = [], isTuple = false
        while true {
            if !targets.isEmpty { try expect(.comma) }
            if isTupleEnd(end) { break }
            targets.append(try parseOneTarget(withAttributes: withAttributes))
            guard isSign(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = targets.first { return only }
        guard isTuple else { throw error("a name is expected, not \(current.description)") }
        return .tuple(targets, offset: offset)
    }

    private mutating func parseOneTarget(withAttributes: Bool) throws(Failure) -> Target {
        let token = current
        if token.kind == .name, !Self.isReserved(token.text) {
            advance()
            guard withAttributes, skip(.dot) else { return .name(mention(token.text, at: token.offset)) }
            let attribute = try expect(.name)
            return .attribute(mention(token.text, at: token.offset), attribute.text)
        }
        return try target(try parsePrimary())
    }

    private func target(_ expression: Expression) throws(Failure) -> Target {
        switch expression.kind {
        case .name(let name, let mention):
            return .name(VariableMention(name: name, mention: mention, offset: expression.offset))
        case .tuple(let items):
            var targets: [Target] = []
            for item in items { targets.append(try target(item)) }
            return .tuple(targets, offset: expression.offset)
        default: throw error("this cannot be assigned to", at: expression.offset)
        }
    }

    func isTupleEnd(_ end: StaticString?) -> Bool {
        switch current.kind {
        case .variableEnd, .blockEnd, .sign(.rightParenthesis): true
        default: end.map { isName($0) } ?? false
        }
    }
}
