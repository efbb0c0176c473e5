"""`wp bert`: pre-training, vectors and classification with real models."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from wordpiece.cli.options import bytes_argument, open_tokenizer, text_argument
from wordpiece.errors import OptionError
from wordpiece.pretrained import Tokenizer
from wordpiece.text.reading import Reading

#: Command to what `wp bert --help` says of it; the modules are loaded when they are called.
COMMANDS = {
    "pretrain": "Pre-train a BERT on text.",
    "embed": "Write vectors of texts or of their tokens.",
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


class BertGroup(click.Group):
    """A group whose commands are imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"wordpiece.cli.bert_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group("bert", cls=BertGroup, help=HELP, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Without a command, show the help."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def tokenizer_of(model: str | None, path: str | None, options: dict[str, Any]) -> Tokenizer:
    """The tokenizer named, or the one beside a model; the text options are taken out."""
    from wordpiece.bert.models import tokenizer_for

    text = {name: options.pop(name) for name in ("lowercase", "strip_accents", "cjk_spacing")}
    return open_tokenizer(tokenizer_for(model, path), **text)


def given_texts(text: str | None, files: Sequence[str]) -> list[str]:
    """The texts that a command is to work on: of files a line each, or one, or standard input's."""
    from wordpiece.analysis.corpus_comparison import file_lines

    if files:
        if text is not None:
            raise OptionError("--input: takes no TEXT beside it")
        lines = file_lines(files, Reading())
        return [line.rstrip("\n") for line in lines if line.strip()]
    if text is not None and text != "-":
        return [bytes_argument(text)]
    return [line for line in text_argument(None).splitlines() if line.strip()]
