"""`wp extend`: new tokens on top of a vocabulary."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, get_args

import click

from wordpiece.cli.options import (
    json_option,
    quiet_option,
    reading_of,
    reading_options,
    text_options,
    text_options_of,
    warnings_on_stderr,
)
from wordpiece.text.corpora import expanded
from wordpiece.text.reading import Reading
from wordpiece.training.scores import ScoreName

if TYPE_CHECKING:
    from wordpiece.analysis.diff import Segmentation
    from wordpiece.revision.measured import MeasuredExtension

HELP = """\
Learn N tokens for a domain or a language on top of a vocabulary that a model
knows. Every old id keeps its token; the new ones take the [unusedN] slots
first, then come behind all others. Shows what it gains on lines that were held
out (every tenth, or --eval), and with --old what changes for text of before.

\b
Examples:
  wp extend bert-base-uncased.txt reviews.txt --lowercase --add 2000
  wp extend BASE papers.jsonl --field body --add 500 --old wikipedia.txt

extension.json says for each new token what it was split into before, so that its embedding can
begin as the mean of theirs.
"""


@click.command("extend", help=HELP)
@click.argument("base")
@click.argument("corpus", nargs=-1, required=True)
@click.option("--add", type=int, required=True, metavar="N", help="How many tokens.")
@click.option("--output", "-o", default="extended", show_default=True, metavar="DIR")
@text_options(None)
@click.option("--score", type=click.Choice(get_args(ScoreName)), default="gain", show_default=True)
@click.option("--min-frequency", type=int, default=2, show_default=True, metavar="K")
@click.option("--max-token-length", type=int, metavar="N")
@click.option(
    "--limit-alphabet",
    type=int,
    metavar="N",
    help="At most N of them are characters that BASE lacks.  [default: half]",
)
@click.option("--eval", "eval_file", metavar="FILE", help="Measure the gain on this text.")
@click.option("--old", metavar="FILE", help="Say what changes for this text.")
@reading_options(Reading())
@json_option
@quiet_option
def command(
    base: str,
    corpus: tuple[str, ...],
    output: str,
    eval_file: str | None,
    old: str | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Learn, save, measure."""
    from wordpiece.cli import plain, render_revision
    from wordpiece.formats import model_dir
    from wordpiece.formats.atomic import check_writable
    from wordpiece.pretrained import Tokenizer
    from wordpiece.revision.extend import ExtensionOptions
    from wordpiece.revision.measured import extend_on

    reading = reading_of(options)
    text = text_options_of(options)
    settings = ExtensionOptions(**options)
    with warnings_on_stderr():
        tokenizer = Tokenizer.from_file(base, **text)
    check_writable(Path(output))
    texts = expanded(corpus, outputs=model_dir.written(output))
    started = perf_counter()
    with plain.progress(quiet=quiet) as listener:
        found = extend_on(
            tokenizer,
            texts,
            settings,
            reading=reading,
            eval_file=eval_file,
            old=old,
            progress=listener,
        )
    found.extension.save(output)
    seconds = perf_counter() - started
    if as_json:
        plain.print_json({"output": output, **document(found), "seconds": seconds})
    elif not quiet:
        render_revision.extension_summary(found, output, seconds)


def document(found: MeasuredExtension) -> dict[str, Any]:
    """What `--json` prints of an extension."""
    extension = found.extension
    return {
        "vocab_size": extension.tokenizer.get_vocab_size(),
        "tokens": [asdict(each) for each in extension.tokens],
        "in_slots": extension.in_slots,
        "appended": extension.appended,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "differences": [asdict(each) for each in found.differences],
        "held_out": found.held_out,
        "old": None if found.old is None else changes(found.old),
    }


def changes(old: Segmentation) -> dict[str, Any]:
    """What changes for text of before."""
    return {
        "words": old.words,
        "types": old.types,
        "all_types": old.all_types,
        "all_words": old.all_words,
        "tokens_before": old.first,
        "tokens_after": old.second,
        "unknown_before": old.unknown_first,
        "unknown_after": old.unknown_second,
        "changed": [asdict(each) for each in old.changed],
    }
