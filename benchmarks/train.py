"""Time `wp train` beside Hugging Face's trainers, in turns, a process each.

    python benchmarks/train.py corpus.txt --vocab-size 30000 --runs 3

Prints the median of each side, its ratio to the trainer of the same kind, and the peak memory of
the whole process tree. Whole processes are timed: start, reading, training and writing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from sides import Side, in_turns, print_table, python, write_json

#: A program that trains as our command does; the arguments are corpus, size and output.
PEER = """
import sys
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
corpus, size, output = sys.argv[1:]
t = Tokenizer({model})
{text}
trainer = trainers.{trainer}(vocab_size=int(size), show_progress=False, {options})
t.train([corpus], trainer)
t.save(output)
"""
BERT_TEXT = """
t.normalizer = normalizers.BertNormalizer(lowercase=False)
t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
"""
BERT_TOKENS = 'special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]'
WORDPIECE_TRAINER = PEER.format(
    model='models.WordPiece(unk_token="[UNK]")',
    text=BERT_TEXT,
    trainer="WordPieceTrainer",
    options=BERT_TOKENS,
)
BPE_TRAINER = PEER.format(
    model='models.BPE(unk_token="[UNK]")',
    text=BERT_TEXT,
    trainer="BpeTrainer",
    options=BERT_TOKENS,
)
BYTE_BPE_TRAINER = PEER.format(
    model="models.BPE()",
    text="t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)",
    trainer="BpeTrainer",
    options='special_tokens=["<|endoftext|>"], '
    "initial_alphabet=pre_tokenizers.ByteLevel.alphabet()",
)


def with_and_without_trace(*options: str) -> dict[str, tuple[str, ...]]:
    """Our command with some options, as it is and without recording rivals."""
    name = " ".join(["wp train", *options])
    return {name: options, f"{name} --trace merges": (*options, "--trace", "merges")}


#: For each kind: the peer's name and program, and our options by the name of the side.
KINDS = {
    "wordpiece": (
        "tokenizers WordPieceTrainer",
        WORDPIECE_TRAINER,
        {
            name: options
            for score in ("likelihood", "gain", "frequency")
            for name, options in with_and_without_trace("--score", score).items()
        },
    ),
    "bpe": ("tokenizers BpeTrainer", BPE_TRAINER, with_and_without_trace("--model", "bpe")),
    "byte-bpe": (
        "tokenizers BpeTrainer, bytes",
        BYTE_BPE_TRAINER,
        with_and_without_trace("--model", "byte-bpe"),
    ),
}


def main() -> None:
    """Alternate the sides of each kind and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, help="a plain text file")
    parser.add_argument("--vocab-size", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    found = {}
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as folder:
            sides = sides_of(kind, options.corpus, options.vocab_size, folder)
            runs = found[kind] = in_turns(sides, options.runs)
        megabytes = options.corpus.stat().st_size / 1e6
        title = f"{options.corpus.name}, {megabytes:.1f} MB, {options.vocab_size:,} tokens"
        print_table(title, runs)
    write_json(options.json, found)


def sides_of(
    kind: str, corpus: Path, size: int, folder: str, *, errors: str = "strict"
) -> dict[str, Side]:
    """Hugging Face's trainer and our commands, all on all processors."""
    peer, program, ours = KINDS[kind]
    sides = {peer: Side(python(program, corpus, size, f"{folder}/peer.json"))}
    for name, options in ours.items():
        train = ["train", str(corpus), "--vocab-size", str(size), "--errors", errors]
        train += ["--quiet", "-o", f"{folder}/ours"]
        sides[name] = Side([sys.executable, "-m", "wordpiece", *train, *options])
    return sides


if __name__ == "__main__":
    main()
