/// Values one after the other, made when they are asked for, once: what Python's iterators are.
final class Generator {
    typealias Step = (Renderer) throws(Failure) -> Object?

    /// How deep the values and generators stand in each other that it goes through.
    let depth: Int
    private var objects: [Object]
    private var index = 0
    private var body: Step?
    private var isRunning = false

    /// Over objects that are there.
    init(_ objects: [Object], depth: Int = 0) {
        self.objects = objects
        self.depth = depth
    }

    /// Over what a function gives, until it gives nothing.
    init(depth: Int, _ body: @escaping Step) {
        self.depth = depth
        self.body = body
        objects = []
    }

    func next(_ renderer: Renderer) throws(Failure) -> Object? {
        guard let body else {
            guard index < objects.count else {
                objects = []
                index = 0
                return nil
            }
            index += 1
            return objects[index - 1]
        }
        guard !isRunning else { throw Failure(.value, "a generator asks itself for its next value") }
        isRunning = true
        defer { isRunning = false }
        let next = try body(renderer)
        if next == nil { self.body = nil }
        return next
    }

    /// Lets go of everything it holds.
    func close() {
        body = nil
        objects = []
        index = 0
    }
}
