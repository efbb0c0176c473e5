"""`wp merge-counts`: several files of word counts into one."""

from __future__ import annotations

import time

import click

from wordpiece.cli import plain
from wordpiece.cli.count import show
from wordpiece.cli.options import json_option, memory_option, quiet_option
from wordpiece.word_counts import merge_counts

HELP = """\
Add up files of word counts, such as one a machine, into one: the most frequent words first, equally
frequent ones by code point. Memory stays small however many words there are.

\b
Examples:
  wp merge-counts a.tsv b.tsv.zst --output all.tsv.zst
  wp merge-counts counts/part-*.tsv -o all.tsv --json
"""


@click.command("merge-counts", help=HELP)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", "-o", required=True, metavar="FILE", help="Where to write.")
@memory_option
@json_option
@quiet_option
def command(
    files: tuple[str, ...], output: str, memory: int | None, as_json: bool, quiet: bool
) -> None:
    """Add up, and say how much there was."""
    started = time.monotonic()
    with plain.progress(quiet=quiet) as listener:
        header = merge_counts(files, output, memory=memory, progress=listener)
    show(header, output, time.monotonic() - started, as_json=as_json, quiet=quiet)
