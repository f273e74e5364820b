extension JSONAutomaton {
    /// Behind an item.
    func arrayAfter(_ rule: Int32, _ count: Int32, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard case .array(let array) = grammar.rules[Int(rule)] else { return }
        if byte == UInt8(ascii: ",") {
            guard count < array.most, let value = array.value(count) else { return }
            let after = Stack(.arrayAfter(rule, count: array.count(after: count)), below)
            out.append(Way(top: .space(0), below: Stack(.value(value), after)))
        } else if count >= array.least {
            if byte == UInt8(ascii: "]") {
                pop(below, &out)
            } else if let space = Self.space(after: 0, byte) {
                out.append(Way(top: .space(space), below: Stack(.arrayEnd, below)))
            }
        }
    }

    /// Within an array none of whose items is there twice. A comma comes only when another item is left, and a byte of
    /// an item only when one that is left goes on so.
    func distinct(_ place: DistinctPlace, _ below: Stack?, _ byte: UInt8, _ out: inout [Way]) {
        guard case .array(let array) = grammar.rules[Int(place.rule)], let items = array.distinct else { return }
        func go(_ part: DistinctPlace.Part) {
            out.append(Way(top: .distinct(DistinctPlace(rule: place.rule, part: part, used: place.used)), below: below))
        }
        func end(_ value: Used.Value) -> Frame {
            .distinct(DistinctPlace(rule: place.rule, part: .after, used: Used(value, before: place.used)))
        }
        switch place.part {
        case .start:
            if byte == UInt8(ascii: "]") { if array.least == 0 { pop(below, &out) } } else { begin() }
        case .comma: begin()
        case .text(let text):
            guard let strings = items.strings else { return }
            if text.node == 0 && byte == UInt8(ascii: "\"") {
                guard text.mayEnd(strings, place.used) else { return }
                out.append(Way(top: end(.text(text.hash, text.trail)), below: below))
            } else if let next = text.next(byte, strings, place.used) {
                go(.text(next))
            }
        case .number(let state):
            guard let numbers = items.numbers else { return }
            if let next = numbers.next(state, byte) {
                if numbers.reach(next, where: { isOpen($0, next.isNegative) }) { go(.number(next)) }
            } else if numbers.mayEnd(state) {
                let value = numbers.value(state)
                if isOpen(value...value, state.isNegative) {
                    step(end(.number(isNegative: state.isNegative, value)), below, byte, &out)
                }
            }
        case .word(let low, let high, let at): word(low, high, at)
        case .after: after()
        }

        func begin() {
            guard array.most > 0 else { return }
            if byte == UInt8(ascii: "\""), items.strings != nil { go(.text(DistinctText())) }
            if let numbers = items.numbers, let state = numbers.begin(byte) {
                let isLeft =
                    if state.whole == 0, let all = numbers.negative {
                        isOpen(all, true)
                    } else {
                        numbers.reach(state, where: { isOpen($0, state.isNegative) })
                    }
                if isLeft { go(.number(state)) }
            }
            word(0, Int32(items.words.count), 0)
        }

        func isOpen(_ span: ClosedRange<UInt128>, _ isNegative: Bool) -> Bool {
            let used = place.used?.count {
                if case .number(isNegative, let value) = $0 { span.contains(value) } else { false }
            }
            return (items.numbers?.count(span) ?? 0) > UInt128(used ?? 0)
        }

        func word(_ low: Int32, _ high: Int32, _ at: Int32) {
            var range = low..<high
            while let first = range.first, items.words[Int(first)][Int(at)] != byte { range.removeFirst() }
            if let end = range.first(where: { items.words[Int($0)][Int(at)] != byte }) {
                range = range.lowerBound..<end
            }
            func isOpen(_ range: Range<Int32>) -> Bool {
                let used = place.used?.count { if case .word(let word) = $0 { range.contains(word) } else { false } }
                return range.count > used ?? 0
            }
            guard let first = range.first else { return }
            if items.words[Int(first)].count == Int(at) + 1 {
                range.removeFirst()
                if isOpen(first..<first + 1) { out.append(Way(top: end(.word(first)), below: below)) }
            }
            if isOpen(range) { go(.word(low: range.lowerBound, high: range.upperBound, place: at + 1)) }
        }

        func after() {
            let count = place.used?.count ?? 0
            if byte == UInt8(ascii: ",") {
                guard count < Int(array.most), count < items.capacity else { return }
                let next = DistinctPlace(rule: place.rule, part: .comma, used: place.used)
                out.append(Way(top: .space(0), below: Stack(.distinct(next), below)))
            } else if count >= Int(array.least) {
                if byte == UInt8(ascii: "]") {
                    pop(below, &out)
                } else if let space = Self.space(after: 0, byte) {
                    out.append(Way(top: .space(space), below: Stack(.arrayEnd, below)))
                }
            }
        }
    }
}
