"""`wp count`: the words of text and how often each occurs, as a file."""

from __future__ import annotations

import sys
import time
from typing import Any, get_args

import click

from wordpiece.api import text_rules
from wordpiece.cli import plain
from wordpiece.cli.options import (
    STDIN,
    json_option,
    memory_option,
    quiet_option,
    reading_of,
    reading_options,
    text_options,
    workers_option,
)
from wordpiece.errors import OptionError
from wordpiece.formats.counts_file import Header
from wordpiece.text.reading import Reading, skip_warnings
from wordpiece.training.trainers import ModelName
from wordpiece.word_counts import count_words

HELP = """\
Count the words of text (what wp train takes as CORPUS) into a file, from which wp train --counts
trains. Its name may end in .gz, .bz2, .xz or .zst. The words are in the order of their first
occurrence, so the training equals one from the text.

\b
Examples:
  wp count corpus.txt --output counts.tsv
  wp count "shards/*.jsonl.gz" --lowercase -o counts.tsv.zst --memory 2G
  wp count reviews.parquet --column review --model byte-bpe -o counts.tsv.gz
  wp count "/shared/*.txt" --engine spark --master yarn -o counts
"""


@click.command("count", help=HELP)
@click.argument("corpus", nargs=-1)
@click.option("--output", "-o", required=True, metavar="FILE", help="Where to write.")
@click.option(
    "--model",
    type=click.Choice(get_args(ModelName)),
    default="wordpiece",
    show_default=True,
    help="For which model; wordpiece and bpe have the same words.",
)
@text_options(False)
@reading_options(Reading())
@workers_option
@memory_option
@click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="spark counts on a cluster; OUTPUT is a folder of shards then.",
)
@click.option(
    "--master", metavar="URL", help="Spark's cluster.  [default: spark-submit's, else local[*]]"
)
@json_option
@quiet_option
def command(
    corpus: tuple[str, ...],
    output: str,
    engine: str,
    master: str | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Count, and say how much there was."""
    if not corpus and sys.stdin is not None and sys.stdin.isatty():
        raise click.UsageError(
            "no CORPUS: name files, or pipe text in", click.get_current_context()
        )
    started = time.monotonic()
    if engine == "spark":
        header = on_spark(corpus, output, master, **options)
    elif master is not None:
        raise OptionError(f"--master {master}: is for --engine spark")
    else:
        with plain.progress(quiet=quiet) as listener:
            header = count_words(corpus or (STDIN,), output, progress=listener, **options)
    show(header, output, time.monotonic() - started, as_json=as_json, quiet=quiet)


def on_spark(corpus: tuple[str, ...], output: str, master: str | None, **options: Any) -> Header:
    """Count on a cluster."""
    from wordpiece.spark import count_with_spark

    for name in ("workers", "memory"):
        if options.pop(name) is not None:
            raise OptionError(f"--{name}: is for --engine local; the cluster has its own")
    reading = reading_of(options)
    rules = text_rules(**options)
    return count_with_spark(corpus or (STDIN,), output, rules=rules, reading=reading, master=master)


def show(header: Header, output: str, seconds: float, *, as_json: bool, quiet: bool) -> None:
    """Print what was counted."""
    if as_json:
        plain.print_json(
            {
                "output": output,
                "words": header.words,
                "word_types": header.word_types,
                "order": header.order,
                "skipped": header.skipped,
                "rules": header.rules._asdict(),
                "rules_hash": header.rules.hash,
                "seconds": round(seconds, 3),
            }
        )
    elif not quiet:
        from wordpiece.cli import render

        render.counts_summary(header, output, seconds)
    if header.first_skipped:
        plain.print_warnings(skip_warnings(header.skipped, header.first_skipped))
