"""A model registry on loopback that gives a blob's bytes when it is told to."""
import hashlib, json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry:
    """Serves one model under whatever name; `allow(share)` lets so much of each request's answer out."""

    def __init__(self, weights):
        self.blobs, self.share, self.changed = {}, 0.0, threading.Condition()
        layers = [self.add("model", weights), self.add("params", b'{"temperature":0}')]
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": self.add("config", b"{}"), "layers": layers}).encode()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.answer(False)

            def do_GET(self):
                self.answer(True)

            def answer(self, wanted):
                name = self.path.rsplit("/", 1)[1]
                body = registry.manifest if "/manifests/" in self.path else registry.blobs.get(name)
                if body is None:
                    return self.send_error(404)
                status, found = 200, self.headers.get("Range")
                total = len(body)
                if found:
                    first, last = found.removeprefix("bytes=").split("-")
                    last = min(int(last or total - 1), total - 1)
                    status, body = 206, body[int(first):last + 1]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status == 206:
                    self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
                self.end_headers()
                if wanted:
                    registry.give(self.wfile, body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, kind, data):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        kind = "docker.container.image.v1+json" if kind == "config" else f"ollama.image.{kind}"
        return {"mediaType": f"application/vnd.{kind}", "digest": digest, "size": len(data)}

    def allow(self, share):
        with self.changed:
            self.share = share
            self.changed.notify_all()

    def give(self, file, body):
        """Small bodies at once, large ones as far as is allowed."""
        given = 0
        try:
            while given < len(body):
                with self.changed:
                    allowed = len(body) if len(body) < 100_000 else int(len(body) * self.share)
                    if allowed <= given:
                        self.changed.wait(1)
                        continue
                file.write(body[given:min(allowed, given + 65536)])
                given = min(allowed, given + 65536)
        except OSError:
            pass  # it was stopped

    def stop(self):
        self.allow(1)
        self.server.shutdown()
        self.server.server_close()
