import GGUF

/// The tokenizer of a tiny model: 256 byte tokens, a few merges, padding, and the special tokens of a model family at
/// the end.
struct TinyTokenizer: Sendable {
    /// `tokenizer.ggml.pre`, the chat template, and whether a sequence begins with `bos`; nil leaves that to the
    /// pre-tokenizer.
    var preTokenizer: String, template: String, addsBOS: Bool?
    /// Special tokens with their types, and the ones that begin and end a sequence.
    var special: [(text: String, type: Int32)], bos: String, eos: String

    /// QwQ's tokenizer, with a plain ChatML template.
    static let qwen = TinyTokenizer(
        preTokenizer: "qwen2",
        template:
            """
            {%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + \
            '\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
            """,
        addsBOS: false,
        special: [("<|endoftext|>", 3), ("<|im_start|>", 3), ("<|im_end|>", 3), ("<think>", 4), ("</think>", 4)],
        bos: "<|endoftext|>", eos: "<|im_end|>")

    /// The tokenizer of DeepSeek-R1-Distill-Qwen.
    static let deepSeek = TinyTokenizer(
        preTokenizer: "deepseek-r1-qwen",
        template:
            """
            {{bos_token}}{%- for message in messages -%}{{'<｜User｜>' + message['content']}}{%- endfor -%}{%- if \
            add_generation_prompt -%}{{'<｜Assistant｜><think>\\n'}}{%- endif %}
            """,
        addsBOS: true,
        special: [
            ("<｜end▁of▁sentence｜>", 3), ("<｜User｜>", 3), ("<｜Assistant｜>", 3), ("<｜begin▁of▁sentence｜>", 3),
            ("<think>", 4),
            ("</think>", 4),
        ],
        bos: "<｜begin▁of▁sentence｜>", eos: "<｜end▁of▁sentence｜>")

    /// Llama 3's tokenizer.
    static let llama = TinyTokenizer(
        preTokenizer: "llama-bpe",
        template:
            """
            {%- for message in messages %}{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + \
            message['content'] | trim + '<|eot_id|>' }}{%- endfor %}{{- \
            '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
            """,
        addsBOS: nil,
        special: [
            ("<|begin_of_text|>", 3), ("<|end_of_text|>", 3), ("<|start_header_id|>", 3), ("<|end_header_id|>", 3),
            ("<|eot_id|>", 3),
        ],
        bos: "<|begin_of_text|>", eos: "<|eot_id|>")

    /// Writes the tokenizer's metadata for `vocabulary` tokens.
    func write(to writer: inout GGUFWriter, vocabulary: Int) throws {
        // The byte-level alphabet: printable Latin-1 bytes stand for themselves, the others map to U+0100 and up.
        var tokens: [String] = [], moved: UInt32 = 256
        for byte in UInt32(0)..<256 {
            let printable = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            tokens.append(String(Unicode.Scalar(printable ? byte : moved)!))
            if !printable { moved += 1 }
        }
        let merges = ["h e", "l l", "he ll", "hell o", "\u{120} w", "o r", "l d"]
        tokens += merges.map { $0.filter { $0 != " " } }
        var types = [Int32](repeating: 1, count: tokens.count)
        while tokens.count < vocabulary - special.count {
            tokens.append("[PAD\(tokens.count)]")
            types.append(5)
        }
        func id(_ text: String) -> UInt32 {
            UInt32(vocabulary - special.count + (special.firstIndex { $0.text == text } ?? 0))
        }
        tokens += special.map(\.text)
        types += special.map(\.type)
        try writer.set("tokenizer.ggml.model", .string("gpt2"))
        try writer.set("tokenizer.ggml.pre", .string(preTokenizer))
        try writer.set("tokenizer.ggml.tokens", .array(.string(tokens)))
        try writer.set("tokenizer.ggml.token_type", .array(.int32(types)))
        try writer.set("tokenizer.ggml.merges", .array(.string(merges)))
        try writer.set("tokenizer.ggml.eos_token_id", .uint32(id(eos)))
        try writer.set("tokenizer.ggml.bos_token_id", .uint32(id(bos)))
        if let addsBOS { try writer.set("tokenizer.ggml.add_bos_token", .bool(addsBOS)) }
        try writer.set("tokenizer.chat_template", .string(template))
    }
}
