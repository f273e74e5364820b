#!/usr/bin/env python3
"""Pieces of generated texts, cut by the published patterns with Python's `regex`: writes pieces.jsonl beside this file.

  pip install regex

A line holds a text and the lengths of its pieces in bytes of UTF-8, by Qwen2's pattern (also
DeepSeek-R1-Distill-Qwen's) and by Llama 3's. The texts are drawn with a fixed seed from characters whose classes have
long been settled in Unicode; those whose lower case is an ASCII letter (the Kelvin sign, the long s) are left out:
engines differ in how (?i) takes them.
"""
import json, pathlib, random
import regex

PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
           r"|\s+(?!\S)|\s+")
PATTERNS = {"qwen2": regex.compile(PATTERN % ""), "llama": regex.compile(PATTERN % "{1,3}")}
WORDS = ["the", "We'll", "it's", "DON'T", "they've", "x'r", "'d", "''", "I'M", "naïve", "Straße", "привет", "мир",
         "你好", "世界",
         "こんにちは", "안녕", "שלום", "مرحبا", "नमस्ते", "e\u0301", "1", "42", "007", "1234", "3.14159", "1,000,000", "٣٤٥٦",
         "Ⅷ", "x²",
         "½¾⅓⅔", "2024-07-26", "👩\u200d👦", "🇩🇪", "_name", "foo(bar)", "==", "!=", "->", "...", "«»", "、", "。", "\u200b",
         "#!/bin/sh", "€5"]
SPACES = [" ", " ", " ", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\r\n", " \n", "\n  ", "\u00a0", "\u3000", "\u2028",
          "\u0085", " \t\n ", ""]
LETTERS = list("aZéжб好あ1239½²٣ \t\r\n\u00a0'srevmldtSTREVMLD!._-\u0301👩$")


def text(random):
    if random.random() < 0.5:
        return "".join(random.choice(LETTERS) for _ in range(random.randint(0, 30)))
    return "".join(random.choice(WORDS) + random.choice(SPACES) for _ in range(random.randint(1, 9)))


def main():
    draw, lines = random.Random(20240726), []
    for _ in range(400):
        line = {"text": text(draw)}
        for name, pattern in PATTERNS.items():
            pieces = pattern.findall(line["text"])
            assert "".join(pieces) == line["text"]
            line[name] = [len(piece.encode()) for piece in pieces]
        lines.append(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")
    pathlib.Path(__file__).with_name("pieces.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    main()
