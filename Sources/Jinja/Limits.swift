/// How much a template may do before it is stopped: it may come from anybody, and so may what it is given.
public struct Limits: Sendable, Equatable {
    /// Bytes of the template's source.
    public var source: Int
    /// Steps of rendering: expressions and statements evaluated, items iterated over, and each 2 to 64
    /// bytes of text looked at or made.
    public var steps: Int
    /// How deep expressions, tags, macro calls and values may stand in each other while rendering.
    public var depth: Int
    /// Bytes of all values made while rendering, kept or not. Nothing is made before it is paid for.
    public var memory: Int
    /// Bytes of the rendered text.
    public var output: Int

    /// Limits of one's own.
    public init(source: Int, steps: Int, depth: Int, memory: Int, output: Int) {
        self.source = source
        self.steps = steps
        self.depth = depth
        self.memory = memory
        self.output = output
    }

    /// Enough for a conversation of a million tokens through the longest published template, and no more than seconds
    /// of work: 1 MiB of source, 20 million steps, 400 levels, 256 MiB made in all, 32 MiB written.
    public static let standard = Limits(
        source: 1 << 20, steps: 20_000_000, depth: 400, memory: 256 << 20, output: 32 << 20)
}
