extension JSONAutomaton {
    /// All ways to go on with `byte` from one.
    func step(_ top: Frame?, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        func go(_ frame: Frame) { out.append(Way(top: frame, below: below)) }
        switch top {
        case nil: return
        case .value(let rule): begin(rule, below, byte, &out)
        case .space(let state):
            if let next = Self.space(after: state, byte) { go(.space(next)) } else { popAndStep(below, byte, &out) }
        case .lineFeeds(let left):
            if byte == 0x0A { if left > 0 { go(.lineFeeds(left - 1)) } } else { popAndStep(below, byte, &out) }
        case .literal(let rule, let place): literal(rule, place, below, byte, &out)
        case .string(let rule, let place):
            guard case .string(let string) = grammar.rules[Int(rule)] else { return }
            if place.node == 0 && byte == UInt8(ascii: "\"") {
                if string.mayEnd(place) { pop(below, &out) }
            } else if let next = string.next(place, byte) {
                go(.string(rule: rule, next))
            }
        case .number(let whole, let state):
            if let next = state.next(byte, whole: whole) {
                go(.number(whole: whole, state: next))
            } else if state.mayEnd {
                popAndStep(below, byte, &out)
            }
        case .bounded(let rule, let state):
            guard case .bounded(let range) = grammar.rules[Int(rule)] else { return }
            if let next = range.next(state, byte) {
                go(.bounded(rule: rule, next))
            } else if range.mayEnd(state) {
                popAndStep(below, byte, &out)
            }
        case .arrayStart(let rule):
            guard case .array(let array) = grammar.rules[Int(rule)] else { return }
            if byte == UInt8(ascii: "]") {
                if array.least == 0 { pop(below, &out) }
            } else if array.most > 0, let value = array.value(0) {
                step(.value(value), Stack(.arrayAfter(rule, count: 1), below), byte, &out)
            }
        case .arrayAfter(let rule, let count): arrayAfter(rule, count, below, byte, &out)
        case .arrayEnd: if byte == UInt8(ascii: "]") { pop(below, &out) }
        case .distinct(let place): distinct(place, below, byte, &out)
        case .objectEnd: if byte == UInt8(ascii: "}") { pop(below, &out) }
        case .objectStart(let rule):
            guard case .object(let object) = grammar.rules[Int(rule)] else { return }
            let place = ObjectPlace(rule: rule)
            if byte == UInt8(ascii: "}") {
                if object.mayClose(place) { pop(below, &out) }
            } else {
                names(place, below, byte, &out)
            }
        case .key(let place): names(place, below, byte, &out)
        case .name, .otherName, .colon, .objectAfter: member(top!, below, byte, &out)
        case .sequence: return  // never on top: `pop` goes through it
        case .text(let rule, let matched): text(rule, matched, below, byte, &out)
        }
    }

    /// White space that has come so far: 0 none, 1 one space, 2 and more a line feed and so many minus 2 spaces or
    /// tabs.
    static func space(after state: UInt8, _ byte: UInt8) -> UInt8? {
        switch (state, byte) {
        case (0, 0x20): 1
        case (0, 0x0A): 2
        case (2..<34, 0x20), (2..<34, 0x09): state + 1
        default: nil
        }
    }

    /// The first byte of a rule's value.
    private func begin(_ rule: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard (below?.depth ?? 0) < Self.deepest else { return }
        func go(_ frame: Frame) { out.append(Way(top: frame, below: below)) }
        switch grammar.rules[Int(rule)] {
        case .literal: literal(rule, 0, below, byte, &out)
        case .string: if byte == UInt8(ascii: "\"") { go(.string(rule: rule, StringRule.Place())) }
        case .number(let whole): if let state = NumberState(first: byte) { go(.number(whole: whole, state: state)) }
        case .bounded(let range): if let state = range.begin(byte) { go(.bounded(rule: rule, state)) }
        case .array(let array):
            guard byte == UInt8(ascii: "[") else { return }
            let start: Frame = array.distinct == nil ? .arrayStart(rule) : .distinct(DistinctPlace(rule: rule))
            out.append(Way(top: .space(0), below: Stack(start, below)))
        case .object:
            if byte == UInt8(ascii: "{") { out.append(Way(top: .space(0), below: Stack(.objectStart(rule), below))) }
        case .union:
            let all = grammar.alternatives(rule)
            var chosen = all
            if (below?.depth ?? 0) > Self.deepestByChoice {
                let flat = all.filter {
                    if case .array = grammar.rules[Int($0)] {
                        false
                    } else if case .object = grammar.rules[Int($0)] {
                        false
                    } else {
                        true
                    }
                }
                if !flat.isEmpty { chosen = flat }
            }
            for alternative in chosen { begin(alternative, below, byte, &out) }
        case .sequence(let parts):
            guard let first = parts.first else { return }
            begin(first, under(parts, rule, 0, below), byte, &out)
        case .textThrough: text(rule, 0, below, byte, &out)
        }
    }

    private func literal(_ rule: Int32, _ place: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard case .literal(let bytes) = grammar.rules[Int(rule)], Int(place) < bytes.count, bytes[Int(place)] == byte
        else { return }
        if Int(place) + 1 == bytes.count { return pop(below, &out) }
        out.append(Way(top: .literal(rule: rule, place: place + 1), below: below))
    }

    private func text(_ rule: Int32, _ matched: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard case .textThrough(let end) = grammar.rules[Int(rule)] else { return }
        // The end is a tag, whose first byte stands nowhere else in it: after a mismatch only that byte can begin it
        // anew.
        let now: Int32 = end[Int(matched)] == byte ? matched + 1 : end[0] == byte ? 1 : 0
        if Int(now) < end.count { return out.append(Way(top: .text(rule: rule, matched: now), below: below)) }
        var ended: [Way] = []
        pop(below, &ended)
        for way in ended {
            guard let top = way.top else {
                out.append(way)
                continue
            }
            out.append(Way(top: .lineFeeds(2), below: Stack(top, way.below)))
        }
    }
}
