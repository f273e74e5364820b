/// A pattern as a deterministic automaton over classes of characters.
///
/// Assertions are decided when the next character is known: a state is what may come, and what stood before. A look
/// ahead becomes a duty that goes along with the rest of the text: a state of the machine of what must (or must not)
/// follow.
struct PatternMachine: Sendable {
    /// What stands before a place.
    enum Before: Int, CaseIterable, Sendable { case start, other, letter, word }

    let classCount: Int
    /// [state * classCount + class]; -1: nothing is accepted any more.
    private(set) var transitions: [Int32] = []
    /// Whether the text may end here.
    private(set) var accepts: [Bool] = []
    /// The state to begin in, by what stands before; -1: nothing is accepted.
    private(set) var starts: [Int32] = []
    /// Whether every text is accepted from here.
    private(set) var isFree: [Bool] = []

    /// More states than these are not made.
    static let mostStates = 20_000

    init(_ steps: PatternSteps, effort: inout Int) throws(PatternError) {
        classCount = steps.classes.count
        var maker = StateMaker(steps)
        for before in Before.allCases {
            starts.append(maker.number(of: [StateMaker.Item(step: steps.entry, duties: 0)], before))
        }
        var done = 0
        while done < maker.states.count {
            let state = maker.states[done]
            let (row, accepted) = maker.row(of: state, &effort)
            transitions += row
            accepts.append(accepted)
            done += 1
            guard effort > 0, maker.states.count <= Self.mostStates else { throw .tooLarge }
        }
        trim()
        findFree()
    }

    /// Where a character leads; -1 stays.
    func step(_ state: Int32, _ index: Int) -> Int32 {
        state < 0 ? -1 : transitions[Int(state) * classCount + index]
    }

    /// States from which no end is reached count as -1.
    private mutating func trim() {
        let live = Automata.reaching(accepts, transitions, classCount)
        for i in transitions.indices where transitions[i] >= 0 && !live[Int(transitions[i])] { transitions[i] = -1 }
        for i in starts.indices where !live[Int(starts[i])] { starts[i] = -1 }
    }

    private mutating func findFree() {
        // Not free is what does not accept, or leads to what is not free.
        var bad = accepts.map { !$0 }
        for state in bad.indices where !bad[state] {
            bad[state] = transitions[state * classCount..<(state + 1) * classCount].contains(-1)
        }
        isFree = Automata.reaching(bad, transitions, classCount).map { !$0 }
    }
}

/// What several kinds of automata need.
enum Automata {
    /// The states from which one of `goals` is reached.
    static func reaching(_ goals: [Bool], _ transitions: [Int32], _ width: Int) -> [Bool] {
        var incoming = [Int32](repeating: 0, count: goals.count + 1)
        for target in transitions where target >= 0 { incoming[Int(target) + 1] += 1 }
        for i in goals.indices { incoming[i + 1] += incoming[i] }
        var fill = incoming, sources = [Int32](repeating: 0, count: Int(incoming[goals.count]))
        for (i, target) in transitions.enumerated() where target >= 0 {
            sources[Int(fill[Int(target)])] = Int32(i / width)
            fill[Int(target)] += 1
        }
        var reached = goals, pending = goals.indices.filter { goals[$0] }
        while let state = pending.popLast() {
            for source in sources[Int(incoming[state])..<Int(incoming[state + 1])] where !reached[Int(source)] {
                reached[Int(source)] = true
                pending.append(Int(source))
            }
        }
        return reached
    }
}

/// Makes a machine's states out of sets of steps.
private struct StateMaker {
    /// A step that may come, with what the rest of the text owes.
    struct Item: Hashable {
        var step: Int32, duties: Int32
    }
    struct Duty: Hashable {
        var machine: Int32, state: Int32, isNegated: Bool
    }
    struct State: Hashable {
        var items: [Item], before: PatternMachine.Before
    }

    let steps: PatternSteps
    private(set) var states: [State] = []
    private var numbers: [State: Int32] = [:]
    private var duties: [[Duty]] = [[]]
    private var dutyNumbers: [[Duty]: Int32] = [[]: 0]

    init(_ steps: PatternSteps) { self.steps = steps }

    mutating func number(of items: [Item], _ before: PatternMachine.Before) -> Int32 {
        // What nobody asks about makes no difference.
        var before = before
        if !steps.asksForBoundaries && before != .start { before = .other }
        if !steps.asksForStart && !steps.asksForBoundaries { before = .other }
        let state = State(items: items, before: before)
        if let known = numbers[state] { return known }
        numbers[state] = Int32(states.count)
        states.append(state)
        return Int32(states.count - 1)
    }

