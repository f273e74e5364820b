import JSON
import Testing

@testable import Sampling

/// Calls as the models of several families write them.
struct CallGrammarTests {
    @Test func aCallMayEndWithItsArguments() {
        let grammar = JSONGrammar.calls([
            .init(opening: "[TOOL_CALLS]add[ARGS]", arguments: nil, closing: ""),
            .init(opening: "[TOOL_CALLS]adder[ARGS]", arguments: nil, closing: ""),
        ])
        #expect(JSONConstraintTests.reading("[TOOL_CALLS]add[ARGS]{\"a\": 1}", grammar) == "whole")
        #expect(JSONConstraintTests.reading("[TOOL_CALLS]adder[ARGS]{}", grammar) == "whole")
        #expect(JSONConstraintTests.reading("[TOOL_CALLS]other", grammar) == "no")
    }

    private static let tagged = JSONGrammar.taggedCalls([
        (
            opening: "<function=f>\n",
            parameters: [
                .init(name: "text", isRequired: true, value: .text),
                .init(name: "unit", isRequired: false, value: .texts(["C", "F"])),
                .init(name: "many", isRequired: false, value: .json(.anyObject)),
            ], closing: "</function>"
        )
    ])

    @Test(arguments: [
        ("<parameter=text>\na\n<b>\n</parameter>\n</function>", "whole"),
        ("<parameter=text>\n\n</parameter>\n<parameter=unit>\nF\n</parameter>\n</function>", "whole"),
        ("<parameter=text>\nx\n</parameter>\n<parameter=many>\n{\"a\": 1}\n</parameter>\n</function>", "whole"),
        ("</function>", "no"), ("<parameter=unit>", "no"),
        ("<parameter=text>\nx\n</parameter>\n<parameter=unit>\nK", "no"),
        ("<parameter=text>\nx\n</parameter>\n<parameter=many>\n[", "no"),
    ])
    func argumentsStandBetweenTags(text: String, reading: String) {
        #expect(JSONConstraintTests.reading("<function=f>\n" + text, Self.tagged) == reading)
    }
}
