import Coordinator
import Foundation
import Hummingbird
import JSON
import ModelStore
import Sampling

/// The routes of Ollama's API.
struct OllamaRoutes: Sendable {
    let answerer: Answerer
    let monitor: any ClusterMonitor
    let catalogue: any ModelCatalogue
    let notice: FieldNotice
    let bodyLimit: Int, version: String

    /// The version of Ollama whose API is spoken, which clients check before they use parts of it.
    static let apiVersion = "0.12.11"

    private var model: ServedModel { answerer.model }
    private var contextLength: Int { answerer.generator.contextLength }

    func add(to router: Router<ServingContext>) {
        router.post("/api/chat") { request, context in
            var request = request
            let fields = try await request.object(limit: bodyLimit)
            let chat = try OllamaRequest.chat(
                fields, model: model, contextLength: contextLength, client: context.client)
            notice.note(chat.unused, client: context.client)
            return try await answer(request, chat, .chat)
        }
        router.post("/api/generate") { request, context in
            var request = request
            let fields = try await request.object(limit: bodyLimit)
            let prompt = try OllamaRequest.generate(
                fields, model: model, contextLength: contextLength, client: context.client)
            notice.note(prompt.unused, client: context.client)
            return try await answer(request, prompt, .generate)
        }
        router.get("/api/version") { _, _ in
            Response.json(["version": .string(Self.apiVersion), "brigade_version": .string(version)])
        }
        router.head("/api/version") { _, _ in Response(status: .ok) }
        router.head("/api/tags") { _, _ in Response(status: .ok) }
        router.get("/api/tags") { _, _ in
            let others = try await catalogue.list().filter { !model.answers(to: $0.name) }
            let all = [CatalogueModel(name: model.name, facts: model.facts)] + others
            return Response.json(["models": .array(all.map { .object($0.listed) })])
        }
        router.get("/api/ps") { _, _ in
            let running =
                CatalogueModel(name: model.name, facts: model.facts).listed + [
                    .init("expires_at", "2318-01-01T00:00:00Z"), .init("size_vram", 0),
                    .init("context_length", .int(contextLength)),
                ]
            return Response.json(["models": monitor.status().start == nil ? [.object(running)] : []])
        }
        router.post("/api/show") { request, _ in
            var request = request
            let name = try Self.name(try await request.object(limit: bodyLimit))
            if model.answers(to: name) { return Response.json(described) }
            guard let other = try await catalogue.show(name) else {
                throw ServingError(404, "model '\(name.prefix(100))' not found", code: "model_not_found")
            }
            return Response.json(.object(other.described))
        }
        router.post("/api/pull") { request, _ in
            var request = request
            let fields = try await request.object(limit: bodyLimit)
            return try await pull(request, try Self.name(fields), streams: try fields.bool("stream") ?? true)
        }
        router.delete("/api/delete") { request, _ in
            var request = request
            let name = try Self.name(try await request.object(limit: bodyLimit))
            if model.answers(to: name) {
                throw ServingError(409, "'\(model.name)' is being served; stop the server first", code: "in_use")
            }
            guard try await catalogue.remove(name) else {
                throw ServingError(404, "model '\(name.prefix(100))' not found", code: "model_not_found")
            }
            return Response(status: .ok)
        }
        for path in ["/api/embed", "/api/embeddings"] {
            router.post("\(path)") { _, _ -> Response in
                throw ServingError(
                    400, "\(model.name) makes no embeddings; only answers are served", code: "not_supported")
            }
        }
    }

    /// The model that a request names as `model` or, as older clients do, as `name`.
    private static func name(_ fields: RequestFields) throws(ServingError) -> String {
        let names = [try fields.string("model"), try fields.string("name")].compactMap { $0 }
        guard let name = names.first(where: { !$0.isEmpty }), name.utf8.count <= 500 else {
            throw .invalid("model", "'model' is missing. It is required")
        }
        return name
    }

    private func answer(_ request: Request, _ asked: OllamaRequest, _ kind: OllamaWriter.Kind) async throws -> Response
    {
        var writer = OllamaWriter(kind, model: model, request: asked.answer)
        if asked.isEmpty {
            if !asked.unloads, let start = monitor.status().start { throw ServingError.starting(start.words) }
            let line = writer.nothing(asked.unloads ? "unload" : "load")
            guard asked.streams else { return .json(line) }
            return Response(
                status: .ok, headers: [.contentType: Framing.lines.contentType],
                body: ResponseBody(byteBuffer: Framing.lines.frame(line)))
        }
        let events = try await answerer.answer(asked.answer), start = writer
        guard asked.streams else {
            let whole = try await request.whileConnected {
                var writer = start, last: JSONValue?
                for try await event in events { last = writer.collect(event) ?? last }
                try Task.checkCancellation()
                return last
            }
            return .json(whole ?? nil, headers: [.connection: "close"])
        }
        return .stream(request, .lines, error: \.ollama) { stream in
            var writer = start
            for try await event in events {
                for line in writer.lines(event) { try await stream.send(line) }
            }
            try Task.checkCancellation()
        }
    }

