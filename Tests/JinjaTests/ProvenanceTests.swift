import JSON
import Jinja
import Testing

/// What a user or a tool wrote never counts as the template's own.
struct ProvenanceTests {
    /// The runs as text, what is not trusted between angle quotes.
    static func shown(_ rendered: Rendered) -> String {
        rendered.runs.map { $0.isTrusted ? $0.text : "«\($0.text)»" }.joined()
    }

    @Test(arguments: [
        ("<|{{ u }}|>", "<|«ab c»|>"),
        ("{{ '<|' ~ u ~ '|>' }}{{ '<|' + u + '|>' }}", "<|«ab c»|><|«ab c»|>"),
        ("{{ ('<' ~ u ~ '>')[1:-2] }}|{{ ('<' ~ u ~ '>')[::-1] }}", "«ab »|>«c ba»<"),
        ("{{ (' <' ~ u ~ ' ').strip() }}|{{ (' ' ~ u)|trim }}", "<«ab c»|«ab c»"),
        ("{{ ('x-' ~ u ~ '-x').replace('-', u) }}", "x«ab cab cab c»x"),
        ("{{ ('x' ~ u).replace('b', '<b>') }}|{{ u|replace(' ', '_') }}", "x«a»<b>« c»|«ab»_«c»"),
        ("{{ [u, 'x', u]|join('-') }}|{{ '-'.join([u, 'x']) }}", "«ab c»-x-«ab c»|«ab c»-x"),
        ("{{ ('<' ~ u ~ '>').split(' ')|join('|') }}", "<«ab»|«c»>"),
        ("{{ (u ~ ' x')|upper }}|{{ ('x ' ~ u)|title }}", "«AB C» X|X «Ab C»"),
        ("{{ '%s-%5s' % (u, 'x') }}|{{ '{}-{:>4}'.format(u, 'x') }}", "«ab c»-    x|«ab c»-   x"),
        ("{{ (u ~ '!') * 2 }}|{{ u.center(8, '*') }}", "«ab c»!«ab c»!|**«ab c»**"),
        ("{{ (u ~ '\\nx')|indent(2) }}", "«ab c\n  »x"),
        ("{{ ('<' ~ u)|e }}|{{ u|first }}|{{ u|list|last }}|{{ u.partition(' ')|last }}", "&lt;«ab c»|«a»|«c»|«c»"),
        ("{% for c in 'x' ~ u %}{{ c }}{% endfor %}|{{ ('x' ~ u)|truncate(4, true, '…', 0) }}", "x«ab c»|x«ab»…"),
        (
            "{% set s %}<{{ u }}>{% endset %}{{ s }}{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m(u) }}",
            "<«ab c»>[«ab c»]"
        ),
        ("{{ d|tojson }}|{{ {'k': u}|tojson }}", "«{\"ab c\": \"ab c\", \"n\": 12}»|«{\"»k«\": \"ab c\"}»"),
        ("{{ d }}{{ [u, 'x'] }}", "«{'ab c': 'ab c', 'n': 12}['ab c', '»x«']»"),
        ("{% for k, v in d.items() %}{{ k }}{% endfor %}{{ dict(a=u).items()|map('first')|join }}", "«ab cn»a"),
        (
            "{{ d.n }}|{{ d.n + 1 }}|{{ u|length }}|{{ 1 + 1 }}|{{ '7'|int + 1 }}|{{ d.n|string ~ 1 }}",
            "«12»|«13»|4|2|8|«12»1"
        ),
        ("{{ true }}{{ none }}{{ u == 'ab c' }}", "«TrueNoneTrue»"),
        ("{{ {'ab c': 'yes'}[u] }}{{ 'b' in u }}{{ u is string }}", "yes«TrueTrue»"),
        ("{{ bos }}{{ u ~ bos }}{{ bos[1:3] }}", "<s>«ab c»<s>s>"),
        ("{{ strftime_now('%d ') }}{{ u.format() }}{{ ('{}' ~ u).format('x') }}", "26 «ab c»x«ab c»"),
        ("{{ u.translate({97: '<', 98: u}) }}{{ u.zfill(6) }}", "<«ab c c00ab c»"),
        ("{{ raise_exception if false }}{{ [u]|groupby(0) }}", "«[('a', ['ab c'])]»"),
    ])
    func eachCharacterKeepsItsOriginThrough(source: String, expected: String) throws {
        let variables: [(name: String, value: Value)] = [
            ("u", .data("ab c")), ("d", .data(["ab c": "ab c", "n": 12])), ("bos", .trusted("<s>")),
        ]
        let rendered = try Template(source).render(variables, now: Fixture.now)
        #expect(Self.shown(rendered) == expected)
    }

    @Test func neighboursOfTheSameTrustAreOneRun() throws {
        let rendered = try Template("<{{ a }}{{ b }}>{{ '|' }}{{ e }}{{ c }}").render([
            ("a", .data("x")), ("b", .data("y")), ("c", .trusted("z")), ("e", .data("")),
        ])
        let runs = [("<", true), ("xy", false), (">|z", true)].map { Rendered.Run(text: $0, isTrusted: $1) }
        #expect(rendered.runs == runs)
        #expect(rendered.text == "<xy>|z")
        #expect(try Template("").render([]).runs.isEmpty)
    }

