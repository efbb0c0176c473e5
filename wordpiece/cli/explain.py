"""`wp explain`: why a word is split so."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from wordpiece.analysis.explain import Explanation, explain
from wordpiece.analysis.request import models_of
from wordpiece.analysis.studied import Studied
from wordpiece.cli.inspected import open_studied
from wordpiece.cli.options import (
    DEFAULT_FOLDER,
    bytes_argument,
    json_option,
    quiet_option,
    text_argument,
    tokenizer_options,
)
from wordpiece.errors import OptionError

HELP = """\
Say why a word, or each word of a sentence, is split so.

For WordPiece: the longer tokens that were tried at each position and are not in the vocabulary, the
one taken, and the shorter ones that are there too. For BPE: each merge with its rank, and the other
merges that were possible. For [UNK]: the character that nothing fits, and what would mend it. And
the fewest tokens that this vocabulary allows, and where longest match and merge order part.

\b
Examples:
  wp explain unaffable --tokenizer bert/vocab.txt --lowercase
  wp explain "Why is this word split so?"
  wp explain tokenization --all
  wp explain naïve --json
"""


@click.command("explain", help=HELP)
@click.argument("text", required=False)
@tokenizer_options
@click.option(
    "--all",
    "all_models",
    is_flag=True,
    help="WordPiece, BPE and byte-level BPE on the corpus of the last training.",
)
@json_option
@quiet_option
def command(
    text: str | None,
    path: str | None,
    all_models: bool,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Explain, print."""
    from wordpiece.cli import plain, render_inspector

    text = text_argument(None if text is None else bytes_argument(text))
    if not all_models:
        explanation = explain(open_studied(path, **options), text)
        if as_json:
            plain.print_json(document(explanation))
        else:
            render_inspector.explanation(explanation)
        return
    if any(value is not None for value in options.values()):
        raise OptionError("--all: trains with the options of the last training; give none here")
    folder = Path(path or os.environ.get("WP_TOKENIZER") or DEFAULT_FOLDER)
    with plain.progress(quiet=quiet) as listener:
        models, _ = models_of(folder, progress=listener)
    found = [explain(Studied(name, each.tokenizer), text) for name, each in models.items()]
    if as_json:
        plain.print_json({each.name: document(each) for each in found})
    else:
        render_inspector.explanations(found)


def document(explanation: Explanation) -> dict[str, object]:
    """What `--json` prints."""
    return asdict(explanation)
