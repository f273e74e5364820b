/// What can go wrong before any computing starts: memory, threads, processors, weight formats.
public enum KernelError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The system gave no memory for `what`, `bytes` bytes.
    case outOfMemory(what: String, bytes: Int)
    /// The system started fewer threads than asked for.
    case threads(asked: Int)
    /// `BRIGADE_CPU` names an instruction set that is not to be had; the sentence says which are.
    case cpu(String)
    /// A tensor whose type or shape the kernels cannot multiply with.
    case matrix(tensor: String, found: String, expected: String)

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