    private mutating func number(of list: [Duty]) -> Int32 {
        if let known = dutyNumbers[list] { return known }
        dutyNumbers[list] = Int32(duties.count)
        duties.append(list)
        return Int32(duties.count - 1)
    }

    /// Where each class of characters leads from a state, and whether the text may end there.
    mutating func row(of state: State, _ effort: inout Int) -> ([Int32], Bool) {
        var row = [Int32](repeating: -1, count: steps.classes.count)
        for kind in steps.asksForBoundaries ? [CharacterClasses.Kind.other, .letter, .word] : [.other] {
            let open = expand(state, next: kind, &effort)
            // What is before the next place is this character.
            let before: PatternMachine.Before = kind == .word ? .word : kind == .letter ? .letter : .other
            for index in row.indices where steps.classes.kinds[index] == kind {
                var items: Set<Item> = []
                for item in open {
                    guard case .set(let members, let next) = steps.steps[Int(item.step)], members[index] else {
                        continue
                    }
                    effort -= 1
                    if let duties = advance(item.duties, index) { items.insert(Item(step: next, duties: duties)) }
                }
                effort -= 1
                guard !items.isEmpty else { continue }
                row[index] = number(of: items.sorted { ($0.step, $0.duties) < ($1.step, $1.duties) }, before)
            }
        }
        let accepted = expand(state, next: nil, &effort).contains { item in
            guard case .accept = steps.steps[Int(item.step)] else { return false }
            return duties[Int(item.duties)].allSatisfy { duty in
                let accepts = duty.state >= 0 && steps.machines[Int(duty.machine)].accepts[Int(duty.state)]
                return accepts != duty.isNegated
            }
        }
        return (row, accepted)
    }

    /// The duties after a character; nil when one cannot be kept.
    private mutating func advance(_ number: Int32, _ index: Int) -> Int32? {
        guard number != 0 else { return 0 }
        var kept: [Duty] = []
        for var duty in duties[Int(number)] {
            let machine = steps.machines[Int(duty.machine)]
            duty.state = machine.step(duty.state, index)
            if duty.state < 0 {
                if !duty.isNegated { return nil }
            } else if machine.isFree[Int(duty.state)] {
                if duty.isNegated { return nil }
            } else {
                kept.append(duty)
            }
        }
        return self.number(of: kept)
    }

    /// The characters and ends that are open in a state, when this kind of character follows; nil: the text's end.
    private mutating func expand(_ state: State, next: CharacterClasses.Kind?, _ effort: inout Int) -> Set<Item> {
        var seen = Set(state.items), pending = state.items, open: Set<Item> = []
        while let item = pending.popLast() {
            effort -= 1
            guard effort > 0 else { break }
            var found: [Item] = []
            switch steps.steps[Int(item.step)] {
            case .set, .accept: open.insert(item)
            case .split(let targets): found = targets.map { Item(step: $0, duties: item.duties) }
            case .start(let target):
                if state.before == .start { found = [Item(step: target, duties: item.duties)] }
            case .end(let target): if next == nil { found = [Item(step: target, duties: item.duties)] }
            case .boundary(let isNegated, let isWide, let target):
                let isLetter = next == .letter || next == .word,
                    wasLetter = state.before == .letter || state.before == .word
                let forSome = (next == .word) != (state.before == .word), forOthers = isLetter != wasLetter
                let readings = [forSome != isNegated, forOthers != isNegated]
                if isWide ? readings.contains(true) : !readings.contains(false) {
                    found = [Item(step: target, duties: item.duties)]
                }
            case .ahead(let index, let isNegated, let target):
                let machine = steps.machines[Int(index)], start = machine.starts[state.before.rawValue]
                let isCertain = start < 0 || machine.isFree[Int(start)]
                if isCertain {
                    if (start >= 0) != isNegated { found = [Item(step: target, duties: item.duties)] }
                } else {
                    let duty = Duty(machine: index, state: start, isNegated: isNegated)
                    var list = duties[Int(item.duties)]
                    if !list.contains(duty) { list.append(duty) }
                    list.sort {
                        ($0.machine, $0.state, $0.isNegated ? 1 : 0) < ($1.machine, $1.state, $1.isNegated ? 1 : 0)
                    }
                    found = [Item(step: target, duties: number(of: list))]
                }
            }
            for item in found where seen.insert(item).inserted { pending.append(item) }
        }
        return open
    }
}
