import Control
import Coordinator
import HTTPTypes
import JSON
import ModelStore
import Sampling
import Scheduling
import Tokenizer

/// Why a request is refused or fails; written in the dialect of the client.
public struct ServingError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The HTTP status.
    public var status: Int
    /// What happened and what to do.
    public var message: String
    /// OpenAI's `code` and `param`.
    public var code: String?, param: String?
    /// Seconds after which the client may try again.
    public var retryAfter: Int?

    /// An error with the given values.
    public init(_ status: Int, _ message: String, code: String? = nil, param: String? = nil, retryAfter: Int? = nil) {
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retryAfter = retryAfter
    }

    /// The error for an invalid field of a request.
    static func invalid(_ param: String, _ message: String, code: String? = nil) -> ServingError {
        ServingError(400, message, code: code ?? "invalid_value", param: param)
    }

    static let stopping = ServingError(503, "the server is stopping", code: "server_stopping", retryAfter: 10)

    public var description: String { message }

    /// OpenAI's `type`.
    var type: String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    /// `{"error": {…}}` as OpenAI writes it.
    var openAI: JSONValue {
        [
            "error": [
                "message": .string(message), "type": .string(type), "param": param.map { .string($0) } ?? nil,
                "code": code.map { .string($0) } ?? nil,
            ]
        ]
    }

    /// `{"error": "…"}` as Ollama writes it.
    var ollama: JSONValue { ["error": .string(message)] }
}

extension ServingError {
    /// Any error as it is shown to a client.
    init(_ error: any Error) {
        switch error {
        case let error as ServingError: self = error
        case let error as SchedulingError:
            switch error.code {
            case .contextExceeded: self.init(400, error.description, code: "context_length_exceeded", param: "messages")
            case .busy: self.init(429, error.description, code: "rate_limit_exceeded", retryAfter: 2)
            case .refused, .frameLost:
                self.init(503, error.description, code: "cluster_unavailable", retryAfter: 5)
            }
        case let error as CoordinatorError where error.code == .starting: self = .starting(error.description)
        case is CoordinatorError, is ControlError:
            self.init(503, "\(error)", code: "cluster_unavailable", retryAfter: 5)
        case let error as TemplateError:
            self.init(400, error.description, code: "chat_template", param: "messages")
        case let error as JSONError: self.init(400, error.description, code: "invalid_json")
        case let error as ModelStoreError: self.init(400, error.description, code: "model_store")
        case let error as SamplingError: self.init(400, error.description, code: "invalid_value")
        case is CancellationError:
            self.init(503, "the answer was cut off: the server stops", code: "server_stopping", retryAfter: 5)
        default: self.init(500, "the answer failed: \(error)", code: "internal_error")
        }
    }
}
