"""Random templates in jinja2's grammar, for holding another implementation against jinja2.

`Generator(seed).template(kind)` makes one; the kinds are `expression`, `format` (Python's `%` and `str.format`) and `statements`. The
templates are over VARIABLES. HANDWRITTEN are cases that a grammar does not come to by chance.
"""
import random

VARIABLES = {
    "s": "Hello World", "t": " ab,cd ,ef\n gh ", "u": "naïve 龘 ßΣ🙂", "e": "", "n": 0, "i": 7, "neg": -3, "f": 2.5, "g": 1e20, "b": True, "z": None,
    "l": [1, 2, 3], "ls": ["b", "a", "C", "Äb"], "ld": [{"name": "x", "v": 1}, {"name": "Y", "v": 2.5}, {"name": "x", "w": {"q": [1]}}],
    "d": {"a": 1, "b": "two", "items": 3, "c": [1, {"k": None}]}, "dd": {"x": {"y": {"z": "deep"}}, "k-1": "<&'\">"},
    "big": 12345678901234567890123, "el": [], "ed": {}, "h": "<b>&'\"</b>", "lf": [1.5, -2, 0, True], "num": "42", "fl": " 3.75 ", "bad": "x1",
}
NAMES = list(VARIABLES)
LITERALS = """1 0 -1 2 3 10 2.5 0.1 1e3 1_000 0x1f 'a' 'b,c' '' '\\n' "it's" '%s' '{}' '<x>' true false none True None [] {} () 'name' 'x' 'é'
    1000000007 9223372036854775807 1.0 'Hello' 100 -0.0""".split() + ["' '"]
FILTERS = """abs attr('a') attr(S) batch(2)|list batch(3)|list batch(2,S)|list capitalize center(10) center(11) count length default(X)
    default(X,true) d(X,boolean=X) dictsort dictsort(true) dictsort(by='value') dictsort(reverse=true) e escape filesizeformat
    filesizeformat(true) first float float(X) forceescape format(X) format(X,X) groupby('name')|list groupby('v',default=0)
    groupby('name',case_sensitive=true) indent indent(2) indent(3,true) indent(2,false,true) indent(S) int int(X) int(5,16) int(base=2)
    items|list join(S) join join(S,attribute='name') last list lower map('upper')|list map(attribute='name')|list
    map(attribute='v',default=X)|list map('default',X)|list map('int')|list map(attribute='w.q.0')|list max min max(attribute='v')
    min(case_sensitive=true) reject|list reject('none')|list select|list select('string')|list select('gt',1)|list select('in',X)|list
    rejectattr('name')|list rejectattr('v','undefined')|list selectattr('name','equalto',S)|list selectattr('v')|list replace(S,S)
    replace(S,S,1) reverse|list round round(1) round(-1) round(1,'floor') round(0,'ceil') round(2,'ceil') safe slice(2)|list slice(3)|list
    slice(2,S)|list sort sort(true) sort(attribute='name') sort(case_sensitive=true) sort(attribute='v,name') string striptags sum
    sum(start=X) sum(attribute='v') title tojson tojson(indent=2) tojson(ensure_ascii=true) tojson(separators=(',',':'))
    tojson(sort_keys=true) tojson(indent=0) tojson(indent=S) trim trim(S) truncate(5) truncate(3) truncate(6,true) truncate(5,X,'.',0)
    unique|list unique(true)|list unique(attribute='name')|list upper urlencode wordcount wordwrap(5) wordwrap(8,false) xmlattr
    xmlattr(false) nosuch""".split()
TESTS = """odd even divisibleby(3) divisibleby(X) defined undefined filter test none boolean false true integer float lower upper string
    mapping number sequence iterable callable sameas(none) sameas(true) escaped in(X) eq(X) equalto(X) ne(X) gt(X) ge(X) lt(X) le(X)
    nosuch""".split()
