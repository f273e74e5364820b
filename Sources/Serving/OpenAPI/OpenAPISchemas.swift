import JSON
import Sampling

/// The schemas of request bodies in the API's description.
enum OpenAPISchemas {
    private static let text: JSONValue = ["type": "string"], flag: JSONValue = ["type": "boolean"]

    private static func number(_ least: Int, _ most: Int) -> JSONValue {
        ["type": "number", "minimum": .int(least), "maximum": .int(most)]
    }
    private static func whole(_ least: Int, _ most: Int) -> JSONValue {
        ["type": "integer", "minimum": .int(least), "maximum": .int(most)]
    }
    private static func list(_ item: JSONValue) -> JSONValue { ["type": "array", "items": item] }

    private static let token = whole(0, Int(Int32.max)),
        repetition: JSONValue = ["type": "number", "minimum": 0.01, "maximum": 100]

    private static let common: [JSONValue.Member] = [
        .init("model", text), .init("stream", flag),
        .init(
            "stream_options", ["type": "object", "properties": ["include_usage": flag], "additionalProperties": false]),
        .init("temperature", number(0, 2)), .init("top_p", number(0, 1)), .init("top_k", whole(-1, 1 << 20)),
        .init("min_p", number(0, 1)),
        .init("max_tokens", whole(-1, Int(Int32.max))), .init("stop", ["anyOf": [text, list(text)]]),
        .init("seed", ["type": "integer"]), .init("n", whole(1, 16)),
        .init("presence_penalty", number(-2, 2)), .init("frequency_penalty", number(-2, 2)),
        .init("repetition_penalty", repetition),
        .init("repeat_penalty", repetition), .init("user", text),
        .init("logit_bias", ["type": "object", "additionalProperties": number(-100, 100)]),
        .init(
            "response_format",
            [
                "type": "object", "required": ["type"],
                "properties": [
                    "type": ["enum": ["text", "json_object", "json_schema"]],
                    "json_schema": ["type": "object", "properties": ["name": text, "schema": ["type": "object"]]],
                    "schema": ["type": "object"],
                ],
            ]),
    ]

    private static let message: JSONValue = [
        "type": "object", "required": ["role", "content"],
        "properties": [
            "role": ["enum": ["system", "developer", "user", "assistant", "tool"]], "content": text, "name": text,
            "tool_call_id": text,
        ],
    ]

    private static let tool: JSONValue = [
        "type": "object", "required": ["type", "function"],
        "properties": [
            "type": ["const": "function"],
            "function": [
                "type": "object", "required": ["name"],
                "properties": ["name": text, "description": text, "parameters": ["type": "object"]],
            ],
        ],
    ]

    static let chat: JSONValue = [
        "type": "object", "required": ["model", "messages"],
        "properties": .object(
            common + [
                .init("messages", ["type": "array", "minItems": 1, "items": message]),
                .init("max_completion_tokens", whole(-1, Int(Int32.max))),
                .init("logprobs", flag), .init("top_logprobs", whole(0, 20)), .init("tools", list(tool)),
                .init("tool_choice", ["anyOf": [["enum": ["auto", "none", "required"]], ["type": "object"]]]),
                .init("parallel_tool_calls", flag),
                .init("reasoning_effort", ["enum": ["none", "minimal", "low", "medium", "high", "xhigh"]]),
                .init(
                    "chat_template_kwargs",
                    ["type": "object", "properties": ["enable_thinking": flag], "additionalProperties": true]),
            ]),
    ]

    static let completion: JSONValue = [
        "type": "object", "required": ["model", "prompt"],
        "properties": .object(
            common + [
                .init("prompt", ["anyOf": [text, list(text), list(token), list(list(token))]]), .init("suffix", text),
                .init("echo", flag),
                .init("logprobs", whole(0, 20)), .init("best_of", whole(1, 1)),
            ]),
    ]

    private static let options: JSONValue = [
        "type": "object",
        "properties": [
            "num_ctx": whole(1, Int(Int32.max)), "num_predict": whole(-2, Int(Int32.max)),
            "temperature": number(0, 100), "top_k": whole(-1, 1 << 20),
            "top_p": number(0, 1), "min_p": number(0, 1), "repeat_penalty": repetition,
            "repeat_last_n": whole(-1, Int(Int32.max)), "presence_penalty": number(-2, 2),
            "frequency_penalty": number(-2, 2), "seed": ["type": "integer"],
            "stop": ["anyOf": [text, list(text)]],
        ],
    ]

    private static let ollama: [JSONValue.Member] = [
        .init("model", text), .init("stream", flag), .init("options", options),
        .init("keep_alive", ["anyOf": [text, ["type": "number"]]]),
        .init("format", ["anyOf": [["const": "json"], ["type": "object"]]]),
        .init("think", ["anyOf": [flag, ["enum": ["low", "medium", "high"]]]]),
        .init("logprobs", flag), .init("top_logprobs", whole(0, 20)),
    ]

    // Messages and prompt are not required: a request without them loads the model.
    static let ollamaChat: JSONValue = [
        "type": "object", "required": ["model"],
        "properties": .object(
            ollama + [
                .init(
                    "messages",
                    list([
                        "type": "object", "required": ["role", "content"],
                        "properties": [
                            "role": ["enum": ["system", "user", "assistant", "tool"]], "content": text,
                            "thinking": text, "tool_name": text,
                        ],
                    ])),
                .init("tools", list(tool)),
            ]),
    ]

    static let ollamaGenerate: JSONValue = [
        "type": "object", "required": ["model"],
        "properties": .object(
            ollama + [
                .init("prompt", text), .init("suffix", text), .init("system", text), .init("raw", flag),
                .init("context", list(token)),
            ]),
    ]
}
