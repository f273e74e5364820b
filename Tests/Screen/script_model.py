"""Writes a tiny model that says what it is told to: script_model.write(path, pieces).

Its blocks add nothing, its embedding of a token is a vector of its own, and its head maps each token's vector to the
next piece of the script; so the answer to whatever prompt is the script, token by token. The first piece follows the
line feed behind which ChatML has an answer begin.
"""
import array, json, struct

WIDTH, SPECIAL = 512, ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
STRING, ARRAY, UINT32, INT32, FLOAT32, BOOL = 8, 9, 4, 5, 6, 7
TEMPLATE = ("{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + "
            "'<|im_end|>' + '\\n' }}{%- endfor %}{%- if add_generation_prompt %}"
            "{{- '<|im_start|>assistant\\n' }}{%- endif %}")


def alphabet():
    """Each byte's character in the vocabulary of a byte-level tokenizer."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in printable]
    return [chr(b if b in printable else 256 + hidden.index(b)) for b in range(256)]


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def item(kind, value):
    if kind == STRING:
        return text(value)
    return struct.pack({UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}[kind], value)


def write(path, pieces, name="script", layers=2, repeats=False, context=131072, padding=0, metadata=()):
    """A model that answers with these texts, one token each; a piece that is a special token is that token.

    `repeats`: begins again at the first instead of ending. `padding`: bytes of weights that say nothing more."""
    letters = alphabet()
    spelled = ["".join(letters[b] for b in piece.encode()) if piece not in SPECIAL else piece for piece in pieces]
    tokens = letters + ["he"]  # one merge there must be
    tokens += [s for s in dict.fromkeys(spelled) if s not in SPECIAL and s not in tokens]
    types = [1] * len(tokens) + [3, 3, 3, 4, 4]
    tokens += SPECIAL
    ids = [tokens.index(s) for s in spelled]
    assert len(set(ids)) == len(ids), "each piece may occur once: what follows it depends on nothing else"
    # Only what the script needs has a vector: the line feed before it and its pieces.
    places = {token: place for place, token in enumerate([tokens.index(letters[10]), *ids])}
    assert len(places) == len(ids) + 1 and len(places) <= WIDTH, f"{len(places)} tokens of a script, {WIDTH} at most"
    follow = dict(zip([tokens.index(letters[10]), *ids], [*ids, ids[0] if repeats else tokens.index("<|im_end|>")]))
    inner = WIDTH + padding // (3 * 4 * WIDTH * layers)

    def zeros(*shape):
        return array.array("f", bytes(4 * shape[0] * (shape[1] if len(shape) > 1 else 1)))

    def table(entries):
        values = zeros(WIDTH, len(tokens))
        for token, place in entries:
            values[token * WIDTH + place] = 1.0
        return values

    ones = array.array("f", [1.0]) * WIDTH
    tensors = [("token_embd.weight", (WIDTH, len(tokens)), table(places.items())),
               ("output_norm.weight", (WIDTH,), ones),
               ("output.weight", (WIDTH, len(tokens)),
                table((follow[token], place) for token, place in places.items()))]
    for layer in range(layers):
        for part, shape in [("attn_q", (WIDTH, 64)), ("attn_k", (WIDTH, 32)), ("attn_v", (WIDTH, 32)),
                            ("attn_output", (64, WIDTH)), ("ffn_gate", (WIDTH, inner)), ("ffn_up", (WIDTH, inner)),
                            ("ffn_down", (inner, WIDTH))]:
            tensors.append((f"blk.{layer}.{part}.weight", shape, zeros(*shape)))
        for part in ("attn_norm", "ffn_norm"):
            tensors.append((f"blk.{layer}.{part}.weight", (WIDTH,), ones))
        for part, size in (("attn_q", 64), ("attn_k", 32), ("attn_v", 32)):
            tensors.append((f"blk.{layer}.{part}.bias", (size,), zeros(size)))
    keys = {
        "general.architecture": (STRING, "qwen2"), "general.name": (STRING, name),
        "qwen2.block_count": (UINT32, layers),
        "qwen2.context_length": (UINT32, context), "qwen2.embedding_length": (UINT32, WIDTH),
        "qwen2.feed_forward_length": (UINT32, inner), "qwen2.attention.head_count": (UINT32, 2),
        "qwen2.attention.head_count_kv": (UINT32, 1), "qwen2.attention.key_length": (UINT32, 32),
        "qwen2.attention.value_length": (UINT32, 32), "qwen2.rope.freq_base": (FLOAT32, 1e6),
        "qwen2.attention.layer_norm_rms_epsilon": (FLOAT32, 1e-5), "tokenizer.ggml.model": (STRING, "gpt2"),
        "tokenizer.ggml.pre": (STRING, "qwen2"), "tokenizer.ggml.tokens": (STRING, tokens),
        "tokenizer.ggml.token_type": (INT32, types), "tokenizer.ggml.merges": (STRING, ["h e"]),
        "tokenizer.ggml.eos_token_id": (UINT32, tokens.index("<|im_end|>")),
        "tokenizer.ggml.add_bos_token": (BOOL, False), "tokenizer.chat_template": (STRING, TEMPLATE), **dict(metadata),
    }
    with open(path, "wb") as file:
        file.write(struct.pack("<IIQQ", 0x46554747, 3, len(tensors), len(keys)))
        for key, (kind, value) in keys.items():
            file.write(text(key))
            if isinstance(value, list):
                file.write(struct.pack("<IIQ", ARRAY, kind, len(value)) + b"".join(item(kind, v) for v in value))
            else:
                file.write(struct.pack("<I", kind) + item(kind, value))
        offset = 0
        for tensor, shape, values in tensors:
            file.write(text(tensor) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape))
            file.write(struct.pack("<IQ", 0, offset))
            offset += -(-len(values) * 4 // 32) * 32
        file.write(bytes(-file.tell() % 32))
        for _, _, values in tensors:
            values.tofile(file)
            file.write(bytes(-file.tell() % 32))
    return str(path)
