/// One rendering of a template: its variables, its output and what is left of its limits.
final class Renderer {
    enum Flow {
        case onward, leave, next
    }

    let program: Program
    let limits: Limits
    let now: LocalTime?
    var budget: Budget
    var output = TextBuilder()
    var frame: Frame
    /// The caller's variables and the built-in functions, by the number of their name.
    private var globals: [Object]
    /// What the template's top level assigned, and what a scoped block sees, by the number of the name.
    var exported: [Int: Object] = [:]
    /// What can hold itself by a detour: emptied at the end, or it would never be freed.
    private var namespaces: [Namespace] = []
    private var loops: [LoopState] = []
    private var capturedFrames: [Frame] = []

    init(_ program: Program, variables: [(name: String, value: Value)], now: LocalTime?, limits: Limits) throws(Failure)
    {
        self.program = program
        self.limits = limits
        self.now = now
        budget = Budget(limits)
        frame = Frame(slotCount: 0, outer: nil)
        globals = []
        var given: [Text: Value] = [:]
        for (name, value) in variables { given[Text(name, isTrusted: true)] = value }
        for name in program.names {
            if let value = given[name] {
                globals.append(try Object(value, depth: 0))
            } else if let function = BuiltinFunction(rawValue: name.string), function != .strftimeNow || now != nil {
                globals.append(.function(function))
            } else {
                globals.append(.missing)
            }
        }
    }

    func run() throws(Failure) -> TextBuilder {
        defer { close() }
        frame = makeFrame(of: program.scopes[0], outer: nil)
        enter(program.scopes[0])
        if let slot = program.scopes[0].special[.template] { frame.slots[slot] = .template }
        try capture(frame)
        _ = try run(program.body)
        try budget.checkOutput(output.bytes.count)
        return output
    }

    private func close() {
        for namespace in namespaces { namespace.attributes = [] }
        for loop in loops { loop.close() }
        for frame in capturedFrames { frame.slots = [] }
        frame = Frame(slotCount: 0, outer: nil)
        exported = [:]
    }

    // MARK: What is made

    func makeNamespace() throws(Failure) -> Namespace {
        try budget.allocate(128)
        let namespace = Namespace()
        namespaces.append(namespace)
        return namespace
    }

    func track(_ loop: LoopState) throws(Failure) {
        try budget.allocate(128)
        loops.append(loop)
    }

    /// Says that something outlives a frame's call which holds the frame, and may be held by it.
    func capture(_ frame: Frame) throws(Failure) {
        if frame.isCaptured { return }
        try budget.allocate(32 + frame.slots.count * 32)
        frame.isCaptured = true
        capturedFrames.append(frame)
    }

    private func checked(_ object: Object) throws(Failure) -> Object {
        guard object.depth <= Budget.deepestValue else {
            throw Failure(.limit, "a value nests more than \(Budget.deepestValue) deep")
        }
        return object
    }

    /// A list that has been paid for.
    func list(_ objects: [Object]) throws(Failure) -> Object {
        try budget.allocate(64 + objects.count * 32)
        return try checked(.list(Items(objects)))
    }

    func tuple(_ objects: [Object], fieldNames: [Text] = []) throws(Failure) -> Object {
        try budget.allocate(64 + objects.count * 32)
        return try checked(.tuple(Items(objects, fieldNames: fieldNames)))
    }

    func dict(_ entries: [Mapping.Entry]) throws(Failure) -> Object {
        try budget.allocate(64 + entries.count * 128)
        for entry in entries { try budget.scan(entry.key.weight) }
        return try checked(.dict(try Mapping(entries)))
    }

    func generator(over source: Object, _ body: @escaping Generator.Step) throws(Failure) -> Object {
        try budget.allocate(128)
        return try checked(.generator(Generator(depth: source.depth + 1, body)))
    }

    func string(_ text: Text) throws(Failure) -> Object {
        try budget.allocate(text.size + 32)
        return .string(text)
    }

    // MARK: Scopes

    func makeFrame(of plan: ScopePlan, outer: Frame?) -> Frame {
        Frame(slotCount: plan.function.map { program.slotCounts[$0] } ?? 0, outer: outer)
    }

    func enter(_ plan: ScopePlan) {
        for entry in plan.entries {
            switch entry {
            case .resolve(let name, let slot): frame.slots[slot] = resolve(name)
            case .alias(let reference, let slot): frame.slots[slot] = load(reference)
            case .clear(let slot): frame.slots[slot] = .missing
            }
        }
    }

    func leave(_ plan: ScopePlan) { for slot in plan.exits { frame.slots[slot] = .missing } }

    func resolve(_ name: Int) -> Object { exported[name] ?? globals[name] }

    func load(_ reference: Reference) -> Object {
        if reference.hops == 0 { return frame.slots[reference.slot] }
        return holder(of: reference).slots[reference.slot]
    }

    func holder(of reference: Reference) -> Frame {
        var holder = frame
        for _ in 0..<reference.hops { if let outer = holder.outer { holder = outer } }
        return holder
    }

    /// Runs something in another frame.
    func inFrame<Result>(
        _ other: Frame, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let saved = frame
        frame = other
        defer { frame = saved }
        return try body()
    }

    /// What something writes.
    func captured(_ body: () throws(Failure) -> Void) throws(Failure) -> Text {
        let saved = output
        output = TextBuilder()
        defer { output = saved }
        try body()
        return output.text()
    }

    func write(_ text: Text) throws(Failure) {
        try budget.allocate(text.size)
        output.append(text)
        try budget.checkOutput(output.bytes.count)
    }
}
