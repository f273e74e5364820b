/// Errors before computing starts: memory, threads, processors, weight formats.
public enum KernelError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The system refused `bytes` bytes of memory for `what`.
    case outOfMemory(what: String, bytes: Int)
    /// The number of threads is not from 1 to 256, or the system did not start all of them.
    case threads(asked: Int)
    /// An instruction set that this machine or build does not have; the sentence is the whole message.
    case cpu(String)
    /// A tensor whose type or shape the kernels cannot multiply with.
    case matrix(tensor: String, found: String, expected: String)

    /// One or two sentences: what failed and what to do.
    public var description: String {
        switch self {
        case .outOfMemory(let what, let bytes):
            "no memory for \(what): \(bytes) bytes were asked for. Give this node fewer layers or a shorter context."
        case .threads(let asked):
            """
            \(asked) compute threads could not be started (1 to 256 are possible, and the system must allow them). Use \
            --threads to ask for fewer.
            """
        case .cpu(let sentence): sentence
        case .matrix(let tensor, let found, let expected):
            """
            tensor \(tensor) is \(found), expected \(expected). The file is damaged or of a kind that Brigade does not \
            compute with.
            """
        }
    }
}
