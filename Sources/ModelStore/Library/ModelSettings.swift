import Foundation
import Sampling

/// What is packed with a model beside its weights: how to speak with it and how to sample.
public struct ModelSettings: Sendable, Equatable {
    /// How a conversation is written, as a Go template; used when the weights' own file has no template that is known.
    public var template: String?
    /// Said before everything else, when the user says nothing else.
    public var system: String?
    /// Ollama's parameters by name, each with one value or, as `stop`, several; sorted by name.
    public var parameters: [Parameter] = []
    /// The texts of the licences.
    public var licenses: [String] = []

    /// One parameter as text.
    public struct Parameter: Sendable, Equatable {
        /// As in a Modelfile: `temperature`, `stop`.
        public var name: String
        /// What it is set to.
        public var values: [String]
    }

    /// Nothing is known.
    public init() {}

    /// Texts that end an answer.
    public var stops: [String] { parameters.first { $0.name == "stop" }?.values.filter { !$0.isEmpty } ?? [] }
    /// Tokens of context; nil when nothing is said.
    public var contextLength: Int? { number("num_ctx").flatMap { $0 > 0 ? $0 : nil } }
    /// Most tokens of an answer; nil for no limit.
    public var answerLimit: Int? { number("num_predict").flatMap { $0 > 0 ? $0 : nil } }

    private func number(_ name: String) -> Int? {
        parameters.first { $0.name == name }?.values.first.flatMap { Int($0) }
    }

    /// `base` with the parameters that choose tokens.
    public func sampling(over base: SamplingParameters) -> SamplingParameters {
        var sampling = base
        for parameter in parameters where SamplingParameters.names.contains(parameter.name) {
            // A value that cannot be set was refused when the parameters were read.
            if let value = parameter.values.first { try? sampling.set(parameter.name, to: value) }
        }
        return sampling
    }

    /// Reads the parameters: a JSON object of numbers, texts, truth values and lists of texts. Names that this version
    /// does not know (`num_gpu`) are kept and change nothing.
    ///
    /// - Throws: which value is wrong.
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

    /// A value of any of the kinds, as text.
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
