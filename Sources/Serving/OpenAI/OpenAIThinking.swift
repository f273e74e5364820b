import JSON

extension OpenAIRequest {
    /// The fields by which clients choose whether a model thinks, and how that is shown.
    static let thinkingFields: Set<String> = [
        "reasoning_effort", "reasoning", "thinking", "enable_thinking", "reasoning_budget", "reasoning_format",
        "include_reasoning", "think",
    ]

    /// Whether the model should think; nil when the request does not say.
    static func thinkingChoice(_ fields: RequestFields) throws(ServingError) -> Bool? {
        if let choice = try effort(fields, "reasoning_effort") { return choice }
        if let reasoning = try fields.fields("reasoning") {  // OpenRouter's
            try reasoning.allow(only: ["effort", "enabled", "exclude", "summary", "generate_summary"])
            if let choice = try effort(reasoning, "effort") { return choice }
            if let choice = try reasoning.bool("enabled") { return choice }
        }
        if let thinking = try fields.fields("thinking") {  // DeepSeek's and Anthropic's
            let type = try thinking.required("type", thinking.string("type"))
            guard ["enabled", "disabled", "auto", "adaptive"].contains(type) else {
                throw .invalid("thinking.type", "'thinking.type' is '\(type.prefix(40))', expected enabled or disabled")
            }
            if type == "enabled" || type == "disabled" { return type == "enabled" }
        }
        if let budget = try fields.int("reasoning_budget", in: -1...0) { return budget != 0 }  // llama.cpp's
        if let choice = try fields.bool("enable_thinking") { return choice }
        return try fields.bool("think")
    }

    private static func effort(_ fields: RequestFields, _ name: String) throws(ServingError) -> Bool? {
        guard let effort = try fields.string(name) else { return nil }
        let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        guard known.contains(effort) else {
            throw .invalid(
                fields.prefix + name,
                "'\(fields.prefix)\(name)' is '\(effort.prefix(40))', expected \(known.joined(separator: ", "))")
        }
        return effort != "none"
    }

    /// Chooses how thinking is shown: apart from the answer, within it, or not at all.
    mutating func setThinkingForm(_ fields: RequestFields) throws(ServingError) {
        switch try fields.string("reasoning_format") {  // llama.cpp's
        case nil, "auto", "deepseek", "": break
        case "none": answer.splitsThinking = false
        case let other?:
            throw .invalid(
                "reasoning_format", "'reasoning_format' is '\(other.prefix(40))', expected auto, deepseek or none")
        }
        let isExcluded = try fields.fields("reasoning")?.bool("exclude") ?? false
        let isIncluded = try fields.bool("include_reasoning") ?? true
        answer.showsThinking = isIncluded && !isExcluded
    }
}
