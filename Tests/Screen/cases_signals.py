"""However the program is stopped or ended, the terminal is as it was before; and it goes on where it was."""
import signal

from cases import check_clean
from terminal import Keys

LENT = {"ICANON", "ECHO", "ISIG"}


def stopped(terminal):
    terminal.wait("the stop", terminal.is_stopped)


def the_editor_gives_the_terminal_back_when_it_is_stopped(home):
    with home.chat() as terminal:
        above = terminal.rows()[:-1]
        terminal.send("half a li")
        terminal.wait("the line", ">>> half a li")
        for stop in (lambda: terminal.send(Keys.control("Z")), lambda: terminal.signal(signal.SIGTSTP)):
            assert terminal.modes() == set()
            stop()
            stopped(terminal)
            terminal.pump()
            assert terminal.modes() == LENT and terminal.bytes.endswith(b"\x1b[?2004l"), terminal.modes()
            assert terminal.screen.cursor.x == 0, terminal.picture()
            terminal.go_on()
            terminal.wait("raw mode again",
                          lambda: terminal.modes() == set() and terminal.bytes.count(b"\x1b[?2004h") > 1)
            terminal.wait("the line again", lambda: terminal.rows()[-1] == ">>> half a li")
        terminal.send("ne", Keys.ENTER)
        terminal.wait("the answer", lambda: "That is all." in terminal.text() and terminal.rows()[-1] == ">>>")
        assert terminal.rows()[:len(above)] == above
        assert terminal.rows()[len(above):len(above) + 3] == [">>> half a li"] * 2 + [">>> half a line"]


def the_editor_goes_on_after_a_stop_it_could_not_see(home):
    with home.chat() as terminal:
        terminal.send("half a li")
        terminal.wait("the line", ">>> half a li")
        terminal.signal(signal.SIGSTOP)
        stopped(terminal)
        # As shells do: their own settings, and words of theirs.
        terminal.set_modes(LENT)
        terminal.go_on()
        terminal.wait("raw mode again", lambda: terminal.modes() == set())
        terminal.send("ne", Keys.ENTER)
        terminal.wait("the answer", lambda: "That is all." in terminal.text() and terminal.rows()[-1] == ">>>")
        assert ">>> half a line" in terminal.rows(), terminal.picture()


def an_answer_goes_on_after_a_short_stop(home):
    for stop in (lambda t: t.send(Keys.control("Z")), lambda t: t.signal(signal.SIGTSTP),
                 lambda t: t.signal(signal.SIGSTOP)):
        with home.run("endless", "go", "--num-ctx", 65536) as terminal:
            terminal.wait("words", "word40")
            stop(terminal)
            stopped(terminal)
            terminal.pump()
            told = stop.__code__.co_names[-1] != "SIGSTOP"
            assert terminal.modes() == LENT or not told, terminal.modes()
            seen = len(terminal.bytes)
            terminal.go_on()
            terminal.wait("more words", lambda: len(terminal.bytes) > seen + 3000)
            terminal.send(Keys.control("C"))
            terminal.end()
            assert terminal.modes() == LENT
            check_clean(terminal)


def every_signal_that_ends_it_leaves_the_terminal_as_it_was(home):
    for number in (signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        with home.chat() as terminal:
            terminal.send("half a line")
            terminal.wait("the line", ">>> half a line")
            terminal.signal(number)
            assert terminal.end() == 128 + number, terminal.picture()
            assert terminal.modes() == LENT
            assert terminal.bytes.count(b"\x1b[?2004h") == terminal.bytes.count(b"\x1b[?2004l")
            assert terminal.rows()[-1] == ">>> half a line" and terminal.screen.cursor.x == 0, terminal.picture()
    for number in (signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        with home.chat("endless", "--num-ctx", 65536) as terminal:
            terminal.send("go", Keys.ENTER)
            terminal.wait("words", "word40")
            terminal.signal(number)
            assert terminal.end() == 128 + number, terminal.picture()
            assert terminal.modes() == LENT and terminal.screen.cursor.x == 0, terminal.picture()


CASES = [
    the_editor_gives_the_terminal_back_when_it_is_stopped, the_editor_goes_on_after_a_stop_it_could_not_see,
    an_answer_goes_on_after_a_short_stop, every_signal_that_ends_it_leaves_the_terminal_as_it_was,
]
