"""`wp report`: one self-contained page."""

from __future__ import annotations

from pathlib import Path

import click

from wordpiece.cli.inspected import file_option, open_either, open_studied, text_for
from wordpiece.cli.options import (
    bytes_argument,
    json_option,
    quiet_option,
    tokenizer_options,
    tokenizer_path,
)
from wordpiece.errors import OptionError
from wordpiece.formats.atomic import check_writable, write_file

HELP = """\
Write one HTML page about a training, or about several tokenizers: every split with its reasons, the
models side by side, the curve of scores, all merges with their rivals, a replay, smaller
vocabularies, the health of the vocabulary, and a search for tokens. The page needs no network.

After a wp train, WordPiece, BPE and byte-level BPE on its corpus are compared, as wp compare does
it; --with compares other tokenizers instead.

\b
Examples:
  wp report
  wp report --sample "Why is this split so?" --word tokenization -o page.html
  wp report --tokenizer bert/vocab.txt --lowercase --sample unaffable
  wp report --with bert/tokenizer.json --text held-out.txt
"""


@click.command("report", help=HELP)
@tokenizer_options
@click.option("--output", "-o", default="report.html", show_default=True, metavar="FILE")
@click.option("--sample", "samples", multiple=True, metavar="TEXT", help="Split this text; repeat.")
@click.option("--word", "words", multiple=True, metavar="WORD", help="Watch this word; repeat.")
@click.option("--with", "others", multiple=True, metavar="PATH", help="Compare with a tokenizer.")
@file_option("Measure on this text.")
@click.option("--compare/--no-compare", default=True, help="Compare the models, or do not.")
@click.option("--title", metavar="TEXT", help="What the page is called.")
@json_option
@quiet_option
def command(
    path: str | None,
    output: str,
    samples: tuple[str, ...],
    words: tuple[str, ...],
    others: tuple[str, ...],
    names: tuple[str, ...],
    compare: bool,
    title: str | None,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Gather, draw, write."""
    from wordpiece.cli import plain, render
    from wordpiece.report.gather import documents_of, gather
    from wordpiece.report.page import page, template

    if not output:
        raise OptionError("--output '': must name a file")
    check_file(Path(output))
    template()  # what is not installed is told before anything is measured
    studied = open_studied(path, **options)
    compared = [open_either(each, options) for each in others]
    known = [studied.name]
    for each in compared:
        if each.name in known:
            raise OptionError(f"--with {each.name}: is there already")
        known.append(each.name)
    text = text_for(studied, names, quiet=quiet)
    with plain.progress(quiet=quiet) as listener:
        report = gather(
            studied,
            text,
            samples=[bytes_argument(sample) for sample in samples],
            words=[bytes_argument(word) for word in words],
            others=compared,
            documents=documents_of(studied, names, text) if others else (),
            models_in=Path(tokenizer_path(path)) if compare and is_training(path) else None,
            progress=listener,
        )
    drawn = page(report, title="" if title is None else bytes_argument(title))
    write_file(Path(output), drawn)
    size = len(drawn.encode("utf-8"))
    if as_json:
        plain.print_json({"output": output, "bytes": size, "missing": list(report.missing)})
    elif not quiet:
        render.print_line(f"written to {output}, {size / 1e6:.2f} MB")
        for reason in report.missing:
            render.print_line(f"not shown: {reason}")


def check_file(path: Path) -> None:
    """Raise an error now for a file that could not be written in the end."""
    if path.is_dir():
        raise OptionError(f"--output {path}: is a folder; name a file, such as report.html")
    check_writable(path.parent)


def is_training(path: str | None) -> bool:
    """Whether a folder holds a training whose corpus the models can be compared on."""
    return (Path(tokenizer_path(path)) / "training.json").exists()
