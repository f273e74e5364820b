import Hummingbird
import Logging
import NIOCore

/// Properties of a request besides its content.
struct ServingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Identifies the request in logs and in the answer's `x-request-id`.
    var requestID = ""
    /// Identifies the client, so that clients take turns: the connection's address without its port.
    let client: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        client = source.channel.remoteAddress?.ipAddress ?? "local"
    }
}
