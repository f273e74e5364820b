import JSON
import Sampling

/// The description of the API in OpenAPI's own format (version 3.1), served at `/openapi.json`.
enum OpenAPI {
    /// An operation: a method on a path.
    private struct Operation {
        var path: String, method: String, summary: String
        /// Schemas of the bodies of the request and the answer, and the answer's content type.
        var body: JSONValue?, answer: JSONValue = ["type": "object"], type = "application/json"
        /// Statuses besides 200.
        var others = ["400", "401", "404", "413", "429", "503"]
    }

    /// The allowed methods by path; a path that ends with `/` stands for all paths that begin with it.
    static let routes: [String: Set<String>] = {
        var routes: [String: Set<String>] = ["/": ["GET", "HEAD"], "/openapi.json": ["GET"]]
        for operation in operations {
            let path = operation.path.prefix { $0 != "{" }
            routes[String(path), default: []].insert(operation.method.uppercased())
        }
        for path in ["/api/version", "/api/tags"] { routes[path]?.insert("HEAD") }
        return routes
    }()

    static func document(version: String) -> JSONValue {
        var paths: [(String, [JSONValue.Member])] = []
        for operation in operations {
            let member = JSONValue.Member(operation.method, described(operation))
            if let i = paths.firstIndex(where: { $0.0 == operation.path }) {
                paths[i].1.append(member)
            } else {
                paths.append((operation.path, [member]))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Brigade", "version": .string(version),
                "description": "A language model computed by several machines, in OpenAI's and Ollama's dialects.",
            ],
            "paths": .object(paths.map { .init($0.0, .object($0.1)) }),
            "components": [
                "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
                "schemas": [
                    "OpenAIError": [
                        "type": "object", "required": ["error"],
                        "properties": [
                            "error": [
                                "type": "object", "required": ["message", "type"],
                                "properties": ["message": text, "type": text],
                            ]
                        ],
                    ],
                    "OllamaError": ["type": "object", "required": ["error"], "properties": ["error": text]],
                ],
            ],
            "security": [[:], ["key": []]],
        ]
    }

    private static func described(_ operation: Operation) -> JSONValue {
        let error = operation.path.hasPrefix("/api/") ? "OllamaError" : "OpenAIError"
        var content: [JSONValue.Member] = [.init(operation.type, ["schema": operation.answer])]
        if operation.body != nil, operation.type == "application/json" {
            content.append(
                .init(operation.path.hasPrefix("/v1/") ? "text/event-stream" : "application/x-ndjson", ["schema": text])
            )
        }
        var responses: [JSONValue.Member] = [.init("200", ["description": "The answer.", "content": .object(content)])]
        for status in operation.others + ["403", "405", "409"] {
            responses.append(
                .init(
                    status,
                    [
                        "description": "Refused, with the reason.",
                        "content": ["application/json": ["schema": ["$ref": .string("#/components/schemas/\(error)")]]],
                    ]))
        }
        var members: [JSONValue.Member] = [
            .init("summary", .string(operation.summary)), .init("responses", .object(responses)),
        ]
        if let body = operation.body {
            members.append(.init("requestBody", ["required": true, "content": ["application/json": ["schema": body]]]))
        }
        if operation.path.contains("{id}") {
            members.append(.init("parameters", [["name": "id", "in": "path", "required": true, "schema": text]]))
        }
        return .object(members)
    }

    private static let operations: [Operation] = [
        Operation(
            path: "/v1/chat/completions", method: "post", summary: "Continue a conversation.", body: OpenAPISchemas.chat
        ),
        Operation(
            path: "/v1/completions", method: "post", summary: "Continue a text.", body: OpenAPISchemas.completion),
        Operation(path: "/v1/models", method: "get", summary: "The model that is served."),
        Operation(path: "/v1/models/{id}", method: "get", summary: "One model."),
        Operation(
            path: "/api/chat", method: "post", summary: "Continue a conversation.", body: OpenAPISchemas.ollamaChat),
        Operation(
            path: "/api/generate", method: "post", summary: "Answer a prompt.", body: OpenAPISchemas.ollamaGenerate),
        Operation(path: "/api/tags", method: "get", summary: "Models on this machine."),
        Operation(path: "/api/show", method: "post", summary: "What is known of a model.", body: named),
        Operation(path: "/api/ps", method: "get", summary: "The model that runs."),
        Operation(path: "/api/version", method: "get", summary: "The version."),
        Operation(path: "/api/pull", method: "post", summary: "Fetch a model.", body: named),
        Operation(path: "/api/delete", method: "delete", summary: "Remove a model.", body: named),
        Operation(path: "/api/embed", method: "post", summary: "Refused: no embeddings are made.", body: named),
        Operation(path: "/api/embeddings", method: "post", summary: "Refused: no embeddings are made.", body: named),
        Operation(path: "/api/cluster", method: "get", summary: "The nodes, their slices and what is going on."),
        Operation(
            path: "/api/cluster/events", method: "get", summary: "The same as it changes.", answer: text,
            type: "text/event-stream"),
        Operation(path: "/health", method: "get", summary: "Whether the server lives."),
        Operation(path: "/ready", method: "get", summary: "Whether it can answer."),
        Operation(
            path: "/metrics", method: "get", summary: "Figures for Prometheus.", answer: text, type: "text/plain"),
    ]

    static let text: JSONValue = ["type": "string"]
    private static let named: JSONValue = [
        "type": "object", "required": ["model"], "properties": ["model": text, "stream": ["type": "boolean"]],
    ]
}