METHODS = """capitalize() casefold() center(9) center(12) center(11,S) count(S) endswith(S) startswith(S) startswith(S,1) startswith(S,-2)
    expandtabs() find(S) find(S,X) rfind(S,1,-1) index(S) rindex(S) format(X,a=X) format_map({'a':1}) isalnum() isalpha() isascii()
    isdecimal() isdigit() isidentifier() islower() isnumeric() isprintable() isspace() istitle() isupper() join(X) join(ls) ljust(8)
    rjust(8,'.') lower() upper() title() swapcase() lstrip() strip() rstrip(S) strip(S) lstrip(S) partition(S) rpartition(S)
    removeprefix(S) removesuffix(S) replace(S,S) replace(S,S,1) replace(S,S,0) replace(S,S,-1) split() split(S) split(S,1)
    split(maxsplit=1) split(maxsplit=0) rsplit(S,1) rsplit(S,2) rsplit() rsplit(none,1) splitlines() splitlines(true) zfill(6)
    translate({97:'Z',108:none,111:48}) items()|list keys()|list values()|list get(X) get('a') get(S,X) items() keys() values() copy()
    count(X) index(X) index(X,1) append(1) pop() update({}) bit_length() is_integer() conjugate() nosuch()""".split()
PARTS = "'a' 'l' ',' ' ' 'oW' 'b' '' '\\n' 'x' ', ' 'v'".split(" ")
FORMATS = ["%s|%r|%d", "%5.2f|%-6s|%+d", "%x %o %X %e %g", "%05d|%.3s|%c", "%(a)s %(b)s", "%%|%i", "{}-{}", "{0}{1}{0}", "{:>6}|{:<5}|{:^7}",
           "{:05d}|{:,}", "{:.2f}|{:e}", "{:x}|{:b}", "{a}{b!r}", "{0[0]}", "{a[x]}", "{:%}", "{:+.1f}", "{:_}", "{!s:>4}", "{{}}{}", "{:.3}",
           "{:g}", "{:n}", "{:c}", "{:#x}", "{:*^9}", "%#x|%+.3e|% d", "%*d", "{:{}}", "{:0>8.3f}", "{:=+9}"]
LIKELY = """s|upper l|length ld|map(attribute='name')|join(',') s[1:3] l+[4] i+1 d.a dd['x'] s~i s=='a' 'a'in~d d.items() s.split(' ') l|first
    l|last ls|sort d|tojson ld|tojson(indent=2) v1|default('q') v1~is~defined ns.a i>3 (1,2) [s,i] {'a':i} range(3)|list s|replace('l','L')
    '%s-%d'%(s,i) ls|join('-') s.upper() v1~v2 v1==v2 v1|string|length ld|selectattr('v','defined')|list ld|groupby('name') t.strip()
    loop~is~defined x|default(0) item|string u|lower u[::-1] s|indent '<'~s|e s|safe+'<' h|e|upper f|round i//2 i/2 i%4 neg|abs l|sum l|max
    ls|min""".split()
