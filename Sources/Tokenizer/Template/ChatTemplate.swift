import JSON
import Jinja

/// How a conversation is written for a model: the chat template published with it (`tokenizer.chat_template` in its
/// file), run as Hugging Face's `apply_chat_template` runs it.
public struct ChatTemplate: Sendable {
    /// A template's text and the name it has among several of one model: `default`, `tool_use`, or another.
    public struct Source: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The text, in Jinja.
        public var text: String

        /// A text and its name.
        public init(name: String = "default", text: String) {
            self.name = name
            self.text = text
        }
    }

    /// The texts, as given.
    public let sources: [Source]
    /// The texts of the model's special tokens, which templates write where they stand for them; nil where it has none.
    public var beginningOfSequence: String?, endOfSequence: String?
    /// The system message when the conversation does not begin with one; nil leaves that to the template.
    public var defaultSystem: String?
    /// What answers look like.
    public internal(set) var format = AnswerFormat()
    /// Whether the model can be told of tools.
    public private(set) var offersTools = false

    private let templates: [Template]
    private var form = TemplateForm()
    /// Tools are described in a system message: the template writes calls, but nothing of what may be called.
    private var describesTools = false

    /// Reads templates, and tries them to learn what answers look like.
    ///
    /// - Parameters:
    ///   - sources: one text, or several of different names; of these `tool_use` is used where there are tools.
    ///   - beginningOfSequence: the text of the model's token of this kind, if any.
    ///   - endOfSequence: as that.
    /// - Throws: where one of them is no template: line, column and why.
    public init(
        _ sources: [Source], beginningOfSequence: String? = nil, endOfSequence: String? = nil
    ) throws(TemplateError) {
        self.sources = sources
        self.beginningOfSequence = beginningOfSequence
        self.endOfSequence = endOfSequence
        var templates: [Template] = []
        for source in sources { templates.append(try Template(source.text)) }
        self.templates = templates
        let probe = TemplateProbe(self)
        form = probe.form
        format = probe.format
        offersTools = probe.writesTools
        if !offersTools, probe.writesCalls, format.calls != nil {
            describesTools = true
            offersTools = true
        }
    }

    /// A template of one text.
    public init(
        _ text: String, beginningOfSequence: String? = nil, endOfSequence: String? = nil
    ) throws(TemplateError) {
        try self.init([Source(text: text)], beginningOfSequence: beginningOfSequence, endOfSequence: endOfSequence)
    }

    /// The same with the texts of a tokenizer's special tokens.
    public func with(_ tokenizer: Tokenizer) -> ChatTemplate {
        var template = self
        template.beginningOfSequence = tokenizer.beginningToken.map(tokenizer.text)
        template.endOfSequence = tokenizer.endOfSequence.map(tokenizer.text)
        return template
    }

    /// What the template writes for messages and tools given as OpenAI has them, and for nothing else: no message is
    /// added or changed, save that a call's arguments are an object where they are the text of one.
    ///
    /// - Parameters:
    ///   - tools: nil where the conversation has none, which is not the same to a template as an empty list.
    ///   - variables: what else it finds under which name.
    ///   - addsGenerationPrompt: whether the text ends with the beginning of the assistant's turn.
    ///   - now: what the clock shows; nil: there is none.
    public func render(
        _ messages: [JSONValue], tools: [JSONValue]? = nil, variables: [JSONValue.Member] = [],
        addsGenerationPrompt: Bool = true, now: LocalTime? = nil
    ) throws(TemplateError) -> ChatPrompt {
        let rendered = try rendered(
            messages, tools: tools, variables: variables, addsGenerationPrompt: addsGenerationPrompt, now: now)
        return ChatPrompt(
            rendered.runs, startsInThinking: addsGenerationPrompt && format.thinking.isOpened(at: rendered.runs))
    }

    /// The prompt for a conversation that the model shall go on with.
    public func prompt(_ request: ChatRequest) throws(TemplateError) -> ChatPrompt {
        var request = request
        if let defaultSystem, request.messages.first?.role != .system {
            request.messages.insert(ChatMessage(role: .system, content: defaultSystem), at: 0)
        }
        if describesTools, !request.tools.isEmpty { describeTools(&request) }
        if let last = request.messages.last, last.role == .assistant, last.toolCalls.isEmpty {
            return try continuation(of: last, request)
        }
        return try opening(request)
    }

    /// The prompt that ends where the assistant's turn has just begun.
    func opening(_ request: ChatRequest) throws(TemplateError) -> ChatPrompt {
        var runs = try runs(request, addsGenerationPrompt: true)
        var isOpened = format.thinking.isOpened(at: runs)
        if isOpened, request.thinks == false {
            // The template has no switch for it: the thought is closed again, empty.
            runs.append(.init(text: "\n" + format.thinking.closing + "\n\n", isTrusted: true))
            isOpened = false
        }
        return ChatPrompt(runs, startsInThinking: isOpened)
    }

    func runs(_ request: ChatRequest, addsGenerationPrompt: Bool) throws(TemplateError) -> [Rendered.Run] {
        // A model that can think does, unless it is told not to: there are templates (QwQ's, as it is distributed in GGUF)
        // that take a switch nobody has set for one that is off.
        var variables = [JSONValue.Member("enable_thinking", .bool(request.thinks ?? true))]
        // DeepSeek's and Granite's name for it; they do not think unless they are told to.
        if let thinks = request.thinks { variables.append(.init("thinking", .bool(thinks))) }
        return try rendered(
            ChatMessage.json(request.messages, form), tools: request.tools.isEmpty ? nil : request.tools,
            variables: variables + request.variables, addsGenerationPrompt: addsGenerationPrompt, now: request.now
        ).runs
    }

    private func rendered(
        _ messages: [JSONValue], tools: [JSONValue]?, variables: [JSONValue.Member], addsGenerationPrompt: Bool,
        now: LocalTime?
    ) throws(TemplateError) -> Rendered {
        var values: [(name: String, value: Value)] = [
            ("messages", .list(messages.map(ConversationValue.value))),
            ("tools", tools.map { .data(.array($0)) } ?? .data(.null)),
            ("add_generation_prompt", .data(.bool(addsGenerationPrompt))),
        ]
        if let beginningOfSequence { values.append(("bos_token", .trusted(.string(beginningOfSequence)))) }
        if let endOfSequence { values.append(("eos_token", .trusted(.string(endOfSequence)))) }
        for variable in variables { values.append((variable.name, .data(variable.value))) }
        return try template(hasTools: tools != nil).render(values, now: now)
    }

    /// Of several templates the one that Hugging Face takes: `tool_use` where there are tools, else `default`, else the
    /// first.
    private func template(hasTools: Bool) -> Template {
        let names = hasTools ? ["tool_use", "default"] : ["default"]
        for name in names {
            if let index = sources.firstIndex(where: { $0.name == name }) { return templates[index] }
        }
        return templates[0]
    }

    /// The same with other ways of the template's; for trying.
    func with(_ form: TemplateForm) -> ChatTemplate {
        var template = self
        template.form = form
        return template
    }
}
