import JSON
import Jinja

/// Prompts that end within an assistant's turn, or begin behind one.
extension ChatTemplate {
    /// A word that no template changes and no message has: private characters, without white space.
    private static let mark = "\u{F8E0}\u{F8E1}\u{F8E2}"

    /// The prompt that ends with an assistant's message, for the model to go on with.
    ///
    /// What it thought would be dropped or put elsewhere by many templates. The model wrote the message behind the
    /// opening of its turn, so a message with thinking in it stands there again. One without is written by the template
    /// and cut behind its last word, as Hugging Face's `continue_final_message` does.
    func continuation(of last: ChatMessage, _ request: ChatRequest) throws(TemplateError) -> ChatPrompt {
        let tags = format.thinking
        var content = last.content
        if let thought = last.thinking, !thought.isEmpty {
            content = tags.opening + "\n" + thought + (content.isEmpty ? "" : "\n" + tags.closing + "\n\n" + content)
        }
        let isClosed = content.contains(tags.closing)
        guard content.contains(tags.opening) || isClosed else { return try cut(request, behind: content) }
        var before = request
        before.messages.removeLast()
        if !isClosed { before.thinks = nil }
        var prompt = try opening(before)
        if prompt.startsInThinking, content.hasPrefix(tags.opening) {
            content.removeFirst(tags.opening.count)
            if content.first == "\n" { content.removeFirst() }
        }
        prompt.segments.append(PromptSegment(content, parsesControlTokens: false))
        prompt.startsInThinking = !isClosed
        return prompt
    }

    private func cut(_ request: ChatRequest, behind content: String) throws(TemplateError) -> ChatPrompt {
        var marked = request
        marked.messages[marked.messages.count - 1].content = content + Self.mark + " "
        let written = try runs(marked, addsGenerationPrompt: false)
        guard let (before, behind) = Self.split(written, at: Self.mark) else {
            // It does not write the message at all.
            var opened = request
            opened.messages.removeLast()
            var prompt = try opening(opened)
            prompt.segments.append(PromptSegment(content, parsesControlTokens: false))
            return prompt
        }
        // Where the template trims what a turn ends with, the model has never seen a turn with it.
        let isTrimmed = behind.first.map { !$0.text.hasPrefix(" ") } ?? true
        return ChatPrompt(isTrimmed ? Self.trimmed(before) : before, startsInThinking: false)
    }

    /// What the template writes from the end of an assistant's message on when these messages come next, up to where the
    /// assistant's next turn has begun.
    public func following(_ request: ChatRequest) throws(TemplateError) -> ChatPrompt {
        var request = request
        request.messages =
            [ChatMessage(role: .user, content: "?"), ChatMessage(role: .assistant, content: Self.mark)]
            + request.messages
        let whole = try opening(request)
        let runs = whole.segments.map { Rendered.Run(text: $0.text, isTrusted: $0.parsesControlTokens) }
        guard let (_, behind) = Self.split(runs, at: Self.mark) else {
            request.messages.removeFirst(2)
            return try opening(request)
        }
        return ChatPrompt(behind, startsInThinking: whole.startsInThinking)
    }

    /// What stands before and behind the last place of a word that somebody outside wrote.
    private static func split(
        _ runs: [Rendered.Run], at word: String
    ) -> (before: [Rendered.Run], behind: [Rendered.Run])? {
        for (index, run) in runs.enumerated().reversed() {
            guard let place = run.text.ranges(of: word).last else { continue }
            let before = Rendered.Run(text: String(run.text[..<place.lowerBound]), isTrusted: run.isTrusted)
            let behind = Rendered.Run(text: String(run.text[place.upperBound...]), isTrusted: run.isTrusted)
            return (
                runs[..<index] + (before.text.isEmpty ? [] : [before]),
                (behind.text.isEmpty ? [] : [behind]) + runs[(index + 1)...]
            )
        }
        return nil
    }

    private static func trimmed(_ runs: [Rendered.Run]) -> [Rendered.Run] {
        var runs = runs
        while var last = runs.popLast() {
            while last.text.last?.isWhitespace == true { last.text.removeLast() }
            if !last.text.isEmpty {
                runs.append(last)
                break
            }
        }
        return runs
    }

    /// Puts the description of the tools before the system message, for a template that writes calls and results but not
    /// what may be called.
    func describeTools(_ request: inout ChatRequest) {
        let example = format.calls?.text(name: "NAME", arguments: "{\"ARGUMENT\": VALUE}") ?? ""
        let description =
            "You may call these tools, each described by a JSON object:\n"
            + request.tools.map { $0.text(.python) }.joined(separator: "\n")
            + "\nTo call one, write nothing but:\n" + example
        request.tools = []
        if request.messages.first?.role == .system {
            request.messages[0].content = description + "\n\n" + request.messages[0].content
        } else {
            request.messages.insert(ChatMessage(role: .system, content: description), at: 0)
        }
    }
}
