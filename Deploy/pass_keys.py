#!/usr/bin/env python3
"""Hides three pass keys at 10%, 50% and 90% of one long text and asks a model for them in one prompt.

  Deploy/pass_keys.py MODEL.gguf [--tokens 36000] [--brigade PROGRAM] [-- options of brigade run]

Without options behind -- positions are stretched by YaRN, factor 4 over 32768. Prints the answer and how fast the
prompt was read, for each 4096 tokens of it; exit status 0 when all three keys are in the answer. Needs python3, nothing
else.
"""
import argparse, os, pathlib, pty, random, re, subprocess, sys, threading, time

PLACES = {"red": 0.1, "green": 0.5, "blue": 0.9}
WHO = ["The miller", "A sailor", "The old teacher", "My neighbour", "The gardener", "A young clerk", "The baker",
       "Our guide"]
DID = ["walked along the river", "mended a fence", "counted the boats", "wrote a letter", "read the newspaper",
       "waited for rain",
       "sold a basket of apples", "looked for a lost dog", "talked about the harvest", "painted the door"]
WHEN = ["before noon", "in the evening", "on a cold morning", "while the bells rang", "after the storm",
        "as every year"]


def text(lines, keys):
    draw = random.Random(7)
    out = [f"{draw.choice(WHO)} {draw.choice(DID)} {draw.choice(WHEN)}." for _ in range(lines)]
    for name, place in PLACES.items():
        out[int(lines * place)] += f" Remember this: the {name} pass key is {keys[name]}."
    return ("Somewhere in the following text three pass keys are hidden: a red, a green and a blue one.\n\n"
            + " ".join(out)
            + "\n\nWhat are the red, the green and the blue pass key? Answer with the three numbers.")


def count(program, model, words):
    ids = subprocess.run([program, "tokenize", model, "--file", "-", "--json"], input=words.encode(),
                         capture_output=True, check=True)
    return ids.stdout.count(b",") + 1


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model")
    ap.add_argument("--tokens", type=int, default=36000)
    here = pathlib.Path(__file__).resolve().parent.parent
    ap.add_argument("--brigade", default=str(here / ".build/release/brigade"))
    ap.add_argument("options", nargs="*")
    a = ap.parse_args()
    options = a.options or ["--rope-scaling", "yarn", "--rope-factor", "4", "--rope-original", "32768"]
    keys = {name: random.Random(name).randint(10000, 99999) for name in PLACES}
    per_line = count(a.brigade, a.model, text(400, keys)) / 400
    prompt = text(int(a.tokens / per_line), keys)
    tokens = count(a.brigade, a.model, prompt)
    command = [a.brigade, "run", a.model, "--num-ctx", str(tokens + 512), "--temperature", "0", "--num-predict", "100",
               "--repeat-penalty", "1", "--verbose", *options]
    # The progress line appears only on a terminal, so the program gets one for its errors.
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs,
                               env=dict(os.environ, TERM="xterm"))
    os.close(theirs)
    marks, said = [], []

    def listen():
        while True:
            try:
                piece = os.read(ours, 4096).decode(errors="replace")
            except OSError:
                return
            said.append(piece)
            for percent in re.findall(r"prefill.*?(\d+)%", piece):
                marks.append((tokens * int(percent) / 100, time.monotonic()))

    listener = threading.Thread(target=listen)
    listener.start()
    answer = process.communicate(prompt.encode())[0].decode()
    listener.join()
    print(f"{tokens} tokens; keys {', '.join(f'{n} {k}' for n, k in keys.items())}\n{answer.strip()}")
    print("".join(said).split("\r")[-1] if process.returncode else "".join(said[-1:]).strip())
    for start in range(0, tokens, 4096):
        inside = [m for m in marks if start <= m[0] <= start + 4096]
        if len(inside) > 1 and inside[-1][1] > inside[0][1]:
            rate = (inside[-1][0] - inside[0][0]) / (inside[-1][1] - inside[0][1])
            print(f"tokens {start:6}-{min(start + 4096, tokens):6}: {rate:6.0f} tokens/s")
    found = [str(k) in answer for k in keys.values()]
    print(f"{sum(found)} of 3 pass keys found")
    return 0 if process.returncode == 0 and all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
