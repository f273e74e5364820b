/// What is left of a rendering's limits.
struct Budget {
    private let limits: Limits
    private var steps: Int
    private var memory: Int
    private var depth = 0

    init(_ limits: Limits) {
        self.limits = limits
        steps = limits.steps
        memory = limits.memory
    }

    /// How deep values may stand in each other: what walks through one recurses as deep.
    static let deepestValue = 200

    mutating func step(_ count: Int = 1) throws(Failure) {
        steps = steps.addingSaturating(-count)
        if steps < 0 { throw Failure(.limit, "rendering takes more than \(limits.steps) steps") }
    }

    /// Pays for looking at some bytes, at a nanosecond or so each.
    mutating func scan(_ bytes: Int) throws(Failure) { try step(bytes >> 4) }

    /// Pays for handling some bytes one by one, at some ten nanoseconds each.
    mutating func examine(_ bytes: Int) throws(Failure) { try step(bytes >> 2) }

    /// Pays for handling the characters of a text one by one; those beyond ASCII take several times as long.
    mutating func examine(_ text: Text) throws(Failure) {
        try step(text.isASCII ? text.bytes.count >> 2 : text.bytes.count)
    }

    /// Pays for bytes that are about to be made.
    mutating func allocate(_ bytes: Int) throws(Failure) {
        try step(bytes >> 6)
        memory = memory.addingSaturating(-bytes)
        if memory < 0 { throw Failure(.limit, "rendering makes more than \(limits.memory) bytes of values") }
    }

    func checkOutput(_ bytes: Int) throws(Failure) {
        if bytes > limits.output { throw Failure(.limit, "the rendered text has more than \(limits.output) bytes") }
    }

    mutating func enter(_ levels: Int = 1) throws(Failure) {
        depth += levels
        if depth > limits.depth { throw Failure(.limit, "rendering nests more than \(limits.depth) deep") }
    }

    mutating func leave(_ levels: Int = 1) { depth -= levels }
}
