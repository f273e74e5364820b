import Hummingbird
import Logging
import NIOCore

/// What is known of a request besides its bytes.
struct ServingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Names the request in logs and in the answer's `x-request-id`.
    var requestID = ""
    /// Who asks, for turns among clients: the connection's address without its port.
    let client: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        client = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}
