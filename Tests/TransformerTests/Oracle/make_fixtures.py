#!/usr/bin/env python3
"""Logits of the tiny models in Tests/TinyModel/TinyArchitecture.swift, computed without anything of Brigade's.

Every weight is a function of the model's and the tensor's name and its index, written down here and there; the forward
pass is plain numpy in double precision. Rerun it after a change of either; the results are part of the repository.

  pip install numpy
  make_fixtures.py                     writes NAME.json for every case beside this file
  make_fixtures.py --gguf DIR          writes the cases' models too, for another engine to read (pip install gguf)
"""
import argparse, json, math, pathlib
import numpy as np

VOCABULARY, LAYERS = 288, 3
TOKENS = [(i * 37 + 11) % 256 for i in range(150)]
POSITIONS = [0, 1, 5, 63, 64, 149]

QWEN2 = dict(model="qwen2", architecture="qwen2", width=128, heads=4, kv_heads=2, head_dim=32, inner=192, base=10000.0,
             tied=False)
QWEN3 = dict(model="qwen3", architecture="qwen3", width=96, heads=4, kv_heads=2, head_dim=64, inner=160, base=1000000.0,
             tied=True)
LLAMA = dict(model="llama", architecture="llama", width=128, heads=4, kv_heads=1, head_dim=32, inner=192, base=500000.0,
             tied=False)
CASES = {
    "qwen2": QWEN2,
    "qwen2-yarn": dict(QWEN2, scaling=("yarn", 4.0, 256)),
    "qwen3": QWEN3,
    "llama": dict(LLAMA, factors=True),
    "llama-linear": dict(LLAMA, model="llama-linear", scaling=("linear", 2.5, None)),
}


def uniform(name, count):
    """SplitMix64 seeded by FNV-1a of the name, as numbers from -1 to 1."""
    mask, seed = (1 << 64) - 1, 14695981039346656037
    for byte in name.encode():
        seed = (seed ^ byte) * 1099511628211 & mask
    z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0 ** -52 - 1


