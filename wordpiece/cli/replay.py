"""`wp replay`: a training, merge by merge."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click

from wordpiece.analysis.replay import Frame, Replay, Size
from wordpiece.cli.inspected import file_option, no_text_option, open_studied, text_for
from wordpiece.cli.options import (
    bytes_argument,
    json_option,
    quiet_option,
    tokenizer_options,
)
from wordpiece.errors import OptionError
from wordpiece.formats.trace import detail_fields

HELP = """\
Watch a training: how words grow together, step by step.

With words, every step that changed one of them. With --step or --until, one step with its rivals.
With --size, what a smaller vocabulary would have done: any prefix of the merges is a tokenizer.
With none of these in a terminal, arrow keys move through the training; elsewhere the first merges
are listed, and --json has all.

\b
Examples:
  wp replay tokenization learned
  wp replay --step 500
  wp replay unbelievable --until "##able"
  wp replay tokenization --size 1000 --size 8000
  wp replay --size all --json
"""


@click.command("replay", help=HELP)
@click.argument("words", nargs=-1)
@tokenizer_options
@click.option("--step", type=int, metavar="N", help="Show the step N; 0 is before the first.")
@click.option("--until", metavar="TOKEN", help="Show the step that made a token.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="N",
    help="Show the tokenizer of N tokens; repeat for several, or say all.",
)
@file_option("With --size: measure on this text.")
@no_text_option("With --size: measure on no text.")
@json_option
@quiet_option
def command(
    words: tuple[str, ...],
    path: str | None,
    step: int | None,
    until: str | None,
    sizes: tuple[str, ...],
    names: tuple[str, ...],
    no_text: bool,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Replay, print."""
    from wordpiece.cli import plain, render, render_inspector

    if sum((step is not None, until is not None, bool(sizes))) > 1:
        raise OptionError("--step, --until, --size: give one of them")
    studied = open_studied(path, **options)
    replay = Replay(studied, [bytes_argument(word) for word in words])
    if sizes:
        text = None if no_text else text_for(studied, names, quiet=quiet)
        wanted = sizes_of(replay, sizes)
        found = [replay.size(size, text) for size in wanted]
        if as_json:
            plain.print_json({"sizes": [size_document(each) for each in found]})
            return
        render_inspector.sizes(found)
        most = max(each.vocab_size for each in found)
        if max(wanted) > most:
            render.print_line(f"the training ended at {most:,} tokens")
        if text is not None and text.problem:
            render.print_line(f"not shown: {text.problem}")
        return
    if until is not None:
        step = replay.step_of(bytes_argument(until))
    if as_json:
        wanted = [step] if step is not None else replay.changes()
        plain.print_json({"steps": [frame_document(replay.frame(each)) for each in wanted]})
    elif step is not None:
        render_inspector.frame(replay, step)
        if not words:
            render.print_line("")
            render_inspector.merges_around(replay, step)
    elif sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        render_inspector.watch(replay, 0)
    elif words:
        render_inspector.replayed_words(replay)
    else:
        render_inspector.first_merges(replay)


def sizes_of(replay: Replay, given: tuple[str, ...]) -> list[int]:
    """The sizes that were asked for, the usual ones for `all`."""
    found: list[int] = []
    for size in given:
        if size == "all":
            found += replay.usual_sizes()
        elif size.isascii() and size.isdigit() and len(size) < 10:
            found.append(int(size))
        else:
            raise OptionError(f"--size {size!r}: must be a number of tokens, or all")
    return found


def frame_document(frame: Frame) -> dict[str, Any]:
    """What `--json` prints of a step."""
    return {
        "step": frame.step,
        "vocab_size": frame.vocab_size,
        "merge": frame.merge and frame.merge._asdict(),
        "detail": frame.detail and detail_fields(frame.detail),
        "words": {word: list(tokens) for word, tokens in frame.splits.items()},
        "changed": list(frame.changed),
    }


def size_document(size: Size) -> dict[str, Any]:
    """What `--json` prints of a size."""
    return asdict(size)
