"""Time encoding beside `tokenizers` (and flash-tokenizer, if it is there), a process each.

    python benchmarks/encode.py corpus.txt vocab.txt --lowercase --megabytes 30

A text is a line. Only the calls are timed, not the start and the loading: `first` with a tokenizer
that has encoded nothing, `again` with the same texts a second time. The ids must be the same.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from sides import Run, Side, in_turns, machine, python, write_json

#: Reads the texts, loads, encodes twice, and prints seconds and a hash of the ids.
FRAME = """
import hashlib, json, sys, time
corpus, limit, tokenizer = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with open(corpus, encoding="utf-8", errors="ignore", newline="") as file:
    texts = file.read(limit).splitlines(keepends=True)
{load}
def read(found):
    for each in found:
        each.ids, each.tokens, each.offsets, each.type_ids, each.word_ids
        each.attention_mask, each.special_tokens_mask
    return found
seconds = []
for _ in range(2):
    started = time.perf_counter()
    found = {call}
    seconds.append(time.perf_counter() - started)
    digest = hashlib.sha256()
    for ids in {ids}:
        digest.update(str(list(ids)).encode())
    del found
print(json.dumps({{"first": seconds[0], "again": seconds[1], "ids": digest.hexdigest()}}))
"""
OURS = "import wordpiece; t = wordpiece.Tokenizer.from_file(tokenizer)"
THEIRS = "import tokenizers; t = tokenizers.Tokenizer.from_file(tokenizer)"
PLAIN = "add_special_tokens=False"
FLASH = """
from flash_tokenizer import BertTokenizerFlash
t = BertTokenizerFlash(sys.argv[4], do_lower_case=sys.argv[5] == "True").tokenizer
"""


def main() -> None:
    """Alternate the sides of each row and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, help="a plain text file")
    parser.add_argument("tokenizer", help="a vocab.txt, tokenizer.json or folder")
    parser.add_argument("--lowercase", action="store_true", help="for a bare vocab.txt")
    parser.add_argument("--megabytes", type=int, default=30)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2, help="of the last rows")
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/tokenizer.json"
        save(options.tokenizer, options.lowercase, file)
        found = {}
        for title, sides in rows(options, file).items():
            found[title] = in_turns(sides, options.runs)
    size = f"{options.megabytes} million characters of {options.corpus.name}"
    print(f"{size}, {options.tokenizer}; {machine()}\n")
    print(
        "| | side | first, s | again, s | times faster, first | again |\n|---|---|---|---|---|---|"
    )
    for title, runs in found.items():
        print_rows(title, runs)
    write_json(options.json, found)


def save(tokenizer: str, lowercase: bool, path: str) -> None:
    """The tokenizer.json that both sides read."""
    import wordpiece

    options = {"lowercase": True} if lowercase else {}
    wordpiece.Tokenizer.from_file(tokenizer, **options).save(path)


def rows(options: argparse.Namespace, file: str) -> dict[str, dict[str, Side]]:
    """What is compared with what."""
    number = options.processes
    fast, ids = f"t.encode_batch_fast(texts, {PLAIN})", "(each.ids for each in found)"
    one = {
        "tokenizers encode_batch_fast": side(options, file, THEIRS, fast, ids, threads=1),
        "encode_ids": side(options, file, OURS, "t.encode_ids(texts)", "found"),
    }
    if has_flash() and Path(options.tokenizer).suffix == ".txt":
        call = '[t.encode(text, "", -1) for text in texts]'
        kept = "(ids[1:-1] for ids in found)"  # without [CLS] and [SEP], which it always adds
        one["flash-tokenizer"] = side(options, file, FLASH, call, kept)
    many = {
        f"tokenizers encode_batch_fast, {number} threads": side(
            options, file, THEIRS, fast, ids, threads=number
        ),
        f"encode_ids, {number} processes": side(
            options, file, OURS, f"t.encode_ids(texts, workers={number})", "found"
        ),
    }
    full = f"t.encode_batch(texts, {PLAIN})"
    fields = {
        "tokenizers encode_batch": side(options, file, THEIRS, full, ids, threads=1),
        "encode_batch": side(options, file, OURS, full, ids),
    }
    read = {
        name: side(options, file, load, f"read({full})", ids)
        for name, load in (("tokenizers encode_batch", THEIRS), ("encode_batch", OURS))
    }
    return {
        "ids": one,
        f"ids, {number} processors": many,
        "all fields": fields,
        "all fields, read": read,
    }


def side(
    options: argparse.Namespace, file: str, load: str, call: str, ids: str, *, threads: int = 1
) -> Side:
    """One side as a process that times itself."""
    code = FRAME.format(load=load, call=call, ids=ids)
    limit = options.megabytes * 1_000_000
    command = python(code, options.corpus, limit, file, options.tokenizer, options.lowercase)
    parallel = "true" if threads > 1 else "false"
    return Side(command, {"RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": parallel})


def has_flash() -> bool:
    """Whether flash-tokenizer is installed."""
    import importlib.util

    return importlib.util.find_spec("flash_tokenizer") is not None


def print_rows(title: str, runs: dict[str, list[Run]]) -> None:
    """Medians of the two calls, ratios against the first side, and whether the ids are the same."""
    said = {name: [json.loads(run.said) for run in own] for name, own in runs.items()}
    medians = {
        name: [statistics.median(each[call] for each in own) for call in ("first", "again")]
        for name, own in said.items()
    }
    base, expected = next(iter(medians.values())), next(iter(said.values()))[0]["ids"]
    for name, (first, again) in medians.items():
        other = "" if said[name][0]["ids"] == expected else " (other ids)"
        ratios = f"{base[0] / first:.2f} | {base[1] / again:.2f}"
        print(f"| {title} | {name}{other} | {first:.2f} | {again:.2f} | {ratios} |")


if __name__ == "__main__":
    sys.exit(main())
