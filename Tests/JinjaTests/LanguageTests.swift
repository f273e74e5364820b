import Foundation
import JSON
import Jinja
import Testing

/// Cases of the language, written by hand and at random from its grammar, against what jinja2 writes.
struct LanguageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var source: String, text: String?

        var testDescription: String { source }
    }

    static func load() throws -> (variables: [(name: String, value: JSONValue)], cases: [Case]) {
        var variables: [(name: String, value: JSONValue)] = [], cases: [Case] = []
        for line in try Fixture.bytes("Language.jsonl").split(separator: UInt8(ascii: "\n")) {
            let row = try JSONValue(parsing: line)
            if let members = row["variables"]?.members {
                variables = members.map { ($0.name, $0.value) }
            } else {
                cases.append(Case(source: try #require(row["source"]?.string), text: row["text"]?.string))
            }
        }
        return (variables, cases)
    }

    static func render(_ source: String, _ variables: [(name: String, value: Value)]) -> Result<Rendered, TemplateError>
    {
        Result { () throws(TemplateError) in
            try Template(source).render(variables, now: Fixture.now)
        }
    }

    @Test func writesWhatJinja2WritesAndFailsWhereItFails() throws {
        let (variables, cases) = try Self.load()
        #expect(cases.count > 1600)
        for one in cases {
            switch Self.render(one.source, variables.map { ($0.name, .data($0.value)) }) {
            case .success(let rendered): #expect(rendered.text == one.text, "\(one.source)")
            case .failure(let error):
                #expect(one.text == nil, "\(one.source): \(error)")
                #expect(error.kind != .limit, "\(one.source): \(error)")
            }
        }
    }

    @Test func trustChangesNothingThatIsWritten() throws {
        let (variables, cases) = try Self.load()
        for one in cases {
            let data = Self.render(one.source, variables.map { ($0.name, .data($0.value)) })
            let trusted = Self.render(one.source, variables.map { ($0.name, .trusted($0.value)) })
            #expect((try? data.get().text) == (try? trusted.get().text), "\(one.source)")
        }
    }

    @Test(arguments: [
        ("{{ a }}\n{{ a.b.c }}", 2, 5, "'a' is undefined"),
        ("{% if a %}", 1, 4, "the template ends inside of 'if': 'elif' or 'else' or 'endif' is missing"),
        ("x\n {% endfor %}", 2, 5, "there is no tag 'endfor'"),
        (
            "{% if a %}{% endfor %}", 1, 14,
            "'endfor' does not belong here: 'if' goes on with 'elif' or 'else' or 'endif'"
        ),
        ("é{{ 1 + }}", 1, 9, "an expression is expected, not '}}'"),
        ("{{ 'a }}", 1, 4, "a string has no end"),
        ("{{ (1] }}", 1, 6, "')' is expected, not ']'"),
        ("{# a", 1, 1, "a comment has no end '#}'"),
        ("{{ x|nosuch }}", 1, 6, "there is no filter 'nosuch'"),
        ("{{ x is nosuch }}", 1, 6, "there is no test 'nosuch'"),
        ("{{ [1, 2] + 'a' }}", 1, 11, "'+' does not take a list and a str"),
        ("{% for x in none %}{% endfor %}", 1, 13, "a NoneType cannot be iterated over"),
        ("a\r\nb{% include 'x' %}", 2, 5, "'include' needs another template, and a chat template stands alone"),
        (
            "{{ [].append(1) }}", 1, 13,
            "'append' of a list cannot be used: a template changes no list or dict and sees no internals"
        ),
        ("{% break %}", 1, 4, "'break' and 'continue' stand in the body of a loop only"),
    ])
    func aFailureSaysLineColumnAndWhy(source: String, line: Int, column: Int, message: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template(source).render([]) }
        #expect(error?.message == message)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }
}
