#!/usr/bin/env python3
"""Drives the page in a headless Chromium (Debian's chromium and chromium-driver, selenium from PyPI).

    test_page.py [--base-url http://127.0.0.1:3000/] [--only WORD] [--list]

Without --base-url it runs against mock_server.py, started anew for each test that needs a state of its own. Against a
real server the tests that need the imitation's tricks are left out.
"""
import argparse, contextlib, pathlib, subprocess, sys, time, traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases_chat, cases_safety, cases_views
from browser import Browser

HERE = pathlib.Path(__file__).resolve().parent


class Mock:
    """The imitation in a process of its own, which can be stopped and started again on the same port."""

    def __init__(self, *arguments, port=0):
        self.arguments = arguments
        self.start(port)

    def start(self, port):
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "mock_server.py"), "--port", str(port), *self.arguments],
            stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()
        self.port = int(self.base.rstrip("/").rsplit(":", 1)[1])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def restart(self):
        self.start(self.port)


def run(case, base):
    options = getattr(case, "options", {})
    server = None if base else Mock("--speed", str(options.get("speed", 3)), *options.get("server", ()))
    browser = None
    try:
        browser = Browser(base or server.base, **options.get("browser", {}))
        case(browser, server) if options.get("mock") else case(browser)
        watched = browser.watched()
        assert watched["violations"] == [], f"policy violations: {watched['violations']}"
        assert watched["errors"] == [], f"script errors: {watched['errors']}"
        assert watched["dialogs"] == 0, "a dialog of the browser was opened"
    except Exception:
        with contextlib.suppress(Exception):
            browser.driver.save_screenshot(f"/tmp/page-{case.__name__}.png")
        raise
    finally:
        if browser:
            with contextlib.suppress(Exception):
                browser.close()
        if server:
            server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    base = options.base_url.rstrip("/") + "/" if options.base_url else None
    cases = [case for module in (cases_chat, cases_views, cases_safety)
             for case in module.CASES if options.only in case.__name__]
    if base:
        cases = [case for case in cases if not getattr(case, "options", {}).get("mock")]
    if options.list:
        print("\n".join(case.__name__ for case in cases))
        return 0
    failed = 0
    for case in cases:
        begun = time.monotonic()
        try:
            run(case, base)
            print(f"passed  {case.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {case.__name__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
