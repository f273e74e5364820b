"""Many clients at once, some of which go away in mid-answer: everybody gets an answer or a 429, and nothing is left
behind.

    load.py [--clients 64] [--seconds 300]              clients that ask again and again
    load.py --conversations 200 [--minutes 20]          conversations of several turns, so that beginnings are reused
                                                        and given up

Not among the tests that run.sh runs unless CLIENT_TESTS names it; SERVE_OPTIONS are the server's, CLIENT_ARGUMENTS
these.
"""
import argparse, asyncio, collections, json, random, time

import httpx
from checks import MODEL, URL, run
from conversations import converse
from watched import Books, Memory, all_free, fairness

parser = argparse.ArgumentParser()
parser.add_argument("--clients", type=int, default=64)
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--conversations", type=int, default=0)
parser.add_argument("--minutes", type=float, default=20)
options = parser.parse_args()


class Tally:
    """What all clients saw."""

    def __init__(self):
        self.counts, self.waits, self.problems = collections.Counter(), [], []
        # Tokens of answers that came whole; seen of those that were left, and what these may have had at most.
        self.whole, self.seen, self.possible = 0, 0, 0

    def left(self, how, seen, limit):
        self.counts[f"left {how}"] += 1
        self.seen += seen
        self.possible += limit

    def check(self, books):
        print(f"      {dict(self.counts)}")
        assert not self.problems, f"{len(self.problems)} problems, the first: {self.problems[0]}"
        books.check(self.counts["turned away"], self.whole + self.seen, self.whole + self.possible)


class Client:
    """Asks in both dialects, streamed and whole; leaves at any time. Has an address of its own, as machines have."""

    def __init__(self, number, tally, begun):
        self.random, self.tally, self.begun = random.Random(number), tally, begun
        self.number = number
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number + 1}")
        self.http = httpx.AsyncClient(transport=transport, timeout=120, base_url=URL)

    async def work(self, until):
        async with self.http:
            while time.time() < until:
                try:
                    await self.ask()
                except Exception as error:
                    self.tally.problems.append(f"client {self.number}: {type(error).__name__} {error}")

    async def ask(self):
        r = self.random
        limit, words = r.randrange(4, 40), r.randrange(1, 60)
        ollama, streams, leaves = r.random() < 0.3, r.random() < 0.75, r.random() < 0.25
        messages = [{"role": "user", "content": f"Client {self.number} asks {r.random()}: " + "tell me more. " * words}]
        if ollama:
            path, body = "/api/chat", {"model": MODEL, "messages": messages, "stream": streams,
                                       "options": {"num_predict": limit, "seed": self.number}}
        else:
            path, body = "/v1/chat/completions", {"model": MODEL, "messages": messages, "stream": streams,
                                                  "max_tokens": limit, "seed": self.number}
            if streams:
                body["stream_options"] = {"include_usage": True}
        if streams:
            return await self.stream(path, body, limit, words, leaves)
        try:
            answer = await asyncio.wait_for(self.http.post(path, json=body), r.uniform(0, 1.5) if leaves else 110)
        except (TimeoutError, asyncio.TimeoutError):
            assert leaves, "no answer after 110 s"
            return self.tally.left("before a whole answer", 0, limit)
        if await self.refused(answer):
            return
        said = answer.json()
        self.tally.counts["whole"] += 1
        self.tally.whole += said["eval_count"] if ollama else said["usage"]["completion_tokens"]

    async def refused(self, answer):
        if answer.status_code == 429:
            self.tally.counts["turned away"] += 1
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(self.random.uniform(0.2, 1.2))
            return True
        assert answer.status_code == 200, (answer.status_code, await answer.aread())
        return False

    async def stream(self, path, body, limit, words, leaves):
        start, seen, ahead, wait, tokens = time.time(), 0, 0, None, None
        patience = self.random.choice([0, 1, 3, 8]) if leaves else None
        async with self.http.stream("POST", path, json=body) as answer:
            if await self.refused(answer):
                return
            async for line in answer.aiter_lines():
                assert '"error"' not in line, line
                if line.startswith(": queued "):
                    ahead = max(ahead, int(line[9:]))
                text, count = said(line)
                if text:
                    seen += 1
                    wait = wait or time.time() - start
                tokens = count or tokens
                if patience is not None and seen >= patience:
                    return self.tally.left("a stream", seen, limit)
        assert tokens is not None, "a stream ended without its end mark"
        self.tally.counts["whole"] += 1
        self.tally.whole += tokens
        if wait is not None and path.startswith("/v1"):
            # Who came in the same ten seconds to a queue as long, with a prompt about as long.
            self.tally.waits.append(((int(start - self.begun) // 10, ahead // 8, words // 20), wait))


def said(line):
    """Whether a stream's line brings text, and the count of tokens if it is the last that matters; of either
    dialect."""
    data = line[6:] if line.startswith("data: {") else line if line.startswith("{") else None
    if data is None:
        return False, None
    value = json.loads(data)
    if "message" in value:
        return value["message"]["content"] != "", value.get("eval_count")
    delta = value["choices"][0]["delta"] if value["choices"] else {}
    return delta.get("content", "") != "", (value.get("usage") or {}).get("completion_tokens")


def load():
    tally, books = Tally(), Books()

    async def everybody():
        begun = time.time()
        await asyncio.gather(*(Client(i, tally, begun).work(begun + options.seconds) for i in range(options.clients)))

    with Memory() as memory:
        asyncio.run(everybody())
    end = time.time()
    all_free()
    print(f"      all is free {time.time() - end:.2f} s after the last client")
    tally.check(books)
    memory.check()
    assert fairness(tally.waits) <= 2


def soak():
    tally, books = Tally(), Books()
    with Memory() as memory:
        asyncio.run(converse(options.conversations, options.minutes * 60, tally))
    end = time.time()
    now = all_free()
    print(f"      all is free {time.time() - end:.2f} s after the last client; {now['load']}")
    tally.check(books)
    reused, prompts, blocks = books.tokens("reused"), books.tokens("prompt"), now["load"]["blocks_total"]
    print(f"      prompts of {prompts:.0f} tokens, {reused:.0f} of them reused; preempted "
          f"{books.grown['brigade_preempted_total']:.0f}; {blocks} blocks in all")
    assert reused > prompts / 10 and prompts - reused > 64 * blocks, "nothing was reused, or nothing had to be given up"
    memory.check()
    longest = max(wait for _, wait in tally.waits)
    fairness(tally.waits)
    assert longest < 60, f"a turn waited {longest:.1f} s for its first token"


run(soak if options.conversations else load)
