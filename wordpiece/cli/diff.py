"""`wp diff`: two tokenizers, and where they part."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from wordpiece.analysis.diff import Diff, diff
from wordpiece.cli.inspected import file_option, no_text_option, open_either, text_for
from wordpiece.cli.options import json_option, quiet_option, text_options

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
@file_option("Split this text by both.")
@no_text_option("Split no text.")
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
    from wordpiece.cli import plain, render, render_inspector

    one, other = (open_either(path, options) for path in (first, second))
    text = None if no_text else text_for(one, names, quiet=quiet, raw=True)
    found = diff(one, other, text)
    if as_json:
        plain.print_json(document(found))
    else:
        render_inspector.difference(found)
        if text is not None and text.problem:
            render.print_line(f"not shown: {text.problem}")


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
