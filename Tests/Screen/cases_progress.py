"""Progress: drawn while it lasts, gone when it is over, whatever is written or done to the window meanwhile."""
import contextlib, os, pathlib, re, signal

from cases import ANSWER, check_clean, same
from emulator import rendered
from registry import Registry
from terminal import Keys

TEXT = "".join(ANSWER)


def erased(terminal, label):
    return [row for row in terminal.screen.erased if row.startswith(label)]


def loading_and_a_long_prompt_are_shown_and_gone(home):
    for columns in (30, 80):
        with home.run("heavy", "word " * 150, "--num-ctx", 32768, columns=columns) as terminal:
            assert terminal.end() == 0
            for label in ("connecting", "loading", "prefill"):
                assert erased(terminal, label), f"no {label}: {terminal.screen.erased}"
            same(terminal.rows(), rendered(TEXT, columns))
            check_clean(terminal)


def answers_of_a_chat_follow_long_prompts(home):
    with home.chat("heavy", "--num-ctx", 32768) as terminal:
        above = terminal.rows()[:-1]
        for _ in range(2):
            terminal.send(Keys.paste("word " * 150), Keys.ENTER)
            seen = len(erased(terminal, "prefill"))
            terminal.wait("the answer",
                          lambda: terminal.rows()[-1] == ">>>" and len(erased(terminal, "prefill")) > seen)
        rows = terminal.rows()
        same(rows[:len(above)], above)
        same([row for row in rows if row in TEXT.split("\n") and row], [row for row in TEXT.split("\n") if row] * 2)


@contextlib.contextmanager
def workers(home, *arguments):
    """Two workers that have no model, and nothing in their caches."""
    with contextlib.ExitStack() as stack:
        addresses = []
        for number in range(2):
            worker = stack.enter_context(home.terminal(
                "worker", "--listen", "tcp://127.0.0.1:%d" % free_port(), "--threads", 1, "--memory", "1GiB",
                "--cache", str(home.folder / f"slices-{number}-{os.urandom(4).hex()}"), *arguments, columns=200))
            worker.wait("the worker", "listens at")
            addresses.append(re.search(r"listens at (\S+)", worker.text())[1])
        yield addresses


def free_port():
    """One whose next is free as well: a worker takes both."""
    import socket
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue


def weights_that_are_sent_are_shown_for_each_worker(home):
    with workers(home) as addresses:
        ask = ("run", home.model("heavy"), "x", "--workers", ",".join(addresses), "--temperature", 0)
        with home.terminal(*ask) as terminal:
            assert terminal.end() == 0, terminal.picture()
            for address in addresses:
                name = address.removeprefix("tcp://")
                assert erased(terminal, f"weights to {name}"), f"no {name}: {terminal.screen.erased}"
            same(terminal.rows(), rendered(TEXT, 80))
            check_clean(terminal)


def lines_of_the_log_stand_above_progress(home):
    for columns in (80, 200):
        with home.run("heavy", "word " * 150, "--num-ctx", 32768, "--log-level", "trace", columns=columns) as terminal:
            assert terminal.end() == 0
            assert not terminal.screen.overdrawn, f"{terminal.screen.overdrawn}\n{terminal.picture()}"
            text = "\n".join(terminal.rows())
            logged = [row for row in terminal.rows() if re.match(r"\d{4}-\d\d-\d\dT", row)]
            assert len(logged) >= 2, terminal.picture()
            assert not re.search(r"\S +\d{4}-\d\d-\d\dT\d\d:", text), f"two in one line\n{terminal.picture()}"
            assert "[###" not in text and "] " + " 0%" not in text, terminal.picture()


@contextlib.contextmanager
def pull(home, **options):
    """A pull of a model and the registry that it comes from, of which each wait lets a little more out."""
    registry, weights = Registry(pathlib.Path(home.model()).read_bytes()), home.folder / f"pulled-{os.urandom(4).hex()}"
    try:
        with home.terminal("pull", "tiny", "--registry", registry.url, environment={"BRIGADE_MODELS": str(weights)},
                           **options) as terminal:
            yield terminal, registry
    finally:
        registry.stop()


def advance(terminal, registry, percent):
    """Until so much is shown."""
    def shown():
        registry.allow(min(registry.share + 0.01, percent / 100 + 0.05))
        return any(int(n) >= percent for n in re.findall(r"(\d+)%", terminal.text()))
    terminal.wait(f"{percent}%", shown)


def a_pull_is_shown_and_leaves_its_last_word(home):
    with pull(home) as (terminal, registry):
        advance(terminal, registry, 20)
        for percent, columns, rows in ((30, 41, 24), (40, 15, 24), (50, 120, 24), (60, 60, 24)):
            terminal.resize(columns, rows)
            advance(terminal, registry, percent)
        terminal.resize(1, 5)
        seen = len(terminal.bytes)
        terminal.wait("a column of it", lambda: registry.allow(registry.share + 0.01) or len(terminal.bytes) > seen)
        terminal.resize(80, 24)
        registry.allow(1)
        assert terminal.end() == 0, terminal.picture()
        size = pathlib.Path(home.model()).stat().st_size
        same(terminal.rows(), [f"tiny:latest is here: {size / 1e6:.1f} MB"])
        check_clean(terminal, edited=("p", "v"))  # what one column shows of it


def a_pull_that_is_stopped_says_how_to_go_on(home):
    for stop in (lambda t: t.send(Keys.control("C")), lambda t: t.signal(signal.SIGTERM)):
        with pull(home) as (terminal, registry):
            advance(terminal, registry, 5)
            terminal.send("typed", Keys.ENTER)
            stop(terminal)
            assert terminal.end() in (130, 143), terminal.picture()
            assert "typed" not in terminal.text() and "%" not in terminal.text(), terminal.picture()
            assert terminal.modes() == {"ICANON", "ECHO", "ISIG"}
            check_clean(terminal)


def progress_does_not_eat_what_a_shell_said_during_a_stop(home):
    with pull(home) as (terminal, registry):
        advance(terminal, registry, 5)
        terminal.send(Keys.control("Z"))
        terminal.wait("the stop", terminal.is_stopped)
        terminal.pump()
        same(terminal.rows(), [])
        terminal.stream.feed(b"[1]+  Stopped\r\n$ fg\r\n")
        terminal.go_on()
        advance(terminal, registry, 10)
        registry.allow(1)
        assert terminal.end() == 0, terminal.picture()
        same(terminal.rows()[:2], ["[1]+  Stopped", "$ fg"])
        assert terminal.rows()[2].startswith("tiny:latest is here"), terminal.picture()
        assert len(terminal.rows()) == 3, terminal.picture()


CASES = [
    loading_and_a_long_prompt_are_shown_and_gone, answers_of_a_chat_follow_long_prompts,
    weights_that_are_sent_are_shown_for_each_worker, lines_of_the_log_stand_above_progress,
    a_pull_is_shown_and_leaves_its_last_word, a_pull_that_is_stopped_says_how_to_go_on,
    progress_does_not_eat_what_a_shell_said_during_a_stop,
]
