import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Why a request failed, where trying again may help.
struct TransferFailure: Error, Equatable {
    /// The reason, worded to follow a colon.
    let reason: String
    /// How long the server asks to wait.
    var pause: Duration?

    init(_ reason: String) { self.reason = reason }

    /// An answer whose status may change when the request is made again.
    init(_ response: HTTPClientResponse) {
        reason = "it answers with status \(response.status.code)"
        pause = response.headers.first(name: "retry-after").flatMap { Int($0) }.map { .seconds(min(max($0, 0), 3600)) }
    }

    /// Describes `error`.
    ///
    /// - Throws: `error` itself when trying again would not help.
    init(_ error: any Error, options: PullOptions) throws {
        switch error {
        case let failure as TransferFailure: self = failure
        case is ModelStoreError, is CancellationError, is RangesIgnored: throw error
        case is DeadlineExceeded: self.init("it takes too long")
        case let error as NIOConnectionError:
            let cannotFind = error.dnsAError != nil && error.dnsAAAAError != nil || error.connectionErrors.isEmpty
            self.init(
                cannotFind ? "the host \(error.host) cannot be found" : "nobody answers at \(error.host):\(error.port)")
        case let error as HTTPClientError: self.init(try Self.reason(error, options))
        case HTTPParserError.invalidEOFState: self.init("the connection was cut")
        case let error as IOError:
            switch error.errnoCode {
            case ECONNRESET, EPIPE: self.init("the connection was cut")
            case ECONNREFUSED: self.init("nobody answers there")
            default: self.init("\(error)")
            }
        default: self.init("\(error)")
        }
    }

    private static func reason(_ error: HTTPClientError, _ options: PullOptions) throws -> String {
        switch error {
        case .cancelled: throw CancellationError()
        case .connectTimeout: "no connection in \(options.connectTimeout)"
        case .readTimeout, .writeTimeout: "nothing came for \(options.idleTimeout)"
        case .deadlineExceeded, .getConnectionFromPoolTimeout: "no answer in \(options.answerTimeout)"
        case .remoteConnectionClosed: "the connection was cut"
        case .invalidProxyResponse, .proxyAuthenticationRequired: "the proxy refuses the connection"
        case .redirectLimitReached, .redirectCycleDetected: "it redirects without end"
        default: "\(error)"
        }
    }
}

/// Thrown when a request for a part is answered with the whole blob: the registry or a proxy ignores ranges.
struct RangesIgnored: Error {}
