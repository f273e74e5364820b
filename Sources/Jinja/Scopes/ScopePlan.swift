/// Where a variable is kept: so many functions outwards, in that slot.
struct Reference: Sendable {
    var hops: Int, slot: Int
}

/// What is done when a scope begins and ends.
struct ScopePlan: Sendable {
    enum Entry: Sendable {
        /// Takes what the caller of the template gave under a name, if anything.
        case resolve(name: Int, slot: Int)
        /// Begins with what an outer scope has.
        case alias(Reference, slot: Int)
        case clear(slot: Int)
    }

    var entries: [Entry] = []
    /// The slots that hold nothing any more when the scope ends.
    var exits: [Int] = []
    /// The function that the scope is the body of, if it is one: its slots are made anew for each call.
    var function: Int?
    /// The slots of `loop`, `caller`, `kwargs`, `varargs`, `self` or `super`, where the scope's body mentions them.
    var special: [Special: Int] = [:]
    /// The variables that a scoped block sees.
    var locals: [Local] = []

    enum Special: Sendable {
        case loop, caller, kwargs, varargs, template, parentBlock
    }

    struct Local: Sendable {
        var name: Int, reference: Reference
    }
}

/// A template ready to be rendered.
final class Program: Sendable {
    let source: [UInt8]
    let body: [Statement]
    /// For each mention of a variable in the source, where it is kept.
    let references: [Reference]
    /// For each mention that assigns at the template's top level, the name's number; -1 for all others. Empty in a
    /// template without blocks: nobody else looks there.
    let exports: [Int]
    let scopes: [ScopePlan]
    /// How many slots each function has.
    let slotCounts: [Int]
    /// The names that are looked up among the caller's variables.
    let names: [Text]
    let blocks: [Text: Block]

    init(
        source: [UInt8], body: [Statement], references: [Reference], exports: [Int], scopes: [ScopePlan],
        slotCounts: [Int], names: [Text], blocks: [Text: Block]
    ) {
        self.source = source
        self.body = body
        self.references = references
        self.exports = exports
        self.scopes = scopes
        self.slotCounts = slotCounts
        self.names = names
        self.blocks = blocks
    }
}
