import Coordinator
import Foundation
import HTTPTypes
import HummingbirdTesting
import JSON
import Logging
import Scheduling
@testable import ModelStore
import NIOCore
import Sampling
import Synchronization
import Tokenizer
import TinyModel
import Testing

@testable import Serving

/// A generator that follows a test's script.
final class FakeGenerator: TextGenerator {
    /// The answer to every request.
    enum Script: Sendable {
        /// Sends this text, token by token, then ends.
        case say(String)
        /// Refuses the request.
        case refuse(any Error)
        /// Sends this text, then fails.
        case fail(String, any Error)
        /// Sends this text and never ends.
        case hang(String)
    }

    private struct State {
        var script: Script, requests: [GenerationRequest] = [], cancelled = 0
        var hanging: [AsyncThrowingStream<GenerationEvent, any Error>.Continuation] = []
    }

    let tokenizer: Tokenizer, contextLength: Int
    private let state: Mutex<State>

    init(_ script: Script, _ tokenizer: Tokenizer, contextLength: Int = 2048) {
        self.tokenizer = tokenizer
        self.contextLength = contextLength
        state = Mutex(State(script: script))
    }

    var requests: [GenerationRequest] { state.withLock { $0.requests } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// Ends the hanging answers.
    func release() {
        for out in state.withLock({ $0.hanging }) {
            out.yield(.end(GenerationSummary(ending: .stop, promptTokens: 1, answerTokens: 1)))
            out.finish()
        }
    }

    func load() async -> GenerationLoad {
        var load = GenerationLoad()
        load.answerTokens = 7
        load.blocksTotal = 100
        return load
    }

    func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
        let script = state.withLock { s in
            s.requests.append(request)
            return s.script
        }
        let (stream, out) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
        out.onTermination = { [self] reason in
            if case .cancelled = reason { state.withLock { $0.cancelled += 1 } }
        }
        func say(_ text: String) -> Int {
            out.yield(.queued(ahead: 2))
            out.yield(.prompt(done: request.prompt.count, of: request.prompt.count, reused: 1))
            if request.scoresPrompt {
                for id in request.prompt.dropFirst() {
                    let top = GeneratedToken.Logprob(id: 1, logprob: -2)
                    out.yield(
                        .scores([
                            GeneratedToken(id: id, logprob: -Float(id), top: request.logprobs ?? 0 > 0 ? [top] : [])
                        ]))
                }
            }
            let tokens = tokenizer.encode(text, parseSpecial: true).prefix(request.limit ?? .max)
            for id in tokens {
                let top = [GeneratedToken.Logprob(id: id, logprob: -0.5), .init(id: 1, logprob: -2)]
                out.yield(
                    .token(
                        GeneratedToken(
                            id: id, logprob: request.logprobs.map { _ in -0.5 },
                            top: Array(top.prefix(request.logprobs ?? 0)))))
            }
            return tokens.count
        }
        switch script {
        case .say(let text):
            let count = say(text)
            out.yield(
                .end(
                    GenerationSummary(
                        ending: count == request.limit ? .limit : .stop, promptTokens: request.prompt.count,
                        reusedTokens: 1, answerTokens: count,
                        queueSeconds: 0.5, promptSeconds: 1, answerSeconds: 2)))
            out.finish()
        case .refuse(let error): throw error
        case .fail(let text, let error):
            _ = say(text)
            out.finish(throwing: error)
        case .hang(let text):
            _ = say(text)
            state.withLock { $0.hanging.append(out) }
        }
        return stream
    }
}

/// A cluster of three nodes, all ready unless a test says otherwise.
struct FakeCluster: ClusterMonitor {
    var state = "ready"

    func status() -> ClusterStatus {
        let stages = (0..<3).map { i in
            ClusterStatus.Stage(
                url: "ipc:///tmp/\(i)", name: "node \(i)", firstLayer: 2 * i, layerCount: 2, hasHead: i == 2,
                weightBytes: 1000, kvBytes: 10,
                budget: 2000, state: i == 1 ? state : "ready")
        }
        return ClusterStatus(kvType: "f16", layers: 6, stages: stages)
    }
}

/// A catalogue whose pulls never end.
final class SlowCatalogue: ModelCatalogue {
    private let counts = Mutex((begun: 0, cancelled: 0))

    var begun: Int { counts.withLock { $0.begun } }
    var cancelled: Int { counts.withLock { $0.cancelled } }

    func list() -> [CatalogueModel] { [] }
    func show(_ name: String) -> CatalogueModel? { nil }
    func remove(_ name: String) -> Bool { false }

