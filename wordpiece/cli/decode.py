"""`wp decode`: text from ids."""

from __future__ import annotations

import click

from wordpiece.cli.options import (
    json_option,
    open_tokenizer,
    quiet_option,
    text_argument,
    tokenizer_options,
)
from wordpiece.errors import InputError
from wordpiece.pretrained import Tokenizer

HELP = """\
Turn ids back into text. Ids are separated by spaces or commas; without IDS, or with -, they come
from standard input.

\b
Examples:
  wp decode 52 13 21 64
  wp encode "I love Paris" --ids | wp decode
  wp decode 101,1045,102 -t vocab.txt --lowercase --keep-special-tokens
"""


@click.command("decode", help=HELP)
@click.argument("ids", nargs=-1)
@tokenizer_options
@click.option(
    "--keep-special-tokens", is_flag=True, help="Leave [CLS], [SEP] and the like in the text."
)
@json_option
@quiet_option
def command(
    ids: tuple[str, ...],
    path: str | None,
    keep_special_tokens: bool,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Decode and print."""
    tokenizer = open_tokenizer(path, **options)
    numbers = parse_ids(text_argument(None) if ids in ((), ("-",)) else " ".join(ids), tokenizer)
    text = tokenizer.decode(numbers, skip_special_tokens=not keep_special_tokens)
    if as_json:
        from wordpiece.cli import plain

        tokens = [tokenizer.id_to_token(number) for number in numbers]
        plain.print_json({"text": text, "ids": numbers, "tokens": tokens})
    else:
        click.echo(text)


def parse_ids(text: str, tokenizer: Tokenizer) -> list[int]:
    """The ids in a text. Raises `InputError` for what is no id of this tokenizer."""
    numbers = []
    for word in text.replace(",", " ").split():
        if not (word.isdecimal() and len(word) < 10) or tokenizer.id_to_token(int(word)) is None:
            last = max(tokenizer.get_vocab().values(), default=0)
            raise InputError(
                f"the id {word[:40]!r}: must be a number that the vocabulary has, from 0 to {last}"
            )
        numbers.append(int(word))
    return numbers
