/// Gives every variable its slot, and finds what Jinja refuses before it renders anything.
struct Resolver {
    /// Where in the template the resolver is.
    struct Frame {
        var symbols: Symbols
        /// At the template's top level, conditions included.
        var isTopLevel = false
        /// Inside of a condition: an unknown filter is an error only if it is come to.
        var isSoft = false
        /// Inside of a loop's body, in the same function.
        var canInterrupt = false
        /// Anywhere inside of a loop.
        var isInLoop = false

        var function: Int { symbols.function }

        func inner(function: Int? = nil) -> Frame {
            var frame = self
            frame.symbols = Symbols(parent: symbols, function: function ?? symbols.function)
            frame.isTopLevel = false
            frame.isSoft = false
            if function != nil { frame.canInterrupt = false }
            return frame
        }

        func soft() -> Frame {
            var frame = self
            frame.isSoft = true
            return frame
        }
    }

    private struct Function {
        /// How many functions stand around it.
        var depth: Int
        var slots: [Variable: Int] = [:]
    }

    private var functions: [Function] = []
    private var names: [Text: Int] = [:]
    private var references: [Reference]
    private var exports: [Int] = []
    var scopes: [ScopePlan]
    var blocks: [Text: Block] = [:]
    /// What may still be copied and found. Published templates take some ten thousand.
    private var budget = 2_000_000

    private init(_ parser: Parser) {
        references = Array(repeating: Reference(hops: 0, slot: 0), count: parser.mentionCount)
        scopes = Array(repeating: ScopePlan(), count: parser.scopeCount)
    }

    /// The program of a template's statements.
    static func program(
        _ body: [Statement], source: [UInt8], parser: Parser
    ) throws(Failure) -> Program {
        var resolver = Resolver(parser)
        try resolver.collectBlocks(body)
        if !resolver.blocks.isEmpty { resolver.exports = Array(repeating: -1, count: parser.mentionCount) }
        try resolver.resolveRoot(body)
        for block in resolver.blocks.values.sorted(by: { $0.offset < $1.offset }) {
            try resolver.resolveBlock(block)
        }
        let names = resolver.names.sorted { $0.value < $1.value }.map(\.key)
        return Program(
            source: source, body: body, references: resolver.references, exports: resolver.exports,
            scopes: resolver.scopes, slotCounts: resolver.functions.map(\.slots.count), names: names,
            blocks: resolver.blocks)
    }

    // MARK: Slots

    mutating func makeFunction(inside outer: Int?) -> Int {
        functions.append(Function(depth: outer.map { functions[$0].depth + 1 } ?? 0))
        return functions.count - 1
    }

    mutating func slot(_ variable: Variable) -> Int {
        if let slot = functions[variable.function].slots[variable] { return slot }
        let slot = functions[variable.function].slots.count
        functions[variable.function].slots[variable] = slot
        return slot
    }

    mutating func nameIndex(_ name: Text) -> Int {
        if let index = names[name] { return index }
        names[name] = names.count
        return names.count - 1
    }

    mutating func reference(_ variable: Variable, from function: Int) -> Reference {
        Reference(
            hops: functions[function].depth - functions[variable.function].depth, slot: slot(variable))
    }

    mutating func resolve(_ name: Text, mention: Int, _ frame: Frame) {
        frame.symbols.load(name)
        guard let variable = frame.symbols.variable(name) else { return }
        references[mention] = reference(variable, from: frame.function)
    }

    /// A mention that assigns.
    mutating func resolve(storing variable: VariableMention, _ frame: Frame) {
        resolve(variable.name, mention: variable.mention, frame)
        if frame.isTopLevel, !exports.isEmpty { exports[variable.mention] = nameIndex(variable.name) }
    }

    /// Collects the variables of a scope's statements.
    mutating func analyze(
        _ symbols: Symbols, _ body: (inout SymbolVisitor) throws(Failure) -> Void
    ) throws(Failure) {
        var visitor = SymbolVisitor(symbols: symbols, budget: budget)
        try body(&visitor)
        budget = visitor.budget
    }

    /// Pays for some names looked at.
    mutating func pay(_ count: Int) throws(Failure) {
        budget -= count
        if budget < 0 {
            throw Failure(.limit, "the template has too many blocks or conditions over too many variables")
        }
    }

    /// What the scope of some symbols does at its beginning and end. Called when its body is resolved.
    mutating func finish(_ scope: Int, _ symbols: Symbols, function: Int? = nil) {
        for (variable, load) in symbols.loads {
            let slot = slot(variable)
            switch load {
            case .parameter: break
            case .resolve: scopes[scope].entries.append(.resolve(name: nameIndex(variable.name), slot: slot))
            case .alias(let outer):
                scopes[scope].entries.append(.alias(reference(outer, from: symbols.function), slot: slot))
            case .undefined: scopes[scope].entries.append(.clear(slot: slot))
            }
            scopes[scope].exits.append(slot)
        }
        scopes[scope].function = function
    }

    mutating func declare(_ special: ScopePlan.Special, _ name: Text, in symbols: Symbols, scope: Int) {
        symbols.declareParameter(name)
        if let variable = symbols.variable(name) { scopes[scope].special[special] = slot(variable) }
    }
}
