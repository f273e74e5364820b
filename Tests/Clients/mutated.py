"""Ten thousand bodies with bytes and values changed: no server's error, no hang, and the server lives on."""
import json, os, random

import httpx
from checks import MODEL, URL, idle, run

COUNT = int(os.environ.get("BRIGADE_MUTATIONS", "10000"))
BODIES = {
    "/v1/chat/completions": {"model": MODEL,
                             "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "hello"}],
                             "max_tokens": 1, "temperature": 0.5, "stop": ["a"], "seed": 1, "n": 1,
                             "logit_bias": {"5": 1}, "stream": False, "logprobs": True, "top_logprobs": 1,
                             "tools": [{"type": "function",
                                        "function": {"name": "f", "parameters": {"type": "object"}}}],
                             "response_format": {"type": "json_schema", "json_schema": {
                                 "name": "a", "schema": {"type": "object", "properties": {
                                     "a": {"type": "integer"}, "b": {"anyOf": [{"type": "null"}, {"$ref": "#"}]}},
                                     "required": ["a"]}}}},
    "/v1/completions": {"model": MODEL, "prompt": ["a", "b"], "max_tokens": 1, "suffix": "", "echo": True,
                        "logprobs": 1},
    "/api/chat": {"model": MODEL, "messages": [{"role": "user", "content": "hello"}],
                  "options": {"num_predict": 1, "num_ctx": 100, "top_k": 3}, "stream": False,
                  "format": {"type": "object"}, "think": False, "keep_alive": "5m"},
    "/api/generate": {"model": MODEL, "prompt": "hello", "system": "x", "context": [1, 2],
                      "options": {"num_predict": 1}, "raw": False, "stream": False},
    "/api/show": {"model": MODEL},
}
ODD = [None, True, -1, 0, 1e308, 10**30, "", "x" * 5000, [], {}, [[]], {"a": None}, "\u0000", "😀", -0.0, 2**63,
       [1] * 2000]


def changed_value(r, value):
    """The value with one place in it replaced, removed or doubled."""
    if isinstance(value, dict) and value and r.random() < 0.8:
        key = r.choice(list(value))
        if r.random() < 0.15:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: changed_value(r, value[key])}
    if isinstance(value, list) and value and r.random() < 0.8:
        i = r.randrange(len(value))
        return value[:i] + [changed_value(r, value[i])] + value[i + 1:] * r.randrange(3)
    return r.choice(ODD)


def changed_bytes(r, data):
    data = bytearray(data)
    for _ in range(r.randrange(1, 4)):
        at = r.randrange(len(data))
        kind = r.randrange(3)
        if kind == 0:
            data[at] = r.randrange(256)
        elif kind == 1:
            del data[at:at + r.randrange(1, 20)]
        else:
            data[at:at] = bytes(r.randrange(256) for _ in range(r.randrange(1, 5)))
        if not data:
            break
    return bytes(data)


def ten_thousand_bodies():
    r, statuses = random.Random(5), {}
    with httpx.Client(timeout=60) as client:
        for i in range(COUNT):
            path = r.choice(list(BODIES))
            body = changed_value(r, BODIES[path])
            data = json.dumps(body).encode()
            if r.random() < 0.5:
                data = changed_bytes(r, json.dumps(BODIES[path]).encode())
            answer = client.post(URL + path, content=data, headers={"content-type": "application/json"})
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, (path, data[:500], answer.text[:500])
    print("      statuses:", dict(sorted(statuses.items())))
    idle()
    assert httpx.get(URL + "/health").status_code == 200


run(ten_thousand_bodies)
