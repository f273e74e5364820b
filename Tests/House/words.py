#!/usr/bin/env python3
"""Looks for words that Brigade once used for things that have a name in the field: words.py

The words of today are listed in the manual (Documentation.docc, How it works). Prints each place where an identifier, a
file, an option, a metric or a message still has an old one, and exits with 1. Ordinary English is not meant: what is looked
for are compounds and names, and single words only in the rooms where they once had a private meaning.
"""
import pathlib
import re
import subprocess
import sys

# A pattern, what to say instead, and in which paths it is looked for (all of them when nothing is given).
OLD = [
    (r"[Gg]uess(es|ed|er|ing)?(?![a-z])", "draft, draft tokens, speculation, prompt lookup", r"^(Sources|Deploy|Configs|Tests/Clients)"),
    (r"\bisVoid\b|\bvoided\b|\bSkip(List|Sender|ped\w+)\b|\btakeSkips\b|\bskippedParts\b", "cancelled rows", ""),
    (r"\b(isReading|lastRead|isAnswering)\b", "prefill, decode", ""),
    (r"\b\w*(WayTime|waySteps|waySeconds|wayMilliseconds|ModelledLine|LineSimulation|LineSearch)\w*\b", "hop, pipeline", ""),
    (r"\b(flattest|ownHop|FrameUnderWay|underWay|flying)\b", "in flight, hop, pipeline", r"^(Sources|Tests)/(Planning|Scheduling|Simulation)"),
    (r"\bline\b(?!-|\(from)", "pipeline", r"^(Sources|Tests)/(Planning|Scheduling|Simulation)(Tests)?/"),
    (r"\blineDrawing|\bline-(stage|track|label|card)|\bempty-line\b", "pipeline", r"^(Sources/Serving/Resources|Tests/Page)"),
    (r"\bGroupPace\b|\binFlightBesideAnswers\b", "micro-batch", ""),
    (r"keep_?[lL]ittle", "return freed memory", ""),
    (r"\b(keptBlocks|blocksKept|blocks_kept|keptCount)\b", "prefix cache, cached blocks", ""),
    (r"reading_ahead|\bbk_ahead\b|readingAhead", "prefetch", ""),
    (r"\bPiece(Receiver|Transfer|Stamp)\b|\bSliceQuery\.Piece\b|\"pieces\"", "shard, chunk", r"^(Sources/(Coordinator|ModelStore|Worker|Wire)|Tests/(Wire|Coordinator))"),
    (r"\b\w*([Ss]helf|Shelved)\w*\b", "catalogue", ""),
    (r"\b(Entrance|StatusBoard|SessionBoard|ProgressBoard|ServedCluster)\b|\bstruct Watch\b", "middleware, shared status, heartbeat monitor", ""),
    (r"\b(OutputRequest|LogitsRequest|OutputRow)\b", "CandidateRequest, Candidates", ""),
]
# The names that scripts may still have, hidden from the help.
ALLOWED = [r'customLong\("no-guess(-ahead)?"\)']


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    names = subprocess.run(["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True).stdout.split("\n")
    found = []
    for name in filter(None, names):
        path = root / name
        if name.startswith("Tests/House/") or not path.is_file():
            continue
        rules = [(re.compile(p), instead) for p, instead, where in OLD if re.search(where, name)]
        stem = path.name
        for rule, instead in rules:
            if rule.search(stem):
                found.append(f"{name}: the file's name; say: {instead}")
        try:
            lines = path.read_text(encoding="utf8").split("\n")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if any(re.search(allowed, line) for allowed in ALLOWED):
                continue
            for rule, instead in rules:
                match = rule.search(line)
                if match:
                    found.append(f"{name}:{number}: \"{match[0]}\"; say: {instead}")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
