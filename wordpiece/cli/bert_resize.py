"""`wp bert resize`: a model for a vocabulary that was extended or pruned."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import click

from wordpiece.cli.options import json_option, quiet_option
from wordpiece.errors import OptionError

HELP = """\
Fit a model to a vocabulary that wp extend or wp prune changed: rows of its embedding are added or
taken out, and nothing else. A new row begins as the mean of the rows that its text had before.

\b
Examples:
  wp bert resize bert-folder --tokenizer extended --output model
  wp bert resize bert-folder --tokenizer pruned --output small --json
"""


@click.command("resize", help=HELP)
@click.argument("model")
@click.option(
    "--tokenizer", "-t", "path", required=True, metavar="DIR", help="What wp extend or prune wrote."
)
@click.option("--output", "-o", default="resized", show_default=True, metavar="DIR")
@json_option
@quiet_option
def command(model: str, path: str, output: str, as_json: bool, quiet: bool) -> None:
    """Load, resize, save."""
    from wordpiece.bert.extra import check_installed
    from wordpiece.cli import plain, render
    from wordpiece.formats.atomic import check_writable

    check_installed(what="bert resize")
    check_writable(Path(output))
    if Path(path).resolve() == Path(output).resolve():
        raise OptionError(f"--output {output}: is the tokenizer's own folder: name another")
    from wordpiece.bert.models import save
    from wordpiece.bert.resizing import resize

    started = perf_counter()
    found, tokenizer = resize(model, path)
    save(found, tokenizer, output, {})
    seconds = perf_counter() - started
    rows, hidden = found.get_input_embeddings().weight.shape
    if as_json:
        fields = {"output": output, "class": type(found).__name__, "vocab_size": rows}
        plain.print_json({**fields, "hidden": hidden, "seconds": seconds})
    elif not quiet:
        facts = {"model": type(found).__name__, "embedding": f"{rows:,} rows of {hidden:,}"}
        render.show_facts(facts, output, seconds)
