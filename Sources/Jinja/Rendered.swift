/// What a template wrote, and which of it may become control tokens.
public struct Rendered: Sendable, Equatable {
    /// Neighbouring characters of the same trust.
    public struct Run: Sendable, Equatable {
        /// The characters.
        public var text: String
        /// Whether they stand literally in the template or in a value that the caller trusts. A name of a control token
        /// means that token where it stands in one trusted run, and is ordinary text everywhere else.
        public var isTrusted: Bool

        /// A run.
        public init(text: String, isTrusted: Bool) {
            self.text = text
            self.isTrusted = isTrusted
        }
    }

    /// The whole text in runs; no two neighbours have the same trust, and none is empty.
    public var runs: [Run]

    /// The whole text.
    public var text: String { runs.map(\.text).joined() }

    init(_ text: Text) {
        if text.isEmpty {
            runs = []
        } else if text.runs.isEmpty {
            runs = [Run(text: text.string, isTrusted: text.isTrusted)]
        } else {
            var start = 0
            runs = text.runs.map { run in
                defer { start = run.end }
                return Run(text: String(decoding: text.bytes[start..<run.end], as: UTF8.self), isTrusted: run.isTrusted)
            }
        }
    }
}
