import Foundation
import Sampling

/// What a store has of a model besides its weights: prompt template, system message, parameters and licences.
public struct ModelSettings: Sendable, Equatable {
    /// The chat template, in Go's template language. It is used when the GGUF file has no template that is recognised.
    public var template: String?
    /// The system message for conversations that have none of their own.
    public var system: String?
    /// Ollama's parameters, sorted by name. Each has one value or, like `stop`, several.
    public var parameters: [Parameter] = []
    /// The texts of the licences.
    public var licenses: [String] = []

    /// One parameter, with its values as text.
    public struct Parameter: Sendable, Equatable {
        /// The name, as in a Modelfile: `temperature`, `stop`.
        public var name: String
        /// Its values; one for most parameters.
        public var values: [String]
    }

    /// Empty settings.
    public init() {}

    /// The stop strings: texts that end an answer.
    public var stops: [String] { parameters.first { $0.name == "stop" }?.values.filter { !$0.isEmpty } ?? [] }
    /// The context length in tokens; nil when it is not set.
    public var contextLength: Int? { number("num_ctx").flatMap { $0 > 0 ? $0 : nil } }
    /// Limit on an answer's length, in tokens; nil for no limit.
    public var answerLimit: Int? { number("num_predict").flatMap { $0 > 0 ? $0 : nil } }

    private func number(_ name: String) -> Int? {
        parameters.first { $0.name == name }?.values.first.flatMap { Int($0) }
    }

    /// `base`, overridden by the sampling parameters among these.
    public func sampling(over base: SamplingParameters) -> SamplingParameters {
        var sampling = base
        for parameter in parameters where SamplingParameters.names.contains(parameter.name) {
            // Cannot fail: `setParameters` has refused invalid values.
            if let value = parameter.values.first { try? sampling.set(parameter.name, to: value) }
        }
        return sampling
    }

    /// Parses the parameters: a JSON object of numbers, strings, booleans and lists of strings. Unknown names (such as
    /// `num_gpu`) are stored and have no effect.
    ///
    /// - Throws: which value is invalid.
    mutating func setParameters(_ json: [UInt8], of name: ModelName) throws(ModelStoreError) {
        guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(json)) else {
            throw ModelStoreError("the parameters packed with \(name) are not a JSON object of numbers and texts.")
        }
        parameters = values.map { Parameter(name: $0.key, values: $0.value.texts) }.sorted { $0.name < $1.name }
        var trial = SamplingParameters()
        for parameter in parameters where SamplingParameters.names.contains(parameter.name) {
            do throws(SamplingError) { try trial.set(parameter.name, to: parameter.values.first ?? "") } catch {
                throw ModelStoreError("the parameters packed with \(name) are bad: \(error)")
            }
        }
    }

    /// A value of any of these types, as text.
    private struct Value: Decodable {
        var texts: [String]

        init(from decoder: any Decoder) throws {
            let one = try decoder.singleValueContainer()
            if let list = try? one.decode([Value].self) {
                texts = list.flatMap(\.texts)
            } else if let flag = try? one.decode(Bool.self) {
                texts = ["\(flag)"]
            } else if let whole = try? one.decode(Int.self) {
                texts = ["\(whole)"]
            } else if let number = try? one.decode(Double.self) {
                texts = ["\(number)"]
            } else {
                texts = [try one.decode(String.self)]
            }
        }
    }
}
