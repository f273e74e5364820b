#!/usr/bin/env python3
"""Runs the program at a terminal that is emulated, and looks at what a person would see there.

    test_screen.py [--only WORD] [--list]

BRIGADE_EXECUTABLE names the program. Packages: requirements.txt; run.sh installs them.
"""
import argparse, importlib, pathlib, sys, time, traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cases import Home

MODULES = ["answers", "chat", "reflow", "progress", "tables", "signals", "output", "launch"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    cases = [case for module in MODULES
             for case in importlib.import_module("cases_" + module).CASES if options.only in case.__name__]
    if options.list:
        print("\n".join(case.__name__ for case in cases))
        return 0
    home, failed, begun = Home(), 0, time.monotonic()
    try:
        for case in cases:
            start = time.monotonic()
            try:
                case(home)
                print(f"passed  {case.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED  {case.__name__}\n{traceback.format_exc()}", flush=True)
    finally:
        home.remove()
    print(f"{len(cases) - failed} of {len(cases)} passed in {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
