"""A model that writes <think> … </think>: its thoughts come apart from its answer, in both dialects, streamed and
whole.

The model is not made for it; it is shown how by two turns, and writes the tags itself.
"""
import ollama, openai
from checks import MODEL, URL, run

SHOWN = [
    {"role": "system", "content": "You write your thoughts between <think> and </think>, and behind them the answer."},
    {"role": "user", "content": "What is 2 + 3?"},
    {"role": "assistant", "content": "<think>\nTwo and three make five.\n</think>\n\nThe answer is 5."},
    {"role": "user", "content": "What is the capital of France?"},
    {"role": "assistant", "content": "<think>\nThe capital of France is Paris.\n</think>\n\nThe answer is Paris."},
    {"role": "user", "content": "What is 4 + 4?"},
]
TAGS = ("<think>", "</think>", "think>")
official = openai.OpenAI(base_url=URL + "/v1", api_key="none", max_retries=0, timeout=120)
client = ollama.Client(host=URL, timeout=120)


def apart(thinking, content):
    """Both are there, in neither a tag, and neither holds the other."""
    assert thinking.strip() and content.strip(), (thinking, content)
    assert not any(tag in thinking + content for tag in TAGS), (thinking, content)
    assert "eight" in content or "8" in content, (thinking, content)


def openai_whole_and_streamed():
    ask = dict(model=MODEL, messages=SHOWN, temperature=0, max_tokens=80)
    message = official.chat.completions.create(**ask).choices[0].message
    apart(message.reasoning_content, message.content)
    chunks = list(official.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    thoughts = [getattr(delta, "reasoning_content", None) or "" for delta in deltas]
    words = [delta.content or "" for delta in deltas]
    assert "".join(thoughts) == message.reasoning_content and "".join(words) == message.content
    assert sum(map(bool, thoughts)) > 2, "thoughts were streamed"
    last_thought, first_word = max(i for i, t in enumerate(thoughts) if t), min(i for i, w in enumerate(words) if w)
    assert last_thought < first_word, "first the thoughts, then the answer"
    usage = chunks[-1].usage
    assert 0 < usage.completion_tokens_details.reasoning_tokens < usage.completion_tokens


def ollama_whole_and_streamed():
    ask = dict(model=MODEL, messages=SHOWN, options={"temperature": 0, "num_predict": 80})
    message = client.chat(**ask).message
    apart(message.thinking, message.content)
    parts = [part.message for part in client.chat(**ask, stream=True)]
    assert "".join(part.thinking or "" for part in parts) == message.thinking
    assert "".join(part.content or "" for part in parts) == message.content
    assert not any(part.thinking and part.content for part in parts)
    assert sum(bool(part.thinking) for part in parts) > 2


def both_dialects_say_the_same():
    one = official.chat.completions.create(model=MODEL, messages=SHOWN, temperature=0, max_tokens=80).choices[0].message
    other = client.chat(model=MODEL, messages=SHOWN, options={"temperature": 0, "num_predict": 80}).message
    assert (one.reasoning_content, one.content) == (other.thinking, other.content)


run(openai_whole_and_streamed, ollama_whole_and_streamed, both_dialects_say_the_same)
