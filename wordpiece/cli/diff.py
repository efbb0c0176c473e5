"""`wp diff`: two tokenizers, and where they part."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from wordpiece.analysis.diff import Diff, diff
from wordpiece.analysis.inspection import raw_words
from wordpiece.analysis.studied import Studied
from wordpiece.cli.options import json_option, open_studied, quiet_option, text_options
from wordpiece.cli.render import progress
from wordpiece.errors import FormatError, InputError
from wordpiece.types import WordCounts

HELP = """\
Say where two tokenizers, or two trainings, differ: options, the first merge that differs with the
scores of both candidates in both trainings, the vocabularies, and on a text, the words whose split
changes most.

\b
Examples:
  wp diff tokenizer-old tokenizer
  wp diff likelihood gain --text held-out.txt
  wp diff bert/vocab.txt tokenizer --lowercase --json
"""


@click.command("diff", help=HELP)
@click.argument("first")
@click.argument("second")
@click.option(
    "--text",
    "names",
    multiple=True,
    metavar="FILE",
    help="Split this text by both.  [default: the training text of the first, if it is there]",
)
@click.option("--no-text", is_flag=True, help="Split no text.")
@text_options(None)
@json_option
@quiet_option
def command(
    first: str,
    second: str,
    names: tuple[str, ...],
    no_text: bool,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Compare, print."""
    from wordpiece.cli import render, render_inspector

    one, other = (open_either(path, options) for path in (first, second))
    words, source, problem = WordCounts({}), "", ""
    if not no_text:
        words, source, problem = words_for(one, names, quiet=quiet)
    found = diff(one, other, words, source=source)
    if as_json:
        render.print_json(document(found))
    else:
        render_inspector.difference(found)
        if problem:
            render.print_line(f"not shown: {problem}")


def open_either(path: str, options: dict[str, bool | None]) -> Studied:
    """A tokenizer; the text options are for a bare vocab.txt alone."""
    from wordpiece.analysis.request import is_bare

    return open_studied(path, **options) if is_bare(path) else open_studied(path)


def words_for(
    studied: Studied, names: tuple[str, ...], *, quiet: bool
) -> tuple[WordCounts, str, str]:
    """The words of files, or of the training text; and what they are of, or why there are none."""
    with progress(quiet=quiet) as listener:
        if names:
            return raw_words(names, progress=listener), ", ".join(names), ""
        try:
            files, reading = studied.training_files()
            words = raw_words(
                files, reading=reading, check=studied.check_unchanged, progress=listener
            )
        except (InputError, FormatError) as error:
            return WordCounts({}), "", str(error)
        return words, f"the training text of {studied.name}", ""


def document(found: Diff) -> dict[str, Any]:
    """What `--json` prints."""
    parting = found.parting
    pairs = {
        name: value and value._asdict()
        for name, value in (
            ("first", parting and parting.first),
            ("second", parting and parting.second),
            ("second_in_first", parting and parting.second_in_first),
            ("first_in_second", parting and parting.first_in_second),
        )
    }
    return {
        "first": found.first,
        "second": found.second,
        "same": found.same,
        "vocab_sizes": list(found.sizes),
        "options": {name: list(values) for name, values in found.options.items()},
        "same_corpus": found.same_corpus,
        "equal_merges": found.equal_merges,
        "parting": parting and {"step": parting.step, **pairs, "reasons": list(parting.reasons)},
        "shared": found.shared,
        "moved": found.moved,
        "only_first": asdict(found.only_first),
        "only_second": asdict(found.only_second),
        "pipeline": list(found.pipeline),
        "segmentation": found.segmentation and asdict(found.segmentation),
        "missing": list(found.missing),
    }