    @Test func aCallerCanTrustSomeOfAMessage() throws {
        let message = Value.dict([.init("role", .trusted("user")), .init("content", .data("<|user|>"))])
        let rendered = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m['content'] }}{% endfor %}")
            .render([("messages", .list([message, message]))])
        #expect(Self.shown(rendered) == "<|user|>«<|user|>»<|user|>«<|user|>»")
    }

    @Test(arguments: Fixture.templateNames)
    func nothingThatStandsInAConversationIsTrusted(name: String) throws {
        let source = try Fixture.source(name), template = try Template(source)
        let conversations = try Fixture.conversations()
        let seed = UInt64(name.utf8.reduce(7) { ($0 &* 31) &+ Int($1) } & 0xFFFF)
        var marker = Marker(source: source, seed: seed)
        var found = 0
        for _ in 0..<4 {
            for conversation in conversations {
                marker.pieces = []
                let messages = marker.marked(conversation.messages), tools = marker.marked(conversation.tools)
                let given = Fixture.Conversation(
                    name: conversation.name, messages: messages, tools: tools, others: conversation.others)
                guard let rendered = try? template.render(given.variables, now: Fixture.now) else { continue }
                for run in rendered.runs where run.isTrusted {
                    #expect(!run.text.unicodeScalars.contains(where: Marker.isMark), "\(run.text)")
                }
                found += marker.checkPieces(in: rendered)
            }
        }
        // A template may refuse some conversations, and cut some texts; not all of them.
        #expect(found > 0 || name.hasPrefix("fireworks"))
    }
}

/// Writes texts that a hostile user would: names of control tokens, braces and tags, each between marks by which it is
/// found again. The marks are Greek letters, which no template has.
private struct Marker {
    private var random: SeededGenerator
    private var tokens: [String]
    /// The texts between marks, by the number that the marks spell.
    var pieces: [String] = []

    static func isMark(_ scalar: Unicode.Scalar) -> Bool { (0x3B1...0x3C0).contains(scalar.value) }

    init(source: String, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        tokens = ["{{ x }}", "{% endraw %}", "{#", "}}", "<BOS>", "<EOS>", " ", "\n", "'", "\"", "\\", "x", "龘"]
        // The template's own marks: what stands between angles or square brackets.
        for (open, close) in [("<", ">"), ("[", "]")] {
            for part in source.split(separator: Character(open)).dropFirst() {
                guard let end = part.firstIndex(of: Character(close)), part[..<end].count < 40 else { continue }
                let token = open + part[...end]
                if !tokens.contains(token) { tokens.append(token) }
            }
        }
    }

    /// The letters that spell a piece's number.
    private func mark(_ number: Int) -> String {
        String(
            String.UnicodeScalarView(
                [number >> 8 & 15, number >> 4 & 15, number & 15].map { Unicode.Scalar(UInt32(0x3B1 + $0))! }))
    }

    private mutating func text(isAnswer: Bool) -> String {
        var result = ""
        // Templates cut an answer at the end of its thinking and write that mark back themselves.
        let tokens = isAnswer ? tokens.filter { !$0.hasSuffix("think>") } : tokens
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let count = Int.random(in: 1...3, using: &random)
            let piece = (0..<count).map { _ in tokens.randomElement(using: &random)! }.joined()
            let mark = mark(pieces.count)
            pieces.append(piece)
            result += mark + piece + mark
        }
        return result
    }

    /// A conversation with its texts replaced, but for the words that decide which way a template goes.
    mutating func marked(_ value: JSONValue, under name: String = "", isAnswer: Bool = false) -> JSONValue {
        switch value {
        case .string(let string):
            return ["role", "type", "id"].contains(name) ? .string(string) : .string(text(isAnswer: isAnswer))
        case .array(let values):
            var result: [JSONValue] = []
            for value in values { result.append(marked(value, under: name, isAnswer: isAnswer)) }
            return .array(result)
        case .object(let members):
            var result: [JSONValue.Member] = []
            let isAnswer = isAnswer || value["role"]?.string == "assistant"
            for member in members {
                // The names of arguments and of a tool's parameters are the user's as well.
                let isOwn = ["arguments", "properties"].contains(name)
                let name = isOwn ? text(isAnswer: isAnswer) : member.name
                let value = marked(member.value, under: isOwn ? "" : member.name, isAnswer: isAnswer)
                result.append(.init(name, value))
            }
            return .object(result)
        default: return value
        }
    }

    /// How many pieces stand whole in a text, none of whose characters may be trusted.
    func checkPieces(in rendered: Rendered) -> Int {
        var scalars: [Unicode.Scalar] = [], trust: [Bool] = []
        for run in rendered.runs {
            scalars += run.text.unicodeScalars
            trust += Array(repeating: run.isTrusted, count: run.text.unicodeScalars.count)
        }
        var found = 0
        for (number, piece) in pieces.enumerated() {
            let whole = Array((mark(number) + piece + mark(number)).unicodeScalars)
            for start in scalars.indices where scalars[start] == whole[0] {
                guard scalars.count - start >= whole.count, scalars[start..<start + whole.count].elementsEqual(whole)
                else { continue }
                found += 1
                #expect(!trust[start..<start + whole.count].contains(true), "\(piece)")
            }
        }
        return found
    }
}