    func pull(_ name: String, onProgress: @escaping @Sendable (PullProgress) -> Void) async throws {
        onProgress(PullProgress("pulling manifest"))
        counts.withLock { $0.begun += 1 }
        defer { counts.withLock { $0.cancelled += 1 } }
        try await Task.sleep(for: .seconds(1 << 30))
    }
}

/// A server with the tiny model's tokenizer and a scripted generator, and requests to it.
struct Fixture {
    static let model: Model = try! Model(path: TinyModel.path())
    static let tokenizer: Tokenizer = try! model.tokenizer()

    let generator: FakeGenerator
    let server: Server

    init(
        _ script: FakeGenerator.Script, template: ChatTemplate = ChatTemplate(.chatML),
        cluster: FakeCluster = FakeCluster(), behind supervisor: Supervisor? = nil,
        catalogue: any ModelCatalogue = NoCatalogue(),
        change: (inout ServerOptions) -> Void = { _ in }
    ) throws {
        generator = FakeGenerator(script, Self.tokenizer)
        var options = ServerOptions()
        options.port = 0
        options.pageFolder = NSTemporaryDirectory() + "no-such-folder"
        options.eventInterval = .milliseconds(20)
        change(&options)
        let model = ServedModel(
            name: "tiny", tokenizer: Self.tokenizer, template: template, sampling: SamplingParameters(),
            facts: .init(Self.model.file))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        server = try Server(
            model: model, generator: supervisor ?? generator, monitor: supervisor ?? cluster, catalogue: catalogue,
            options: options,
            logger: logger)
    }

    /// A model with the tokenizer of another tiny architecture.
    static func other(_ name: String, _ style: ChatTemplate.Style) throws -> ServedModel {
        let model = try Model(path: TinyArchitecture.named(name).path())
        return ServedModel(
            name: "tiny", tokenizer: try model.tokenizer(), template: ChatTemplate(style),
            sampling: SamplingParameters(), facts: .init(model.file))
    }

    /// Sends requests over real sockets; only there can a client disconnect.
    func test(_ body: @escaping @Sendable (Client) async throws -> Void) async throws {
        try await server.application().test(.live) { try await body(Client(port: try #require($0.port))) }
    }
}

/// A client that opens a new connection for each request.
struct Client: Sendable {
    typealias Answer = TestClient.Response
    let port: Int

    func execute(uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:], body: ByteBuffer? = nil)
        async throws -> Answer
    {
        try await TestClient.withClient(host: "127.0.0.1", port: port) { client in
            try await client.execute(
                .init(uri, method: method, authority: "localhost:\(port)", headers: headers, body: body))
        }
    }

    func post(_ path: String, _ body: JSONValue, headers: HTTPFields = [:]) async throws -> Answer {
        try await execute(uri: path, method: .post, headers: headers, body: ByteBuffer(string: body.text()))
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await execute(uri: path, method: .get, headers: headers)
    }

    /// The metrics once they contain `words`, or after ten seconds. A client may have its answer before it is counted.
    func metrics(with words: String) async throws -> String {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            let text = try await get("/metrics").text
            if text.contains(words) || ContinuousClock.now > end { return text }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends a request, and disconnects when `isTime` is true.
    func postAndLeave(_ path: String, _ body: JSONValue, when isTime: @escaping @Sendable () -> Bool) async throws {
        let client = TestClient(host: "127.0.0.1", port: port)
        client.connect()
        try await client.executeAndDontWaitForResponse(
            .init(path, method: .post, authority: "localhost", body: ByteBuffer(string: body.text())))
        while !isTime() { try await Task.sleep(for: .milliseconds(1)) }
        try await client.close(mode: .all)
    }
}

extension TestClient.Response {
    var text: String { body.map { String(buffer: $0) } ?? "" }
    var json: JSONValue { get throws { try JSONValue(parsing: text) } }
    /// The objects of an event stream, without comments and end mark.
    var events: [JSONValue] {
        get throws {
            try text.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: {") }.map {
                try JSONValue(parsing: String($0.dropFirst(6)))
            }
        }
    }
    var lines: [JSONValue] { get throws { try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) } } }
}

extension JSONValue {
    /// The value at a path such as `choices.0.delta.content`.
    func at(_ path: String) -> JSONValue? {
        var value: JSONValue? = self
        for part in path.split(separator: ".") {
            if let i = Int(part) {
                value = value?.array.flatMap { $0.indices.contains(i) ? $0[i] : nil }
            } else {
                value = value?[String(part)]
            }
        }
        return value
    }
}
