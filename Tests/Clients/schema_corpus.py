"""Five hundred JSON schemas as people have them: Pydantic models dumped, what zod's converters write, and by hand.

The same five hundred every time. Run alone it prints them, one JSON object a line: {"source": "pydantic", "schema":
{...}}.
"""
import copy, json, random, sys

from schema_models import pydantic_schemas
from schema_people import PEOPLE

WORDS = [
    "id", "name", "title", "status", "amount", "email", "created_at", "tags", "address", "score", "items", "owner",
    "notes", "url", "kind", "count", "price", "currency", "start", "end", "is_active", "metadata", "priority",
    "version", "language"
]


# What zod 4's toJSONSchema and zod-to-json-schema (for zod 3) write for a type; {} where zod writes {}.
def zod_string(r, old):
    patterns = {
        "email": r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$",
        "uuid": "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
        "|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$",
        "ipv4": r"^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])\.){3}"
        r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])$",
        "date": r"^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|"
        r"\d{4}-(?:(?:0[13578]|1[02])"
        r"-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))$",
        "date-time": r"^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|"
        r"\d{4}-(?:(?:0[13578]|1[02])"
        r"-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))"
        r"T(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z))$",
        "duration": r"^P(?:(\d+W)|(?!.*W)(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)$",
        "cuid": "^[cC][^\\s-]{8,}$",
        "cuid2": "^[0-9a-z]+$",
        "ulid": "^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$",
        "nanoid": "^[a-zA-Z0-9_-]{21}$",
        "base64": r"^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$",
        "e164": r"^\+(?:[0-9]){6,14}[0-9]$",
    }
    kind = r.randrange(16)
    if kind < 4:
        return {"type": "string"}
    if kind < 6:
        return {
            "type": "string", "minLength": 1, **({"maxLength": r.choice([20, 80, 255])} if r.random() < 0.6 else {})
        }
    if kind < 8:
        return {"type": "string", "format": "uri"}
    if kind < 12:
        name = r.choice(sorted(patterns))
        if old:
            return {"type": "string", "format": name
                    } if name in ("email", "uuid", "date", "date-time",
                                  "ipv4") else {"type": "string", "pattern": patterns[name]}
        if name == "base64":
            return {"type": "string", "format": "base64", "contentEncoding": "base64", "pattern": patterns[name]}
        return {"type": "string", "format": name, "pattern": patterns[name]}
    if kind == 12:
        return {
            "type": "string", "pattern": r.choice([
                r"^[a-z0-9]+(?:-[a-z0-9]+)*$", r"^\d{5}(-\d{4})?$", "^#[0-9a-fA-F]{6}$", r"^[A-Z]{2,3}-\d+$",
                r"^v?\d+\.\d+\.\d+$", "^.*foo.*$", "^https:\\/\\/.*"
            ])
        }
    if kind == 13:
        return {"type": "string", "allOf": [{"pattern": "^usr_.*"}, {"pattern": "[a-z0-9]+$"}]}
    return {
        "type": "string", "enum": r.sample(["draft", "published", "archived", "new", "open", "closed", "low", "high"],
                                           3)
    }


def zod_number(r, old):
    safe = {} if old else {"minimum": -9007199254740991, "maximum": 9007199254740991}
    kind = r.randrange(8)
    if kind == 0:
        return {"type": "number"}
    if kind == 1:
        return {"type": "integer", **safe}
    if kind == 2:
        return {"type": "integer", "exclusiveMinimum": 0, **({} if old else {"maximum": 9007199254740991})}
    if kind == 3:
        return {"type": "number", "minimum": 0, "maximum": r.choice([1, 5, 100])}
    if kind == 4:
        return {"type": "integer", "minimum": 1, "maximum": r.choice([5, 10, 65535])}
    if kind == 5:
        return {"type": "number", "multipleOf": r.choice([0.01, 0.5, 5])}
    if kind == 6:
        return {"type": "number", "exclusiveMinimum": 0}
    return {"type": "integer", "minimum": 0, "maximum": 255, "multipleOf": r.choice([1, 5])}


