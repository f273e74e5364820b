import Coordinator
import Planning

extension Cluster.Options {
    /// How long the context of a plan is, and why: one line for a person.
    func wordsOfContext(_ plan: Plan) -> String {
        let length = plan.contextLength, nodes = plan.stages.count
        let memory = nodes == 1 ? "the worker's memory" : "the memory of \(nodes) workers"
        let why: String
        switch contextWish {
        case let wish? where wish.least < wish.most:
            why =
                length >= wish.most
                ? "all that the model was made for"
                : "as many as fit into \(memory); the model was made for \(wish.most)"
        default: why = "as asked for"
        }
        let contexts = Double(plan.kvBlockCount * plan.blockTokens) / Double(length)
        let room = contexts >= 1.95 ? "\(Int(contexts.rounded())) whole conversations" : "one whole conversation"
        return "context: \(length) tokens, \(why); there is memory for \(room) at a time"
    }
}
