import JSON

/// Answers that are the call of a tool.
extension JSONGrammar {
    /// A tool that may be called, and how the model writes a call of it.
    public struct Call: Sendable {
        /// What stands before the arguments, with the tool's name in it, and what stands behind them.
        public var opening: String, closing: String
        /// The arguments; nil: any object.
        public var arguments: JSONGrammar?

        /// A call between two texts.
        public init(opening: String, arguments: JSONGrammar?, closing: String) {
            self.opening = opening
            self.arguments = arguments
            self.closing = closing
        }
    }

    /// An argument that is written between tags.
    public struct Parameter: Sendable {
        /// What may stand between the tags.
        public enum Value: Sendable {
            /// Any text, as it is.
            case text
            /// One of these texts.
            case texts([String])
            /// JSON.
            case json(JSONGrammar)
        }

        /// Its name, and whether it must be there.
        public var name: String, isRequired: Bool
        /// Its value.
        public var value: Value

        /// A parameter of a tool.
        public init(name: String, isRequired: Bool, value: Value) {
            self.name = name
            self.isRequired = isRequired
            self.value = value
        }
    }

    /// A call of one of these tools, with its arguments as a JSON object.
    public static func calls(_ tools: [Call]) -> JSONGrammar {
        var grammar = JSONGrammar(rules: [], root: 0), choices: [Opening] = []
        for tool in tools {
            var then = [grammar.include(tool.arguments ?? .anyObject)]
            if !tool.closing.isEmpty { then.append(grammar.add(.literal(Array(tool.closing.utf8)))) }
            choices.append(Opening(text: Array(tool.opening.utf8), then: then))
        }
        grammar.root = grammar.addChoice(choices)
        return grammar
    }

    /// A call of one of these tools as Qwen3-Coder writes it: each argument between `<parameter=NAME>` and
    /// `</parameter>`, in the order of the parameters.
    public static func taggedCalls(
        _ tools: [(opening: String, parameters: [Parameter], closing: String)]
    ) -> JSONGrammar {
        var grammar = JSONGrammar(rules: [], root: 0), choices: [Opening] = []
        for tool in tools {
            let values = tool.parameters.map { grammar.rules(of: $0.value) }
            // What may stand from a parameter on, made from the last one backwards.
            var tails = [grammar.add(.literal(Array(tool.closing.utf8)))]
            for first in tool.parameters.indices.reversed() {
                var next: [Opening] = []
                for (index, parameter) in tool.parameters.enumerated().dropFirst(first) {
                    let then = values[index] + [tails[tool.parameters.count - 1 - index]]
                    next.append(Opening(text: Array("<parameter=\(parameter.name)>\n".utf8), then: then))
                    if parameter.isRequired { break }
                }
                if !tool.parameters.dropFirst(first).contains(where: \.isRequired) {
                    next.append(Opening(text: Array(tool.closing.utf8)))
                }
                tails.append(grammar.addChoice(next))
            }
            choices.append(Opening(text: Array(tool.opening.utf8), then: [tails[tool.parameters.count]]))
        }
        grammar.root = grammar.addChoice(choices)
        return grammar
    }

    /// The rules of a value and of the tag behind it.
    private mutating func rules(of value: Parameter.Value) -> [Int32] {
        let end = Array("\n</parameter>".utf8)
        switch value {
        case .text: return [add(.textThrough(end))]
        case .texts(let texts): return [addChoice(texts.map { Opening(text: Array($0.utf8) + end + [0x0A]) })]
        case .json(let grammar): return [include(grammar), add(.literal(end + [0x0A]))]
        }
    }
}
