extension Renderer {
    /// Runs a loop's body for each item, in the frame that is current.
    func run(_ loop: Loop, over iterable: Object) throws(Failure) -> Flow {
        try run(loop, over: iterable, in: frame, depth: 0)
    }

    /// What a recursive loop writes for some items, in a frame of its own inside of the one it stands in.
    func runRecursive(_ loop: Loop, over iterable: Object, in outer: Frame, depth: Int) throws(Failure) -> Text {
        try budget.enter(Self.callDepth)
        defer { budget.leave(Self.callDepth) }
        let savedFrame = frame, savedOutput = output
        frame = makeFrame(of: program.scopes[loop.scope], outer: outer)
        output = TextBuilder()
        defer {
            frame = savedFrame
            output = savedOutput
        }
        _ = try run(loop, over: iterable, in: outer, depth: depth)
        return output.text()
    }

    private func run(
        _ loop: Loop, over iterable: Object, in outer: Frame, depth: Int
    ) throws(Failure) -> Flow {
        var source = try iterate(iterable), length = try count(ifKnown: iterable)
        if let test = loop.test, let target = loop.testTarget {
            source = try tested(source, target, test, plan: program.scopes[loop.scope + 2], in: outer)
            length = nil
        }
        let plan = program.scopes[loop.scope], slot = plan.special[.loop]
        let state = LoopState(
            source, length: length, depth0: depth,
            recursion: loop.isRecursive ? LoopState.Recursion(loop: loop, frame: outer) : nil)
        if let slot {
            try track(state)
            frame.slots[slot] = .loop(state)
        }
        var isElse = true, flow = Flow.onward
        while flow != .leave, let item = try state.advance(self) {
            try budget.step()
            try assign(item, to: loop.target)
            if let slot { frame.slots[slot] = .loop(state) }
            enter(plan)
            flow = try run(loop.body)
            // What Jinja does, too: an iteration that `continue` ends does not count as one.
            if flow == .onward { isElse = false }
        }
        leave(plan)
        guard isElse, !loop.otherwise.isEmpty else { return .onward }
        let elsePlan = program.scopes[loop.scope + 1]
        enter(elsePlan)
        defer { leave(elsePlan) }
        return try run(loop.otherwise)
    }

    /// The items for which a loop's test holds, tested when their turn comes.
    private func tested(
        _ source: Generator, _ target: Target, _ test: Expression, plan: ScopePlan, in outer: Frame
    ) throws(Failure) -> Generator {
        let frame = makeFrame(of: plan, outer: outer)
        var isEntered = false
        return Generator(depth: source.depth + 1) { (renderer) throws(Failure) in
            try renderer.budget.enter()
            defer { renderer.budget.leave() }
            return try renderer.inFrame(frame) { () throws(Failure) in
                if !isEntered { renderer.enter(plan) }
                isEntered = true
                while let item = try source.next(renderer) {
                    try renderer.budget.step()
                    try renderer.assign(item, to: target)
                    if try renderer.isTrue(try renderer.evaluate(test)) { return item }
                }
                return nil
            }
        }
    }

    // MARK: The `loop` variable

    func attribute(_ name: Text, of loop: LoopState) throws(Failure) -> Object? {
        switch name.string {
        case "index": return .int(loop.index0 + 1)
        case "index0": return .int(loop.index0)
        case "revindex": return .int(try loop.length(self) - loop.index0)
        case "revindex0": return .int(try loop.length(self) - loop.index0 - 1)
        case "first": return .bool(loop.index0 == 0)
        case "last": return .bool(try loop.peek(self) == nil)
        case "length": return .int(try loop.length(self))
        case "depth": return .int(loop.depth0 + 1)
        case "depth0": return .int(loop.depth0)
        case "previtem":
            return loop.index0 == 0 ? .undefined(Undefined(.hint("there is no previous item"))) : loop.before
        case "nextitem":
            return try loop.peek(self) ?? .undefined(Undefined(.hint("there is no next item")))
        default: return nil
        }
    }

    func cycle(_ loop: LoopState, _ arguments: [Object]) throws(Failure) -> Object {
        guard !arguments.isEmpty else { throw Failure(.type, "'loop.cycle' needs at least one value") }
        return arguments[max(loop.index0, 0) % arguments.count]
    }

    func changed(_ loop: LoopState, _ arguments: [Object]) throws(Failure) -> Object {
        if let last = loop.lastChanged, try areEqual(.tuple(last), .tuple(arguments)) { return .bool(false) }
        loop.lastChanged = arguments
        return .bool(true)
    }
}
