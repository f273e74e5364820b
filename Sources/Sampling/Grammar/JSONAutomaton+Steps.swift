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
        case .string(let rule, let count, let state): string(rule, count, state, below, byte, &out)
        case .number(let whole, let state):
            if let next = state.next(byte, whole: whole) {
                go(.number(whole: whole, state: next))
            } else if state.mayEnd {
                popAndStep(below, byte, &out)
            }
        case .arrayStart(let rule):
            guard case .array(let item, let least, let most) = grammar.rules[Int(rule)] else { return }
            if byte == UInt8(ascii: "]") {
                if least == 0 { pop(below, &out) }
            } else if most > 0 {
                step(.value(item), Stack(.arrayAfter(rule, count: 1), below), byte, &out)
            }
        case .arrayAfter(let rule, let count): arrayAfter(rule, count, below, byte, &out)
        case .arrayEnd: if byte == UInt8(ascii: "]") { pop(below, &out) }
        case .objectEnd: if byte == UInt8(ascii: "}") { pop(below, &out) }
        case .objectStart(let rule):
            if byte == UInt8(ascii: "}") {
                if mayClose(rule, 0) { pop(below, &out) }
            } else {
                names(rule, 0, below, byte, &out)
            }
        case .key(let rule, let next): names(rule, next, below, byte, &out)
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
        case .string: if byte == UInt8(ascii: "\"") { go(.string(rule: rule, count: 0, state: .plain)) }
        case .number(let whole): if let state = NumberState(first: byte) { go(.number(whole: whole, state: state)) }
        case .array:
            if byte == UInt8(ascii: "[") { out.append(Way(top: .space(0), below: Stack(.arrayStart(rule), below))) }
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

    private func string(
        _ rule: Int32, _ count: Int32, _ state: StringState, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]
    ) {
        guard case .string(let least, let most) = grammar.rules[Int(rule)] else { return }
        if state == .plain {
            if byte == UInt8(ascii: "\"") {
                if count >= least { pop(below, &out) }
                return
            }
            guard count < most, let next = state.next(byte) else { return }
            // Beyond the least, only a limit makes it worth counting: ways that go on alike should be the same.
            let counted = most == JSONGrammar.unlimited ? min(count + 1, least) : count + 1
            out.append(Way(top: .string(rule: rule, count: counted, state: next), below: below))
        } else if let next = state.next(byte) {
            out.append(Way(top: .string(rule: rule, count: count, state: next), below: below))
        }
    }

    private func arrayAfter(_ rule: Int32, _ count: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard case .array(let item, let least, let most) = grammar.rules[Int(rule)] else { return }
        if byte == UInt8(ascii: ",") {
            guard count < most else { return }
            let counted = most == JSONGrammar.unlimited ? min(count + 1, max(least, 1)) : count + 1
            out.append(Way(top: .space(0), below: Stack(.value(item), Stack(.arrayAfter(rule, count: counted), below))))
        } else if count >= least {
            if byte == UInt8(ascii: "]") {
                pop(below, &out)
            } else if let space = Self.space(after: 0, byte) {
                out.append(Way(top: .space(space), below: Stack(.arrayEnd, below)))
            }
        }
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