INSIDE = """v1 v2 v3 m1 m2 ns.a ns loop.index loop.last loop.length loop.first loop.previtem loop.nextitem loop.depth loop.revindex item k v
    caller varargs kwargs x loop.cycle('a','b') loop.changed(item) s l i""".split()


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.blocks = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def template(self, kind):
        self.blocks = 0
        if kind == "expression":
            return "{{ " + self.expression(self.random.randint(1, 4)) + " }}"
        if kind == "format":
            return "{{ " + self.format() + " }}"
        space = "{% set ns = namespace(a=0) %}"
        macro = "{% macro m1(x=1) %}[{{ x }}{{ caller() if caller }}]{% endmacro %}"
        return self.pick("", space, space + macro) + self.body(self.random.randint(1, 4), count=self.random.randint(1, 5))

    # Expressions

    def leaf(self):
        return self.pick(self.pick(*LITERALS), self.pick(*NAMES), self.pick(*NAMES)) if self.random.random() < .95 else self.pick("undef", "loop", "caller")

    def fill(self, pattern, value):
        """The pattern with a value for each X and a short string, or a value, for each S that stands alone."""
        out = ""
        for i, c in enumerate(pattern):
            alone = (i == 0 or pattern[i - 1] in "(,=") and (i + 1 == len(pattern) or pattern[i + 1] in "),")
            out += value() if c == "X" and alone else self.pick(self.pick(*PARTS), self.pick(*PARTS), value()) if c == "S" and alone else c
        return out

    def expression(self, depth):
        if depth <= 0:
            return self.leaf()
        kind, p = self.random.random(), self.pick
        def x(): return self.expression(depth - 1 - (self.random.random() < .3))
        if kind < .15: return self.leaf()
        if kind < .27: return f"{x()} {p('+', '-', '*', '/', '//', '%', '+', '+', '~', '~')} {x()}"
        if kind < .29: return f"({x()}) ** {p('0', '1', '2', '3', '-1', '-2', '10')}"
        if kind < .35: return f"{x()} {p('==', '!=', '<', '<=', '>', '>=', 'in', 'not in')} {x()}" + (f" {p('==', '<', 'in')} {x()}" if self.random.random() < .1 else "")
        if kind < .40: return f"{x()} {p('and', 'or')} {x()}"
        if kind < .43: return f"not {x()}"
        if kind < .47: return f"({x()} if {x()}" + (f" else {x()})" if self.random.random() < .8 else ")")
        if kind < .50: return f"({x()})"
        if kind < .53: return "[" + ", ".join(x() for _ in range(self.random.randint(0, 3))) + "]"
        if kind < .55: return "(" + ", ".join(x() for _ in range(self.random.randint(2, 3))) + ")"
        if kind < .58: return "{" + ", ".join(f"{p(p(*LITERALS), p(*LITERALS), x())}: {x()}" for _ in range(self.random.randint(0, 3))) + "}"
        if kind < .62: return f"({x()})[{x()}]"
        if kind < .66: return f"({x()})[{p('', x(), '1', '-2', '0')}:{p('', x(), '2', '-1', '100')}{p('', ':', ':2', ':-1', ':' + x(), ':-3')}]"
        if kind < .69: return f"({x()}).{p('a', 'b', 'items', 'name', 'v', 'x', 'c', 'y', 'nosuch', 'real', 'keys', '_x', 'append', 'grouper', 'start', '0', '1')}"
        if kind < .79: return f"({x()})|{self.fill(p(*FILTERS), x)}"
        if kind < .85: return f"({x()}) is {p('', '', 'not ')}{self.fill(p(*TESTS), x)}"
        if kind < .95: return f"({x()}).{self.fill(p(*METHODS), x)}"
        return p(f"range({p('3', '0', '1, 5', '10, 0, -3', x())})", f"dict(a={x()}, b={x()})", f"dict({x()})", f"namespace(a={x()}).a",
                 f"{x()} | list", f"-{x()}", f"+{x()}", f"cycler({x()}, {x()}).next()", f"joiner({x()})()")

    def format(self):
        pattern = self.pick(*FORMATS)
        def x(): return self.expression(1)
        if "%" in pattern and "{" not in pattern:
            values = ["(" + ", ".join(x() for _ in range(n)) + ")" for n in (2, 3)]
            return f"'{pattern}' % " + self.pick(*values, x(), "{'a':1,'b':'q'}", f"({self.pick('i', 'neg', 'f', 'b', 'big')}, {self.pick('i', 'f', 'neg')}, {self.pick('i', 'f', 'g')})")
        if self.random.random() < .6:
            return f"'{pattern}'.format({x()}, {x()}, a={x()}, b={x()})"
        return f"'{pattern}'.format({self.pick('i', 'neg', 'f', 'big', 'g')}, {self.pick('i', 'f', 'b', 's')}, a=1, b='x')"

    # Statements

    def tag(self, inside):
        return "{%" + self.pick("", "", "", "-", "+") + " " + inside + " " + self.pick("", "", "", "-", "+") + "%}"

    def space(self):
        return self.pick("", " ", "\n", "  \n  ", "x", "text", "\n  ", "\t", "\n\n", "é", "}", "{", "%")

    def body(self, depth, loop=False, count=None):
        return "".join(self.space() + self.statement(depth, loop) + self.space() for _ in range(count or self.random.randint(1, 3)))

    def value(self):
        chance = self.random.random()
        if chance < .05: return self.format()
        if chance < .6: return self.pick(self.pick(*NAMES), self.pick(*LITERALS))
        return self.pick(*LIKELY).replace("~", " ~ ") if chance < .95 else self.expression(1)

    def statement(self, depth, loop):
        kind, p, value = self.random.random(), self.pick, self.value
        def inside(): return p(*INSIDE)
        if depth <= 0 or kind < .30:
            return "{{" + p("", "-", "+" if self.random.random() < .2 else "") + " " + p(value(), inside(), inside(), inside() + "|string", inside() + " is defined") + " " + p("", "", "", "-") + "}}"
        if kind < .42: return self.tag(f"set {p('v1', 'v2', 'v3', 'ns.a', 'ns.q', 'item')} = {p(value(), inside(), inside() + ' ~ 1')}")
        if kind < .44: return self.tag(f"set v1, v2 = {p('1, 2', '[1,2]', value(), 'v2, v1')}")
        if kind < .47: return self.tag(f"set {p('v1', 'v2', 'ns.a')}{p('', '|upper', '|trim')}") + self.body(depth - 1, loop) + self.tag("endset")
        if kind < .58:
            out = self.tag(f"if {p(value(), inside(), inside() + ' is defined', 'true', 'v1')}") + self.body(depth - 1, loop)
            if self.random.random() < .4: out += self.tag(f"elif {p(value(), inside())}") + self.body(depth - 1, loop)
            if self.random.random() < .5: out += self.tag("else") + self.body(depth - 1, loop)
            return out + self.tag("endif")
        if kind < .74: return self.loop(depth)
        if kind < .77 and loop: return self.tag("if " + p(inside(), "item == 2", "loop.index == 2", "true")) + self.tag(p("break", "continue")) + self.tag("endif")
        if kind < .83: return self.tag(f"macro {p('m1', 'm2')}({p('', 'x', 'x, y=1', 'x=v1, k=x', 'v1', 'caller=none')})") + self.body(depth - 1) + self.tag("endmacro")
        if kind < .88: return "{{ " + p("m1", "m2") + "(" + p("", "1", "s, 2", "x=3", "1, y=2", "1,2,3", "q=1", "v1", "x=item", "*l", "**{'x':5}") + ") }}"
        if kind < .90: return self.tag(f"call{p('', '(x)', '(x, y=2)')} {p('m1', 'm2')}({p('', '1', 'x=2')})") + self.body(depth - 1, loop) + self.tag("endcall")
        if kind < .92: return self.tag(f"filter {p('upper', 'trim', 'replace(v1|string,s)', 'indent(2)', 'join(v2|string)', 'title|lower')}") + self.body(depth - 1, loop) + self.tag("endfilter")
        if kind < .95: return self.tag(f"with {p('v1=1', 'v1=v2, v2=v1', 'x=i, k=x', f'v3={value()}', '')}") + self.body(depth - 1, loop) + self.tag("endwith")
        if kind < .96: return "{#" + p("", "-", "+") + " c " + p("", "-", "+") + "#}"
        if kind < .97: return "{%" + p("", "-", "+") + " raw " + p("", "-") + "%}" + p("{{ x }}", " {% if %} ", "\n") + "{%" + p("", "-", "+") + " endraw " + p("", "-", "+") + "%}"
        if kind < .98: return self.tag("do " + value())
        if kind < .985: return self.tag(f"set ns = namespace({p('a=1', '', 'q=v1')})")
        if kind < .99 and depth >= 2:
            self.blocks += 1
            return self.tag(f"block b{self.blocks}{p('', ' scoped')}") + self.body(depth - 1) + self.tag("endblock")
        return self.tag("generation") + self.body(depth - 1, loop) + self.tag("endgeneration")

    def loop(self, depth):
        p = self.pick
        target, items = p(
            ("item", p("l", "ls", "range(3)", "'abc'", "[1,2,3,4]", self.value(), "ld", "l", "(1,2,2,3)", "ld|map(attribute='name')", "l|select('odd')")),
            ("k, v", p("d.items()", "d|items", "d|dictsort", "[(1,2),(3,4)]", "dd.items()")), ("x", p("l", "s", "v1", p(*INSIDE))))
        test = f" if {p(p(*INSIDE), 'item', 'item is odd', 'v1 is not defined', 'loop is defined', 'x', 'not loop', 'v')}" if self.random.random() < .25 else ""
        recursive = self.random.random() < .15
        out = self.tag(f"for {target} in {items}{test}" + (" recursive" if recursive else "")) + self.body(depth - 1, True)
        if recursive: out += "{{ loop(" + p("[]", "[1]", "''") + ") if loop.depth < 3 }}"
        if self.random.random() < .3: out += self.tag("else") + self.body(depth - 1)
        return out + self.tag("endfor")


