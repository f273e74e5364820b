"""Output that cannot be written: one error, and a status that tells."""
from cases import BRIGADE
from terminal import Terminal


def output_that_is_full_or_closed_is_an_error(home):
    for arguments in (["--help"], ["models"], ["models", "--json"], ["inspect", home.model()], ["show", home.model()],
                      ["run", home.model(), "x", "--nodes", 1], ["tokenize", home.model(), "--file", "/proc/version"]):
        for output, words in (("/dev/full", "No space left on device"), ("closed", "it is closed")):
            with home.terminal(*arguments, output=output) as terminal:
                status = terminal.end()
                assert status == 74, f"{arguments} into {output}: {status}\n{terminal.picture()}"
                said = "".join(terminal.rows())
                assert said == f"error: standard output cannot be written to: {words}", terminal.picture()


def a_reader_who_has_gone_is_no_error(home):
    with home.shell('"$BRIGADE" inspect "$MODEL" | head -1 >/dev/null; echo "${PIPESTATUS[0]}"') as terminal:
        assert terminal.end() == 0 and terminal.rows() in (["0"], ["141"]), terminal.picture()


def without_standard_input_it_says_so(home):
    with Terminal([BRIGADE, "run", home.model()], environment=home.environment(), input="closed") as terminal:
        assert terminal.end() != 0 and "standard input" in terminal.text(), terminal.picture()


CASES = [output_that_is_full_or_closed_is_an_error, a_reader_who_has_gone_is_no_error,
         without_standard_input_it_says_so]
