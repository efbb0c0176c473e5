"""`wp bert pretrain`: a model that has read a corpus."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any, get_args

import click

from wordpiece.bert.masking import Rule
from wordpiece.bert.options import Objective, PretrainingOptions
from wordpiece.cli.bert import size_option, tokenizer_of, training_options
from wordpiece.cli.options import json_option, quiet_option, tokenizer_options

HELP = """\
Pre-train a BERT on a corpus, a text (or with --objective mlm+nsp a sentence) a line, with an empty
line between documents. The model is fresh and small, or one to go on with. Checkpoints are kept
beside the output until it is written; --resume goes on from the last.

\b
Examples:
  wp bert pretrain corpus.txt --output model
  wp bert pretrain corpus.txt --size mini --epochs 3 --whole-word
  wp bert pretrain corpus.txt --output model --resume
  wp bert pretrain sentences.txt --objective mlm+nsp --output model
  wp bert pretrain reviews.txt --model bert-folder --output adapted
"""


@click.command("pretrain", help=HELP)
@click.argument("corpus", nargs=-1, required=True)
@tokenizer_options
@click.option("--output", "-o", default="bert", show_default=True, metavar="DIR")
@click.option("--model", metavar="PATH", help="Go on with this model.  [default: a fresh one]")
@size_option
@click.option(
    "--objective", type=click.Choice(get_args(Objective)), default="mlm", show_default=True
)
@training_options(1.0)
@click.option("--probability", type=float, default=0.15, show_default=True, metavar="P")
@click.option("--rule", type=click.Choice(get_args(Rule)), default="80-10-10", show_default=True)
@click.option("--whole-word", is_flag=True, help="Mask words rather than tokens.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint.")
@json_option
@quiet_option
def command(
    corpus: tuple[str, ...],
    path: str | None,
    output: str,
    model: str | None,
    resume: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Train, save, show the losses."""
    from wordpiece.analysis.corpus_comparison import file_lines
    from wordpiece.bert.extra import check_installed
    from wordpiece.bert.pairs import documents_of
    from wordpiece.cli import plain
    from wordpiece.formats import model_dir
    from wordpiece.formats.atomic import check_writable
    from wordpiece.text.corpora import expanded
    from wordpiece.text.reading import Reading

    check_installed(what="bert pretrain")
    check_writable(Path(output))
    lines = file_lines(expanded(corpus, outputs=model_dir.written(output, model=True)), Reading())
    from wordpiece.bert.pretraining import pretrain

    tokenizer = tokenizer_of(model, path, options)
    started = perf_counter()
    with plain.progress(quiet=quiet) as listener:
        found = pretrain(
            tokenizer,
            documents_of(lines),
            PretrainingOptions(**options),
            model=model,
            checkpoints=model_dir.checkpoints_beside(output),
            resume=resume,
            progress=listener,
        )
    found.save(output)
    seconds = perf_counter() - started
    if as_json:
        losses = [each._asdict() for each in found.losses]
        fields = {"output": output, "texts": found.texts, "steps": found.steps, "losses": losses}
        plain.print_json({**fields, "seconds": seconds})
    elif not quiet:
        from wordpiece.cli import render_bert

        render_bert.pretraining_summary(found, output, seconds)
