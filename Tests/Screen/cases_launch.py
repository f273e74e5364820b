"""README's first command, as a person gives it."""
import os, pathlib, signal

from cases import ANSWER, BRIGADE, check_clean, same
from emulator import rendered
from terminal import Keys, Terminal

LAUNCH = pathlib.Path(__file__).resolve().parents[2] / "Deploy/launch.sh"
DEMO = os.environ.get("BRIGADE_MODEL_0_5B", "")


def launch(home, *arguments, **options):
    environment = {**home.environment(), "BRIGADE_EXECUTABLE": BRIGADE}
    return Terminal(["/bin/bash", LAUNCH, *arguments], environment=environment, **options)


def launch_sh_answers(home):
    for columns in (60, 80):
        ask = ("Name fruits", "--model", home.model(), "--", "--threads", 1, "--temperature", 0)
        with launch(home, *ask, columns=columns) as terminal:
            assert terminal.end() == 0, terminal.picture()
            expected = rendered("".join(ANSWER), columns)
            same(terminal.rows()[:len(expected)], expected)
            assert "answer:" in terminal.text()
            check_clean(terminal)


def launch_sh_opens_a_chat(home):
    with launch(home, "--model", home.model(), "--", "--threads", 1) as terminal:
        terminal.wait("the prompt", lambda: terminal.rows() and terminal.rows()[-1] == ">>>")
        terminal.send("Name fruits", Keys.ENTER)
        terminal.wait("the answer", lambda: "answer:" in terminal.text() and terminal.rows()[-1] == ">>>")
        terminal.send(Keys.control("D"))
        assert terminal.end() == 0
        same([row for row in terminal.rows() if row in "".join(ANSWER).split("\n") and row],
             [row for row in "".join(ANSWER).split("\n") if row])


def the_demo_model_answers_as_into_a_pipe(home):
    if not os.path.exists(DEMO):
        return
    ask = ("Write a Swift function that reverses a linked list.", "--model", DEMO, "--nodes", 3)
    settings = ("--", "--seed", 1, "--num-predict", 40)
    path = home.folder / "demo.txt"
    with launch(home, *ask, *settings, output=str(path)) as terminal:
        assert terminal.end() == 0, terminal.picture()
    with launch(home, *ask, *settings) as terminal:
        assert terminal.end() == 0, terminal.picture()
        expected = rendered(path.read_text(), 80)
        same(terminal.rows()[:len(expected)], expected)
        check_clean(terminal)


CASES = [launch_sh_answers, launch_sh_opens_a_chat, the_demo_model_answers_as_into_a_pipe]
