"""What all client tests share: where the server is, and a runner that tells each check's result."""
import os, sys, time, traceback

URL = os.environ["BRIGADE_URL"]
MODEL = os.environ.get("BRIGADE_MODEL", "served")

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string", "maxLength": 30}},
                       "required": ["city"],
                       "additionalProperties": False},
    },
}


def run(*checks):
    """Runs every check; exits 1 if one failed."""
    failed = 0
    for check in checks:
        start = time.time()
        try:
            check()
            print(f"ok    {check.__name__} ({time.time() - start:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__}", flush=True)
            traceback.print_exc()
    sys.exit(1 if failed else 0)


def idle(seconds=2.0):
    """Waits until nothing runs any more; returns how long that took."""
    import httpx

    start = time.time()
    while time.time() - start < seconds:
        load = httpx.get(URL + "/api/cluster").json()
        if load["load"]["running"] == 0 and not load["requests"]:
            return time.time() - start
        time.sleep(0.02)
    raise AssertionError(f"still running after {seconds} s")
