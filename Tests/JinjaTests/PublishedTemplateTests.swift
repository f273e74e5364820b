import JSON
import Jinja
import Testing

struct PublishedTemplateTests {
    @Test func theFixturesHoldWhatIsTested() throws {
        #expect(Fixture.templateNames.count == 53)
        #expect(try Fixture.conversations().count == 27)
    }

    @Test(arguments: Fixture.templateNames)
    func writesByteForByteWhatJinja2Writes(name: String) throws {
        let template = try Template(try Fixture.source(name))
        let expected = try JSONValue(parsing: Fixture.bytes("Expected/\(name).json"))
        for conversation in try Fixture.conversations() {
            let wanted = try #require(expected[conversation.name], "\(conversation.name)")
            var found = JSONValue.null
            do throws(TemplateError) {
                let rendered = try template.render(conversation.variables, now: Fixture.now)
                found = .string(rendered.text)
            } catch {
                #expect(error.kind == .refused || error.kind == .failed, "\(error)")
            }
            #expect(found == wanted, "\(conversation.name)")
        }
    }

    @Test func aRefusalCarriesTheTemplatesOwnWordsAndItsPlace() throws {
        let template = try Template(try Fixture.source("google-gemma-2-2b-it"))
        let messages: JSONValue = [["role": "system", "content": "Be terse."]]
        let error = #expect(throws: TemplateError.self) {
            try template.render([("messages", .data(messages)), ("bos_token", .trusted("<bos>"))])
        }
        #expect(error?.kind == .refused)
        #expect(error?.message == "System role not supported")
        #expect(error?.line == 1)
    }
}
