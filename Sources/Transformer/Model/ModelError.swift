import GGUF
import Kernels

/// Why a model or a slice of it cannot be loaded.
public enum ModelError: Error, CustomStringConvertible, Sendable {
    /// A problem with the file.
    case file(GGUFError)
    /// A problem with memory, threads, or the type of a tensor.
    case kernel(KernelError)
    /// A model or a setting that Brigade does not run; the sentence says what was found and expected.
    case unsupported(String)

    /// The message of the problem.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .kernel(let error): error.description
        case .unsupported(let sentence): sentence
        }
    }
}

extension ModelError {
    /// Wraps the error of a file or a kernel.
    init(_ error: any Error) {
        switch error {
        case let error as ModelError: self = error
        case let error as GGUFError: self = .file(error)
        case let error as KernelError: self = .kernel(error)
        default: self = .unsupported("\(error)")
        }
    }

    /// Runs `body` and wraps its error in a `ModelError`.
    static func wrapping<R>(_ body: () throws -> R) throws(ModelError) -> R {
        do { return try body() } catch { throw ModelError(error) }
    }
}
