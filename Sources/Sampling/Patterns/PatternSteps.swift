/// A pattern as a nondeterministic automaton over classes of characters, built from its end to its beginning.
struct PatternSteps {
    enum Step {
        /// A character of these classes.
        case set([Bool], next: Int32)
        case split([Int32])
        case start(next: Int32)
        case end(next: Int32)
        case boundary(isNegated: Bool, isWide: Bool, next: Int32)
        /// What comes next is accepted by this machine, or is not.
        case ahead(machine: Int32, isNegated: Bool, next: Int32)
        case accept
    }

    private static let mostSteps = 20_000

    let classes: CharacterClasses
    private(set) var steps: [Step] = [.accept]
    private(set) var machines: [PatternMachine] = []
    private(set) var asksForStart = false, asksForBoundaries = false
    private(set) var entry: Int32 = 0
    private var known: [CodePointSet: [Bool]] = [:]

    /// The texts in which the pattern is found; `isSearch`: anywhere, else only at the start. What follows it is free.
    init(_ pattern: Pattern, isSearch: Bool, _ classes: CharacterClasses, effort: inout Int) throws(PatternError) {
        self.classes = classes
        let anything = Pattern.repetition(.set(.all), least: 0, most: nil)
        var parts = [pattern]
        if !pattern.endsAtEnd { parts.append(anything) }
        if isSearch && !pattern.beginsAtStart { parts.insert(anything, at: 0) }
        entry = try add(.sequence(parts), next: 0, &effort)
    }

    private mutating func append(_ step: Step) throws(PatternError) -> Int32 {
        guard steps.count < Self.mostSteps else { throw .tooLarge }
        steps.append(step)
        return Int32(steps.count - 1)
    }

    private mutating func add(_ pattern: Pattern, next: Int32, _ effort: inout Int) throws(PatternError) -> Int32 {
        switch pattern {
        case .set(let set):
            // The set of everything is not among those that made the classes, and needs none.
            let members =
                known[set] ?? (set == .all ? Array(repeating: true, count: classes.count) : classes.members(of: set))
            known[set] = members
            return try append(.set(members, next: next))
        case .sequence(let parts):
            var next = next
            for part in parts.reversed() { next = try add(part, next: next, &effort) }
            return next
        case .choice(let parts):
            var entries: [Int32] = []
            for part in parts { entries.append(try add(part, next: next, &effort)) }
            return try append(.split(entries))
        case .repetition(let part, let least, let most): return try add(part, least, most, next: next, &effort)
        case .start:
            asksForStart = true
            return try append(.start(next: next))
        case .end: return try append(.end(next: next))
        case .boundary(let isNegated, let isWide):
            asksForBoundaries = true
            return try append(.boundary(isNegated: isNegated, isWide: isWide, next: next))
        case .ahead(let part, let isNegated):
            let inner = try PatternSteps(part, isSearch: false, classes, effort: &effort)
            asksForStart = asksForStart || inner.asksForStart
            asksForBoundaries = asksForBoundaries || inner.asksForBoundaries
            machines.append(try PatternMachine(inner, effort: &effort))
            return try append(.ahead(machine: Int32(machines.count - 1), isNegated: isNegated, next: next))
        }
    }

    private mutating func add(_ part: Pattern, _ least: Int, _ most: Int?, next: Int32, _ effort: inout Int)
        throws(PatternError) -> Int32
    {
        var entry = next
        if let most {
            // x{2,4} is x x (x (x)?)?
            for _ in least..<max(most, least) {
                entry = try append(.split([add(part, next: entry, &effort), next]))
            }
        } else {
            entry = try append(.split([]))
            steps[Int(entry)] = .split([try add(part, next: entry, &effort), next])
        }
        for _ in 0..<least { entry = try add(part, next: entry, &effort) }
        return entry
    }
}

extension Pattern {
    /// Whether it is found at the text's start only.
    fileprivate var beginsAtStart: Bool {
        switch self {
        case .start: true
        case .sequence(let parts): parts.first?.beginsAtStart ?? false
        case .choice(let parts): !parts.isEmpty && parts.allSatisfy(\.beginsAtStart)
        default: false
        }
    }

    /// Whether it always ends where the text does.
    fileprivate var endsAtEnd: Bool {
        switch self {
        case .end: true
        case .sequence(let parts): parts.last?.endsAtEnd ?? false
        case .choice(let parts): !parts.isEmpty && parts.allSatisfy(\.endsAtEnd)
        default: false
        }
    }
}
