"""How cases are marked: which need the imitation, and with what browser."""


def case(mock=False, speed=3, server=(), **browser):
    """`mock` cases are given the server as well, and are left out against a real one."""
    def mark(function):
        function.options = {"mock": mock, "speed": speed, "server": server, "browser": browser}
        return function
    return mark
