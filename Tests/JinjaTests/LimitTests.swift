import Jinja
import Testing

/// A template may come from anybody: whatever it does ends soon, in an error that says which limit it came to.
struct LimitTests {
    static let setUp = "{% set ns = namespace(s='abcdefgh', l=[1], t=(1,)) %}"
    static let doubled = setUp + "{% for i in range(100) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}"

    @Test(arguments: [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        setUp + "{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        setUp + "{% for i in range(99999) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        setUp + "{% for i in range(999) %}{% set ns.l = [ns.l] %}{% endfor %}",
        setUp
            + "{% set ns.s = 'abc' %}{% for i in range(999) %}{% set ns.s = ns.s|map('upper') %}{% endfor %}{{ ns.s|list }}",
        doubled + "{{ ns.t }}", doubled + "{{ ns.t == ns.t[0] }}", doubled + "{{ {ns.t: 1} }}",
        doubled + "{{ ns.t|tojson }}",
        doubled + "{{ [ns.t]|unique|list }}", doubled + "{{ '%r' % (ns.t,) }}", doubled + "{{ ns.t|string|length }}",
        "{{ [0] * 9000000000000000000 }}", "{{ 'ab' * 9000000000000000000 }}", "{{ 'a'.center(9000000000000000000) }}",
        "{{ '{:999999999}'.format(1) }}", "{{ '%999999999d' % 1 }}", "{{ '%.999999999f' % 1.5 }}",
        "{{ 'a\\nb'|indent(9000000000000000000) }}", "{{ [[1]]|tojson(indent=9000000000000000000) }}",
        "{{ 7 ** 99999999999 }}", "{{ (10 ** 4000) * (10 ** 4000) }}", "{{ [1]|batch(9000000000000000000, 1)|list }}",
        "{{ [1]|slice(9000000000000000000)|list }}", "{{ '1'.zfill(9000000000000000000) }}",
        "{{ ('\\t' * 100000).expandtabs(100000) }}", "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
        "{{ ('a' * 100000).replace('', 'b' * 100000) }}", "{{ ('a' * 100000)|join('b' * 100000) }}",
        "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "{% block a %}{{ self.a() }}{% endblock %}",
        "{% macro m() %}{{ caller is defined }}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% for x in [1] if m() %}{% endfor %}{% endmacro %}{{ m() }}",
        "{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
        "{% set s = 'a' * 9000000 %}{% for i in range(99999) %}{% set x = s.find('aaaaaaaaab') %}{% endfor %}",
        "{% set s = 'a' * 9000000 %}{% for i in range(99999) %}{% set x = s.isupper() %}{% endfor %}",
        "{% set t = ('a',) * 100000 %}{% for i in range(99999) %}{% set x = 'b'.startswith(t) %}{% endfor %}",
    ])
    func endsAtALimit(source: String) throws {
        let error = #expect(throws: TemplateError.self) { try Template(source).render([]) }
        #expect(error?.kind == .limit, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        String(repeating: "{{ ", count: 1000), "{{ " + String(repeating: "(", count: 1000),
        "{{ " + String(repeating: "not ", count: 9999) + "1 }}", "{{ " + String(repeating: "-", count: 9999) + "1 }}",
        "{{ 1" + String(repeating: "+1", count: 9999) + " }}", "{{ a" + String(repeating: ".b", count: 9999) + " }}",
        "{{ a" + String(repeating: "|upper", count: 9999) + " }}",
        "{{ " + String(repeating: "1 if 1 else ", count: 9999) + "1 }}",
        String(repeating: "{% if a %}", count: 999), String(repeating: "{% for a in b %}", count: 999),
        "{{ " + String(repeating: "[", count: 999) + String(repeating: "]", count: 999) + " }}",
    ])
    func whatNestsTooDeepIsRefusedBeforeItIsRendered(source: String) {
        #expect(throws: TemplateError.self) { try Template(source) }
    }

    @Test func aSourceBeyondTheLimitIsRefused() {
        let error = #expect(throws: TemplateError.self) { try Template(String(repeating: "x", count: (1 << 20) + 1)) }
        #expect(error?.kind == .limit)
    }

    @Test func manyConditionsOverManyVariablesAreRefused() {
        let source = (0..<9999).map { "{% if a\($0) %}{% set b\($0) = 1 %}{% endif %}" }.joined()
        #expect(throws: TemplateError.self) { try Template(source) }
    }

    @Test func chainsOfObjectsAreFreedWithoutRecursion() throws {
        let rendered = try Template(
            """
            {% set ns = namespace(v=1) %}{% for i in range(50000) %}{% set m = namespace(v=ns.v) %}{% set ns.v = m %}\
            {% endfor %}{% for i in range(50000) %}{% for x in [ns.v] %}{% set ns.v = loop %}{% endfor %}{% endfor %}\
            {% macro make(x) %}{% macro inner() %}{{ x }}{% endmacro %}{% set ns.v = inner %}{% endmacro %}\
            {% for i in range(50000) %}{{ make(ns.v) }}{% endfor %}done
            """
        ).render([])
        #expect(rendered.text.hasSuffix("done"))
    }

    @Test func smallerLimitsHold() throws {
        let limits = Limits(source: 100, steps: 1000, depth: 30, memory: 10000, output: 20)
        #expect(try Template("{{ 'x' * 20 }}", limits: limits).render([]).text.count == 20)
        #expect(throws: TemplateError.self) { try Template("{{ 'x' * 21 }}", limits: limits).render([]) }
        #expect(throws: TemplateError.self) { try Template("{{ ('x' * 20000)|length }}", limits: limits).render([]) }
        #expect(throws: TemplateError.self) {
            try Template("{% for i in range(600) %}{% endfor %}", limits: limits).render([])
        }
    }
}
