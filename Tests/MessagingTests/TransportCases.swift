import Messaging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The transports every socket test runs over.
enum TransportCase: String, CaseIterable, Sendable {
    case inproc
    case ipc
    case tcp
    case tls

    private static let counter = Atomic<Int>(0)

    /// An address nobody else uses, neither in this process nor in another.
    func freshURL() throws -> NodeURL {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        return switch self {
        case .inproc: try NodeURL("inproc://test-\(number)")
        case .ipc: try NodeURL("ipc://\(temporaryPath(number))")
        case .tcp: try NodeURL("tcp://127.0.0.1:0")
        case .tls: try NodeURL("tls+tcp://127.0.0.1:0")
        }
    }

    /// The standard settings, with a certificate where that is needed.
    var options: SocketOptions { options(.standard) }

    /// These settings, with a certificate where that is needed.
    func options(_ options: SocketOptions) -> SocketOptions {
        var options = options
        if self == .tls { options.tls = TestCertificates.node }
        return options
    }
}

func temporaryPath(_ number: Int) -> String { "/tmp/brigade-test-\(getpid())-\(number).sock" }

func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Deadline for what must happen: long enough for a loaded machine.
let patience = Duration.seconds(20)

/// Runs blocking code on a thread of its own, as the product does.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let box = Box { continuation.resume(with: Swift.Result(catching: body)) }
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let started = pthread_create(
            &thread, nil,
            { context in
                #if canImport(Darwin)
                    Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                #else
                    if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
                #endif
                return nil
            }, Unmanaged.passRetained(box).toOpaque())
        precondition(started == 0, "no thread: \(started)")
        pthread_detach(thread)
    }
}

private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A stream of pipe events and the handler that fills it.
func pipeEvents() -> (events: AsyncStream<PipeEvent>, handler: @Sendable (PipeEvent) -> Void) {
    let (stream, continuation) = AsyncStream<PipeEvent>.makeStream()
    return (stream, { continuation.yield($0) })
}
