#!/usr/bin/env python3
"""Makes the fixtures of GGUFTests with the `gguf` Python package: make_dequant.py [FOLDER]

dequant.bin: for each tensor type its number (u32), the number of blocks (u32), the blocks' bytes and the float32
weights `gguf.dequantize` makes of them, all little-endian. The blocks are random bytes; the float16 scales in them are
random numbers of a usual size, except in the first blocks, which have zeros, subnormals, the largest, infinity and NaN.

written.bin: a GGUF file by `gguf.GGUFWriter` with every metadata type and three tensors.
"""
import pathlib, sys
import numpy as np
import gguf
from gguf import GGMLQuantizationType as T, GGUFValueType as V

# type -> byte offsets of float16 scales in a block
SCALES = {
    T.F32: [], T.F16: [], T.BF16: [], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0],
    T.Q2_K: [80, 82], T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208],
}
SPECIAL = [0x0000, 0x8000, 0x0001, 0x83FF, 0x7BFF, 0xFC00, 0x7E00]


def blocks_of(rng, kind):
    weights, size = gguf.GGML_QUANT_SIZES[kind]
    count = 512 if weights == 1 else 40 if weights == 32 else 14
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for offset in SCALES[kind]:
        scales = (rng.standard_normal(count) * 0.02).astype(np.float16)
        scales[: len(SPECIAL)] = np.array(rng.permutation(SPECIAL), np.uint16).view(np.float16)
        blocks[:, offset : offset + 2] = scales.view(np.uint8).reshape(count, 2)
    return blocks


def main(folder):
    rng = np.random.default_rng(20250301)
    with open(folder / "dequant.bin", "wb") as out, np.errstate(all="ignore"):
        for kind in SCALES:
            blocks = blocks_of(rng, kind)
            weights = gguf.dequantize(blocks.reshape(1, -1), kind).astype("<f4")
            out.write(np.array([kind, len(blocks)], "<u4").tobytes() + blocks.tobytes() + weights.tobytes())

    writer = gguf.GGUFWriter(folder / "written.bin", "qwen2")
    writer.add_uint8("test.uint8", 200)
    writer.add_int8("test.int8", -100)
    writer.add_uint16("test.uint16", 60000)
    writer.add_int16("test.int16", -30000)
    writer.add_uint32("test.uint32", 4000000000)
    writer.add_int32("test.int32", -2000000000)
    writer.add_uint64("test.uint64", 2**64 - 1)
    writer.add_int64("test.int64", -(2**63))
    writer.add_float32("test.float32", 1e-6)
    writer.add_float64("test.float64", 1e-300)
    writer.add_bool("test.bool", True)
    writer.add_string("test.string", "Löscheimer 🪣")
    writer.add_array("test.strings", ["", "a", "Ġthe"])
    writer.add_array("test.ints", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -0.25])
    writer.add_array("test.bools", [True, False, True])
    writer.add_tensor("vector", np.arange(5, dtype=np.float32))
    writer.add_tensor("halves", np.arange(6, dtype=np.float16).reshape(2, 3))
    quantized = gguf.quantize(np.linspace(-1, 1, 128, dtype=np.float32).reshape(2, 64), T.Q8_0)
    writer.add_tensor("quantized", quantized, raw_dtype=T.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