def weights(c):
    """Tensor name -> float32 array, the outputs first."""
    d, w, inner = c["head_dim"], c["width"], c["inner"]
    q, kv = c["heads"] * d, c["kv_heads"] * d
    t = {}

    def matrix(name, outputs, inputs, gain):
        deviation = gain * math.sqrt(3.0 / inputs)
        t[name] = (deviation * uniform(c["model"] + "/" + name, outputs * inputs)).astype(np.float32).reshape(outputs,
            inputs)

    def vector(name, count, mean, deviation):
        t[name] = (mean + deviation * uniform(c["model"] + "/" + name, count)).astype(np.float32)

    matrix("token_embd.weight", VOCABULARY, w, 2.0 if c["tied"] else math.sqrt(w))
    vector("output_norm.weight", w, 1.0, 0.3)
    if not c["tied"]:
        matrix("output.weight", VOCABULARY, w, 2.0)
    if c.get("factors"):
        t["rope_freqs.weight"] = np.array([1.0 + 7.0 * i / (d // 2 - 1) for i in range(d // 2)], dtype=np.float32)
    for layer in range(LAYERS):
        p = f"blk.{layer}."
        vector(p + "attn_norm.weight", w, 1.0, 0.3)
        vector(p + "ffn_norm.weight", w, 1.0, 0.3)
        if c["architecture"] == "qwen2":
            vector(p + "attn_q.bias", q, 0.0, 0.5)
            vector(p + "attn_k.bias", kv, 0.0, 0.5)
            vector(p + "attn_v.bias", kv, 0.0, 0.5)
        if c["architecture"] == "qwen3":
            vector(p + "attn_q_norm.weight", d, 1.5, 0.5)
            vector(p + "attn_k_norm.weight", d, 1.0, 0.5)
        matrix(p + "attn_q.weight", q, w, 1.5)
        matrix(p + "attn_k.weight", kv, w, 1.5)
        matrix(p + "attn_v.weight", kv, w, 1.0)
        matrix(p + "attn_output.weight", w, q, 1.0)
        matrix(p + "ffn_gate.weight", inner, w, 1.0)
        matrix(p + "ffn_up.weight", inner, w, 1.0)
        matrix(p + "ffn_down.weight", w, inner, 1.5)
    return t


def angles(c, t, count):
    """cos and sin, [count, head_dim / 2]."""
    d, base = c["head_dim"], c["base"]
    freq = base ** (-np.arange(0, d, 2, dtype=np.float64) / d)
    if "rope_freqs.weight" in t:
        freq = freq / t["rope_freqs.weight"].astype(np.float64)
    magnitude = 1.0
    if "scaling" in c:
        kind, factor, original = c["scaling"]
        if kind == "linear":
            freq = freq / factor
        else:
            pair = lambda turns: d * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))
            low, high = max(0, math.floor(pair(32))), min(d - 1, math.ceil(pair(1)))
            keep = 1 - np.clip((np.arange(d // 2) - low) / max(0.001, high - low), 0, 1)
            freq, magnitude = freq / factor * (1 - keep) + freq * keep, 1 + 0.1 * math.log(factor)
    a = np.arange(count)[:, None] * freq
    return np.cos(a) * magnitude, np.sin(a) * magnitude


def rotate(x, cos, sin, neighbours):
    """x: [count, heads, head_dim]. GGUF has Llama's heads reordered so that neighbours turn together."""
    cos, sin, out, half = cos[:, None], sin[:, None], np.empty_like(x), x.shape[-1] // 2
    a, b = (np.s_[..., 0::2], np.s_[..., 1::2]) if neighbours else (np.s_[..., :half], np.s_[..., half:])
    out[a], out[b] = x[a] * cos - x[b] * sin, x[b] * cos + x[a] * sin
    return out


def norm(x, weight):
    return x / np.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-5) * weight


def logits(c):
    t = {name: value.astype(np.float64) for name, value in weights(c).items()}
    n, heads, kv_heads, d = len(TOKENS), c["heads"], c["kv_heads"], c["head_dim"]
    cos, sin = angles(c, t, n)
    x, neighbours = t["token_embd.weight"][TOKENS], c["architecture"] == "llama"
    mask = np.triu(np.full((n, n), -np.inf), 1)
    for layer in range(LAYERS):
        w = lambda name: t[f"blk.{layer}.{name}"]
        linear = lambda x, name: x @ w(name + ".weight").T + t.get(f"blk.{layer}.{name}.bias", 0.0)
        h = norm(x, w("attn_norm.weight"))
        q, k = linear(h, "attn_q").reshape(n, heads, d), linear(h, "attn_k").reshape(n, kv_heads, d)
        v = linear(h, "attn_v").reshape(n, kv_heads, d)
        if c["architecture"] == "qwen3":
            q, k = norm(q, w("attn_q_norm.weight")), norm(k, w("attn_k_norm.weight"))
        q, k = rotate(q, cos, sin, neighbours), rotate(k, cos, sin, neighbours)
        mixed = []
        for head in range(heads):
            of = head // (heads // kv_heads)
            s = q[:, head] @ k[:, of].T / math.sqrt(d) + mask
            e = np.exp(s - s.max(-1, keepdims=True))
            mixed.append(e / e.sum(-1, keepdims=True) @ v[:, of])
        x = x + linear(np.concatenate(mixed, -1), "attn_output")
        h = norm(x, w("ffn_norm.weight"))
        gate = linear(h, "ffn_gate")
        x = x + linear(gate / (1 + np.exp(-gate)) * linear(h, "ffn_up"), "ffn_down")
    head = t["token_embd.weight" if c["tied"] else "output.weight"]
    return norm(x[POSITIONS], t["output_norm.weight"]) @ head.T


def write_gguf(path, name, c):
    from gguf import GGUFWriter
    g = GGUFWriter(str(path), c["architecture"])
    for key, value in [("block_count", LAYERS), ("context_length", 1024), ("embedding_length", c["width"]),
                       ("feed_forward_length", c["inner"]), ("attention.head_count", c["heads"]),
                       ("attention.head_count_kv", c["kv_heads"]), ("attention.key_length", c["head_dim"]),
                       ("attention.value_length", c["head_dim"]), ("rope.dimension_count", c["head_dim"])]:
        g.add_uint32(f"{c['architecture']}.{key}", value)
    g.add_float32(f"{c['architecture']}.attention.layer_norm_rms_epsilon", 1e-5)
    g.add_float32(f"{c['architecture']}.rope.freq_base", c["base"])
    if "scaling" in c:
        kind, factor, original = c["scaling"]
        g.add_string(f"{c['architecture']}.rope.scaling.type", kind)
        g.add_float32(f"{c['architecture']}.rope.scaling.factor", factor)
        if original:
            g.add_uint32(f"{c['architecture']}.rope.scaling.original_context_length", original)
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in visible]
    spelled = [chr(b if b in visible else 256 + hidden.index(b)) for b in range(256)]
    g.add_string("tokenizer.ggml.model", "gpt2")
    g.add_string("tokenizer.ggml.pre", "llama-bpe" if c["architecture"] == "llama" else "qwen2")
    g.add_array("tokenizer.ggml.tokens", spelled + [f"[PAD{i}]" for i in range(256, VOCABULARY)])
    g.add_array("tokenizer.ggml.token_type", [1] * 256 + [5] * (VOCABULARY - 256))
    g.add_array("tokenizer.ggml.merges", ["h e"])
    for key in ["bos", "eos"]:
        g.add_uint32(f"tokenizer.ggml.{key}_token_id", 255)
    for tensor, value in weights(c).items():
        g.add_tensor(tensor, value)
    g.write_header_to_file(), g.write_kv_data_to_file(), g.write_tensors_to_file(), g.close()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--gguf", type=pathlib.Path)
    a = ap.parse_args()
    for name, c in CASES.items():
        rows = ",\n".join("[" + ", ".join(f"{x:.5g}" for x in row) + "]" for row in logits(c))
        text = f'{{"tokens": {json.dumps(TOKENS)},\n"positions": {json.dumps(POSITIONS)},\n"logits": [\n{rows}]}}\n'
        pathlib.Path(__file__).with_name(name + ".json").write_text(text)
        if a.gguf:
            write_gguf(a.gguf / (name + ".gguf"), name, c)


if __name__ == "__main__":
    main()
