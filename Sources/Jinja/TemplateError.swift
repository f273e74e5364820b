/// Why a template cannot be read or rendered, and where.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure that a caller answers differently.
    public enum Kind: Sendable, Equatable {
        /// The source is not a template.
        case syntax
        /// The template itself refuses what it was given, with `raise_exception`; the message is its own.
        case refused
        /// One of ``Limits`` is reached.
        case limit
        /// Something in it cannot be done with what it was given, such as going through what is not there.
        case failed
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// Where in the source: the line and the character in it, both from 1.
    public var line: Int, column: Int
    /// What is wrong there, in one sentence without its end.
    public var message: String

    public var description: String {
        kind == .refused
            ? "the chat template refuses this conversation (line \(line), column \(column)): \(message)"
            : "the chat template, line \(line), column \(column): \(message)"
    }

    /// A failure at a byte of a source.
    init(_ failure: Failure, in source: [UInt8]) {
        kind =
            switch failure.kind {
            case .syntax: .syntax
            case .refused: .refused
            case .limit: .limit
            default: .failed
            }
        message = failure.message
        let before = source[..<min(failure.offset ?? 0, source.count)]
        line = before.reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = Text.countScalars(before[lineStart...]) + 1
    }
}
