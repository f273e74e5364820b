#!/usr/bin/env python3
"""What jinja2 writes, for the tests: make_fixtures.py [CASES_PER_KIND]   (needs jinja2 3.1.6)

Renders every template of Templates/ over Conversations.json into Expected/, and the cases of language_cases.py into Language.jsonl, with
jinja2 set up as Hugging Face's `apply_chat_template` sets it up, plus `do`. `null` stands for a template that ends in an exception. The
clock stands at 2026-07-26 12:00.
"""
import copy, datetime, json, pathlib, re, signal, sys, warnings
import jinja2, jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from language_cases import HANDWRITTEN, VARIABLES, Generator

HERE = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")  # Python's, about constants that cannot be subscripted


class Generation(jinja2.ext.Extension):
    """`generation` marks what a model wrote, for training, and writes what is inside."""
    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def environment():
    e = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols, jinja2.ext.do, Generation])
    e.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
        x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    e.globals["strftime_now"] = lambda f: datetime.datetime(2026, 7, 26, 12).strftime(f)

    def refuse(message):
        raise jinja2.TemplateError(message)
    e.globals["raise_exception"] = refuse
    return e


class TooLong(BaseException):
    """A random template that Python would take too long for."""


def stop(*_):
    raise TooLong()


def render(e, source, variables):
    """The text of a source or template, or None where jinja2 ends in an exception, and that exception."""
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 10)
    try:
        template = e.from_string(source) if isinstance(source, str) else source
        return template.render(**copy.deepcopy(variables)), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


# What an address of Python's stands in, and where a defect or a habit of Python's shows that nobody relies on: jinja2 finds no variable
# in the filters of a `set` block that stands nowhere else, and takes constants that cannot be sliced or hashed at the wrong time.
ODD_TEXT = re.compile(r"at 0x[0-9a-f]+|<(generator|built-in|bound|function|class|jinja2|\w*iterator)|Cycler|Joiner|TemplateReference|BlockReference|\dj\)")
ODD_ERROR = re.compile(r"AssertionError|unhashable")
ODD_SOURCE = re.compile(r"^\{\{ \((?:-?[\d.'_exa]+|\(\)|\[\]|\{\}|true|false|none|True|None)\)\[.*:|__class__|reverse\|string")


def cases(e, kind, count, seed):
    """Cases of a kind, at most one in four of them one that ends in an exception."""
    generator, texts, errors = Generator(seed), 0, 0
    while texts + errors < count:
        source = generator.template(kind)
        try:
            text, error = render(e, source, VARIABLES)
        except TooLong:
            continue
        if ODD_SOURCE.search(source) or ODD_ERROR.search(error) or (text is not None and (ODD_TEXT.search(text) or len(text) > 4000)):
            continue
        if text is None and errors * 3 > texts:
            continue
        texts, errors = texts + (text is not None), errors + (text is None)
        yield {"source": source, "text": text}


def main(count=600):
    e = environment()
    conversations = json.loads((HERE / "Conversations.json").read_text(encoding="utf-8"))
    for path in sorted((HERE / "Templates").glob("*.jinja")):
        with open(path, encoding="utf-8", newline="") as f:
            template = e.from_string(f.read())
        expected = {}
        for c in conversations:
            variables = {"bos_token": "<BOS>", "eos_token": "<EOS>", "add_generation_prompt": True, **c["variables"]}
            expected[c["case"]] = render(e, template, {"messages": c["messages"], "tools": c["tools"], **variables})[0]
        (HERE / "Expected" / (path.stem + ".json")).write_text(json.dumps(expected, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    with open(HERE / "Language.jsonl", "w", encoding="utf-8") as f:
        rows = [{"variables": VARIABLES}] + [{"source": s, "text": render(e, s, VARIABLES)[0]} for s in HANDWRITTEN]
        for kind, share, seed in (("expression", 1, 1), ("format", .5, 2), ("statements", 1, 3)):
            rows += cases(e, kind, int(count * share), seed)
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(rows) - 1} cases of the language, {sum(r.get('text', '') is None for r in rows)} of them end in an exception")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
