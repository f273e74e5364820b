import JSON

/// What becomes of fields that other servers have and clients send by habit.
///
/// What cannot change an answer is accepted. What can is accepted with values that ask for nothing that is not done
/// here, and refused by name with others; for these would silently give another answer.
struct FieldRules: Sendable {
    /// Fields that are accepted with any value.
    let withoutEffect: Set<String>
    /// Fields by name, with the values that they may have. Empty lists, objects and texts go with any of them.
    let neutral: [String: [JSONValue]]

    /// The names of all these fields.
    var names: Set<String> { withoutEffect.union(neutral.keys) }

    /// Checks the fields of a request. Returns the names of those that it has and that have no effect.
    func check(_ fields: RequestFields) throws(ServingError) -> [String] {
        var found: [String] = []
        for member in fields.object.members ?? [] where !member.value.isNull {
            if let values = neutral[member.name] {
                guard Self.isNeutral(member.value, values) else {
                    throw refusal(fields.prefix + member.name, member.value, values)
                }
            } else if !withoutEffect.contains(member.name) {
                continue
            }
            found.append(fields.prefix + member.name)
        }
        return found
    }

    private static func isNeutral(_ value: JSONValue, _ values: [JSONValue]) -> Bool {
        if value.array?.isEmpty == true || value.members?.isEmpty == true || value == "" { return true }
        let number = value.asNumber.double
        return values.contains { $0 == value || (number != nil && $0.double == number) }
    }

    private func refusal(_ name: String, _ value: JSONValue, _ values: [JSONValue]) -> ServingError {
        let found = value.text(), expected = values.map { $0.text() }.joined(separator: " or ")
        return .invalid(
            name,
            """
            '\(name)' is \(found.count > 60 ? "a value of type \(value.kind)" : found), which is not supported here; \
            \(expected.isEmpty ? "leave it out" : "leave it out, or send \(expected)")
            """,
            code: "unsupported_value")
    }
}

extension FieldRules {
    /// Fields of llama.cpp, vLLM, LM Studio, OpenRouter and OpenAI that `/v1` accepts besides those that it honours.
    static let openAI = FieldRules(
        withoutEffect: [
            // OpenAI: the account, its logs and caches, the service.
            "user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key",
            "prompt_cache_retention", "verbosity", "prediction",
            // llama.cpp: where and how a prompt is kept, how much is told beside the answer, how drafts are made.
            "cache_prompt", "id_slot", "slot_id", "n_keep", "n_discard", "t_max_prompt_ms", "timings_per_token",
            "return_progress", "speculative.n_max", "speculative.n_min", "speculative.p_min",
            // Settings of methods that are off unless their main setting says otherwise, which is refused.
            "mirostat_tau", "mirostat_eta", "dynatemp_exponent", "xtc_threshold", "dry_base", "dry_allowed_length",
            "dry_penalty_last_n", "dry_sequence_breakers", "early_stopping",
            // vLLM: the queue, the caches, how constraints are computed.
            "priority", "request_id", "cache_salt", "kv_transfer_params", "mm_processor_kwargs",
            "guided_decoding_backend", "spaces_between_special_tokens",
            // LM Studio, Ollama and OpenRouter: how long and where a model is kept.
            "ttl", "draft_model", "keep_alive", "provider", "route", "models",
        ],
        neutral: [
            "typical_p": [1], "typical": [1], "tfs_z": [1], "mirostat": [0], "dynatemp_range": [0],
            "xtc_probability": [0], "dry_multiplier": [0], "top_n_sigma": [-1, 0], "top_a": [0], "epsilon_cutoff": [0],
            "eta_cutoff": [0], "smoothing_factor": [0], "adaptive_target": [-1], "penalize_nl": [false],
            "penalize_newline": [false], "length_penalty": [1], "use_beam_search": [false], "n_indent": [0],
            "min_keep": [0, 1],
            "t_max_predict_ms": [0, -1], "post_sampling_probs": [false], "return_tokens": [false],
            "return_token_ids": [false], "return_tokens_as_token_ids": [false], "min_tokens": [0],
            "skip_special_tokens": [true], "prompt_logprobs": [], "allowed_token_ids": [], "bad_words": [],
            "logits_processors": [], "lora": [], "image_data": [], "documents": [], "grammar": [],
            "guided_grammar": [], "guided_regex": [], "guided_choice": [], "guided_whitespace_pattern": [],
            "structural_tag": [], "chat_template": [], "functions": [], "function_call": ["none", "auto"], "audio": [],
            "web_search_options": [], "vllm_xargs": [], "transforms": [], "plugins": [],
        ])

    /// Options of Ollama's `options` that it accepts besides those that are honoured.
    static let ollamaOptions = FieldRules(
        withoutEffect: [
            "num_keep", "num_batch", "num_gpu", "main_gpu", "low_vram", "f16_kv", "vocab_only", "use_mmap", "use_mlock",
            "num_thread", "numa", "mirostat_tau", "mirostat_eta", "draft_num_predict", "penalize_newline",
        ],
        neutral: ["mirostat": [0], "typical_p": [1], "tfs_z": [1]])
}