def zod(r, old, depth=0):
    """A type; `old`: as zod-to-json-schema writes it."""
    kind = r.randrange(9 if depth > 2 else 18)
    if kind < 4:
        return zod_string(r, old)
    if kind < 6:
        return zod_number(r, old)
    if kind == 6:
        return {"type": "boolean", **({"default": False} if r.random() < 0.3 else {})}
    if kind == 7:
        value = r.choice(["circle", 1, True])
        return {"type": {str: "string", int: "number", bool: "boolean"}[type(value)], "const": value}
    if kind == 8:
        inner = r.choice(["string", "number", "integer"])
        return {"type": [inner, "null"]} if old else {"anyOf": [{"type": inner}, {"type": "null"}]}
    if kind < 11:
        limits = r.choice([{}, {}, {"minItems": 1}, {"minItems": 1, "maxItems": 3}, {"maxItems": 5}])
        return {"type": "array", "items": zod(r, old, depth + 1), **limits}
    if kind == 11:
        types = [zod_string(r, old), zod_number(r, old)]
        if old:
            return {"type": "array", "minItems": 2, "maxItems": 2, "items": types}
        return {"type": "array", "prefixItems": types, **({"items": {"type": "boolean"}} if r.random() < 0.5 else {})}
    if kind == 12:
        names = {} if old else {"propertyNames": {"type": "string"}}
        if r.random() < 0.3:
            names = {
                "propertyNames": {"enum": ["red", "green", "blue"]}
                if old else {"type": "string", "enum": ["red", "green", "blue"]}
            }
        return {"type": "object", **names, "additionalProperties": zod(r, old, depth + 1)}
    if kind == 13:
        return {"anyOf": [zod(r, old, depth + 1), zod(r, old, depth + 1)]}
    if kind == 14:
        tag = r.choice(["type", "kind"])
        options = []
        for name in r.sample(["text", "image", "tool", "error"], r.randrange(2, 4)):
            option = zod_object(r, old, depth + 1)
            option["properties"] = {
                tag: {"type": "string", "const": name}, **{k: v
                                                           for k, v in option["properties"].items() if k != tag}
            }
            option["required"] = [tag] + [n for n in option.get("required", []) if n != tag]
            options.append(option)
        return {"anyOf" if old else r.choice(["anyOf", "oneOf"]): options}
    if kind == 15 and old:
        return {"type": "array", "uniqueItems": True, "items": r.choice([zod_string(r, old), {"type": "number"}])}
    return zod_object(r, old, depth)


def zod_object(r, old, depth=0):
    names = r.sample(WORDS, r.randrange(1, 6))
    properties = {n: zod(r, old, depth + 1) for n in names}
    if r.random() < 0.2:
        properties[names[0]] = dict(properties[names[0]], description="Say it in one sentence.")
    required = [n for n in names if r.random() < 0.75]
    return {
        "type": "object", "properties": properties,
        **({"required": required} if required else {}), "additionalProperties": False
    }


def zod_schemas(count):
    r = random.Random(4)
    for i in range(count):
        old = i % 2 == 1
        schema = zod_object(r, old)
        if i % 10 == 0:  # a recursive type: z.lazy, or a getter
            place = "definitions" if old else "$defs"
            node = {
                "type": "object", "properties": {
                    "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": f"#/{place}/node"}}
                }, "required": ["name", "children"], "additionalProperties": False
            }
            schema["properties"]["tree"] = {"$ref": f"#/{place}/node"}
            schema[place] = {"node": node}
        if i % 10 == 5:  # z.intersection
            other = zod_object(r, old)
            for part in (schema, other):
                part.pop("additionalProperties")
            other["properties"] = {f"{n}_2": s for n, s in other["properties"].items()}
            other["required"] = [f"{n}_2" for n in other.get("required", [])]
            schema = {"allOf": [schema, other]}
        draft = "http://json-schema.org/draft-07/schema#" if old else "https://json-schema.org/draft/2020-12/schema"
        yield "zod-to-json-schema" if old else "zod", {"$schema": draft, **schema}


def people_schemas(count):
    """The schemas by hand, then again with other limits and with some properties left out."""
    r, seen, i = random.Random(5), set(), 0
    while len(seen) < count:
        schema = copy.deepcopy(PEOPLE[i % len(PEOPLE)])
        if i >= len(PEOPLE):
            vary(schema, r)
        i += 1
        if json.dumps(schema) not in seen:
            seen.add(json.dumps(schema))
            yield "people", schema


def vary(schema, r):
    if isinstance(schema, list):
        for part in schema:
            vary(part, r)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"),
                  dict) and not schema.keys() & {"minProperties", "maxProperties", "propertyNames"}:
        names = [n for n in schema["properties"] if n not in schema.get("required", [])]
        for name in names:
            if r.random() < 0.3 and len(schema["properties"]) > 1:
                del schema["properties"][name]
    for name, change in [("minLength", 1), ("maxLength", 3), ("maximum", 7), ("maxItems", 1)]:
        if isinstance(schema.get(name), int) and not isinstance(schema.get(name), bool) and r.random() < 0.5:
            if name != "minLength" or schema[name] + 1 <= schema.get("maxLength", 9):
                schema[name] += change
    if schema.get("type") == "string" and len(schema) == 1 and r.random() < 0.3:
        schema.update(r.choice([{"minLength": 1}, {"maxLength": 64}, {"format": "date"}, {"pattern": "^[A-Z]"}]))
    if schema.get("type") == "integer" and len(schema) == 1 and r.random() < 0.3:
        schema.update(r.choice([{"minimum": 0}, {"minimum": 1, "maximum": 9}, {"multipleOf": 3}]))
    for name, part in schema.items():
        if name not in ("enum", "const", "default", "examples", "example", "required"):
            vary(part, r)


def corpus():
    """Pairs of source and schema."""
    pydantic = [("pydantic", s) for s in pydantic_schemas(160)]
    return pydantic + list(zod_schemas(180)) + list(people_schemas(160))


if __name__ == "__main__":
    for source, schema in corpus()[:int(sys.argv[1]) if len(sys.argv) > 1 else None]:
        print(json.dumps({"source": source, "schema": schema}))
