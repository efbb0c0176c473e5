"""`wp bert`: pre-training, vectors and classification with real models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import click

from wordpiece.bert.options import SizeName
from wordpiece.cli.lazy import LazyGroup, help_without_command
from wordpiece.cli.options import (
    Function,
    bytes_argument,
    open_tokenizer,
    text_argument,
    text_options_of,
)
from wordpiece.errors import OptionError
from wordpiece.pretrained import Tokenizer
from wordpiece.text.reading import Reading

#: Command to what `wp bert --help` says of it; the modules are loaded when they are called.
COMMANDS = {
    "pretrain": "Pre-train a BERT on text.",
    "embed": "Write vectors of texts or of their tokens.",
    "resize": "Fit a model to a vocabulary that was extended or pruned.",
    "classify": "Train a classifier of texts, or use one.",
}

HELP = """\
Models that take the tokens: real BERTs of transformers, from a folder or a name in its cache, or
small and fresh. Needs PyTorch: pip install "wordpiece-lab[bert]".

\b
Examples:
  wp bert pretrain corpus.txt --output model
  wp bert embed "I love Paris" --model model --output vectors.npy
  wp bert classify train reviews.tsv --model model --output classifier
  wp bert classify predict "A wonderful film" --model classifier --json
"""


@click.group("bert", cls=LazyGroup, commands=COMMANDS, modules="wordpiece.cli.bert_", help=HELP)
@click.pass_context
def command(context: click.Context) -> None:
    """Without a command, show the help."""
    help_without_command(context)


size_option = click.option(
    "--size",
    type=click.Choice(get_args(SizeName)),
    default="tiny",
    show_default=True,
    help="Of a fresh model: 2 layers of 128 numbers to 12 of 768.",
)
seed_option = click.option("--seed", type=int, default=0, show_default=True, metavar="N")


def training_options(epochs: float) -> Callable[[Function], Function]:
    """How a model is trained; `PretrainingOptions` and `ClassifierOptions` check the values."""

    def add(function: Function) -> Function:
        options = (
            click.option("--epochs", type=float, default=epochs, show_default=True, metavar="N"),
            click.option("--batch-size", type=int, default=32, show_default=True, metavar="N"),
            click.option(
                "--max-length", type=int, metavar="N", help="Tokens of a text.  [default: all]"
            ),
            click.option("--learning-rate", type=float, metavar="R", help="[default: by the size]"),
            seed_option,
        )
        for option in reversed(options):
            function = option(function)
        return function

    return add


def tokenizer_of(model: str | None, path: str | None, options: dict[str, Any]) -> Tokenizer:
    """The tokenizer named, or the one of a model; the text options are taken out.

    Of a name rather than a path, what `transformers` has in its cache.
    """
    from wordpiece.bert.models import cached_tokenizer, tokenizer_for

    text = text_options_of(options)
    name = path or model
    if name is not None and not Path(name).exists():
        return cached_tokenizer(name, "--model" if path is None else "--tokenizer")
    return open_tokenizer(tokenizer_for(model, path), **text)


def given_texts(text: str | None, files: Sequence[str]) -> list[str]:
    """The texts that a command is to work on: of files a line each, or one, or standard input's.

    An empty line is a text too, so that there is a result for each line.
    """
    from wordpiece.analysis.corpus_comparison import file_lines

    if files:
        if text is not None:
            raise OptionError("--input: takes no TEXT beside it")
        return [line.removesuffix("\n").removesuffix("\r") for line in file_lines(files, Reading())]
    if text is not None and text != "-":
        return [bytes_argument(text)]
    lines = text_argument(None).split("\n")
    return lines if lines != [""] else []
