"""`wp mask`: what a masked-language model is shown of a text."""

from __future__ import annotations

from typing import Any, get_args

import click

from wordpiece.bert.masking import Rule
from wordpiece.cli.options import (
    bytes_argument,
    json_option,
    open_tokenizer,
    quiet_option,
    text_argument,
    tokenizer_options,
)

#: So many tokens: a text is shown whole, however long.
WHOLE = 10**9
HELP = """\
Hide tokens of a text as BERT's pre-training does, at least one: the text beside what the model is
shown, and what it is to say. Without TEXT, or with -, the text is standard input.

\b
Examples:
  wp mask "I love Paris" --seed 0
  wp mask "The tokenizer was trained." --whole-word --probability 0.3
  wp mask "I love Paris" --rule all --json
"""


@click.command("mask", help=HELP)
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="A second text, as in BERT's sentence pairs.")
@tokenizer_options
@click.option("--probability", type=float, default=0.15, show_default=True, metavar="P")
@click.option(
    "--rule",
    type=click.Choice(get_args(Rule)),
    default="80-10-10",
    show_default=True,
    help="Of the tokens chosen 80 % become [MASK], 10 % another token, 10 % stay; or all are "
    "masked.",
)
@click.option("--whole-word", is_flag=True, help="Choose words, each with all its tokens.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N")
@json_option
@quiet_option
def command(
    text: str | None,
    pair: str | None,
    path: str | None,
    probability: float,
    rule: Rule,
    whole_word: bool,
    seed: int,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Mask, and print both sides."""
    from wordpiece.bert import Batch, mask_tokens
    from wordpiece.cli import plain, render_bert

    tokenizer = open_tokenizer(path, **options)
    first = text_argument(text if text is None else bytes_argument(text))
    one = first if pair is None else (first, bytes_argument(pair))
    batch = Batch.of(tokenizer, [one], max_length=WHOLE)
    # at least one: a short text of which nothing is hidden would show nothing
    masked = mask_tokens(batch, probability, rule, whole_word, seed, at_least_one=True)
    shown, labels = masked.batch.input_ids[0], masked.labels[0]
    tokens = [tokenizer.id_to_token(id) or "" for id in batch.input_ids[0]]
    hidden = [tokenizer.id_to_token(id) or "" for id in shown]
    if as_json:
        fields = {"tokens": tokens, "masked": hidden, "input_ids": shown, "labels": labels}
        plain.print_json(fields)
    else:
        render_bert.masked_table(tokens, hidden, labels)
