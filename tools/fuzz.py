"""Coverage-guided fuzzing of what reads files of strangers.

    pip install atheris
    python tools/fuzz.py counts seeds/counts -max_total_time=600 -timeout=10 -rss_limit_mb=2000

The first argument is the target: tokenizer_json, vocab_txt or counts; the rest is libFuzzer's. A
folder of seeds is filled with a few good files when it is empty. Whatever is raised that is no
`WordpieceError` is a fault; its input is kept by libFuzzer, and belongs into tests/seeds.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wordpiece"]):
    import wordpiece
    from wordpiece import Tokenizer, WordpieceError, presets
    from wordpiece.formats import counts_file, tokenizer_json, tokenizer_json_reader, vocab_txt
    from wordpiece.formats.counts_file import Header
    from wordpiece.text.byte_alphabet import byte_characters
    from wordpiece.text.rules import TextRules

TEXT = "ab cab [MASK] Ünï 中 ab"
VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##a", "##b", "ab"]
FOLDER = tempfile.mkdtemp()


def tokenizer_json_target(data: bytes) -> None:
    """Read a tokenizer.json; what is accepted must encode, decode and be written again.

    Bytes that are changed at random are hardly ever JSON, so half of the inputs are taken as a
    recipe by which values of a good document are changed.
    """
    text = data.decode("utf-8", "ignore") if data[:1] == b"{" else changed(data)
    tokenizer = Tokenizer(tokenizer_json_reader.parse(text, source="fuzz"))
    ids = tokenizer.encode(TEXT).ids
    assert tokenizer.encode_ids([TEXT], add_special_tokens=True) == [ids]
    tokenizer.decode(ids)
    tokenizer_json_reader.parse(tokenizer_json.dump(tokenizer.parts), source="again")


def changed(data: bytes) -> str:
    """A good document in which some values were put in other places, or replaced."""
    recipe = atheris.FuzzedDataProvider(data)
    seeds = tokenizer_json_seeds()
    document = json.loads(seeds[recipe.ConsumeIntInRange(0, len(seeds) - 1)])
    document["model"]["vocab"] = dict(list(document["model"]["vocab"].items())[:300])
    for _ in range(recipe.ConsumeIntInRange(1, 4)):
        place: object = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))  # type: ignore[arg-type]
            if not keys:
                break
            key = keys[recipe.ConsumeIntInRange(0, len(keys) - 1)]
            inner = place[key]  # type: ignore[index]
            if isinstance(inner, dict | list) and recipe.ConsumeIntInRange(0, 3):
                place = inner
                continue
            copied = json.loads(json.dumps(inner))
            model = json.loads(json.dumps(document.get("model")))
            pool = [None, True, -1, 0, 1, 2**70, 1e400, "", "a", "\ud800", "[UNK]", "##", [], {}]
            pool += [copied, [copied], [copied, copied], {"type": copied}, str(copied), model]
            if recipe.ConsumeBool():
                place[key] = pool[recipe.ConsumeIntInRange(0, len(pool) - 1)]  # type: ignore[index]
            elif isinstance(place, dict):
                place[recipe.ConsumeUnicode(8)] = place.pop(key)
            else:
                place.append(copied)  # type: ignore[attr-defined]
            break
    return json.dumps(document)


def vocab_txt_target(data: bytes) -> None:
    """Read a vocab.txt; what is accepted must encode, and be written so that it reads the same."""
    vocab = vocab_txt.parse(data.decode("utf-8", "ignore"), source="fuzz")
    tokenizer = Tokenizer(presets.wordpiece(vocab))
    tokenizer.decode(tokenizer.encode(TEXT).ids)
    assert vocab_txt.parse(vocab_txt.dump(vocab, source="fuzz"), source="again") == vocab


def counts_target(data: bytes) -> None:
    """Read a counts file; what is accepted must be written so that it reads the same."""
    path = Path(FOLDER, "c.tsv.gz" if data[:2] == b"\x1f\x8b" else "c.tsv")
    path.write_bytes(data)
    found = counts_file.read(str(path))
    counts_file.write(str(path), found.header, found.counts.items())
    again = counts_file.read(str(path))
    assert list(again.counts.items()) == list(found.counts.items())
    if 0 < len(found.counts) < 50 and found.counts.total < 10**9:
        wordpiece.train(found.counts, vocab_size=200)


@cache
def tokenizer_json_seeds() -> list[bytes]:
    """A tokenizer.json of each kind."""
    byte_level = sorted(byte_characters())
    kinds = [
        presets.wordpiece(VOCAB, lowercase=True),
        presets.bpe([*VOCAB[:8], "ab"], [("a", "b")], fuse_unk=True),
        presets.byte_bpe([*byte_level, "ab"], [("a", "b")]),
    ]
    return [tokenizer_json.dump(parts).encode() for parts in kinds]


def vocab_txt_seeds() -> list[bytes]:
    """A few vocabularies."""
    return ["\n".join(VOCAB).encode(), b"[UNK]\r\na\na\n##\n\n", "[UNK]\n中\u2028\n".encode()]


def counts_seeds() -> list[bytes]:
    """Counts files."""
    path = Path(FOLDER, "seed.tsv.gz")
    counts_file.write(str(path), Header(TextRules().resolved()), [("a\\", 3), ("b\x07", 2)])
    header = json.dumps({"format": 1, "rules": TextRules().resolved()}).encode()
    return [path.read_bytes(), header + b"\na\t3\n\\u0041\\\\\t2\n"]


TARGETS = {
    "tokenizer_json": (tokenizer_json_target, tokenizer_json_seeds),
    "vocab_txt": (vocab_txt_target, vocab_txt_seeds),
    "counts": (counts_target, counts_seeds),
}


def main() -> None:
    """Fuzz the target that was named."""
    target, seeds = TARGETS[sys.argv.pop(1)]
    for folder in map(Path, sys.argv[1:2]):
        if not str(folder).startswith("-"):
            folder.mkdir(parents=True, exist_ok=True)
            if not any(folder.iterdir()):
                for number, seed in enumerate(seeds()):
                    (folder / f"seed-{number}").write_bytes(seed)

    def one_input(data: bytes) -> None:
        with contextlib.suppress(WordpieceError):
            target(data)

    warnings.simplefilter("ignore")
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
