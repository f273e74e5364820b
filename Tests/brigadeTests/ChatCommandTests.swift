import Testing

@testable import brigade

struct ChatCommandTests {
    @Test(
        arguments: [
            ("hello", .message("hello")), ("  hello /bye ", .message("  hello /bye ")), ("/bye", .bye),
            (" /exit ", .bye),
            ("/clear", .clear), ("/?", .help(.all)), ("/help", .help(.all)), ("/? set", .help(.set)),
            ("/help /show", .help(.show)),
            ("/? shortcuts", .help(.shortcuts)), ("/show info", .show(.info)), ("/show template", .show(.template)),
            ("/show system", .show(.system)), ("/show parameters", .show(.parameters)),
            ("/set verbose", .setVerbose(true)),
            ("/set quiet", .setVerbose(false)), ("/set history", .setHistory(true)),
            ("/set nohistory", .setHistory(false)),
            ("/set system You  are   terse. ", .setSystem("You  are   terse.")),
            ("/set system \"Quoted.\"", .setSystem("Quoted.")),
            ("/set parameter temperature 0.5", .setParameter(name: "temperature", values: ["0.5"])),
            ("/set parameter stop \"###\" END", .setParameter(name: "stop", values: ["###", "END"])),
        ] as [(String, ChatCommand)])
    func understandsCommands(_ line: String, _ expected: ChatCommand) throws {
        #expect(try ChatCommand.parse(line) == expected)
    }

    @Test(arguments: ["", "   ", "\n\t"])
    func aBlankLineMeansNothing(_ line: String) throws {
        #expect(try ChatCommand.parse(line) == nil)
    }

    @Test(arguments: [
        ("/x", "Unknown command '/x'. Type /? for help"), ("/", "Unknown command '/'. Type /? for help"),
        ("/set colour red", "Unknown command '/set colour'. Type /? set for help"),
        ("/set", "/set needs to know what to set. Type /? set for help"),
        ("/show", "/show needs a topic: info, parameters, system, template."),
        ("/show me", "Unknown topic '/show me'. Use one of info, parameters, system, template."),
        ("/set parameter seed", "/set parameter seed needs a value."),
        ("/set parameter seed 1 2", "/set parameter seed takes one value, found 2."),
        ("/set system  ", "/set system needs a text: /set system You are a pirate."),
    ])
    func saysWhatIsWrong(_ line: String, _ sentence: String) {
        let error = #expect(throws: ChatCommandError.self) { try ChatCommand.parse(line) }
        #expect(error?.description == sentence)
    }

    @Test func namesTheParametersThereAre() {
        let error = #expect(throws: ChatCommandError.self) { try ChatCommand.parse("/set parameter warmth 1") }
        #expect(error?.description.hasPrefix("Unknown parameter 'warmth'. Use one of temperature, top_k") == true)
    }

    @Test(
        arguments: [
            (["\"\"\"one", "two", "three\"\"\""], .message("one\ntwo\nthree")), (["\"\"\"one\"\"\""], .message("one")),
            (["\"\"\"", "/bye", "\"\"\" "], .message("/bye")), (["\"\"\"pasted\ntwo\"\"\""], .message("pasted\ntwo")),
            (["/set system \"\"\"one", "two\"\"\""], .setSystem("one\ntwo")),
            (["/set system \"\"\"one\"\"\""], .setSystem("one")),
            (["\"\"\"", "  indented", "", "\"\"\""], .message("  indented\n")), (["\"\"\"\"\"\""], nil),
        ] as [([String], ChatCommand?)])
    func textBetweenTripleQuotesGoesOverLines(_ lines: [String], _ expected: ChatCommand?) throws {
        var input = ChatInput()
        for line in lines.dropLast() {
            #expect(try input.take(line) == nil)
            #expect(input.isContinuing)
        }
        #expect(try input.take(lines[lines.count - 1]) == expected)
        #expect(!input.isContinuing)
    }

    @Test func anOpenTextCanBeForgotten() throws {
        var input = ChatInput()
        #expect(try input.take("\"\"\"one") == nil)
        input.reset()
        #expect(try input.take("/clear") == .clear)
    }

    @Test func helpNamesEveryParameter() {
        for name in ChatCommand.parameterNames { #expect(ChatCommand.Help.set.text(width: nil).contains(name)) }
        #expect(ChatCommand.Help.all.text(width: nil).contains("/bye"))
    }

    @Test(arguments: [ChatCommand.Help.all, .set, .show, .shortcuts]) func helpFitsTheWindow(_ help: ChatCommand.Help) {
        for line in help.text(width: 60).split(separator: "\n") { #expect(line.count <= 60) }
    }
}
