"""`wp encode`: the tokens of a text."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from wordpiece.cli.options import (
    bytes_argument,
    json_option,
    open_tokenizer,
    quiet_option,
    text_argument,
    tokenizer_options,
)
from wordpiece.encoding import Encoding
from wordpiece.errors import OptionError
from wordpiece.pretrained import Tokenizer
from wordpiece.text.readers import LineFile
from wordpiece.text.reading import Faults, Reading

HELP = """\
Show how a text is split: word, token, id, offsets, type, mask. Without TEXT, or with -, the text is
standard input.

With --input, every line of a file is encoded to one line of tokens (or of ids, with --ids).

\b
Examples:
  wp encode "This is the Hugging Face course!"
  wp encode "I love Paris" --pair "So do I" --special-tokens
  wp encode --tokenizer vocab.txt --lowercase --ids < letter.txt
  wp encode --input corpus.txt.gz --output corpus.ids --ids
"""


@click.command("encode", help=HELP)
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="A second text, as in BERT's sentence pairs.")
@tokenizer_options
@click.option("--special-tokens", is_flag=True, help="Add [CLS] and [SEP].")
@click.option(
    "--tokens", "as_tokens", is_flag=True, help="Print the tokens alone, with spaces between."
)
@click.option("--ids", "as_ids", is_flag=True, help="Print the ids alone, with spaces between.")
@click.option("--input", "input_file", metavar="FILE", help="Encode every line of a file.")
@click.option(
    "--output",
    "output_file",
    metavar="FILE",
    help="Where to write what --input gives.  [default: stdout]",
)
@json_option
@quiet_option
def command(
    text: str | None,
    pair: str | None,
    path: str | None,
    special_tokens: bool,
    as_tokens: bool,
    as_ids: bool,
    input_file: str | None,
    output_file: str | None,
    as_json: bool,
    quiet: bool,
    **options: bool | None,
) -> None:
    """Encode, and print in the form that was asked for."""
    check_forms(as_json, as_tokens, as_ids)
    tokenizer = open_tokenizer(path, **options)
    if input_file is not None:
        if text is not None or pair is not None or as_json:
            raise OptionError(
                "--input: takes no TEXT, --pair or --json beside it; use --tokens or --ids"
            )
        encode_file(
            tokenizer, input_file, output_file, special_tokens=special_tokens, as_ids=as_ids
        )
        return
    if output_file is not None:
        raise OptionError(f"--output {output_file}: is for --input FILE; redirect stdout instead")
    first = text_argument(text if text is None else bytes_argument(text))
    second = pair if pair is None else bytes_argument(pair)
    encoding = tokenizer.encode(first, second, add_special_tokens=special_tokens)
    show(encoding, first, second, as_json=as_json, as_tokens=as_tokens, as_ids=as_ids)


def check_forms(*flags: bool) -> None:
    """Refuse two forms of output at once."""
    if sum(flags) > 1:
        raise OptionError("--json, --tokens, --ids: only one of them at a time")


def show(
    encoding: Encoding,
    first: str,
    second: str | None,
    *,
    as_json: bool,
    as_tokens: bool,
    as_ids: bool,
) -> None:
    """Print an encoding in one of four forms."""
    if as_tokens:
        click.echo(" ".join(encoding.tokens))
        return
    if as_ids:
        click.echo(" ".join(map(str, encoding.ids)))
        return
    from wordpiece.cli import render

    if as_json:
        render.print_json(fields(encoding))
    else:
        render.encoding_table(encoding, first, second)


def fields(encoding: Encoding) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "tokens": encoding.tokens,
        "ids": encoding.ids,
        "offsets": encoding.offsets,
        "type_ids": encoding.type_ids,
        "attention_mask": encoding.attention_mask,
        "special_tokens_mask": encoding.special_tokens_mask,
        "word_ids": encoding.word_ids,
    }


def encode_file(
    tokenizer: Tokenizer, source: str, target: str | None, *, special_tokens: bool, as_ids: bool
) -> None:
    """Encode a file line by line, block after block."""
    from wordpiece.formats.atomic import new_text_file

    lines = encoded_lines(tokenizer, source, special_tokens=special_tokens, as_ids=as_ids)
    if target is None:
        sys.stdout.writelines(lines)
        return
    with new_text_file(target) as file:
        file.writelines(lines)


def encoded_lines(
    tokenizer: Tokenizer, source: str, *, special_tokens: bool, as_ids: bool
) -> Iterator[str]:
    """One line of tokens or ids for each line of a file."""
    for block in LineFile(source).blocks():
        text = block.text(source, Reading(), Faults("stop"))
        lines = text.removesuffix("\n").split("\n")
        for ids in tokenizer.encode_ids(lines, add_special_tokens=special_tokens):
            yield (
                " ".join(map(str, ids) if as_ids else map(str, map(tokenizer.id_to_token, ids)))
                + "\n"
            )
