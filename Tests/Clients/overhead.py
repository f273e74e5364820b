"""What HTTP adds to decoding: the same work by `brigade bench`, which asks the engine itself, and by clients of
`brigade serve`.

    overhead.py MODEL BRIGADE [--rounds 3] [--tokens 96] [--prompt-tokens 64] [--streams 1,8]

Both in turn, medians of the rounds. The clients only count bytes, so that they take little of the processors that the
workers need.
"""
import argparse, json, os, selectors, socket, statistics, subprocess, sys, time

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("brigade")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--tokens", type=int, default=96)
parser.add_argument("--prompt-tokens", type=int, default=64)
parser.add_argument("--streams", default="1,8")
parser.add_argument("--port", type=int, default=3140)
o = parser.parse_args()
STREAMS = [int(n) for n in o.streams.split(",")]
CLUSTER = ["--nodes", "3", "--threads", "1"]
ENDS = {"151643": -100, "151645": -100}  # Qwen's tokens that end an answer must not come


def bench():
    command = [o.brigade, "bench", o.model, *CLUSTER, "--streams", o.streams, "--tokens", str(o.tokens),
               "--prompt-tokens", str(o.prompt_tokens), "--rounds", "1", "--json"]
    runs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["runs"]
    return {run["streams"]: run["speed"] for run in runs}


def prompt(seed):
    """Any tokens will do, as in bench."""
    return [((i + 1) * 7919 + (seed + 1) * 104_729) % 150_000 for i in range(o.prompt_tokens)]


def ask(prompts, tokens):
    """All at once; seconds until the last one is answered, and the tokens that came."""
    wait, start, texts = selectors.DefaultSelector(), time.perf_counter(), {}
    for ids in prompts:
        body = json.dumps(
            {"model": "served", "prompt": ids, "max_tokens": tokens, "temperature": 0, "logit_bias": ENDS,
             "stream": True,
                           "stream_options": {"include_usage": True}}).encode()
        link = socket.create_connection(("127.0.0.1", o.port))
        link.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            b"%d\r\n\r\n" % len(body) + body)
        texts[link] = []
        wait.register(link, selectors.EVENT_READ)
    while wait.get_map():
        for key, _ in wait.select():
            data = key.fileobj.recv(1 << 16)
            if data:
                texts[key.fileobj].append(data)
            else:
                wait.unregister(key.fileobj)
                key.fileobj.close()
    seconds, came = time.perf_counter() - start, 0
    for parts in texts.values():
        text = b"".join(parts)
        assert text.startswith(b"HTTP/1.1 200"), text[:500]
        came += int(text.rsplit(b'"completion_tokens":', 1)[1].split(b",")[0])
    assert came == len(prompts) * tokens, (came, len(prompts) * tokens)
    return seconds


def serve(seed):
    command = [o.brigade, "serve", o.model, *CLUSTER, "--port", str(o.port), "--name", "served", "--no-speculation",
               "--num-ctx", str(max(o.prompt_tokens + o.tokens, 256)), "--parallel", str(max(STREAMS) + 1)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        while "is served at" not in (line := server.stderr.readline()):
            assert line, "the server ended"
        speeds, costs = {}, {}
        for count in STREAMS:
            prompts = [prompt(seed * 1000 + count * 100 + i) for i in range(count)]
            ask(prompts, 1)
            before = processor_time(server.pid)
            speeds[count] = count * o.tokens / ask(prompts, o.tokens)
            costs[count] = (processor_time(server.pid) - before) / (count * o.tokens)
        return speeds, costs
    finally:
        server.terminate()
        server.communicate()


def processor_time(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


direct, served, costs = {n: [] for n in STREAMS}, {n: [] for n in STREAMS}, {n: [] for n in STREAMS}
for round in range(o.rounds):
    for n, speed in bench().items():
        direct[n].append(speed)
    speeds, spent = serve(round)
    for n in STREAMS:
        served[n].append(speeds[n])
        costs[n].append(spent[n])
bad = False
for n in STREAMS:
    a, b = statistics.median(direct[n]), statistics.median(served[n])
    added = (n / b - n / a) * 1000
    print(f"{n} streams: engine {a:.2f} tokens/s ({', '.join(f'{x:.2f}' for x in direct[n])}), over HTTP {b:.2f} "
          f"({', '.join(f'{x:.2f}' for x in served[n])}): "
          f"{added:+.2f} ms a token of each stream, {(a / b - 1) * 100:+.1f}%; the coordinator takes "
          f"{statistics.median(costs[n]) * 1000:.2f} ms of processor for a token")
    bad = bad or (n == 1 and added > 1) or (n > 1 and a / b > 1.03)
sys.exit(1 if bad else 0)
