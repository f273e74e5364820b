import Coordinator
import Hummingbird
import JSON
import Sampling

/// The routes for the cluster's state, health and metrics.
struct ClusterRoutes: Sendable {
    let answerer: Answerer
    let monitor: any ClusterMonitor
    let interval: Duration

    func add(to router: Router<ServingContext>) {
        router.get("/health") { _, _ in Response.json(["status": "ok"]) }
        router.get("/ready") { _, _ in
            if answerer.activity.isDraining {
                throw ServingError(503, "the server is stopping", code: "server_stopping", retryAfter: 10)
            }
            try monitor.status().check()
            return Response.json(["status": "ready", "model": .string(answerer.model.name)])
        }
        router.get("/metrics") { _, _ in
            let text = answerer.metrics.text(
                load: await answerer.generator.load(), active: answerer.activity.count, status: monitor.status())
            return Response.text(text, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/api/cluster") { _, _ in Response.json(await description(whole: true)) }
        router.get("/api/cluster/events") { request, _ in
            // A body has no meaning here, but an unread one would keep the stream from ending.
            var request = request
            _ = try await request.bytes(limit: 64 << 10, advice: "Send none; it is not looked at")
            return Response.stream(request, .events, error: \.ollama) { stream in
                try await stream.send(await description(whole: true))
                while !answerer.activity.isDraining {
                    try await Task.sleep(for: interval)
                    try await stream.send(await description(whole: false))
                }
            }
        }
    }

    private func description(whole: Bool) async -> JSONValue {
        let status = monitor.status(), load = await answerer.generator.load()
        var members: [JSONValue.Member] = []
        if whole {
            members += [
                .init("model", .string(answerer.model.name)), .init("context", .int(answerer.generator.contextLength)),
                .init("kv_type", .string(status.kvType)), .init("layers", .int(status.layers)),
            ]
        }
        members += [
            .init("ready", .bool(status.isReady && !answerer.activity.isDraining)),
            .init(
                "starting",
                status.start.map { ["words": .string($0.words), "share": $0.share.map { .double($0) } ?? nil] } ?? nil),
            .init("stages", .array(status.stages.map { whole ? $0.json : $0.changing })),
            .init(
                "load",
                [
                    "running": .int(load.running), "queued": .int(load.queued), "blocks_used": .int(load.blocksUsed),
                    "blocks_cached": .int(load.blocksCached),
                    "blocks_total": .int(load.blocksTotal),
                ]),
            .init(
                "totals",
                [
                    "prompt_tokens": .int(load.promptTokens), "reused_tokens": .int(load.reusedTokens),
                    "answer_tokens": .int(load.answerTokens),
                    "draft_tokens": .int(load.draftTokens), "accepted_tokens": .int(load.acceptedTokens),
                    "started": .int(load.started), "ended": .int(load.ended),
                    "cancelled": .int(load.cancelled), "refused": .int(load.refused), "failed": .int(load.failed),
                    "preempted": .int(load.preempted),
                ]),
            .init("tokens_per_second", .double(answerer.activity.tokensPerSecond)),
            .init(
                "requests",
                .array(
                    answerer.activity.progress.map { request in
                        [
                            "id": .int(Int(request.id)), "prompt_done": .int(request.promptDone),
                            "prompt_total": .int(request.promptTotal),
                            "answer_tokens": .int(request.answerTokens),
                        ]
                    })),
        ]
        return .object(members)
    }
}
