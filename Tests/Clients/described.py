"""schemathesis asks whatever /openapi.json says can be asked: nothing may be answered with a server's error, nothing
may hang."""
import os, subprocess, sys

from checks import URL, run


def described():
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    result = subprocess.run(
        [program, "run", URL + "/openapi.json", "--checks", "not_a_server_error", "--exclude-path",
         "/api/cluster/events",
         "--max-examples", os.environ.get("BRIGADE_EXAMPLES", "25"), "--request-timeout", "60", "--seed", "1",
         "--phases", "examples,fuzzing", "--workers", "4"],
        capture_output=True, text=True, cwd=os.environ.get("TMPDIR", "/tmp"))
    print("\n".join("      " + line for line in result.stdout.splitlines()[-14:]))
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]


run(described)
