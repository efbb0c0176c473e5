"""`wp bert classify`: a classifier of texts, trained and used."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any, get_args

import click

from wordpiece.bert.options import ClassifierOptions, Recipe
from wordpiece.cli.bert import given_texts, size_option, tokenizer_of, training_options
from wordpiece.cli.lazy import help_without_command
from wordpiece.cli.options import json_option, quiet_option, tokenizer_options

HELP = """\
Train a classifier of texts, or use one.

\b
Examples:
  wp bert classify train reviews.tsv --model model --output classifier
  wp bert classify train reviews.tsv --recipe frozen --model model
  wp bert classify predict "A wonderful film" --model classifier --json
"""
TRAIN_HELP = """\
Train a classifier on labelled texts: a table with a text and a label in each row (TSV, CSV, JSON
lines; see --text-column), by one of two recipes. frozen: logistic regression on the [CLS] vectors
of a model that stays as it is. finetune: all of the model is trained. Texts of --test, or one in
ten of FILE, are held out and say how good it is.

\b
Examples:
  wp bert classify train train.tsv --test dev.tsv --model model --output cls
  wp bert classify train reviews.csv --text-column review --label-column stars
  wp bert classify train train.tsv --recipe frozen --model model

What was fine-tuned works with pipeline("text-classification", model="classifier").
"""
PREDICT_HELP = """\
Say the class of texts, and how likely it is: of TEXT, of each line of --input, or of standard
input.

\b
Examples:
  wp bert classify predict "A wonderful film" --model classifier
  wp bert classify predict --input reviews.txt --model classifier --json
"""


@click.group("classify", help=HELP, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Without a command, show the help."""
    help_without_command(context)


def column_options(function: Any) -> Any:
    """Where a table has its texts and labels."""
    text = click.option(
        "--text-column",
        metavar="NAME",
        help="A name, or a number from 1 on.  [default: text, sentence, document, review, or 1]",
    )
    label = click.option(
        "--label-column", metavar="NAME", help="The same for the labels.  [default: label, or 2]"
    )
    return text(label(function))


@command.command("train", help=TRAIN_HELP)
@click.argument("file")
@tokenizer_options
@column_options
@click.option("--test", metavar="FILE", help="Texts to measure on.  [default: one in ten]")
@click.option("--output", "-o", default="classifier", show_default=True, metavar="DIR")
@click.option("--model", metavar="PATH", help="Train on top of it.  [default: a fresh one]")
@click.option(
    "--recipe", type=click.Choice(get_args(Recipe)), default="finetune", show_default=True
)
@size_option
@training_options(3.0)
@json_option
@quiet_option
def train(
    file: str,
    path: str | None,
    text_column: str | None,
    label_column: str | None,
    test: str | None,
    output: str,
    model: str | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Train, measure, save."""
    from wordpiece.bert.extra import check_installed
    from wordpiece.bert.labelled import read_divided
    from wordpiece.cli import plain, render_bert
    from wordpiece.formats.atomic import check_writable

    check_installed(what="bert classify")
    check_writable(Path(output))
    training, held_out = read_divided(
        file,
        () if test is None else (test,),
        text_column=text_column,
        label_column=label_column,
        seed=options["seed"],
    )
    from wordpiece.bert.classification import train_classifier

    tokenizer = tokenizer_of(model, path, options)
    started = perf_counter()
    with plain.progress(quiet=quiet) as listener:
        found = train_classifier(
            tokenizer,
            training,
            ClassifierOptions(**options),
            model=model,
            held_out=held_out,
            progress=listener,
        )
    found.save(output)
    seconds = perf_counter() - started
    assert found.quality is not None
    empty = training.empty + held_out.empty
    if as_json:
        fields = {"output": output, "classes": found.names, "training_texts": len(training)}
        plain.print_json(
            {**fields, "empty": empty, "quality": asdict(found.quality), "seconds": seconds}
        )
    elif not quiet:
        render_bert.quality_summary(found, len(training), empty, output, seconds)


@command.command("predict", help=PREDICT_HELP)
@click.argument("text", required=False)
@click.option("--model", default="classifier", show_default=True, metavar="DIR")
@click.option("--input", "inputs", multiple=True, metavar="FILE", help="Texts, a line each.")
@json_option
@quiet_option
def predict(
    text: str | None, model: str, inputs: tuple[str, ...], as_json: bool, quiet: bool
) -> None:
    """Load, predict, print."""
    from wordpiece.bert.extra import check_installed
    from wordpiece.cli import plain

    check_installed(what="bert classify")
    from wordpiece.bert.classification import load_classifier

    classifier = load_classifier(model)
    texts = given_texts(text, inputs)
    found = classifier.predict(texts)
    if as_json:
        rows = zip(texts, found, strict=True)
        plain.print_json(
            [{"text": text, "label": name, "probability": p} for text, (name, p) in rows]
        )
        return
    from wordpiece.cli import render_bert

    render_bert.predictions_table(texts, found)
