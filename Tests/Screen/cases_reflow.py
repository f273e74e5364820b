"""A window that becomes narrower in a terminal that breaks its lines anew: nothing is left behind, nothing eaten."""
from cases import BRIGADE, same
from multiplexer import Multiplexer


def chat(home):
    command = [BRIGADE, "run", home.model(), "--nodes", 2, "--threads", 1, "--temperature", 0]
    terminal = Multiplexer(command, columns=80, rows=40, environment=home.environment())
    terminal.wait("the prompt", lambda: terminal.rows()[-1] == ">>>")
    return terminal


def broken(text, columns):
    return [text[i:i + columns].rstrip() for i in range(0, len(text), columns)]


def the_line_follows_a_window_that_breaks_lines_anew(home):
    with chat(home) as terminal:
        # tmux lets as many rows leave at the top as lines are broken, though there is room below. Rows that have left are
        # beyond everybody's reach, so there is to be text above the line.
        for count in range(1, 6):
            terminal.send("a question")
            terminal.press("Enter")
            terminal.wait("the answer",
                          lambda: terminal.rows().count("That is all.") == count and terminal.rows()[-1] == ">>>")
        above = terminal.rows()[:-1]  # all of them short enough to stay as they are
        text = "".join(f"{i:03} " for i in range(50)).rstrip()
        terminal.send(text)
        for columns in (80, 60, 41, 100, 45, 80):
            terminal.resize(columns, 40)
            expected = above + broken(">>> " + text, columns)
            terminal.wait(f"the line in {columns} columns", lambda: terminal.rows() == expected)
        # The cursor is elsewhere in the line, and on its first row.
        for key, count in (("Left", 90), ("Home", 1)):
            for _ in range(count // 30 or 1):
                terminal.press(*[key] * min(count, 30))
            for columns in (50, 80):
                terminal.resize(columns, 40)
                expected = above + broken(">>> " + text, columns)
                terminal.wait(f"the line in {columns} columns", lambda: terminal.rows() == expected)
        terminal.press("Enter")
        terminal.wait("the answer", lambda: terminal.rows().count("That is all.") == 6 and terminal.rows()[-1] == ">>>")
        same(terminal.rows()[:len(expected)], expected)


CASES = [the_line_follows_a_window_that_breaks_lines_anew] if Multiplexer.is_possible else []
