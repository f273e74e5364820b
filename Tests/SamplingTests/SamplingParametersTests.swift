import Testing

@testable import Sampling

struct SamplingParametersTests {
    static let broken: [(String, SamplingParameters)] = [
        ("temperature", SamplingParameters(temperature: .nan)), ("temperature", SamplingParameters(temperature: -0.1)),
        ("temperature", SamplingParameters(temperature: .infinity)), ("top_k", SamplingParameters(topK: -1)),
        ("top_k", SamplingParameters(topK: .max)), ("top_p", SamplingParameters(topP: 0)),
        ("top_p", SamplingParameters(topP: 1.01)), ("top_p", SamplingParameters(topP: .nan)),
        ("min_p", SamplingParameters(minP: -0.1)), ("min_p", SamplingParameters(minP: 2)),
        ("repeat_penalty", SamplingParameters(repeatPenalty: 0)),
        ("repeat_last_n", SamplingParameters(repeatLastN: -2)),
        ("presence_penalty", SamplingParameters(presencePenalty: 3)),
        ("frequency_penalty", SamplingParameters(frequencyPenalty: .nan)),
        ("logit_bias", SamplingParameters(logitBias: [1: .nan])),
        ("logit_bias", SamplingParameters(logitBias: [1: .infinity])),
        ("logit_bias", SamplingParameters(logitBias: [-1: 1])),
    ]

    @Test(arguments: broken.indices)
    func refusesValuesOutOfTheirRange(_ index: Int) {
        let (name, parameters) = Self.broken[index]
        let error = #expect(throws: SamplingError.self) { try parameters.validate() }
        #expect(error?.description.hasPrefix(name + " is ") == true, "\(String(describing: error))")
        #expect(throws: SamplingError.self) { try Sampler(parameters) }
    }

    @Test func saysWhatWasFoundAndExpected() {
        let error = #expect(throws: SamplingError.self) { try SamplingParameters(temperature: -1).validate() }
        #expect(error?.description == "temperature is -1.0, expected 0 to 100. Choose another value.")
    }

    @Test func acceptsTheEndsOfTheRanges() throws {
        try SamplingParameters(
            temperature: 0, topK: 0, topP: 1, minP: 1, repeatPenalty: 100, repeatLastN: -1, presencePenalty: -2,
            frequencyPenalty: 2, logitBias: [0: -.infinity]
        ).validate()
    }

    @Test(
        arguments: [
            ("QwQ 32B", 0.6, 0.95, 40, 1), ("qwq:32b", 0.6, 0.95, 40, 1), ("Qwen2.5 7B Instruct", 0.7, 0.8, 20, 1.05),
            ("qwen2.5-0.5b-instruct", 0.7, 0.8, 20, 1.1), ("Qwen2.5 Coder 7B Instruct", 0.7, 0.8, 20, 1.1),
            ("Qwen2.5-Coder-32B-Instruct-Q4_K_M", 0.7, 0.8, 20, 1.05), ("Another Model", 0.8, 0.9, 40, 1.1),
            ("DeepSeek R1 Distill Qwen 14B", 0.6, 0.95, 40, 1), ("DeepSeek-R1-Distill-Llama-8B", 0.6, 0.95, 40, 1),
            ("Qwen3 8B", 0.6, 0.95, 20, 1), ("Meta Llama 3.1 8B Instruct", 0.6, 0.9, 40, 1),
            ("llama3.2:3b", 0.6, 0.9, 40, 1),
        ] as [(String, Float, Float, Int, Float)])
    func knowsWhatTheMakersRecommend(
        _ name: String, _ temperature: Float, _ topP: Float, _ topK: Int, _ penalty: Float
    ) throws {
        let recommended = SamplingParameters.recommended(modelName: name)
        try recommended.validate()
        #expect(
            recommended
                == SamplingParameters(temperature: temperature, topK: topK, topP: topP, repeatPenalty: penalty))
    }

    @Test func setsParametersByName() throws {
        var parameters = SamplingParameters()
        let values = [
            "temperature": "0.25", "top_k": "7", "top_p": "0.5", "min_p": "0.1", "repeat_penalty": "1.2",
            "repeat_last_n": "-1", "presence_penalty": "1", "frequency_penalty": "-1", "seed": "18446744073709551615",
        ]
        #expect(Set(values.keys) == Set(SamplingParameters.names))
        for name in SamplingParameters.names { try parameters.set(name, to: values[name]!) }
        #expect(
            parameters
                == SamplingParameters(
                    temperature: 0.25, topK: 7, topP: 0.5, minP: 0.1, repeatPenalty: 1.2, repeatLastN: -1,
                    presencePenalty: 1, frequencyPenalty: -1, seed: .max))
        try parameters.set("seed", to: "-1")
        #expect(parameters.seed == nil)
    }

    @Test(arguments: [("temperature", "warm"), ("top_k", "1.5"), ("top_p", "nan"), ("seed", "-2"), ("num_ctx", "1")])
    func changesNothingWhenAValueIsRefused(_ name: String, _ text: String) {
        var parameters = SamplingParameters(seed: 3)
        #expect(throws: SamplingError.self) { try parameters.set(name, to: text) }
        #expect(parameters == SamplingParameters(seed: 3))
    }
}
