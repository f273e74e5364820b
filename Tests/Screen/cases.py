"""What the cases share: the program, models that say what they are told, and a home of their own."""
import os, pathlib, re, shutil, tempfile

import script_model
from terminal import Terminal

BRIGADE = os.environ.get("BRIGADE_EXECUTABLE", "brigade")
WIDTHS = (60, 80, 200)
# What a person may see drawn and gone again.
PROGRESS = re.compile(r"(connecting|loading|measuring|prefill|weights to|pulling|verifying|reading) |\d+%")

ANSWER = ["- Apple\n", "- Banana", ", yellow and ripe\n", "- Cherry", "\n\nThat", " is", " all."]
THINKING = ["<think>", "\nFruits,", " then.", "</think>", "\n\n", "- Apple\n", "- Banana"]


class Home:
    """A folder with everything that the program keeps, and models by name."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="brigade-screen-"))
        self.models = {}
        (self.folder / "runtime").mkdir(mode=0o700)

    def environment(self):
        at = {"XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "runtime",
              "OLLAMA_MODELS": "ollama",
              "BRIGADE_MODELS": "models", "HOME": "."}
        return {key: str(self.folder / place) for key, place in at.items()}

    def model(self, kind="answer"):
        """The model of that kind, written on first use."""
        if kind not in self.models:
            words = [f" word{i}" for i in range(400)]
            pieces, settings = {
                "answer": (ANSWER, {}), "thinking": (THINKING, {}), "endless": (words, {"repeats": True}),
                "lines": ([f"line {i} of many\n" for i in range(120)], {}),
                "hostile": (["a\x1b[2J", "b\x07c\x9b31m", "d\r", "e\n", "end"],
                            {"name": "evil\x1b[31m\x1b]0;title\x07 name"}),
                "wide": (["水が流れる", "👍 fine\n", "end"], {}), "heavy": (ANSWER, {"layers": 8, "padding": 96 << 20}),
            }[kind]
            self.models[kind] = script_model.write(self.folder / f"{kind}.gguf", pieces, **settings)
        return self.models[kind]

    def terminal(self, *arguments, **options):
        options["environment"] = {**self.environment(), **options.get("environment", {})}
        return Terminal([BRIGADE, *arguments], **options)

    def run(self, kind="answer", *arguments, nodes=2, **options):
        """`brigade run` with a model and local workers."""
        return self.terminal("run", self.model(kind), *arguments, "--nodes", nodes, "--threads", 1, "--temperature", 0,
                             **options)

    def shell(self, script, kind="answer", **options):
        """A line of a shell, in which $BRIGADE is the program and $MODEL a model."""
        environment = {**self.environment(), "BRIGADE": BRIGADE, "MODEL": self.model(kind),
                       **options.pop("environment", {})}
        return Terminal(["/bin/bash", "-c", script], environment=environment, **options)

    def chat(self, kind="answer", *arguments, **options):
        terminal = self.run(kind, *arguments, **options)
        terminal.wait("the chat's prompt", lambda: terminal.rows() and terminal.rows()[-1] == ">>>")
        return terminal

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def check_clean(terminal, edited=()):
    """Nothing was written over anything, and of all that was taken away nothing was meant to stay.

    `edited`: beginnings of lines besides progress that were drawn to be drawn anew."""
    assert not terminal.screen.overdrawn, f"written over: {terminal.screen.overdrawn}\n{terminal.picture()}"
    for text in terminal.screen.erased:
        words = text.strip()
        assert PROGRESS.match(words) or any(words.startswith(word) for word in edited), (
            f"it erased {text!r}\n{terminal.picture()}")


def check_whole(terminal):
    """No line was broken by the terminal."""
    assert not terminal.screen.wrapped, f"broken: {terminal.screen.wrapped}\n{terminal.picture()}"


def same(found, expected):
    assert found == expected, "\n".join(["found:", *found, "expected:", *expected])
