extension ChatTemplate {
    /// The kinds of template that we know by name, for models that come without one; the raw values are what
    /// `--chat-template` takes.
    public enum Style: String, CaseIterable, Sendable {
        /// ChatML as Qwen2 and Qwen2.5 write it.
        case chatML = "chatml"
        /// QwQ's: the model starts out thinking, and what it thought in earlier turns is left out.
        case qwq
        /// Qwen3's: the model decides to think by itself; what it thought before the last question is left out.
        case qwen3
        /// That of DeepSeek-R1 and its distillations: the model starts out thinking, earlier thoughts are left out.
        case deepSeekR1 = "deepseek-r1"
        /// Llama 3's.
        case llama3

        /// Its text, in Jinja.
        public var source: String {
            switch self {
            case .chatML, .qwq, .qwen3: "{%- set style = '\(rawValue)' %}\n" + ChatMLStyle.source
            case .deepSeekR1: DeepSeekStyle.source
            case .llama3: LlamaStyle.source
            }
        }
    }

    /// A template of this style, with no default system message unless one is given.
    public init(_ style: Style, defaultSystem: String? = nil) {
        do { try self.init(style.source) } catch {
            preconditionFailure("our own template \(style.rawValue) is none: \(error)")
        }
        self.defaultSystem = defaultSystem
        if style == .chatML { format.thinks = false }
    }
}
