#!/usr/bin/env python3
"""Checks that `brigade template` prints what jinja2 writes: templates.py BRIGADE EXPECTED.jsonl FOLDER_OF_JINJA

A line of the file has a template, messages, tools, variables, and `text` or `error`; its clock stands at 2026-07-26 12:00.
Prints what differs, and exits with 1 if anything does.
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile


def main(brigade, expected, folder):
    rows = [json.loads(line) for line in open(expected, encoding="utf8")]
    wrong = collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows:
            command = [brigade, "template", "--file", f"{folder}/{row['template']}", "--now", "2026-07-26T12:00:00"]
            for name in ("messages", "tools"):
                if row[name] is not None:
                    path = pathlib.Path(scratch, name + ".json")
                    path.write_text(json.dumps(row[name], ensure_ascii=False), encoding="utf8")
                    command += ["--" + name, str(path)]
            for name, value in row["variables"].items():
                if name == "add_generation_prompt" and value is False:
                    command.append("--no-generation-prompt")
                else:
                    command += ["--set", f"{name}={json.dumps(value)}"]
            done = subprocess.run(command, capture_output=True, timeout=60)
            if row.get("error"):
                right = done.returncode == 1 and done.stderr
            else:
                right = done.returncode == 0 and done.stdout == row["text"].encode()
            if not right:
                wrong[row["template"]] += 1
                print(f"{row['template']}, {row['case']}: status {done.returncode} {done.stderr.decode()[:200]}")
    print(f"{len(rows)} lines, {wrong.total()} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
