"""Runs a command at a terminal of a given size, and shows what a person would see."""
import contextlib, fcntl, os, pathlib, pty, re, select, signal, struct, sys, termios, time

import pyte

from emulator import Emulator

HERE = pathlib.Path(__file__).resolve().parent
# Nothing that works takes as long; only a test that fails does.
PATIENCE = float(os.environ.get("SCREEN_PATIENCE", "180"))


def set_size(descriptor, columns, rows):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Keys:
    ENTER, TAB, ESCAPE, BACKSPACE = "\r", "\t", "\x1b", "\x7f"
    UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
    HOME, END = "\x1b[H", "\x1b[F"

    @staticmethod
    def control(letter):
        return chr(ord(letter.upper()) - 64)

    @staticmethod
    def paste(text):
        return "\x1b[200~" + text + "\x1b[201~"


class Terminal:
    """A command in a pseudo-terminal. To be used in a `with`: whatever is left of it is ended there.

    `output`, `errors` and `input` name files instead of the terminal."""

    def __init__(self, command, columns=80, rows=24, environment=None, input=None, output=None, errors=None):
        self.screen = Emulator(columns, rows)
        self.screen.write_process_input = lambda data: os.write(self.master, data.encode())
        self.stream, self.bytes, self.status = pyte.ByteStream(self.screen), b"", None
        told, telling = os.pipe()
        os.set_inheritable(telling, True)
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            set_size(2, columns, rows)
            for number, path, flags in ((0, input, os.O_RDONLY), (1, output, os.O_WRONLY), (2, errors, os.O_WRONLY)):
                if path == "closed":
                    os.close(number)
                elif path:
                    os.dup2(os.open(path, flags | os.O_CREAT, 0o600), number)
            os.environ.pop("NO_COLOR", None)
            os.environ.update({"TERM": "xterm-256color", **(environment or {})})
            os.execv(sys.executable, [sys.executable, str(HERE / "leader.py"), str(telling), *map(str, command)])
        os.close(telling)
        self.process = int(os.read(told, 20))
        os.close(told)
        os.set_blocking(self.master, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The command's whole group first: it may be stopped, and its workers end with it.
        if self.status is None:
            for number in (signal.SIGCONT, signal.SIGKILL):
                for process in (self.process, self.leader):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, number)
            os.waitpid(self.leader, 0)
        os.close(self.master)

    # What is done to it

    def send(self, *keys):
        for each in keys:
            os.write(self.master, each.encode())

    def resize(self, columns, rows=None):
        """The window changes first and the program hears of it afterwards, as in life."""
        self.pump(0)
        rows = rows or self.screen.lines
        self.screen.resize(rows, columns)
        set_size(self.master, columns, rows)

    def signal(self, number):
        os.kill(self.process, number)

    def is_stopped(self):
        return re.search(r"^State:\s*(\w)", pathlib.Path(f"/proc/{self.process}/status").read_text(), re.M)[1] == "T"

    def go_on(self):
        """What `fg` does."""
        os.kill(self.leader, signal.SIGUSR1)

    def modes(self):
        """The terminal's settings that an editor changes, by name."""
        local = termios.tcgetattr(self.master)[3]
        return {name for name in ("ICANON", "ECHO", "ISIG") if local & getattr(termios, name)}

    def set_modes(self, names):
        settings = termios.tcgetattr(self.master)
        for name in ("ICANON", "ECHO", "ISIG"):
            bit = getattr(termios, name)
            settings[3] = settings[3] | bit if name in names else settings[3] & ~bit
        termios.tcsetattr(self.master, termios.TCSANOW, settings)

    # What is seen of it

    def pump(self, seconds=0.05):
        """Takes what has come, waiting so long for the first of it; False at the end."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            if not data:
                return False
            self.bytes += data
            self.stream.feed(data)
            seconds = 0
        return True

    def rows(self):
        return self.screen.rows()

    def text(self):
        return "\n".join(self.rows())

    def wait(self, what, condition, seconds=PATIENCE):
        """Until the condition, a function or words that are to be on the screen, holds."""
        holds = condition if callable(condition) else lambda: condition in self.text()
        deadline = time.monotonic() + seconds
        while not holds():
            is_open = self.pump()
            if holds():
                break
            assert is_open, f"it ended while {what} was waited for:\n{self.picture()}"
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}:\n{self.picture()}"
        return True

    def end(self, seconds=PATIENCE):
        """Waits for the command's end; its status, or 128 and the signal's number."""
        deadline = time.monotonic() + seconds
        while self.pump():
            assert time.monotonic() < deadline, f"waited {seconds} s for the end:\n{self.picture()}"
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.leader, 0)[1])
        return self.status

    def picture(self):
        frame, rows = "-" * self.screen.columns, self.rows()
        return "\n".join([frame, *(["..."] if len(rows) > 60 else []), *rows[-60:], frame])
