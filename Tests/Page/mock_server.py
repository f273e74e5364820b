#!/usr/bin/env python3
"""Serves the page and imitates Brigade's HTTP interface, so that the page can be tried and tested without a model.

    mock_server.py [--port 3001] [--speed 1] [--nodes 3] [--api-key KEY] [--starting SECONDS]

What a prompt contains decides its answer: "think" thinks first, "queue" waits, "read" reads a long prompt, "inject"
answers with hostile markup, "long" writes a long answer, "code", "maths" and "table" write those, "echo:" repeats what
follows, "break" drops the connection in the middle, "busy" is refused with 429, "fail" reports an error in the stream,
"silent" and "lost" make a node so, "restored" makes all well again.
"""
import argparse, json, pathlib, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mock_answers import answer_to, thinking_for

RESOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources/Serving/Resources"
POLICY = ("default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
          "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
GIB = 1 << 30
SERVED = "qwq:32b"
# Events after the first carry only what changes of a stage, under its address.
CHANGING = ("url", "state", "resident_bytes", "round_trip_ms", "frames", "last_compute_ms")


class State:
    """What the imitation knows: models, requests under way, frames passed."""

    def __init__(self, speed, nodes, start=0):
        self.begun, self.start = time.monotonic(), start
        self.lock = threading.Lock()
        self.speed = speed
        self.nodes = cut(nodes)
        self.unwell = {}
        self.frames = 1180
        self.requests = {}
        self.last = {}
        self.answer_tokens = 48_213
        self.models = [
            model(SERVED, 19_851_336_256, "32.8B", "Q4_K_M"),
            model("qwen2.5-coder:1.5b", 986_062_080, "1.5B", "Q4_K_M"),
            model("qwen2.5-coder:0.5b", 397_819_904, "494M", "Q5_0"),
        ]

    def starting(self):
        """How far the cluster's start is, or None."""
        share = (time.monotonic() - self.begun) / self.start if self.start else 1
        return {"words": f"loading the weights, {int(share * 100)} %", "share": share} if share < 1 else None

    def pause(self, seconds):
        time.sleep(seconds / self.speed)

    def cluster(self):
        busy = any(r["state"] != "queued" for r in self.requests.values())
        stages = [{
            "url": url, "name": name, "first_layer": first, "layer_count": layers, "head": head,
            "weight_bytes": int(layers * 0.285 * GIB) + (GIB // 2 if head else 0),
            "kv_bytes": layers * 4096 * 16384, "budget": budget * GIB, "threads": threads,
            "cpu": ["AVX-512 VNNI", "AVX2", "NEON i8mm"][i % 3],
            "state": self.unwell.get(name) or ("running" if busy else "ready"),
            "resident_bytes": int(layers * 0.31 * GIB), "round_trip_ms": [0.6, 1.1, 0.8][i % 3],
            "frames": self.frames, "last_compute_ms": [38.2, 41.7, 36.0][i % 3],
        } for i, (name, url, first, layers, head, threads, budget) in enumerate(self.nodes)]
        starting = self.starting()
        running = sum(r["state"] != "queued" for r in self.requests.values())
        return {
            "model": SERVED, "context": 16384, "kv_type": "f16", "ready": starting is None, "starting": starting,
            "stages": [] if starting else stages,
            "load": {"running": running, "queued": len(self.requests) - running, "blocks_used": 12 + 30 * running,
                     "blocks_cached": 41, "blocks_total": 256},
            "totals": {"prompt_tokens": 91_204, "reused_tokens": 38_017, "answer_tokens": self.answer_tokens,
                       "draft_tokens": 9_120, "accepted_tokens": 6_644},
            "tokens_per_second": 8.4 * running, "requests": list(self.requests.values()),
        }


def cut(count):
    """The 64 layers over so many nodes: name, address, first layer, layers, head, threads, GiB of budget."""
    names = ["attic", "kitchen", "workshop", "cellar", "study", "garage", "landing", "shed"]
    shares = [23, 21, 20] if count == 3 else [64 // count + (i < 64 % count) for i in range(count)]
    return [(names[i % 8], f"tcp://10.0.0.{2 + i}:7750", sum(shares[:i]), shares[i], i == count - 1, 6 if i % 2 else 8,
             10 if i % 2 else 12) for i in range(count)]


def model(name, size, parameters, quantization):
    return {"name": name, "model": name, "modified_at": "2026-11-20T10:00:00Z", "size": size,
            "digest": f"{abs(hash(name)):064x}",
            "details": {"format": "gguf", "family": "qwen2", "families": ["qwen2"], "parameter_size": parameters,
                        "quantization_level": quantization}}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Browsers hang up when they like; that is no error worth a line."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State
    key = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        if path in ("/health", "/ready"):
            return self.json({"status": "ok"})
        if path.startswith(("/api/", "/v1/")):
            if not self.allowed():
                return
            state = self.state
            if path == "/api/cluster/events":
                return self.cluster_events()
            known = {
                "/api/tags": lambda: {"models": state.models},
                "/api/ps": lambda: {
                    "models": [m for m in state.models if m["name"] == SERVED and not state.starting()]},
                "/v1/models": lambda: {"object": "list", "data": [{"id": SERVED, "object": "model"}]},
                "/api/cluster": state.cluster,
                "/api/version": lambda: {"version": "0.1.0"}, "/mock/last": lambda: state.last,
            }
            return self.json(known[path]()) if path in known else self.error(404, "there is no such path")
        if path == "/mock/last":
            return self.json(self.state.last)
        self.file("index.html" if path == "/" else path.lstrip("/"))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if not self.allowed():
            return
        handler = {"/v1/chat/completions": self.chat, "/api/show": self.show, "/api/pull": self.pull}.get(self.path)
        return handler(body) if handler else self.error(404, "there is no such path")

    def do_DELETE(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if not self.allowed():
            return
        name = body.get("model")
        if name == SERVED:
            return self.json({"error": f"{name} is being served; stop the server first"}, 409)
        self.state.models = [m for m in self.state.models if m["name"] != name]
        self.json({})

    def allowed(self):
        if self.key is None or self.headers.get("Authorization") == f"Bearer {self.key}":
            return True
        self.error(401, "this server asks for an API key")
        return False

    def file(self, name):
        path = (RESOURCES / name).resolve()
        if RESOURCES not in path.parents or not path.is_file():
            return self.error(404, "there is no such file")
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def json(self, value, status=200, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, message, headers=()):
        self.json({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status, headers)

    def stream(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def line(self, text):
        self.wfile.write(text.encode() + b"\n")
        self.wfile.flush()

    def chat(self, body):
        state = self.state
        state.last = body
        if state.starting():
            return self.json(
                {"error": {"message": "the cluster is starting. Ask again soon", "code": "cluster_starting"}}, 503,
                [("Retry-After", "2")])
        prompt = next((m["content"] for m in reversed(body["messages"]) if m["role"] == "user"), "")
        if "busy" in prompt:
            return self.error(429, "64 requests are waiting already.", [("Retry-After", "7")])
        if body.get("model") not in [m["name"] for m in state.models]:
            return self.error(404, f"model {body.get('model')} is not served")
        for word in ("silent", "lost"):
            if word in prompt:
                state.unwell[state.nodes[min(1, len(state.nodes) - 1)][0]] = word
        if "restored" in prompt:
            state.unwell.clear()
        total = 4096 if "read" in prompt else 30 + len(prompt) // 4
        request = {"id": f"req-{time.time_ns() % 1_000_000:06d}", "state": "queued", "prompt_done": 0,
                   "prompt_total": total}
        with state.lock:
            state.requests[request["id"]] = request
        try:
            self.stream("text/event-stream")
            self.answer(body, prompt, request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with state.lock:
                state.requests.pop(request["id"], None)

    def answer(self, body, prompt, request):
        state = self.state
        for before in (3, 2, 1, 0) if "queue" in prompt else ():
            self.line(f": queued {before}\n")
            state.pause(0.7)
        request["state"] = "reading"
        for done in range(0, request["prompt_total"] + 1, 512) if "read" in prompt else ():
            request["prompt_done"] = done
            state.frames += 1
            self.line(f": prompt {done}/{request['prompt_total']}\n")
            state.pause(0.35)
        request.update(state="answering", prompt_done=request["prompt_total"])
        tokens = 0
        limit = body.get("max_tokens") or 1 << 30
        pieces = [("reasoning_content", p) for p in words(thinking_for(prompt))] + [("content", p)
            for p in words(answer_to(prompt))]
        for number, (field, piece) in enumerate(pieces[:limit]):
            if "break" in prompt and number == 12:
                self.connection.close()
                return
            if "fail" in prompt and number == 12:
                self.line('data: {"error":{"message":"Worker kitchen was lost and the rest cannot hold the model: 5.9 '
                          'GiB are missing."}}\n')
                return
            self.chunk({field: piece})
            tokens += 1
            state.frames += 1
            state.answer_tokens += 1
            state.pause(0.03)
        self.chunk({}, "length" if len(pieces) > limit else "stop")
        usage = {"prompt_tokens": request["prompt_total"], "completion_tokens": tokens,
                 "total_tokens": request["prompt_total"] + tokens, "prompt_tokens_details": {"cached_tokens": 16}}
        self.line("data: " + json.dumps({"object": "chat.completion.chunk", "choices": [], "usage": usage}) + "\n")
        self.line("data: [DONE]\n")

    def chunk(self, delta, finish=None):
        self.line("data: "
                  + json.dumps(
                      {"object": "chat.completion.chunk",
                       "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}) + "\n")

    def show(self, body):
        found = next((m for m in self.state.models if m["name"] == body.get("model")), None)
        if not found:
            return self.json({"error": f"model '{body.get('model')}' not found"}, 404)
        self.json({
            "details": found["details"],
            "parameters": 'temperature                    0.6\ntop_k                          40\ntop_p                '
            '          0.95\nrepeat_penalty                 1\nstop                           "<|im_end|>"',
            "template": "{{- if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}<|im_start|>user\n{{ "
            ".Prompt }}<|im_end|>\n<|im_start|>assistant\n",
            "capabilities": ["completion", "thinking"], "license": "Apache License 2.0",
            "model_info": {"general.architecture": "qwen2", "qwen2.block_count": 64, "qwen2.embedding_length": 5120,
                           "qwen2.context_length": 131072, "tokenizer.ggml.merges": None},
        })

    def pull(self, body):
        name = body.get("model", "")
        if "nosuch" in name:
            return self.json({"error": f"pull model manifest: {name} does not exist"}, 404)
        self.stream("application/x-ndjson")
        try:
            self.line(json.dumps({"status": "pulling manifest"}))
            for digest, total in (("sha256:aa11", 397_819_904), ("sha256:bb22", 11_343)):
                for step in range(21):
                    self.line(json.dumps(
                        {"status": f"pulling {digest[7:]}", "digest": digest, "total": total,
                         "completed": total * step // 20}))
                    self.state.pause(0.12 if total > 1e6 else 0.005)
            for status in ("verifying sha256 digest", "writing manifest", "success"):
                self.line(json.dumps({"status": status}))
            self.state.models.append(model(name, 397_819_904, "494M", "Q5_0"))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def cluster_events(self):
        self.stream("text/event-stream")
        try:
            self.line("data: " + json.dumps(self.state.cluster()) + "\n")
            while True:
                time.sleep(0.25)
                picture = self.state.cluster()
                for member in ("model", "context", "kv_type"):
                    picture.pop(member)
                picture["stages"] = [{key: stage[key] for key in CHANGING} for stage in picture["stages"]]
                self.line("data: " + json.dumps(picture) + "\n")
        except (BrokenPipeError, ConnectionResetError):
            pass


def words(text):
    """Pieces as a tokenizer makes them: a word with the space before it."""
    pieces = []
    for part in text.split(" "):
        pieces.append(part if not pieces else " " + part)
    return pieces if text else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=3001)
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--api-key")
    parser.add_argument("--starting", type=float, default=0)
    options = parser.parse_args()
    Handler.state = State(options.speed, options.nodes, options.starting)
    Handler.key = options.api_key
    server = Server(("127.0.0.1", options.port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
