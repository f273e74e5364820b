"""One-off answers: `brigade run MODEL PROMPT`, the first thing that everybody does."""
import signal

from cases import ANSWER, THINKING, WIDTHS, check_clean, same
from emulator import rendered
from terminal import Keys

TEXT = "".join(ANSWER)


def every_piece_of_an_answer_stays(home):
    for columns in WIDTHS:
        with home.run("answer", "Name fruits", columns=columns) as terminal:
            status = terminal.end()
            assert status == 0, terminal.picture()
            same(terminal.rows(), rendered(TEXT, columns))
            check_clean(terminal)


def an_answer_goes_on_over_the_bottom_of_the_window(home):
    with home.run("lines", "Count", rows=10, columns=60) as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), [f"line {i} of many" for i in range(120)])
        check_clean(terminal)


def thinking_is_dimmed_and_the_answer_is_not(home):
    with home.run("thinking", "Name fruits") as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), ["Thinking...", "Fruits, then.", "...done thinking.", "", "- Apple", "- Banana"])
        check_clean(terminal)
        assert b"\x1b[2mThinking...\x1b[0m" in terminal.bytes and b"\x1b[0m\n" not in terminal.bytes
        assert b"\x1b[2m- Apple" not in terminal.bytes
    with home.run("thinking", "Name fruits", "--hidethinking") as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), ["- Apple", "- Banana"])


def wide_characters_stand_where_they_belong(home):
    with home.run("wide", "x", columns=60) as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), rendered("水が流れる👍 fine\nend", 60))
        check_clean(terminal)


def what_it_took_is_said_below_the_answer(home):
    for columns in WIDTHS:
        with home.run("answer", "Name fruits", "--verbose", columns=columns) as terminal:
            assert terminal.end() == 0
            rows = terminal.rows()
            same(rows[:6], [*rendered(TEXT, columns), ""][:6])
            assert [row.split(":")[0] for row in rows if row and row[0].isalpha()][-3:] == ["load", "prompt", "answer"]
            assert all(len(row) <= columns for row in rows)
            check_clean(terminal)


def an_answer_into_a_pipe_is_whole_and_progress_does_not_stay(home):
    # What `cat` writes comes to the same terminal.
    with home.shell('"$BRIGADE" run "$MODEL" fruits --nodes 2 --threads 1 --temperature 0 | cat') as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), rendered(TEXT, 80))
        check_clean(terminal)


def an_answer_into_a_file_leaves_the_screen_empty(home):
    path = home.folder / "answer.txt"
    with home.run("answer", "fruits", output=str(path)) as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), [])
        assert path.read_text() == TEXT + "\n"
        check_clean(terminal)


def an_answer_that_is_stopped_leaves_what_there_was(home):
    with home.run("endless", "Go on", "--num-ctx", 65536) as terminal:
        terminal.wait("some words", "word40")
        terminal.signal(signal.SIGINT)
        terminal.end()
        assert terminal.text().replace("\n", "").startswith(" word0 word1 word2 word3"), terminal.picture()
        assert "^C" not in terminal.text()
        check_clean(terminal)


def a_key_that_is_pressed_meanwhile_is_not_written_into_the_answer(home):
    with home.run("endless", "Go on", "--num-ctx", 65536) as terminal:
        terminal.wait("some words", "word40")
        terminal.send("xyz", Keys.ENTER, "more")
        seen = len(terminal.bytes)
        terminal.wait("many more words", lambda: len(terminal.bytes) > seen + 5000)
        terminal.send(Keys.control("C"))
        terminal.end()
        assert "xyz" not in terminal.text() and "^C" not in terminal.text(), terminal.picture()
        assert terminal.modes() == {"ICANON", "ECHO", "ISIG"}


def a_text_that_would_command_the_terminal_is_shown(home):
    with home.run("hostile", "x") as terminal:
        assert terminal.end() == 0
        same(terminal.rows(), ["a␛[2Jb␇c�31md␍e", "end"])
        check_clean(terminal)
    path = home.folder / "hostile.txt"
    with home.run("hostile", "x", output=str(path)) as terminal:
        assert terminal.end() == 0
        assert path.read_bytes() == "a\x1b[2Jb\x07c\x9b31md\re\nend\n".encode()


CASES = [
    every_piece_of_an_answer_stays, an_answer_goes_on_over_the_bottom_of_the_window,
    thinking_is_dimmed_and_the_answer_is_not,
    wide_characters_stand_where_they_belong, what_it_took_is_said_below_the_answer,
    an_answer_into_a_pipe_is_whole_and_progress_does_not_stay, an_answer_into_a_file_leaves_the_screen_empty,
    an_answer_that_is_stopped_leaves_what_there_was, a_key_that_is_pressed_meanwhile_is_not_written_into_the_answer,
    a_text_that_would_command_the_terminal_is_shown,
]
