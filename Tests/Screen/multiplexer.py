"""The same as `Terminal`, for what tmux shows: a terminal that breaks lines anew when its window becomes narrower."""
import os, shlex, shutil, subprocess, time

from terminal import PATIENCE


class Multiplexer:
    """A command in a tmux of its own, without anybody's settings. To be used in a `with`."""

    is_possible = shutil.which("tmux") is not None

    def __init__(self, command, columns=80, rows=24, environment=None):
        self.socket = f"brigade-screen-{os.getpid()}-{time.monotonic_ns()}"
        # What is left of it when the command has ended can still be looked at.
        line = "exec " + " ".join(shlex.quote(str(word)) for word in command)
        self.call("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", "-c", line,
                  ";", "set-option", "-g", "remain-on-exit", "on", environment={**os.environ, **(environment or {})})

    def call(self, *arguments, environment=None):
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=True, capture_output=True, text=True,
                              env=environment).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True)

    def send(self, text):
        self.call("send-keys", "-l", text)

    def press(self, *keys):
        self.call("send-keys", *keys)

    def resize(self, columns, rows):
        self.call("resize-window", "-x", str(columns), "-y", str(rows))

    def rows(self):
        """Everything that was shown and not wiped, without empty rows at the end."""
        return self.call("capture-pane", "-p", "-S", "-").rstrip("\n").split("\n")

    def wait(self, what, condition, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "\n".join([f"waited {seconds} s for {what}:", *self.rows()])
            time.sleep(0.05)