    private func pull(_ request: Request, _ name: String, streams: Bool) async throws -> Response {
        let isServed = model.answers(to: name), catalogue = catalogue, activity = answerer.activity
        guard streams else {
            return try await request.whileConnected {
                if !isServed { try await activity.interruptibly { try await catalogue.pull(name) { _ in } } }
                return Response.json(["status": "success"], headers: [.connection: "close"])
            }
        }
        return .stream(request, .lines, error: \.ollama) { stream in
            guard !isServed else { return try await stream.send(["status": "success"]) }
            let (steps, step) = AsyncThrowingStream.makeStream(
                of: PullProgress.self, bufferingPolicy: .bufferingNewest(64))
            let transfer = Task {
                do {
                    try await activity.interruptibly { try await catalogue.pull(name) { step.yield($0) } }
                    step.finish()
                } catch { step.finish(throwing: error) }
            }
            defer { transfer.cancel() }
            for try await line in steps { try await stream.send(Self.line(line)) }
            try Task.checkCancellation()
        }
    }

    private static func line(_ progress: PullProgress) -> JSONValue {
        var members: [JSONValue.Member] = [.init("status", .string(progress.status))]
        if let digest = progress.digest { members.append(.init("digest", .string("\(digest)"))) }
        if let total = progress.total { members.append(.init("total", .int(total))) }
        if let done = progress.completed { members.append(.init("completed", .int(done))) }
        return .object(members)
    }

    private var described: JSONValue {
        let s = model.sampling
        var parameters = [
            "temperature \(s.temperature)", "top_k \(s.topK)", "top_p \(s.topP)", "min_p \(s.minP)",
            "repeat_penalty \(s.repeatPenalty)",
            "repeat_last_n \(s.repeatLastN)", "presence_penalty \(s.presencePenalty)",
            "frequency_penalty \(s.frequencyPenalty)",
            "num_ctx \(contextLength)",
        ]
        parameters += model.stops.map { CatalogueModel.parameter("stop", $0) }
        var abilities: [JSONValue] = ["completion"]
        if model.template.offersTools { abilities.append("tools") }
        if model.fills { abilities.append("insert") }
        if model.thinks { abilities.append("thinking") }
        return .object(
            [
                .init("parameters", .string(parameters.joined(separator: "\n"))),
                .init("capabilities", .array(abilities)),
            ]
                + CatalogueModel(name: model.name, facts: model.facts).described.filter {
                    !["parameters", "capabilities"].contains($0.name)
                })
    }
}

extension CatalogueModel {
    private var details: JSONValue {
        [
            "parent_model": "", "format": "gguf", "family": .string(facts.family), "families": [.string(facts.family)],
            "parameter_size": .string(facts.parameterSize), "quantization_level": .string(facts.quantization),
        ]
    }

    /// The model as `/api/tags` lists it.
    var listed: [JSONValue.Member] {
        [
            .init("name", .string(name)), .init("model", .string(name)),
            .init("modified_at", .string(OllamaWriter.time(facts.modified))),
            .init("size", .int(facts.size)), .init("digest", .string(facts.digest)), .init("details", details),
        ]
    }

    /// A parameter as in a Modelfile. Stop strings are quoted, since they may contain spaces.
    static func parameter(_ name: String, _ value: String) -> String {
        "\(name) \(name == "stop" ? JSONValue.string(value).text() : value)"
    }

    /// What a Modelfile of this model would say.
    private var modelfile: String {
        let parameters = facts.settings.parameters.flatMap { parameter in
            parameter.values.map { "PARAMETER " + Self.parameter(parameter.name, $0) }
        }
        let system = facts.settings.system.map { ["SYSTEM \"\"\"\($0)\"\"\""] } ?? []
        return (["FROM \(name)"] + parameters + system).joined(separator: "\n") + "\n"
    }

    /// The model as `/api/show` describes it.
    var described: [JSONValue.Member] {
        let settings = facts.settings
        let parameters = settings.parameters.flatMap { parameter in
            parameter.values.map { Self.parameter(parameter.name, $0) }
        }
        let packed: [(String, String)] = [
            ("parameters", parameters.joined(separator: "\n")), ("system", settings.system ?? ""),
            ("license", settings.licenses.joined(separator: "\n")),
        ]
        let members: [JSONValue.Member] = [
            .init("modelfile", .string(modelfile)), .init("template", .string(facts.template)),
            .init("details", details),
            .init("model_info", .object(facts.metadata)),
            .init("modified_at", .string(OllamaWriter.time(facts.modified))),
            .init("capabilities", ["completion"]),
        ]
        // Clients expect texts, if only empty ones; but for the system message, which Ollama leaves out.
        return members + packed.filter { !$0.1.isEmpty || $0.0 != "system" }.map { .init($0.0, .string($0.1)) }
    }
}
