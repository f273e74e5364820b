"""What a shell does for a command at a terminal, without touching the terminal's settings: leader.py PIPE COMMAND...

The command is the foreground group. When it is stopped this process takes the foreground; at SIGUSR1 it gives it back
and lets the command go on. Writes the command's process id to the pipe of that number, and ends as the command ends.
"""
import os, signal, sys


def main():
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(2, os.getpid())
        for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.close(int(sys.argv[1]))
        os.execvp(sys.argv[2], sys.argv[2:])
    os.write(int(sys.argv[1]), b"%d" % child)
    os.close(int(sys.argv[1]))

    def go_on(*_):
        os.tcsetpgrp(2, child)
        os.killpg(child, signal.SIGCONT)

    signal.signal(signal.SIGUSR1, go_on)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.tcsetpgrp(2, os.getpgrp())
    os.tcsetpgrp(2, os.getpgrp())
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
