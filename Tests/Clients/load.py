"""Many clients at once, some of which go away in mid-answer: everybody gets an answer or a 429, and nothing is left behind.

BRIGADE_CLIENTS (64) clients for BRIGADE_SECONDS (300). Not among the tests that run.sh runs unless CLIENT_TESTS names it.
"""
import asyncio, os, random, statistics, time

import httpx
from checks import MODEL, URL, idle, run

CLIENTS, SECONDS = int(os.environ.get("BRIGADE_CLIENTS", "64")), float(os.environ.get("BRIGADE_SECONDS", "300"))
counts = {"whole": 0, "left": 0, "turned away": 0}
firsts = []


async def client(number, until):
    r = random.Random(number)
    async with httpx.AsyncClient(timeout=120) as http:
        while time.time() < until:
            body = {"model": MODEL, "stream": True, "max_tokens": r.randrange(4, 40), "seed": number,
                    "messages": [{"role": "user", "content": f"Client {number} asks: " + "tell me more. " * r.randrange(1, 30)}]}
            leaves, start, seen, done = r.random() < 0.2, time.time(), 0, False
            async with http.stream("POST", URL + "/v1/chat/completions", json=body) as answer:
                if answer.status_code == 429:
                    counts["turned away"] += 1
                    assert answer.headers["retry-after"]
                    await asyncio.sleep(r.random())
                    continue
                assert answer.status_code == 200, await answer.aread()
                async for line in answer.aiter_lines():
                    assert '"error"' not in line, line
                    if line.startswith("data: {"):
                        seen += 1
                        if seen == 2:
                            firsts.append(time.time() - start)
                    done = done or line == "data: [DONE]"
                    if leaves and seen > 3:
                        break
            counts["whole" if done else "left"] += 1
            assert done or leaves, "a stream ended without its end mark"


def resident():
    return sum(s["resident_bytes"] or 0 for s in httpx.get(URL + "/api/cluster").json()["stages"])


def load():
    before = resident()

    async def everybody():
        until = time.time() + SECONDS
        await asyncio.gather(*(client(i, until) for i in range(CLIENTS)))

    asyncio.run(everybody())
    spent = idle(5)
    after = httpx.get(URL + "/api/cluster").json()
    firsts.sort()
    print(f"      {counts}; first token: median {statistics.median(firsts):.2f} s, 99%: {firsts[int(len(firsts) * 0.99) - 1]:.2f} s; idle after {spent:.2f} s")
    assert after["load"]["blocks_used"] == 0 and after["totals"]["failed"] == 0, after
    assert resident() <= before * 1.05 + (16 << 20), (before, resident())
    text = httpx.get(URL + "/metrics").text
    assert "brigade_streams 0\n" in text, text
    ended = sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("brigade_answers_total{"))
    assert ended >= counts["whole"], (ended, counts)


run(load)
