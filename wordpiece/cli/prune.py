"""`wp prune`: tokens that a text never uses taken out."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import click

from wordpiece.cli.options import (
    json_option,
    open_tokenizer,
    quiet_option,
    reading_of,
    reading_options,
    tokenizer_options,
    tokenizer_path,
    workers_option,
)
from wordpiece.text.corpora import CorpusName, expanded
from wordpiece.text.reading import Reading

HELP = """\
Take the tokens out of a vocabulary that a corpus never uses, and write which rows of an embedding
matrix stay. Special tokens and single characters stay, so that no word becomes unknown for it.

\b
Examples:
  wp prune corpus.txt --tokenizer multilingual.txt --output small
  wp prune corpus.txt --tokenizer BASE --min-count 10 --output small

id_map.json lists under "kept" the old id of each new one: embedding[kept] is the smaller matrix.
"""


@click.command("prune", help=HELP)
@click.argument("corpus", nargs=-1, required=True)
@tokenizer_options
@click.option("--output", "-o", default="pruned", show_default=True, metavar="DIR")
@click.option(
    "--min-count",
    type=int,
    default=1,
    show_default=True,
    metavar="K",
    help="Take out what is used fewer than K times; above 1 words are split otherwise.",
)
@reading_options(Reading())
@workers_option
@json_option
@quiet_option
def command(
    corpus: tuple[str, ...],
    path: str | None,
    output: str,
    min_count: int,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Count, prune, save."""
    from wordpiece.cli import plain, render_revision
    from wordpiece.formats import model_dir
    from wordpiece.formats.atomic import check_writable
    from wordpiece.revision.prune import prune

    reading = reading_of(options)
    tokenizer = open_tokenizer(path, **options)
    check_writable(Path(output))
    texts = expanded(corpus, outputs=model_dir.written(output))
    started = perf_counter()
    with plain.progress(quiet=quiet) as listener:
        found = prune(
            tokenizer,
            list(map(CorpusName, texts)),
            min_count=min_count,
            reading=reading,
            workers=workers,
            progress=listener,
        )
    found.save(output)
    seconds = perf_counter() - started
    if as_json:
        plain.print_json(
            {
                "output": output,
                "tokenizer": tokenizer_path(path),
                "vocab_size_before": len(found.kept) + len(found.removed),
                "vocab_size": len(found.kept),
                "removed": found.removed,
                "tokens_before": found.tokens_before,
                "tokens": found.tokens,
                "seconds": seconds,
            }
        )
    elif not quiet:
        render_revision.pruning_summary(found, output, seconds)