HANDWRITTEN = r"""
{% set x = 1 %}{% for i in l %}{% set x = i %}{% endfor %}{{ x }}
{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}
{% for i in l %}{{ x }}{% set x = i %}{{ x }}{% endfor %}
{% set x = 0 %}{% for i in l %}{{ x }}{% set x = i %}{{ x }}{% endfor %}
{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}
{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m() }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, c=3) }}
{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=3) m() %}{{ a }}-{{ b }}{% endcall %}
{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}
{% for x in l %}{% continue %}{% else %}none{% endfor %}
{% for x in l %}{% break %}{% endfor %}x
{% for x in l if x > 1 %}{{ loop.index }}{{ loop.length }}{{ loop.last }}{% else %}none{% endfor %}
{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% set ns = namespace(n=0) %}{% for x in l if ns.n < 2 %}{% set ns.n = ns.n + 1 %}{{ x }}{% endfor %}
{% set a, b = b, i %}{{ a }}{{ b }}
{% set x %}a{{ i }}{% endset %}{{ x|upper }}
{% set x | upper | replace('A', 'b') %}a{{ i }}{% endset %}{{ x }}
{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% block one %}{% set y = 1 %}{{ i }}{% endblock %}{{ self.one() }}{{ y }}
{% set q = 5 %}{% for x in l %}{% block two scoped %}{{ x }}{{ q }}{% endblock %}{% endfor %}
{% filter upper %}abc{{ s }}{% endfilter %}
{{ "a" "b" 'c' }}{{ 'a\x41\u00e9\101\n\q\é' }}
{{ 1 if false }}|{{ (1 if false) is defined }}
{{ undef is defined }}{{ undef }}{{ undef|default('d') }}{{ [undef] }}
{{ undef.x }}
{{ d.nosuch.x }}
{{ d.items is callable }}{{ d['items'] }}{{ d.keys()|list }}
{{ 7 // 2 }}{{ -7 // 2 }}{{ 7 % -3 }}{{ -7.5 // 2 }}{{ 7.5 % -2 }}{{ 2 ** 100 }}{{ 2 ** -1 }}
{{ 1 / 3 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-4 }} {{ 1e-5 }} {{ 123456789.123456789 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }}
{{ 10 ** 25 }} {{ 10 ** 25 // 7 }} {{ -(10 ** 25) % 7 }} {{ 10 ** 25 == 1e25 }} {{ 2 ** 53 + 1 == 2.0 ** 53 }} {{ big / 3 }}
{{ 9223372036854775807 + 1 }} {{ -9223372036854775807 - 2 }} {{ 9223372036854775807 * 9223372036854775807 }}
{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 1 == 1.0 == true }}{{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ (1,) < (1, 2) }}
{{ 1 < 'a' }}
{{ none < none }}
{{ 'a' in 'abc' }}{{ 1 in [1] }}{{ 'a' in {'a': 1} }}{{ 1 not in (2, 3) }}{{ 3 in range(5) }}{{ 1.0 in range(5) }}
{{ {1: 'a', 1.0: 'b', true: 'c'} }}
{{ {[]: 1}|length }}
{{ '%.2f' % 2.675 }} {{ '%.0f' % 0.5 }} {{ '%.0f' % 1.5 }} {{ 2.675|round(2) }} {{ 0.5|round }} {{ 1.5|round }} {{ 2.5|round }} {{ -0.5|round }}
{{ 1e22|int }} {{ '1e3'|int }} {{ '0x1f'|int(0, 16) }} {{ ' 12_3 '|int }} {{ '١٢'|int }} {{ 'inf'|float }} {{ 'nan'|float }} {{ '1.'|float }}{{ '.5'|float }}
{{ 1|tojson }}{{ 1.0|tojson }}{{ 1e100|tojson }}{{ none|tojson }}{{ 'é"\\/\n'|tojson }}{{ [true, {'a': 1}]|tojson }}
{{ {'b': 1, 'a': [1, 2], 'c': {}}|tojson(indent=2, sort_keys=true) }}
{{ {'a': [1, {'b': 2}]}|tojson(separators=(',', ':')) }}{{ 'é🙂'|tojson(ensure_ascii=true) }}
{{ undef|tojson }}
{{ ns|tojson }}
{{ '<a>'|safe + '<b>' }}{{ '<a>' + '<b>'|safe }}{{ ('<a>'|safe ~ '<b>') }}{{ '<%s>'|safe % '<' }}{{ '{}'|safe|format }}{{ ('<{}>'|safe).format('<') }}
{{ ('<'|safe) * 2 + '<' }}{{ ('a<b'|e).split('&') }}{{ ['<'|safe, '<']|join('>') }}{{ ('<'|e)|upper }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %j %a %A %b %B %-d %e %y %p %I %U %W %V %G %u %w %% %D %F %T %q %E') }}
{{ cycler(1, 2).next() }}{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}
{% set j = joiner('|') %}{{ j() }}{{ j() }}{{ j() }}
{{ range(3) }}{{ range(1, 10, 3)|list }}{{ range(5)[::-1]|list }}{{ range(10)[2:4] }}
{{ range(100001)|length }}
{{ l.append(4) }}
{{ l.append is defined }}{{ d.update is defined }}{{ ''.__class__ }}{{ s.upper is callable }}
{{ ld|map(attribute='name')|list }}{{ ld|selectattr('v', 'gt', 1)|list }}{{ ld|map(attribute='w.q.0', default='-')|join }}
{{ ['b', 'A', 'c']|sort }}{{ ['b', 'A']|sort(case_sensitive=true) }}{{ [3, 1, 2]|sort(reverse=true) }}{{ d|dictsort }}
{{ [1, 'a']|sort }}
{{ ['a', 'A', 'b']|unique|list }}{{ [[1]]|unique|list }}
{{ ld|groupby('name')|list }}{% for g in ld|groupby('name') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}
{{ 'a b  c'.split() }}{{ 'a b  c'.split(' ') }}{{ 'a,b,c'.rsplit(',', 1) }}{{ 'abc'.partition('b') }}{{ 'a\r\nb\nc'.splitlines() }}
{{ 'ǆ'.title() }}{{ 'ß'.upper() }}{{ 'ΑΣ ΣΑ Σ'.lower() }}{{ 'İ'.lower()|length }}{{ "they're bill's"|title }}{{ "they're bill's".title() }}
{{ 'abc'[::-1] }}{{ 'abc'[-2:] }}{{ '龘é'[1] }}{{ 'abc'[5:] }}{{ 'abcdef'[4:1:-2] }}{{ l[:2] }}{{ l[10] }}{{ l[-1] }}{{ l['x'] }}
{{ z[:1] }}
{{ 'hello world foo bar'|truncate(10) }}{{ 'hello world'|truncate(8, true) }}{{ 'foo bar baz qux'|truncate(11, false, '...', 0) }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\n\nb'|indent(2, true, true) }}|{{ 'a\nb'|indent('> ') }}
{{ 'the quick brown-fox jumps--over it'|wordwrap(9) }}
{{ [1, 2, 3, 4, 5]|batch(2, 0)|list }}{{ [1, 2, 3, 4, 5]|slice(3)|list }}{{ [1, 2, 3, 4, 5]|slice(3, 0)|list }}
{{ 1000|filesizeformat }}{{ 1024|filesizeformat(true) }}{{ 123456789|filesizeformat }}{{ 1|filesizeformat }}
{{ {'a': 1, 'b': none, 'c': '<'}|xmlattr }}{{ {'q': 'a b', 'r': '/'}|urlencode }}{{ 'a b/ü'|urlencode }}
{{ '<p>a &amp; b</p> <!-- c -->d'|striptags }}
{{ [1, 2]|first }}{{ []|first }}{{ 'abc'|last }}{{ d|first }}{{ l|map('string')|first }}
{{ l|map('string')|last }}
{{ l|map('nosuch')|list }}
{{ 1|nosuch }}
{% if false %}{{ 1|nosuch }}{% endif %}x
{% if true %}{{ 1|nosuch }}{% endif %}x
{% include 'x' %}
{% if false %}{% include 'x' %}{% endif %}y
{% raw %}{{ x }}{% endraw %}{# comment #}{#- c -#}
{{- ' x ' -}}  y
{{ raise_exception('no') }}
{{ f(1) }}
{{ s() }}
{{ [1, 2, 3][1] }}{{ (1, 2)[0] }}{{ {'a': 1}['a'] }}{{ {'a': 1}.a }}{{ 'ab'.0 }}
{{ loop }}{{ x.y if x }}
{{ true and 0 or 'x' }}{{ not 1 == 2 }}{{ - 2 ** 2 }}{{ 2 * 3 + 4 ~ 5 }}{{ 1 + 2 ~ 3 }}{{ 'a' ~ 1 + 2 }}
{{ i is odd and f is float }}{{ 3 is divisibleby 3 }}{{ 4 is not odd }}{{ 1 is sameas true }}{{ none is none }}{{ '' is string }}
""".strip("\n").split("\n")
HANDWRITTEN += [
    "  {%- if true -%}  a  {%- endif -%}  b", "a\n  {% if true %}\n  b\n  {% endif %}\nc", "a {% if true %} b {% endif %} c\n", "{%+ if true %}a{% endif +%}\nb\n\n",
    "x\n  {%+ if true %}a{% endif %}", "{% for x in [1,2] -%}\n  {{ x }}\n{%- endfor %}\n", "a\r\nb\rc{{ 'd\r\ne' }}", "  {# c #}\n  {{ 1 }}\n  {#- c +#}\n x",
    "{% raw -%}\n {{ x }}\n {%- endraw %}\n y", "{{ 1\n+\n2 }}", "{% set x = [\n1,\n2,\n] %}{{ x }}", "{% if a %}\n", "{{ 'a }}", "{{ (1 }}", "{{ 1) }}", "{# a", "{% raw %}a", "{% nosuch %}", "{{ }}",
    "{% endif %}", "{% for x in l %}{% endif %}", "{{ a b }}", "{% set 1 = 2 %}", "{% for loop in l %}{% endfor %}", "{% break %}", "{{ 1 is }}", "{{ x is not }}", "{{ $ }}", "{{ 'a' is defined is defined }}",
    "{% macro m(a, a) %}{% endmacro %}", "{% macro m(a=1, b) %}{% endmacro %}", "{{ f(a=1, 2) }}", "{{ f(**d, a=1) }}", "{% block a %}{% endblock %}{% block a %}{% endblock %}", "{% call 1 %}{% endcall %}",
]
