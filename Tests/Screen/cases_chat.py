"""The chat: editing, several lines, thinking, Ctrl-C, and a window whose size changes."""
import signal

from cases import check_clean, same
from terminal import Keys


def prompt(terminal, text=""):
    """Waits until the last row is a prompt with this text."""
    terminal.wait(f"the prompt with {text!r}", lambda: last(terminal) == (">>> " + text).rstrip())


def last(terminal):
    rows = terminal.rows()
    return rows[-1] if rows else ""


def bare(rows):
    """The text without its spaces, some of which stand at the ends of rows and cannot be seen there."""
    return "".join(rows).replace(" ", "")


def lines_are_edited_where_the_cursor_is(home):
    with home.chat() as terminal:
        terminal.send("hallo wirld", Keys.LEFT * 3, Keys.BACKSPACE, "o", Keys.HOME, Keys.RIGHT, "\x1b[3~", "e")
        prompt(terminal, "hello world")
        assert terminal.screen.cursor.x == len(">>> he")
        terminal.send(Keys.END, Keys.control("W"))
        prompt(terminal, "hello")
        terminal.send(Keys.control("U"), "水水 x", Keys.LEFT * 2, Keys.BACKSPACE)
        prompt(terminal, "水 x")
        assert terminal.screen.cursor.x == len(">>> ") + 2
        terminal.send(Keys.control("C"))
        terminal.wait("an empty line", lambda: last(terminal) == ">>>")
        terminal.send(Keys.control("C"))
        terminal.wait("the hint", "Use Ctrl + d or /bye to exit.")
        terminal.send(Keys.control("D"))
        assert terminal.end() == 0
        assert terminal.modes() == {"ICANON", "ECHO", "ISIG"} and terminal.bytes.endswith(b"\x1b[?2004l")


def a_line_longer_than_the_window_goes_over_rows(home):
    with home.chat(columns=40) as terminal:
        above = terminal.rows()[:-1]
        text = "".join(f"{i:03} " for i in range(40))
        terminal.send(text)
        shown = ">>> " + text
        rows = [shown[i:i + 40].rstrip() for i in range(0, len(shown), 40)]
        terminal.wait("the whole line", lambda: terminal.rows() == above + rows)
        terminal.send(Keys.HOME, "first ", Keys.END, "last")
        shown = ">>> first " + text + "last"
        rows = [shown[i:i + 40].rstrip() for i in range(0, len(shown), 40)]
        terminal.wait("the line with more", lambda: terminal.rows() == above + rows)
        terminal.send(Keys.ENTER)
        terminal.wait("the answer below it", lambda: "That is all." in terminal.text() and last(terminal) == ">>>")
        same(terminal.rows()[:len(above) + len(rows)], above + rows)


def several_lines_and_answers_follow_each_other(home):
    with home.chat("thinking") as terminal:
        above = terminal.rows()[:-1]
        answer = ["Thinking...", "Fruits, then.", "...done thinking.", "", "- Apple", "- Banana", ""]
        terminal.send('"""one', Keys.ENTER, "two", Keys.ENTER, 'three"""', Keys.ENTER)
        expected = above + ['>>> """one', "... two", '... three"""', *answer]
        terminal.wait("the first answer", lambda: terminal.rows() == expected + [">>>"])
        terminal.send(Keys.paste("four\nfive"))
        expected += [">>> four", "... five"]
        terminal.wait("the pasted lines", lambda: terminal.rows() == expected)
        terminal.send(Keys.ENTER)
        expected += answer
        terminal.wait("the second answer", lambda: terminal.rows() == expected + [">>>"])
        terminal.send(Keys.UP)
        terminal.wait("the lines again", lambda: terminal.rows() == expected + [">>> four", "... five"])
        terminal.send(Keys.control("C"), "/bye", Keys.ENTER)
        assert terminal.end() == 0
        assert b"\x1b[2mThinking...\x1b[0m" in terminal.bytes and b"\x1b[2mFruits,\x1b[0m" in terminal.bytes
        check_clean(terminal, edited=(">>>", "..."))


def ctrl_c_stops_the_answer_and_the_chat_goes_on(home):
    with home.chat("endless", "--num-ctx", 65536) as terminal:
        for _ in range(2):
            seen = len(terminal.bytes)
            terminal.send("go", Keys.ENTER)
            terminal.wait("many words", lambda: len(terminal.bytes) > seen + 3000)
            terminal.send(Keys.control("C"))
            prompt(terminal)
        terminal.send("/bye", Keys.ENTER)
        assert terminal.end() == 0
        assert "^C" not in terminal.text()
        check_clean(terminal, edited=(">>>",))


