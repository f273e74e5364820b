import Foundation
import Hummingbird
import JSON
import Sampling

/// The routes of OpenAI's API.
struct OpenAIRoutes: Sendable {
    let answerer: Answerer
    let notice: FieldNotice
    let bodyLimit: Int

    private var model: ServedModel { answerer.model }

    func add(to router: Router<ServingContext>) {
        router.get("/v1/models") { _, _ in Response.json(["object": "list", "data": [described]]) }
        router.get("/v1/models/:id") { _, context in
            try model.check(try context.parameters.require("id").removingPercentEncoding ?? "")
            return Response.json(described)
        }
        router.post("/v1/chat/completions") { request, context in
            var request = request
            let chat = try OpenAIRequest.chat(
                try await request.object(limit: bodyLimit), model: model, client: context.client)
            notice.note(chat.unused, client: context.client)
            let writer = OpenAIWriter(
                .chat, id: Self.newID("chatcmpl"), created: Self.now, model: model, request: chat,
                promptTokens: chat.answer.prompt.count,
                choices: chat.answer.choices)
            return try await answer(request, chat, [chat.answer], writer)
        }
        router.post("/v1/completions") { request, context in
            var request = request
            let completion = try OpenAICompletion(
                try await request.object(limit: bodyLimit), model: model, client: context.client)
            notice.note(completion.request.unused, client: context.client)
            let prompts = completion.prompts
            let writer = OpenAIWriter(
                .completion, id: Self.newID("cmpl"), created: Self.now, model: model, request: completion.request,
                promptTokens: prompts.reduce(0) { $0 + $1.tokens.count },
                choices: prompts.count * completion.request.answer.choices,
                echoes: completion.echoes ? prompts : [])
            return try await answer(request, completion.request, completion.answers, writer)
        }
    }

    private var described: JSONValue {
        [
            "id": .string(model.name), "object": "model",
            "created": .int(Int(model.facts.modified.timeIntervalSince1970)), "owned_by": "brigade",
            "context_length": .int(answerer.generator.contextLength),
        ]
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private static func newID(_ kind: String) -> String {
        "\(kind)-" + String(UInt64.random(in: 1 << 60...UInt64.max), radix: 36)
            + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    /// Answers the prompts one after another, numbering their choices consecutively.
    private func answer(_ request: Request, _ asked: OpenAIRequest, _ answers: [AnswerRequest], _ writer: OpenAIWriter)
        async throws -> Response
    {
        let first = try await answerer.answer(answers[0])
        let rest = answers.dropFirst(), width = asked.answer.choices, answerer = answerer
        guard asked.streams else {
            let whole = try await request.whileConnected {
                var writer = writer
                for try await event in first { writer.collect(event) }
                for (i, answer) in rest.enumerated() {
                    for try await event in try await answerer.answer(answer) {
                        writer.collect(event.shifted(by: (i + 1) * width))
                    }
                }
                try Task.checkCancellation()
                return writer.whole()
            }
            return .json(whole, headers: [.connection: "close"])
        }
        return .stream(request, .events, error: \.openAI) { stream in
            var writer = writer
            for chunk in writer.opening() { try await stream.send(chunk) }
            func send(_ event: AnswerEvent) async throws {
                if let comment = event.comment { try await stream.send(raw: ": \(comment)\n\n") }
                for chunk in writer.chunks(event) { try await stream.send(chunk) }
            }
            for try await event in first { try await send(event) }
            for (i, answer) in rest.enumerated() {
                for try await event in try await answerer.answer(answer) {
                    try await send(event.shifted(by: (i + 1) * width))
                }
            }
            try Task.checkCancellation()
            for chunk in writer.closing() { try await stream.send(chunk) }
            try await stream.send(raw: "data: [DONE]\n\n")
        }
    }
}

extension AnswerEvent {
    /// The event as a comment in the stream, which clients may read or ignore.
    var comment: String? {
        switch self {
        case .queued(let ahead): "queued \(ahead)"
        case .prompt(let done, let total): "prompt \(done)/\(total)"
        case .pause: "waiting"
        case .scores, .parts, .end: nil
        }
    }

    /// The event with its choice's number increased by `count`.
    func shifted(by count: Int) -> AnswerEvent {
        switch self {
        case .scores(let choice, let tokens): .scores(choice: choice + count, tokens)
        case .parts(let choice, let parts, let logprobs): .parts(choice: choice + count, parts, logprobs)
        case .end(let choice, let end): .end(choice: choice + count, end)
        case .queued, .prompt, .pause: self
        }
    }
}
