"""Ollama's own Python client, unmodified."""
import json

import ollama
from checks import MODEL, URL, WEATHER, idle, run

client = ollama.Client(host=URL, timeout=120)
HI = [{"role": "user", "content": "Say hello in one short sentence."}]
SHORT = {"num_predict": 24, "seed": 1}


def models():
    assert client.list().models[0].model == MODEL + ":latest"
    shown = client.show(MODEL)
    assert shown.details.format == "gguf" and "completion" in shown.capabilities and "temperature" in shown.parameters
    assert client.ps().models[0].model == MODEL + ":latest"
    assert client.pull(MODEL).status == "success"
    assert [p.status for p in client.pull(MODEL, stream=True)][-1] == "success"


def whole():
    answer = client.chat(MODEL, HI, options=SHORT)
    assert answer.message.content and answer.done and answer.done_reason in ("stop", "length")
    assert answer.eval_count > 0 and answer.prompt_eval_count > 0 and answer.total_duration >= answer.eval_duration > 0


def streamed():
    parts = list(client.chat(MODEL, HI, options=SHORT, stream=True))
    assert "".join(p.message.content for p in parts) == client.chat(MODEL, HI, options=SHORT).message.content
    assert parts[-1].done and not any(p.done for p in parts[:-1])


def generated():
    first = client.generate(MODEL, "My name is Otto. Say hello.", system="Be brief.", options=SHORT)
    assert first.response and first.context
    assert client.generate(MODEL, "What is my name?", context=first.context,
                           options={"num_predict": 24, "temperature": 0}).response
    raw = client.generate(MODEL, "def add(a, b):\n    return", raw=True, options={"num_predict": 6, "temperature": 0})
    assert "a" in raw.response
    if "insert" in client.show(MODEL).capabilities:
        filled = client.generate(MODEL, "def add(a, b):\n    return", suffix="\n\nprint(add(1, 2))",
                                 options={"num_predict": 8, "temperature": 0})
        assert filled.response
    assert client.generate(MODEL).done_reason == "load"


def formats():
    schema = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
              "required": ["name", "age"], "additionalProperties": False}
    answer = json.loads(
        client.chat(MODEL, [{"role": "user", "content": "Invent a person."}], format=schema,
                    options={"num_predict": 200}).message.content)
    assert set(answer) == {"name", "age"} and isinstance(answer["age"], int)
    text = client.generate(MODEL, "A person as JSON, name only.", format="json",
                           options={"num_predict": 200, "temperature": 0})
    if text.done_reason == "stop":
        assert isinstance(json.loads(text.response), dict)


def tools():
    ask = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]
    answer = client.chat(MODEL, ask, tools=[WEATHER], options={"num_predict": 80, "temperature": 0})
    assert answer.message.tool_calls or answer.message.content
    call = {"role": "assistant", "content": "",
            "tool_calls": [{"function": {"name": "get_weather", "arguments": {"city": "Paris"}}}]}
    result = {"role": "tool", "content": "sunny, 31 degrees", "tool_name": "get_weather"}
    final = client.chat(MODEL, ask + [call, result], tools=[WEATHER], options={"num_predict": 60, "temperature": 0})
    assert final.message.content or final.message.tool_calls


def stopped():
    answer = client.generate(MODEL, "Count: 1, 2, 3, 4, 5, 6, 7, 8, 9",
                             options={"stop": ["4"], "num_predict": 60, "temperature": 0})
    assert "4" not in answer.response and answer.done_reason == "stop"


def aborted():
    story = [{"role": "user", "content": "Write a very long story about the sea."}]
    for i, _ in enumerate(client.chat(MODEL, story, stream=True, options={"num_predict": 1500})):
        if i == 5:
            break
    assert idle() < 1.0


def errors():
    for status, call in [
        (404, lambda: client.chat("other", HI)),
        (400, lambda: client.chat(MODEL, HI, options={"num_ctx": 1000000})),
        (400, lambda: client.chat(MODEL, HI, format={"type": "string", "pattern": "a"})),
        (400, lambda: client.embed(MODEL, "text")),
        (404, lambda: client.show("other")),
    ]:
        try:
            call()
            raise AssertionError(f"accepted, expected {status}")
        except ollama.ResponseError as error:
            assert error.status_code == status and error.error, error


run(models, whole, streamed, generated, formats, tools, stopped, aborted, errors)
