"""Conversations of several turns with random lengths, cancels and parameters, spread over a time."""
import asyncio, json, random, time

import httpx
from checks import MODEL, URL

SUBJECTS = ["the sea", "a bridge", "sorting", "bread", "the moon", "a library", "rain", "trains", "a garden", "chess",
            "glass", "bees"]
ASKS = ["Tell me about {}.", "Why does {} matter?", "List three facts about {}.", "What would a child ask about {}?",
        "Compare {} with {}.", "Go on."]


async def converse(count, seconds, tally):
    """Has `count` conversations within about `seconds`."""
    begun = time.time()
    r = random.Random(3)
    starts = sorted(r.uniform(0, seconds * 0.92) for _ in range(count))
    await asyncio.gather(*(conversation(i, begun, start, seconds, tally) for i, start in enumerate(starts)))


async def conversation(number, begun, start, seconds, tally):
    r = random.Random(1000 + number)
    await asyncio.sleep(max(0, begun + start - time.time()))
    subject = r.choice(SUBJECTS)
    # A few system messages are shared, so that conversations have beginnings in common.
    messages = [{"role": "system",
                 "content": f"You are assistant {r.randrange(4)}. "
                 + "Answer with care and in plain words. " * r.randrange(1, 12)}]
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.2.{number % 250 + 1}")
    async with httpx.AsyncClient(transport=transport, timeout=180, base_url=URL) as http:
        for turn in range(r.randrange(2, 7)):
            messages.append(
                {"role": "user",
                 "content": r.choice(ASKS).format(subject, r.choice(SUBJECTS))
                 + " Please." * r.choice([0, 0, 1, 20, 60])})
            try:
                answer = await one_turn(http, r, messages, begun, tally)
            except Exception as error:
                tally.problems.append(f"conversation {number}, turn {turn}: {type(error).__name__} {error}")
                return
            if answer is None:
                messages.pop()
            else:
                messages.append({"role": "assistant", "content": answer})
            # People read and write between turns, some of them long.
            await asyncio.sleep(r.choice([0.1, 1, 3, 10, 25]))
            if time.time() - begun > seconds:
                break
    tally.counts["conversations"] += 1


def parameters(r):
    """Any mixture of what requests may ask for."""
    body = {"max_tokens": r.choice([1, 8, 30, 60, 120]), "temperature": r.choice([0, 0.3, 1, 1.8])}
    for name, values in {"top_p": [0.1, 0.9, 1], "top_k": [1, 40, 0], "min_p": [0, 0.1], "seed": [1, 2**40],
                         "presence_penalty": [-1, 1],
                         "frequency_penalty": [0.5], "repeat_penalty": [1.1], "stop": ["the", ["\n\n", "x"]],
                         "logit_bias": [{"11": -100}],
                         "logprobs": [True], "n": [2]}.items():
        if r.random() < 0.2:
            body[name] = r.choice(values)
    return body


async def one_turn(http, r, messages, begun, tally):
    """Asks and returns the answer's text; None when it was left or refused."""
    body = {"model": MODEL, "messages": messages, "stream": True, "stream_options": {"include_usage": True},
            **parameters(r)}
    limit, start = body["max_tokens"] * body.get("n", 1), time.time()
    text, wait, tokens, seen, ahead = "", None, None, 0, 0
    patience = r.choice([0, 1, 5, 20]) if r.random() < 0.2 else None
    async with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) > 0
            tally.counts["turned away"] += 1
            return None
        if answer.status_code == 400 and "context" in (await answer.aread()).decode():
            tally.counts["grown too long"] += 1
            return None
        assert answer.status_code == 200, (answer.status_code, await answer.aread())
        async for line in answer.aiter_lines():
            assert '"error"' not in line, line
            if line.startswith(": queued "):
                ahead = max(ahead, int(line[9:]))
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            for choice in chunk["choices"]:
                piece = choice["delta"].get("content", "")
                seen += piece != ""
                if piece:
                    wait = wait or time.time() - start
                    text += piece if choice["index"] == 0 else ""
            if chunk.get("usage"):
                tokens = chunk["usage"]["completion_tokens"]
            if patience is not None and seen >= patience:
                tally.left("a turn", seen, limit)
                return None
    assert tokens is not None, "a stream ended without its end mark"
    tally.counts["turns"] += 1
    tally.whole += tokens
    if wait is not None:
        tally.waits.append(
            ((int(start - begun) // 30, ahead // 8, sum(len(m["content"]) for m in messages) // 800), wait))
    return text
