"""JSON schemas, random ones and as people write them: every answer must end by itself and satisfy its schema.

SCHEMAS is how many of the corpus of 500 are asked for, spread over the whole, each greedy and at temperature 1.2;
BRIGADE_SCHEMAS how many random ones.
"""
import json, os, random

import httpx, jsonschema
from checks import MODEL, URL, run
from schema_corpus import corpus

COUNT = int(os.environ.get("BRIGADE_SCHEMAS", "50"))
EVERYDAY = int(os.environ.get("SCHEMAS", "25"))
# Room for what has no limit in its schema: a string, a list, a tree.
LONGEST = int(os.environ.get("SCHEMA_TOKENS", "1700"))


def schema(r, depth=0):
    kind = r.randrange(6) if depth > 2 else r.randrange(11)
    if kind == 0:
        return {"type": "string", "maxLength": r.randrange(1, 12)}
    if kind == 1:
        return {"type": "integer"}
    if kind == 2:
        return {"type": r.choice(["boolean", "null", "number"])}
    if kind == 3:
        return {"enum": r.sample(["red", "green", 1, 12, None, "bl\"ue", [1, 2]], 3)}
    if kind == 4:
        return {"const": f"k{r.randrange(100)}"}
    if kind == 5:
        return {"type": ["integer", "null"]}
    if kind == 6:
        least = r.randrange(3)
        return {"type": "array", "items": schema(r, depth + 1), "minItems": least, "maxItems": least + r.randrange(3)}
    if kind == 7:
        return {"anyOf": [schema(r, depth + 1), schema(r, depth + 1)]}
    if kind == 8 and depth > 0:
        return {"$ref": "#/$defs/tree"}
    names = r.sample(["name", "age", "tags", "größe", "a b", "x"], r.randrange(1, 5))
    return {
        "type": "object",
        "properties": {n: schema(r, depth + 1)
                       for n in names},
        "required": [n for n in names if r.random() < 0.7],
        "additionalProperties": False,
    }


def random_schemas():
    # Everything a schema asks for is bounded but the depth of its tree, and so is what the server lets a number or
    # white space grow to:
    # with room for a deep one no answer needs to be cut.
    r, longest = random.Random(11), 0
    with httpx.Client(timeout=120) as client:
        for i in range(COUNT):
            s = schema(r)
            s["$defs"] = {
                "tree": {
                    "type": "object", "properties": {
                        "v": {"type": "integer"}, "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/tree"}]}
                    }, "required": ["v", "next"], "additionalProperties": False
                }
            }
            body = {
                "model": MODEL, "messages": [{"role": "user", "content": "Invent data for this form."}],
                "max_tokens": 1700, "temperature": 1, "seed": i,
                "response_format": {"type": "json_schema", "json_schema": {"name": "data", "schema": s}}
            }
            answer = client.post(URL + "/v1/chat/completions", json=body)
            assert answer.status_code == 200, (answer.text, s)
            choice = answer.json()["choices"][0]
            assert choice["finish_reason"] == "stop", (choice, s)
            jsonschema.validate(json.loads(choice["message"]["content"]), s)
            longest = max(longest, answer.json()["usage"]["completion_tokens"])
    print(f"      {COUNT} answers, all valid; the longest has {longest} tokens")


def validator(schema):
    """The validator of the schema's draft, formats checked."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def unique(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a name stands twice: {names}"
    return dict(pairs)


def ask(client, schema, seed, temperature):
    """The answer, and how many tokens it has; None when it was cut."""
    body = {
        "model": MODEL, "messages": [{"role": "user", "content": "Invent short data for this form."}],
        "max_tokens": LONGEST, "seed": seed, "temperature": temperature,
        "response_format": {"type": "json_schema", "json_schema": {"name": "data", "schema": schema}}
    }
    answer = client.post(URL + "/v1/chat/completions", json=body)
    assert answer.status_code == 200, (answer.text, schema)
    choice = answer.json()["choices"][0]
    tokens = answer.json()["usage"]["completion_tokens"]
    if choice["finish_reason"] == "length":
        return None, tokens
    assert choice["finish_reason"] == "stop", (choice, schema)
    return choice["message"]["content"], tokens


def everyday_schemas():
    schemas = corpus()
    schemas = [schemas[i * len(schemas) // EVERYDAY] for i in range(min(EVERYDAY, len(schemas)))]
    answers = cut = longest = 0
    with httpx.Client(timeout=600) as client:
        for i, (source, schema) in enumerate(schemas):
            for temperature in (0, 1.2):
                text, tokens = ask(client, schema, i, temperature)
                longest = max(longest, tokens)
                if text is None:
                    # A model that repeats itself ends no string or list without a limit; the beginning was right.
                    cut += 1
                    continue
                answers += 1
                try:
                    validator(schema).validate(json.loads(text, object_pairs_hook=unique))
                except Exception as error:
                    raise AssertionError(
                        f"{source} schema {i} at temperature {temperature}: {error}\n{text}\n{json.dumps(schema)}"
                    ) from None
    print(
        f"      {answers} answers to {len(schemas)} schemas, all valid; {cut} were cut at {LONGEST} tokens; "
        f"the longest has {longest}"
    )
    assert answers > cut, f"{cut} answers were cut, and only {answers} were not"


run(random_schemas, everyday_schemas)
