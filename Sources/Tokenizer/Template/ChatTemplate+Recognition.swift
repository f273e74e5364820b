extension ChatTemplate {
    /// The template that a file's Jinja text describes.
    ///
    /// The text is not run: it is searched for what makes the known templates differ (the default system message, the
    /// opening `<think>`, thinking cut from earlier turns, tool results in user turns).
    ///
    /// - Throws: ``TokenizerError/unknownChatTemplate(start:)`` for a template of another kind.
    public static func recognise(_ jinja: String) throws(TokenizerError) -> ChatTemplate {
        let text = Array(jinja.utf8)
        func has(_ parts: String...) -> Bool { parts.allSatisfy { contains(text, $0) } }
        // A template with a switch for thinking writes other turns than any of the known ones, but for Qwen3's.
        let hasSwitch = has("enable_thinking") || has("thinking is")
        if has("<|im_start|>", "<|im_end|>", "enable_thinking", "last_query_index", "</think>") {
            return ChatTemplate(.qwen3)
        }
        if has("<｜User｜>", "<｜Assistant｜>"), !hasSwitch { return recogniseDeepSeek(text) }
        if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"), !hasSwitch { return recogniseLlama(text) }
        guard has("<|im_start|>", "<|im_end|>"), !hasSwitch else {
            throw .unknownChatTemplate(start: String(jinja.unicodeScalars.prefix(100)))
        }
        return recogniseChatML(text)
    }

    private static func recogniseDeepSeek(_ text: [UInt8]) -> ChatTemplate {
        var template = ChatTemplate(.deepSeekR1)
        template.opensThinking = ["<｜Assistant｜><think>\\n", "<｜Assistant｜><think>\n"].contains { contains(text, $0) }
        template.dropsThinking = contains(text, "</think>")
        return template
    }

    /// Llama 3.1 and later tell the model a date of its knowledge and one of today; without a clock the template itself
    /// takes this one, and so do we: the same question has the same answer tomorrow.
    private static func recogniseLlama(_ text: [UInt8]) -> ChatTemplate {
        var template = ChatTemplate(.llama3)
        if contains(text, "Cutting Knowledge Date: December 2023"), contains(text, "26 Jul 2024") {
            template.systemPreamble = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
        }
        return template
    }

    private static func recogniseChatML(_ text: [UInt8]) -> ChatTemplate {
        var template = ChatTemplate(.chatML, defaultSystem: defaultSystem(in: text))
        template.opensThinking = ["assistant\\n<think>", "assistant\n<think>"].contains { contains(text, $0) }
        template.dropsThinking = ["split('</think>')", "split(\"</think>\")"].contains { contains(text, $0) }
        template.wrapsToolResults = contains(text, "<tool_response>")
        template.offersTools = contains(text, "<tools>") && contains(text, "<tool_call>")
        if template.opensThinking || template.dropsThinking { template.style = .qwq }
        return template
    }

    /// The first system message that stands in the text as such: `'<|im_start|>system\nYou are …<|im_end|>'`.
    private static func defaultSystem(in text: [UInt8]) -> String? {
        let opening = Array("<|im_start|>system".utf8)
        var place = 0
        while let start = firstIndex(of: opening, in: text, from: place) {
            place = start + opening.count
            let quote = start > 0 ? text[start - 1] : 0
            if let message = literal(in: text, from: place, quote: quote), !message.isEmpty { return message }
        }
        return nil
    }

    /// The text from `start` to `<|im_end|>`, if it begins with a line feed and is literal all the way; `quote` is the
    /// character before the opening. Escapes are those of Jinja's string literals.
    private static func literal(in text: [UInt8], from start: Int, quote: UInt8) -> String? {
        let isQuoted = quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        guard let end = firstIndex(of: Array("<|im_end|>".utf8), in: text, from: start) else { return nil }
        var message: [UInt8] = []
        var place = start
        while place < end {
            let byte = text[place]
            if isQuoted ? byte == quote : byte == UInt8(ascii: "{") { return nil }
            if isQuoted && byte == UInt8(ascii: "\\") && place + 1 < end {
                place += 1
                switch text[place] {
                case UInt8(ascii: "n"): message.append(0x0A)
                case UInt8(ascii: "t"): message.append(0x09)
                case UInt8(ascii: "r"): message.append(0x0D)
                default: message.append(text[place])
                }
            } else {
                message.append(byte)
            }
            place += 1
        }
        guard message.first == 0x0A else { return nil }
        return String(decoding: message.dropFirst(), as: UTF8.self)
    }

    private static func contains(_ text: [UInt8], _ part: String) -> Bool {
        firstIndex(of: Array(part.utf8), in: text, from: 0) != nil
    }

    private static func firstIndex(of part: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard let first = part.first, text.count - part.count >= start else { return nil }
        return (start...text.count - part.count).first {
            text[$0] == first && text[$0..<$0 + part.count].elementsEqual(part)
        }
    }
}
