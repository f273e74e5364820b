extension TextLanguage {
    /// The texts that every one of `all` is found in.
    ///
    /// `effort` is how much may still be done; it is the sum over a schema's patterns that has a limit. Nil when there
    /// is no such text.
    static func matching(_ all: [Pattern], effort: inout Int) throws(PatternError) -> TextLanguage? {
        try labelled(all, needed: all.count, effort: &effort) { _ in 0 }
    }

    /// The texts that the first `needed` patterns are all found in, labelled by which of the others are; no label
    /// (nil): not in the set.
    static func labelled(
        _ patterns: [Pattern], needed: Int, effort: inout Int, escapes: Bool = true,
        label: (_ found: [Bool]) -> Int32?
    ) throws(PatternError) -> TextLanguage? {
        let classes = try CharacterClasses(of: patterns), width = classes.count
        var machines: [PatternMachine] = []
        for pattern in patterns {
            machines.append(
                try PatternMachine(PatternSteps(pattern, isSearch: true, classes, effort: &effort), effort: &effort))
        }
        let start = machines.map { $0.starts[PatternMachine.Before.start.rawValue] }
        var states = [start], numbers = [start: Int32(0)], transitions: [Int32] = [], labels: [Int32] = []
        var done = 0
        while done < states.count {
            let state = states[done]
            done += 1
            var found: [Bool] = []
            for (machine, part) in zip(machines, state) { found.append(part >= 0 && machine.accepts[Int(part)]) }
            let isIn = !found.prefix(needed).contains(false)
            labels.append(isIn ? label(Array(found.dropFirst(needed))) ?? -1 : -1)
            effort -= width * machines.count
            guard effort > 0, states.count <= PatternMachine.mostStates else { throw .tooLarge }
            for index in 0..<width {
                var next = state
                for i in machines.indices { next[i] = machines[i].step(state[i], index) }
                if next.prefix(needed).contains(-1) {
                    transitions.append(-1)
                    continue
                }
                if let known = numbers[next] {
                    transitions.append(known)
                } else {
                    numbers[next] = Int32(states.count)
                    transitions.append(Int32(states.count))
                    states.append(next)
                }
            }
        }
        let language = TextLanguage(classes, transitions, labels, escapes: escapes)
        effort -= language?.spelling.table.count ?? 0
        return language
    }

    /// Whether a text is in both sets; nil: too much to find out.
    func meets(_ other: TextLanguage, effort: inout Int) -> Bool? {
        // Both have classes of their own: those of the pair come from where either's intervals begin.
        var pairs: Set<SIMD2<Int32>> = [], i = 0, j = 0
        let mine = classes.intervals, theirs = other.classes.intervals
        while i < mine.count, j < theirs.count {
            if mine[i].range.overlaps(theirs[j].range) { pairs.insert([mine[i].index, theirs[j].index]) }
            if mine[i].range.upperBound < theirs[j].range.upperBound { i += 1 } else { j += 1 }
        }
        var seen: Set<SIMD2<Int32>> = [[0, 0]], pending: [SIMD2<Int32>] = [[0, 0]]
        while let state = pending.popLast() {
            if labels[Int(state[0])] >= 0 && other.labels[Int(state[1])] >= 0 { return true }
            effort -= pairs.count
            guard effort > 0 else { return nil }
            for pair in pairs {
                let a = transitions[Int(state[0]) * classes.count + Int(pair[0])]
                let b = other.transitions[Int(state[1]) * other.classes.count + Int(pair[1])]
                if a >= 0, b >= 0, seen.insert([a, b]).inserted { pending.append([a, b]) }
            }
        }
        return false
    }
}
