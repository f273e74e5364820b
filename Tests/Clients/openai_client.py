"""OpenAI's own Python client, unmodified."""
import json, time

import openai
from checks import MODEL, URL, WEATHER, idle, run

client = openai.OpenAI(base_url=URL + "/v1", api_key="none", max_retries=0, timeout=120)
HI = [{"role": "user", "content": "Say hello in one short sentence."}]


def chat(**options):
    return client.chat.completions.create(model=MODEL, **{"messages": HI, "max_tokens": 24, **options})


def models():
    names = [m.id for m in client.models.list()]
    assert names == [MODEL + ":latest"], names
    assert client.models.retrieve(MODEL).id == names[0]


def whole():
    answer = chat()
    assert answer.choices[0].message.content and answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer._request_id


def streamed():
    chunks = list(chat(stream=True, stream_options={"include_usage": True}, seed=3))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].usage.completion_tokens > 0 and not chunks[-1].choices
    assert text == chat(seed=3).choices[0].message.content


def seeded():
    texts = [chat(seed=seed, temperature=1.2).choices[0].message.content for seed in (1, 1, 2, 3, 4)]
    assert texts[0] == texts[1] and len(set(texts)) > 1, texts


def choices():
    answer = chat(n=3, temperature=1.5, seed=1)
    assert [c.index for c in answer.choices] == [0, 1, 2] and len({c.message.content for c in answer.choices}) > 1
    again = chat(n=3, temperature=1.5, seed=1)
    assert [c.message.content for c in again.choices] == [c.message.content for c in answer.choices]


def stopped():
    text = chat(messages=[{"role": "user", "content": "Count: 1, 2, 3, 4, 5, 6, 7, 8, 9"}], stop=["4"], max_tokens=60,
                temperature=0)
    assert "4" not in text.choices[0].message.content and text.choices[0].finish_reason == "stop", text


def limited():
    answer = chat(max_completion_tokens=3, messages=[{"role": "user", "content": "Tell a long story."}])
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 3


def logprobs():
    answer = chat(logprobs=True, top_logprobs=3, temperature=0)
    content = answer.choices[0].logprobs.content
    assert "".join(t.token for t in content) == answer.choices[0].message.content
    for token in content:
        assert token.logprob <= 0 and len(token.top_logprobs) == 3
        assert [t.logprob for t in token.top_logprobs] == sorted((t.logprob for t in token.top_logprobs), reverse=True)


def biased():
    first = chat(max_tokens=1, temperature=0, logprobs=True, top_logprobs=1).choices[0].logprobs.content[0].token
    ids = [i for i in range(0, 3)]
    answer = chat(max_tokens=2, temperature=0, logit_bias={str(ids[1]): 100}).choices[0].message.content
    assert answer != first


def thinking():
    messages = [{"role": "user", "content": "hi"}]
    prompt = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert client.completions.create(model=MODEL, prompt=prompt, max_tokens=4).choices[0].text
    # Made to think by what it must write first: the split is the same as for a model that does so by itself.
    answer = chat(messages=messages, extra_body={"reasoning_effort": "low"})
    assert answer.choices[0].message.content


def demanded_tool():
    ask = [{"role": "user", "content": "What is the weather in Paris?"}]
    answer = chat(messages=ask, tools=[WEATHER], tool_choice="required", max_tokens=80, temperature=0)
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls", answer
    assert message.tool_calls[0].function.name == "get_weather", answer
    assert "city" in json.loads(message.tool_calls[0].function.arguments)
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny, 31 degrees"}
    final = chat(messages=ask + [message, result], tools=[WEATHER], max_tokens=60, temperature=0)
    assert final.choices[0].message.content or final.choices[0].message.tool_calls, final
    named = {"type": "function", "function": {"name": "get_weather"}}
    chunks = list(chat(messages=ask, tools=[WEATHER], tool_choice=named, stream=True, max_tokens=80, temperature=0))
    calls = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices and c.choices[0].delta.tool_calls]
    assert calls and calls[0].function.name == "get_weather" and chunks[-1].choices[0].finish_reason == "tool_calls"


def json_mode():
    answer = chat(response_format={"type": "json_object"}, max_tokens=200,
                  messages=[{"role": "user", "content": "A person as JSON: name, age."}])
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(answer.choices[0].message.content), dict)


def aborted():
    for stream in (True, False):
        story = [{"role": "user", "content": "Write a very long story about the sea, with many chapters."}]
        if stream:
            answer = chat(messages=story, stream=True, max_tokens=1500)
            for i, _ in enumerate(answer):
                if i == 5:
                    break
            answer.close()
        else:
            try:
                client.with_options(timeout=0.7).chat.completions.create(model=MODEL, messages=story, max_tokens=1500)
                raise AssertionError("it answered within the time")
            except openai.APITimeoutError:
                pass
        assert idle() < 1.0


def errors():
    cases = [
        (openai.NotFoundError, dict(model="other", messages=HI)),
        (openai.BadRequestError, dict(model=MODEL, messages=[])),
        (openai.BadRequestError, dict(model=MODEL, messages=HI, temperature=9)),
        (openai.BadRequestError, dict(model=MODEL, messages=HI, extra_body={"nonsense": 1})),
        (openai.BadRequestError, dict(model=MODEL, messages=[{"role": "user", "content": "word " * 4000}])),
        (openai.BadRequestError, dict(model=MODEL, messages=HI, response_format={
            "type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "string", "pattern": r"(a)\1"}}})),
    ]
    for kind, arguments in cases:
        try:
            client.chat.completions.create(**arguments)
            raise AssertionError(f"accepted: {str(arguments)[:100]}")
        except kind as error:
            assert error.body["message"] and error.type, error


def completions():
    answer = client.completions.create(model=MODEL, prompt="def add(a, b):\n    return", max_tokens=8, temperature=0,
                                       logprobs=2)
    assert "a" in answer.choices[0].text and len(answer.choices[0].logprobs.tokens) == answer.usage.completion_tokens
    text = "".join(c.choices[0].text for c in client.completions.create(
        model=MODEL, prompt="def add(a, b):\n    return", max_tokens=8, temperature=0, stream=True) if c.choices)
    assert text == answer.choices[0].text


run(models, whole, streamed, seeded, choices, stopped, limited, logprobs, biased, thinking, demanded_tool, json_mode,
    aborted, errors, completions)
