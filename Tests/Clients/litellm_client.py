"""LiteLLM over both dialects."""
import litellm
from checks import MODEL, URL, run

HI = [{"role": "user", "content": "Say hello in one short sentence."}]


def ask(prefix, base, **options):
    return litellm.completion(model=f"{prefix}/{MODEL}", api_base=base, api_key="none", messages=HI, max_tokens=24,
                              **options)


def check(prefix, base):
    answer = ask(prefix, base, temperature=0)
    assert answer.choices[0].message.content and answer.usage.completion_tokens > 0
    text = "".join(c.choices[0].delta.content or "" for c in ask(prefix, base, temperature=0, stream=True) if c.choices)
    assert text == answer.choices[0].message.content, (text, answer)


def openai_dialect():
    check("openai", URL + "/v1")


def ollama_dialect():
    check("ollama_chat", URL)


run(openai_dialect, ollama_dialect)
