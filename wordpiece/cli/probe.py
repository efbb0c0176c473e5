"""`wp probe`: which tokenizer serves a task."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from wordpiece.analysis.request import is_bare, short_names
from wordpiece.bert.labelled import Labelled, drawn, read_divided, read_labelled
from wordpiece.bert.options import Budget, Size
from wordpiece.cli.bert import given_texts
from wordpiece.cli.bert_classify import column_options
from wordpiece.cli.options import (
    json_option,
    quiet_option,
    text_options,
    tokenizer_path,
    workers_option,
)
from wordpiece.errors import OptionError

HELP = """\
Say which of several tokenizers serves a task, given labelled texts (a table with a text and a label
in each row). In seconds: logistic regression on bags of tokens, in five folds. With --bert, in
minutes: a small BERT is pre-trained and fine-tuned with each tokenizer, on the same texts, from
several seeds; bits per byte of hidden words, and accuracy, on texts that were held out.

\b
Examples:
  wp probe reviews.tsv --tokenizer gain --tokenizer bpe
  wp probe train.tsv --test dev.tsv -t gain -t bpe -t byte-bpe --bert
  wp probe reviews.csv --text-column review -t one -t two --bert --keep runs
"""


@click.command("probe", help=HELP)
@click.argument("file")
@click.option(
    "--tokenizer",
    "-t",
    "paths",
    multiple=True,
    metavar="PATH",
    help="A tokenizer, as PATH or NAME=PATH; repeat.  [default: $WP_TOKENIZER, else ./tokenizer]",
)
@text_options(None)
@column_options
@click.option(
    "--test",
    "tests",
    multiple=True,
    metavar="FILE",
    help="Texts to measure on; repeat.  [default: one in ten of FILE]",
)
@click.option("--limit", type=int, metavar="N", help="Train on N texts of FILE, drawn at random.")
@click.option("--test-limit", type=int, metavar="N", help="Measure on N texts, drawn at random.")
@click.option("--bert", "with_bert", is_flag=True, help="Train small BERTs too.")
@click.option(
    "--corpus", multiple=True, metavar="FILE", help="Pre-train on it.  [default: FILE's texts]"
)
@click.option(
    "--bytes",
    "text_bytes",
    type=float,
    default=3.5e6,
    metavar="N",
    help="To pre-train on.  [3.5e6]",
)
@click.option("--epochs", type=float, default=3.0, show_default=True, help="Of fine-tuning.")
@click.option("--layers", type=int, default=2, show_default=True, metavar="N")
@click.option("--hidden", type=int, default=128, show_default=True, metavar="N")
@click.option("--seeds", type=int, default=3, show_default=True, metavar="N")
@click.option("--keep", metavar="DIR", help="Keep each run there; go on from what is there.")
@workers_option
@json_option
@quiet_option
def command(
    file: str,
    paths: tuple[str, ...],
    tests: tuple[str, ...],
    limit: int | None,
    test_limit: int | None,
    with_bert: bool,
    corpus: tuple[str, ...],
    text_bytes: float,
    epochs: float,
    layers: int,
    hidden: int,
    seeds: int,
    keep: str | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Read, try, say which."""
    from wordpiece.bert.extra import check_installed
    from wordpiece.cli import plain, render_bert

    check_installed(what="probe")
    columns = {name: options.pop(name) for name in ("text_column", "label_column")}
    if with_bert:
        training, held_out = labelled_texts(file, tests, limit, test_limit, **columns)
    else:
        training, held_out = all_texts(file, limit, tests or corpus or keep, **columns), None
    from wordpiece.bert.probing import document, probe

    started = perf_counter()
    with plain.progress(quiet=quiet) as listener:
        found = probe(
            tried(paths, options),
            training,
            held_out=held_out,
            corpus=given_texts(None, corpus) if corpus else None,
            budget=budget_of(text_bytes, epochs, layers, hidden) if with_bert else None,
            seeds=range(number_of_seeds(seeds)),
            workers=workers,
            keep=None if keep is None else Path(keep),
            progress=listener,
        )
    seconds = perf_counter() - started
    if as_json:
        plain.print_json({**document(found), "seconds": seconds})
    else:
        render_bert.probe_tables(found, seconds)


def budget_of(text_bytes: float, epochs: float, layers: int, hidden: int) -> Budget:
    """What each small BERT is given. Raises `OptionError` for what cannot be."""
    if not isfinite(text_bytes):
        raise OptionError(f"--bytes {text_bytes}: must be a number above 0, such as 3.5e6")
    return Budget(int(text_bytes), epochs, Size(layers, hidden))


def number_of_seeds(seeds: int) -> int:
    """How many runs each tokenizer has. Raises `OptionError` for none."""
    if seeds < 1:
        raise OptionError(f"--seeds {seeds}: must be at least 1; 3 or more show the spread")
    return seeds


def all_texts(file: str, limit: int | None, for_bert: object, **columns: str | None) -> Labelled:
    """The texts for bags of tokens, which are divided in five. Raises `OptionError`."""
    if for_bert:
        raise OptionError("--test, --corpus, --keep: are for --bert, which was not asked for")
    return drawn(read_labelled(file, **columns), limit, "--limit")


def labelled_texts(
    file: str,
    tests: tuple[str, ...],
    limit: int | None,
    test_limit: int | None,
    text_column: str | None,
    label_column: str | None,
) -> tuple[Labelled, Labelled]:
    """The texts to learn from, and those that are held out."""
    training, held_out = read_divided(
        file, tests, text_column=text_column, label_column=label_column
    )
    return drawn(training, limit, "--limit"), drawn(held_out, test_limit, "--test-limit")


def tried(paths: tuple[str, ...], options: dict[str, bool | None]) -> Any:
    """The tokenizers named, each under its own name; the text options are for a bare vocab.txt."""
    from wordpiece.bert.probing import Tried

    given = []
    for each in paths or (tokenizer_path(None),):
        name, equals, path = each.partition("=")
        given.append((name, path) if equals and path and not Path(each).exists() else ("", each))
    return [
        Tried(name or short, path, tuple(options.items()) if is_bare(path) else ())
        for (name, path), short in zip(given, short_names([p for _, p in given]), strict=True)
    ]
