#!/usr/bin/env python3
"""Takes the README's picture of the page: an answer with code while it streams.

    take_picture.py [--base-url http://127.0.0.1:3000/] [--output Sources/Serving/Documentation/page.png]

Without --base-url it shows the imitation of mock_server.py.
"""
import argparse, base64, pathlib

from browser import Browser
from test_page import Mock

DEFAULT = pathlib.Path(__file__).resolve().parents[2] / "Sources/Serving/Documentation/page.png"
CODE = ".answer:last-child .code-block pre"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url")
    parser.add_argument("--output", type=pathlib.Path, default=DEFAULT)
    options = parser.parse_args()
    server = None if options.base_url else Mock()
    browser = Browser(options.base_url or server.base, 1200, 820)
    try:
        if server:
            for text in ("How does a bucket brigade work?", "Derive the quadratic formula step by step."):
                browser.ask(text)
                browser.new()
        browser.send("Think: how is a linked list reversed? Write a Swift function.")
        browser.wait("code", lambda: browser.text(CODE).count("\n") > 7 or not browser.live(), 600)
        picture = browser.driver.execute_cdp_cmd("Page.captureScreenshot",
                                                 {"format": "png", "optimizeForSpeed": False})["data"]
        options.output.write_bytes(base64.b64decode(picture))
        print(options.output, options.output.stat().st_size)
    finally:
        browser.close()
        if server:
            server.stop()


if __name__ == "__main__":
    main()