def what_is_typed_during_an_answer_waits_for_the_prompt(home):
    with home.chat("endless", "--num-ctx", 65536) as terminal:
        terminal.send("go", Keys.ENTER)
        terminal.wait("many words", lambda: len(terminal.bytes) > 3000)
        terminal.send("and then?")
        seen = len(terminal.bytes)
        terminal.wait("more words", lambda: len(terminal.bytes) > seen + 3000)
        terminal.send(Keys.control("C"))
        prompt(terminal, "and then?")
        check_clean(terminal, edited=(">>>",))


def the_line_follows_the_window(home):
    with home.chat(columns=80) as terminal:
        terminal.send("first", Keys.ENTER)
        terminal.wait("an answer", lambda: "That is all." in terminal.text() and last(terminal) == ">>>")
        above = [row[:30] for row in terminal.rows()[:-1]]
        text = "".join(f"{i:03} " for i in range(50)).rstrip()
        terminal.send(text)
        shown = ">>> " + text

        def rows(columns):
            return [shown[i:i + columns].rstrip() for i in range(0, len(shown), columns)]

        terminal.wait("the line", lambda: terminal.rows()[len(above):] == rows(80))
        for columns in (60, 200, 33, 80, 50):
            terminal.resize(columns)
            terminal.wait(f"the line in {columns} columns", lambda: terminal.rows()[len(above):] == rows(columns))
            same([row[:30] for row in terminal.rows()[:len(above)]], above)
        terminal.send(Keys.ENTER)
        terminal.wait("the answer below it",
                      lambda: last(terminal) == ">>>" and terminal.text().count("That is all.") == 2)
        same([row[:30] for row in terminal.rows()[:len(above)]], above)
        same(terminal.rows()[len(above):len(above) + len(rows(50))], rows(50))


def one_column_is_enough_to_go_on(home):
    with home.chat(columns=40, rows=200) as terminal:
        above = len(terminal.rows()) - 1
        text = "a line that is longer than 水 all windows \t are wide"
        terminal.send(Keys.paste(text))
        terminal.wait("the line", lambda: last(terminal).endswith("wide"))
        terminal.resize(1)
        # The wide character and the tab become one column each.
        column = [c if c not in "水\t" else "\ufffd" if c == "水" else "" for c in ">>> " + text]
        terminal.wait("a column",
                      lambda: [row.strip() for row in terminal.rows()[above:]] == [c.strip() for c in column])
        terminal.send("!", Keys.BACKSPACE, Keys.LEFT, Keys.RIGHT)
        terminal.resize(40)
        shown = ">>> " + text.replace("\t", "    ")
        terminal.wait("the line again", lambda: bare(terminal.rows()[above:]) == bare([shown]))
        terminal.send(Keys.ENTER)
        terminal.wait("the answer", lambda: "That is all." in terminal.text() and last(terminal) == ">>>")


def a_window_may_change_while_an_answer_is_written(home):
    with home.chat("endless", "--num-ctx", 65536, rows=20) as terminal:
        terminal.send("go", Keys.ENTER)
        for columns, rows in ((40, 12), (120, 30), (17, 20), (80, 24)):
            seen = len(terminal.bytes)
            terminal.wait("more words", lambda: len(terminal.bytes) > seen + 2000)
            terminal.resize(columns, rows)
        terminal.send(Keys.control("C"))
        prompt(terminal)
        check_clean(terminal, edited=(">>>",))


def ctrl_l_leaves_the_line_alone_on_the_screen(home):
    with home.chat() as terminal:
        terminal.send("hello", Keys.control("L"))
        terminal.wait("nothing but the line", lambda: [r for r in terminal.rows() if r] == [">>> hello"])
        terminal.signal(signal.SIGTERM)
        assert terminal.end() == 128 + signal.SIGTERM


CASES = [
    lines_are_edited_where_the_cursor_is, a_line_longer_than_the_window_goes_over_rows,
    several_lines_and_answers_follow_each_other, ctrl_c_stops_the_answer_and_the_chat_goes_on,
    what_is_typed_during_an_answer_waits_for_the_prompt, the_line_follows_the_window, one_column_is_enough_to_go_on,
    a_window_may_change_while_an_answer_is_written, ctrl_l_leaves_the_line_alone_on_the_screen,
]
