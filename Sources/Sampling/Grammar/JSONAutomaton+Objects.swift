extension JSONAutomaton {
    /// Whether an object may end when the properties before `next` are done with.
    func mayClose(_ rule: Int32, _ next: Int32) -> Bool {
        guard case .object(let object) = grammar.rules[Int(rule)] else { return false }
        return object.properties.dropFirst(Int(next)).allSatisfy { !$0.isRequired }
    }

    /// The opening quote of a name: one way for all properties that may be next, optional ones skipped.
    func names(_ rule: Int32, _ next: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard byte == UInt8(ascii: "\""), case .object(let object) = grammar.rules[Int(rule)] else { return }
        if Int(next) < object.properties.count {
            out.append(Way(top: .name(rule, property: next, place: 0), below: below))
        }
        if object.additional != nil && mayClose(rule, next) {
            out.append(Way(top: .otherName(rule, hash: JSONGrammar.hash([]), state: .plain), below: below))
        }
    }

    /// The first property from `first` on whose name goes on with `byte` after `place` bytes like that one's. It stands
    /// for all that do: no name is the beginning of another, as each has its closing quote.
    private func property(_ object: JSONGrammar.ObjectRule, from first: Int, place: Int, _ byte: UInt8) -> Int? {
        let begun = object.properties[first].key.prefix(place)
        for i in first..<object.properties.count {
            let key = object.properties[i].key
            if key.count > place && key[place] == byte && key.starts(with: begun) { return i }
            if object.properties[i].isRequired { return nil }
        }
        return nil
    }

    /// From within a name to behind a property's value.
    func member(_ top: Frame, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        func go(_ frame: Frame) { out.append(Way(top: frame, below: below)) }
        switch top {
        case .name(let rule, let property, let place):
            guard case .object(let object) = grammar.rules[Int(rule)] else { return }
            guard let property = self.property(object, from: Int(property), place: Int(place), byte) else { return }
            go(
                Int(place) + 1 == object.properties[property].key.count
                    ? .colon(rule, property: Int32(property)) : .name(rule, property: Int32(property), place: place + 1)
            )
        case .otherName(let rule, let hash, let state):
            guard case .object(let object) = grammar.rules[Int(rule)] else { return }
            if state == .plain && byte == UInt8(ascii: "\"") {
                // The hash of its bytes tells it from the named ones; without escapes a name has only one spelling.
                if !object.names.contains(hash) { go(.colon(rule, property: Int32(object.properties.count))) }
            } else if byte != UInt8(ascii: "\\"), let next = state.next(byte) {
                go(.otherName(rule, hash: JSONGrammar.step(hash, byte), state: next))
            }
        case .colon(let rule, let property):
            guard byte == UInt8(ascii: ":"), case .object(let object) = grammar.rules[Int(rule)] else { return }
            let isNamed = Int(property) < object.properties.count
            guard let value = isNamed ? object.properties[Int(property)].value : object.additional else { return }
            let after = Stack(.objectAfter(rule, next: isNamed ? property + 1 : property), below)
            out.append(Way(top: .space(0), below: Stack(.value(value), after)))
        case .objectAfter(let rule, let next):
            guard case .object(let object) = grammar.rules[Int(rule)] else { return }
            if byte == UInt8(ascii: ",") {
                guard Int(next) < object.properties.count || object.additional != nil else { return }
                out.append(Way(top: .space(0), below: Stack(.key(rule, next: next), below)))
            } else if mayClose(rule, next) {
                if byte == UInt8(ascii: "}") {
                    pop(below, &out)
                } else if let space = Self.space(after: 0, byte) {
                    out.append(Way(top: .space(space), below: Stack(.objectEnd, below)))
                }
            }
        default: return
        }
    }
}
