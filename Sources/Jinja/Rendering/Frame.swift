/// The variables of one call of a function: of the template itself, a macro, a block, a recursive loop's body or the
/// test of a loop's items.
final class Frame {
    var slots: [Object]
    /// The call that the function was made in.
    let outer: Frame?
    /// Whether something holds it that it may hold itself.
    var isCaptured = false

    init(slotCount: Int, outer: Frame?) {
        slots = Array(repeating: .missing, count: slotCount)
        self.outer = outer
    }
}

/// A macro, or the body of a `call` block, with the variables that were there where it stands.
final class Macro {
    let definition: MacroDefinition
    let frame: Frame

    init(_ definition: MacroDefinition, in frame: Frame) {
        self.definition = definition
        self.frame = frame
    }
}

/// What a call hands over.
struct Arguments {
    var positional: [Object] = []
    var named: [(name: Text, value: Object)] = []

    init(_ positional: [Object] = []) { self.positional = positional }
}

/// The `loop` variable.
final class LoopState {
    /// What the body of a recursive loop is run with again.
    struct Recursion {
        var loop: Loop, frame: Frame
    }

    var source: Generator
    /// The number of items, where it is known without going through them.
    var length: Int?
    var index0 = -1
    var before: Object = .missing
    var current: Object = .missing
    /// An item that was looked at before its turn.
    var after: Object = .missing
    var lastChanged: [Object]?
    let depth0: Int
    var recursion: Recursion?

    init(_ source: Generator, length: Int?, depth0: Int = 0, recursion: Recursion? = nil) {
        self.source = source
        self.length = length
        self.depth0 = depth0
        self.recursion = recursion
    }

    /// The next item, which becomes the current one.
    func advance(_ renderer: Renderer) throws(Failure) -> Object? {
        var item = after
        if after.isMissing {
            guard let next = try source.next(renderer) else { return nil }
            item = next
        }
        after = .missing
        index0 += 1
        before = current
        current = item
        return item
    }

    func peek(_ renderer: Renderer) throws(Failure) -> Object? {
        if after.isMissing { after = try source.next(renderer) ?? .missing }
        return after.isMissing ? nil : after
    }

    func length(_ renderer: Renderer) throws(Failure) -> Int {
        if let length { return length }
        var rest: [Object] = []
        while let next = try source.next(renderer) {
            try renderer.budget.allocate(32)
            rest.append(next)
        }
        source = Generator(rest, depth: source.depth)
        let length = rest.count + index0 + 1 + (after.isMissing ? 0 : 1)
        self.length = length
        return length
    }

    /// Lets go of everything it holds, which may lead back to itself.
    func close() {
        source.close()
        before = .missing
        current = .missing
        after = .missing
        lastChanged = nil
        recursion = nil
    }
}
