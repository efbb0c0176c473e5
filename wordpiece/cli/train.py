"""`wp train`: learn a vocabulary and write it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, get_args

import click

from wordpiece.api import TrainingResult, check_writable, train
from wordpiece.cli import plain
from wordpiece.cli.options import (
    DEFAULT_FOLDER,
    STDIN,
    bytes_argument,
    json_option,
    quiet_option,
    reading_options,
    text_options,
    workers_option,
)
from wordpiece.errors import OptionError
from wordpiece.formats import model_dir
from wordpiece.formats.checkpoint import NAMES
from wordpiece.formats.trace import TraceMode
from wordpiece.text.corpora import CorpusName, expanded
from wordpiece.text.reading import Reading
from wordpiece.text.streams import is_stream
from wordpiece.training.scores import ScoreName
from wordpiece.training.trainers import ModelName
from wordpiece.word_counts import load_counts

HELP = """\
Learn a vocabulary from text and write it to a folder. A CORPUS is a file, a folder, a pattern, or -
for standard input: lines of text, JSON lines, CSV, TSV, Parquet or Arrow; .gz, .bz2, .xz and .zst
are decompressed.

\b
Examples:
  wp train corpus.txt --vocab-size 30000
  wp train a.txt b.txt.gz --vocab-size 8000 --score gain --min-frequency 2
  wp train korean.txt --vocab-size 32000 --lowercase --no-strip-accents -o ko
  wp train "shards/*.jsonl.zst" --field body -v 30000 --on-error skip
  wp train reviews.parquet --column review --vocab-size 8000
  wp train --counts counts.tsv.zst --vocab-size 30000
  cat *.txt | wp train - --vocab-size 8000 --json
"""


@click.command("train", help=HELP)
@click.argument("corpus", nargs=-1)
@click.option(
    "--vocab-size",
    "-v",
    type=int,
    required=True,
    metavar="N",
    help="Tokens in all, special ones included.",
)
@click.option(
    "--output",
    "-o",
    default=DEFAULT_FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option(
    "--model", type=click.Choice(get_args(ModelName)), default="wordpiece", show_default=True
)
@click.option(
    "--score",
    type=click.Choice(get_args(ScoreName)),
    help="f(ab)/(f(a)f(b)), the gain in log-likelihood, or the plain count.  "
    "[default: likelihood for wordpiece, frequency for the others]",
)
@click.option(
    "--min-frequency",
    type=int,
    default=1,
    show_default=True,
    metavar="K",
    help="Pass over rarer pairs.",
)
@text_options(False)
@click.option(
    "--limit-alphabet", type=int, metavar="N", help="Keep the N most frequent characters."
)
@click.option(
    "--full-alphabet", is_flag=True, help="Take both forms, c and ##c, of every character."
)
@click.option(
    "--max-token-length",
    type=int,
    metavar="N",
    help="Make no longer token (characters, without ##).",
)
@click.option(
    "--special-token",
    "special_tokens",
    multiple=True,
    metavar="T",
    help="Repeat for several; they replace [PAD] [UNK] [CLS] [SEP] [MASK].",
)
@click.option(
    "--fuse-unk", is_flag=True, help="For bpe: one [UNK] for a run of unknown characters."
)
@reading_options(Reading())
@click.option(
    "--counts", metavar="FILE", help="Train from word counts that wp count or merge-counts wrote."
)
@workers_option
@click.option(
    "--checkpoint",
    metavar="DIR",
    help="Where to keep what is done, every minute.  [default: OUTPUT.checkpoint]",
)
@click.option(
    "--trace",
    type=click.Choice(get_args(TraceMode)),
    default="full",
    show_default=True,
    help="What merges.jsonl says: nothing, each merge, or what it was chosen against too.",
)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint, if there is one.")
@json_option
@quiet_option
def command(
    corpus: tuple[str, ...],
    output: str,
    counts: str | None,
    special_tokens: tuple[str, ...],
    checkpoint: str | None,
    resume: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Train, save, and say what was learned."""
    check_source(corpus, counts, options)
    if not counts and not corpus and sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError(
            "no CORPUS: name files, or pipe text in", click.get_current_context()
        )
    if not output:
        raise OptionError("--output '': must name a folder")
    check_writable(Path(output))
    read_once = counts is None and any(map(is_stream, corpus or (STDIN,)))
    folder = checkpoint_folder(checkpoint, output, read_once)
    outputs = [*model_dir.written(output), *(str(folder / name) for name in NAMES if folder)]
    texts = [] if counts else expanded(corpus or (STDIN,), outputs=outputs)
    started = time.monotonic()
    with plain.progress(quiet=quiet) as listener:
        result = train(
            load_counts(counts) if counts else [CorpusName(name) for name in texts],
            checkpoint=folder,
            resume=resume,
            special_tokens=[bytes_argument(token) for token in special_tokens] or None,
            progress=listener,
            **options,
        )
    result.save(output)
    seconds = time.monotonic() - started
    if as_json:
        plain.print_json(summary(result, output, seconds))
        return
    if not quiet:
        from wordpiece.cli import render

        render.training_summary(result, output, seconds)
    plain.print_warnings(result.warnings)


def checkpoint_folder(checkpoint: str | None, output: str, read_once: bool) -> Path | None:
    """Where to keep what is done; what cannot be read again, as standard input, has no place."""
    if checkpoint == "":
        raise OptionError("--checkpoint '': must name a folder")
    if checkpoint is None and read_once:
        return None
    if checkpoint is not None:
        return Path(checkpoint)
    folder = Path(os.path.realpath(output))
    return folder.with_name(f"{folder.name}.checkpoint")


def check_source(corpus: tuple[str, ...], counts: str | None, options: dict[str, Any]) -> None:
    """Refuse what is for text beside counts."""
    if counts is None:
        return
    if not counts or corpus:
        raise OptionError(f"--counts {counts}: takes the place of CORPUS, which is not read beside")
    for name, default in Reading()._asdict().items():
        if options[name] != default:
            option = name.replace("_", "-")
            raise OptionError(f"--{option} {options[name]}: is for text, not for --counts")


def summary(result: TrainingResult, output: str, seconds: float) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "output": output,
        "model": result.options.model,
        "score": result.options.score,
        "vocab_size": result.tokenizer.get_vocab_size(),
        "merges": len(result.merges),
        "words": result.words,
        "word_types": result.word_types,
        "skipped": result.skipped,
        "stopped": result.stopped,
        "seconds": round(seconds, 3),
        "warnings": list(result.warnings),
    }
