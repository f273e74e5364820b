import Synchronization

/// The steps of an automaton, remembered: a deterministic automaton that is made where it is walked.
///
/// What a token does to a text is asked of hundreds of tokens at each place, and most of their bytes lead where others
/// have led before: within a string nearly every letter leads back. So each set of ways has a number, and a table says
/// to which one each byte leads. All copies of a constraint share one memory, which is emptied when it is full.
final class RememberedSteps: Sendable {
    /// A set of ways, as long as the memory has not been emptied.
    struct Place: Sendable {
        var state: Int32, epoch: Int
    }

    /// How a token goes on from a place.
    enum Answer { case allowed, refused, unknown }

    private let memory: Mutex<Memory>

    init(_ grammar: JSONGrammar) { memory = Mutex(Memory(grammar)) }

    /// The place of an automaton.
    func place(of automaton: JSONAutomaton) -> Place {
        memory.withLock { memory in
            if memory.isFull { memory.empty() }
            return Place(state: memory.number(of: automaton.ways) ?? Memory.unknown, epoch: memory.epoch)
        }
    }

    /// Whether some bytes may come next at the automaton's place.
    func allows(_ bytes: ArraySlice<UInt8>, at place: Place, of automaton: JSONAutomaton) -> Answer {
        memory.withLock { memory in
            var state = place.epoch == memory.epoch ? place.state : memory.number(of: automaton.ways) ?? Memory.unknown
            for byte in bytes {
                guard state >= 0 else { break }
                state = memory.step(state, byte)
            }
            return state >= 0 ? .allowed : state == Memory.refused ? .refused : .unknown
        }
    }

    /// The tokens that may come next at the automaton's place, in the order of their bytes; nil when they are more than
    /// `most`. Tokens that begin alike stand together: a beginning that is refused is tried once.
    func tokens(of all: TokenBytes, atMost most: Int, at place: Place, of automaton: JSONAutomaton) -> [Int32]? {
        memory.withLock { memory in
            let start = place.epoch == memory.epoch ? place.state : memory.number(of: automaton.ways) ?? Memory.unknown
            var path = [Int32](repeating: start, count: all.longest + 1)  // [n]: behind n bytes of the token
            var refused = Int32.max  // so many bytes of the tokens at hand are refused already
            var found: [Int32] = []
            for i in all.sorted.indices where all.shared[i] < refused {
                let token = all.sorted[i], range = all.range(of: token)
                refused = .max
                var length = Int(all.shared[i]), state = path[length]
                for at in range.lowerBound + length..<range.upperBound {
                    if state >= 0 { state = memory.step(state, all.storage[at]) }
                    length += 1
                    if state == Memory.refused { break }
                    path[length] = state
                }
                if state == Memory.refused {
                    refused = Int32(length)
                } else if state >= 0 || automaton.allows(all.storage[range]) {
                    if found.count == most { return nil }
                    found.append(token)
                }
            }
            return found
        }
    }
}

extension JSONAutomaton {
    /// Whether some bytes may come next; without any memory.
    func allows(_ bytes: ArraySlice<UInt8>) -> Bool {
        var copy = self
        for byte in bytes {
            copy.take(byte)
            if copy.isDead { return false }
        }
        return true
    }
}

private struct Memory {
    /// Where a byte leads that cannot come; where the ways have to be asked themselves; where nobody has been.
    static let refused: Int32 = -1, unknown: Int32 = -2, open: Int32 = -3
    /// From so many sets of ways on the memory is emptied before the next token; more than so many it never holds.
    private static let many = 2048, most = 8192

    let grammar: JSONGrammar
    private(set) var epoch = 0
    private var states: [[JSONAutomaton.Way]] = []
    private var numbers: [[JSONAutomaton.Way]: Int32] = [:]
    /// [state * 256 + byte]
    private var table: [Int32] = []

    init(_ grammar: JSONGrammar) { self.grammar = grammar }

    var isFull: Bool { states.count > Self.many }

    mutating func empty() {
        epoch += 1
        states.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        table.removeAll(keepingCapacity: true)
    }

    /// Nil when there is no room.
    mutating func number(of ways: [JSONAutomaton.Way]) -> Int32? {
        if let known = numbers[ways] { return known }
        guard states.count < Self.most else { return nil }
        let number = Int32(states.count)
        numbers[ways] = number
        states.append(ways)
        table.append(contentsOf: repeatElement(Self.open, count: 256))
        return number
    }

    mutating func step(_ state: Int32, _ byte: UInt8) -> Int32 {
        let known = table[Int(state) << 8 | Int(byte)]
        return known == Self.open ? make(state, byte) : known
    }

    private mutating func make(_ state: Int32, _ byte: UInt8) -> Int32 {
        var automaton = JSONAutomaton(grammar, ways: states[Int(state)])
        var target = Self.unknown
        if !automaton.asksForText(byte) {
            automaton.take(byte)
            target = automaton.isDead ? Self.refused : number(of: automaton.ways) ?? Self.unknown
        }
        table[Int(state) << 8 | Int(byte)] = target
        return target
    }
}
