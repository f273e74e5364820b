extension ObjectRule {
    /// Whether the object may end here.
    func mayClose(_ place: JSONAutomaton.ObjectPlace) -> Bool {
        required[Int(place.next)] == 0 && place.count >= least
    }

    /// Whether the property may come next: all that must come still finds room behind it.
    func allows(_ property: Int, _ place: JSONAutomaton.ObjectPlace) -> Bool {
        guard isCounted else { return true }
        let count = Int(place.count) + 1
        return count + Int(required[property + 1]) <= Int(most)
            && Int(least) - count <= available(from: property + 1, used: 0)
    }

    /// Whether a property that is not named may come next.
    func allowsOther(_ place: JSONAutomaton.ObjectPlace) -> Bool {
        guard let others, required[Int(place.next)] == 0, place.count < most else { return false }
        let used = place.others?.count ?? 0
        return used < others.names.capacity
            && Int(least) - Int(place.count) <= available(from: properties.count, used: used)
    }

    /// Whether one of the named properties may come next.
    func allowsNamed(_ place: JSONAutomaton.ObjectPlace) -> Bool {
        let first = Int(place.next), last = Int(nextRequired[first])
        guard first < properties.count else { return false }
        // Of the optional ones the first leaves most room for what must come; the required one also takes its own.
        return allows(first, place) || last < properties.count && allows(last, place)
    }

    /// The first property from `first` on whose name goes on with `byte` after `length` bytes like that one's. It
    /// stands for all that do: no name is the beginning of another, as each has its closing quote.
    func property(from first: Int, _ length: Int, _ byte: UInt8, _ place: JSONAutomaton.ObjectPlace) -> Int? {
        let begun = properties[first].key.prefix(length), end = min(Int(nextRequired[first]) + 1, properties.count)
        func isNext(_ i: Int) -> Bool {
            let key = properties[i].key
            return key.count > length && key[length] == byte && key.starts(with: begun) && allows(i, place)
        }
        if byName.isEmpty { return (first..<end).first(where: isNext) }
        // Names that go on alike stand together in their order.
        var low = 0, high = byName.count
        while low < high {
            let middle = (low + high) / 2
            if precedes(properties[Int(byName[middle])].key, begun, byte) { low = middle + 1 } else { high = middle }
        }
        var found = end
        while low < byName.count {
            let i = Int(byName[low]), key = properties[i].key
            guard key.count > length, key[length] == byte, key.starts(with: begun) else { break }
            if i >= first && i < found && allows(i, place) { found = i }
            low += 1
        }
        return found < end ? found : nil
    }

    /// Whether a name stands before all that begin with some bytes and one more.
    private func precedes(_ key: [UInt8], _ begun: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        let head = key.prefix(begun.count)
        if !head.elementsEqual(begun) { return head.lexicographicallyPrecedes(begun) }
        return key.count <= begun.count || key[begun.count] < byte
    }
}

extension JSONAutomaton {
    /// The opening quote of a name: one way for all properties that may be next, optional ones skipped.
    func names(_ place: ObjectPlace, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard byte == UInt8(ascii: "\""), case .object(let object) = grammar.rules[Int(place.rule)] else { return }
        if object.allowsNamed(place) {
            out.append(Way(top: .name(place, property: place.next, place: 0), below: below))
        }
        if object.allowsOther(place) { out.append(Way(top: .otherName(place, DistinctText()), below: below)) }
    }

    /// From within a name to behind a property's value.
    func member(_ top: Frame, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        func go(_ frame: Frame) { out.append(Way(top: frame, below: below)) }
        switch top {
        case .name(let place, let property, let length):
            guard case .object(let object) = grammar.rules[Int(place.rule)],
                let property = object.property(from: Int(property), Int(length), byte, place)
            else { return }
            guard Int(length) + 1 == object.properties[property].key.count else {
                return go(.name(place, property: Int32(property), place: length + 1))
            }
            var after = place
            after.next = Int32(property) + 1
            if object.isCounted { after.count += 1 }
            go(.colon(after, value: object.properties[property].value))
        case .otherName(let place, let text):
            guard case .object(let object) = grammar.rules[Int(place.rule)], let others = object.others else { return }
            guard byte == UInt8(ascii: "\"") && text.node == 0 else {
                if let next = text.next(byte, others.names, place.others) { go(.otherName(place, next)) }
                return
            }
            // The hash of its bytes tells it from the named ones; without escapes a name has only one spelling.
            guard text.mayEnd(others.names, place.others), !object.excluded.contains(text.hash) else { return }
            var after = place
            after.next = Int32(object.properties.count)
            if object.isCounted { after.count += 1 }
            after.others = Used(.text(text.hash, text.trail), before: place.others)
            go(.colon(after, value: others.values[Int(others.names.language.labels[Int(text.state)])]))
        case .colon(let after, let value):
            guard byte == UInt8(ascii: ":") else { return }
            out.append(Way(top: .space(0), below: Stack(.value(value), Stack(.objectAfter(after), below))))
        case .objectAfter(let place):
            guard case .object(let object) = grammar.rules[Int(place.rule)] else { return }
            if byte == UInt8(ascii: ",") {
                guard object.allowsNamed(place) || object.allowsOther(place) else { return }
                out.append(Way(top: .space(0), below: Stack(.key(place), below)))
            } else if object.mayClose(place) {
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
