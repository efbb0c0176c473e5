"""`wp compare`: tokenizers side by side."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import click

from wordpiece.analysis.compare import Comparison
from wordpiece.analysis.request import Request, carry_out
from wordpiece.cli.options import (
    DEFAULT_FOLDER,
    STDIN,
    bytes_argument,
    json_option,
    quiet_option,
    reading_options,
    text_argument,
    text_options,
    warnings_on_stderr,
)
from wordpiece.training.scores import ScoreName

#: The exit code when a parity check did not hold.
CHECK_FAILED = 1

HELP = """\
Compare tokenizers on the same text: splits, metrics, vocabularies, and parity with Hugging Face.

Without options, after a wp train: WordPiece, BPE and byte-level BPE are trained on the corpus of
that training with the same vocabulary size, but for every tenth line, on which they are measured.
They are kept in the output folder until corpus or options change. With --scores, WordPiece under
its three scores. With --tokenizer, any tokenizers, measured on --eval or on the texts.
Of more than 5,000 lines at most 5,000 are measured, evenly spaced.

With --gold FILE, cuts inside words are held against those between morphemes: each line is a word, a
tab and its morphs, such as words<TAB>word @@s (or word s); what follows another tab is passed over,
and the file may be compressed. Words whose morphs do not spell them (happiness, happy @@ness) and
words that a tokenizer does not know are left out, and counted. Each word counts once, and is
encoded as it stands in text, behind a word and a space.

\b
fertility                 tokens for each word of BERT's split
bytes_per_token           of the raw text, as UTF-8
unk_*_rate                unknown tokens, words with one, characters under one
lossless_bytes_per_token  unknown words counted as their bytes
vocab_used                share of the regular vocabulary that occurs
single_char_rate          tokens of one character or less
renyi_efficiency          entropy of order 2.5, over its maximum
bits_per_byte             under a unigram model, unknown words spelled out
round_trip                share of lines that decoding gives back
round_trip_normalized     as the normalizer leaves them, but for white space

\b
With --gold, sums of cuts over all words that are scored:
precision                 share of the tokenizer's cuts that gold has
recall                    share of gold's cuts that the tokenizer has
F1                        their harmonic mean
exact                     share of words cut just as gold cuts them
whole included            words left whole count, as cuts of gold missed
whole excluded            only words that the tokenizer cuts

Exit code 1 if a parity check fails.

\b
Examples:
  wp compare
  wp compare "Hopefully, you will be able to understand." --scores
  wp compare --corpus a.txt --vocab-size 8000 --eval held-out.txt
  wp compare "I love Paris" -t bert/vocab.txt -t tokenizer --lowercase
  wp compare --gold eng.word.dev.tsv -t bert/vocab.txt -t gpt2/vocab.json
"""


@click.command("compare", help=HELP)
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--tokenizer", "-t", "names", multiple=True, metavar="PATH", help="Repeat for several."
)
@click.option("--corpus", multiple=True, metavar="FILE", help="Train for the comparison alone.")
@click.option("--vocab-size", "-v", type=int, metavar="N", help="With --corpus.")
@click.option("--eval", "eval_file", metavar="FILE", help="Measure on this file's lines.")
@click.option("--gold", metavar="FILE", help="Score cuts against these segmented words.")
@click.option("--scores", is_flag=True, help="WordPiece under its three scores.")
@click.option(
    "--score",
    type=click.Choice(get_args(ScoreName)),
    help="WordPiece's score beside the others.  [default: the last training's]",
)
@click.option("--min-frequency", type=int, metavar="K", help="Pass over rarer pairs.")
@click.option("--parity/--no-parity", default=True, help="Hold all against Hugging Face, or not.")
@reading_options(None)
@text_options(None)
@json_option
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    /,
    texts: tuple[str, ...],
    names: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Compare, print, and exit with 1 if parity does not hold."""
    from wordpiece.cli import plain, render

    shown = tuple(text_argument(bytes_argument(text)) for text in texts)
    piped = sys.stdin is not None and not sys.stdin.isatty()
    if names and piped and not texts and not options["eval_file"] and options["gold"] is None:
        shown = tuple(line for line in text_argument(STDIN).split("\n") if line)
    request = Request(texts=shown, tokenizers=names, **options)
    folder = Path(os.environ.get("WP_TOKENIZER") or DEFAULT_FOLDER)
    with warnings_on_stderr(), plain.progress(quiet=quiet or bool(names)) as listener:
        comparison = carry_out(request, folder, progress=listener)
    if as_json:
        plain.print_json(document(comparison))
    else:
        render.comparison(comparison, quiet=quiet)
    if not all(check.passed for check in comparison.parity):
        context.exit(CHECK_FAILED)


def document(comparison: Comparison) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "tokenizers": [asdict(row) for row in comparison.rows],
        "texts": [
            {
                "text": each.text,
                "splits": {name: list(split.tokens) for name, split in each.splits.items()},
                "sources": {name: list(split.sources) for name, split in each.splits.items()},
                "unknown": {name: list(split.unknown) for name, split in each.splits.items()},
            }
            for each in comparison.texts
        ],
        "parity": [asdict(check) for check in comparison.parity],
        "unchecked": list(comparison.unchecked),
        "differences": [asdict(difference) for difference in comparison.differences],
        "overlaps": [asdict(overlap) for overlap in comparison.overlaps],
        "morphology": comparison.morphology and asdict(comparison.morphology),
        "wordpiece_trainer": comparison.trainer_runs and asdict(comparison.trainer_runs),
        "documents": comparison.documents,
        "lines": comparison.lines,
        "held_out": comparison.held_out,
        "probabilities_from_training_text": comparison.probabilities_from_training_text,
    }
