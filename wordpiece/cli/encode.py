"""`wp encode`: the tokens of a text."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from wordpiece.cli import plain
from wordpiece.cli.options import (
    bytes_argument,
    fitting_of,
    fitting_options,
    json_option,
    open_tokenizer,
    quiet_option,
    reading_of,
    reading_options,
    text_argument,
    tokenizer_options,
    workers_option,
)
from wordpiece.cli.render_encoding import encoding_table
from wordpiece.encoding import Encoding
from wordpiece.errors import OptionError
from wordpiece.pretrained import Tokenizer
from wordpiece.text.reading import Reading, skip_warnings

if TYPE_CHECKING:  # what only whole corpora need is loaded with them
    from wordpiece.bulk import Job

HELP = """\
Show how a text is split: word, token, id, offsets, type, mask. Without TEXT, or with -, the text is
standard input.

With --input, every line or record of files, folders or patterns is encoded. The ending of --output
says the form: .bin and .npy (all ids as numbers, with the offsets of the documents in a JSON file
beside them), .jsonl, .parquet; any other is a line of tokens (or of ids, with --ids) each. If it is
cut off, the same command goes on where it was.

\b
Examples:
  wp encode "This is the Hugging Face course!"
  wp encode "I love Paris" --pair "So do I" --special-tokens
  wp encode "I love Paris" --max-length 7 --padding
  wp encode --tokenizer vocab.txt --lowercase --ids < letter.txt
  wp encode --input corpus.txt.gz --ids > corpus.ids
  wp encode --input "shards/*.jsonl" --field body --output ids.bin
"""


@click.command("encode", help=HELP)
@click.argument("text", required=False)
@click.option("--pair", metavar="TEXT", help="A second text, as in BERT's sentence pairs.")
@tokenizer_options
@click.option("--special-tokens", is_flag=True, help="Add [CLS] and [SEP].")
@fitting_options
@click.option(
    "--tokens", "as_tokens", is_flag=True, help="Print the tokens alone, with spaces between."
)
@click.option("--ids", "as_ids", is_flag=True, help="Print the ids alone, with spaces between.")
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="CORPUS",
    help="Encode every line or record of it; repeat for several.",
)
@click.option(
    "--output",
    "output_file",
    metavar="FILE",
    help="Where to write what --input gives.  [default: stdout]",
)
@reading_options(Reading())
@workers_option
@json_option
@quiet_option
def command(
    text: str | None,
    pair: str | None,
    path: str | None,
    special_tokens: bool,
    as_tokens: bool,
    as_ids: bool,
    inputs: tuple[str, ...],
    output_file: str | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Encode, and print in the form that was asked for."""
    reading = reading_of(options)
    fit = fitting_of(options)
    check_forms(as_json and not inputs, as_tokens, as_ids)
    tokenizer = open_tokenizer(path, **options)
    if inputs:
        if text is not None or pair is not None or fit or (as_json and output_file is None):
            raise OptionError(
                "--input: takes no TEXT, --pair, --words, no option of --max-length or --padding "
                "beside it, and --json only with --output; use --tokens or --ids"
            )
        encode_files(
            tokenizer,
            inputs,
            output_file,
            special_tokens=special_tokens,
            as_ids=as_ids,
            as_tokens=as_tokens,
            as_json=as_json,
            quiet=quiet,
            reading=reading,
            workers=workers,
        )
        return
    if output_file is not None:
        raise OptionError(f"--output {output_file}: is for --input FILE; redirect stdout instead")
    if reading != Reading() or workers is not None:
        raise OptionError(
            "--format, --field, --column, --errors, --on-error, --workers: are for --input FILE"
        )
    first = text_argument(text if text is None else bytes_argument(text))
    texts: list[Any] = [first, pair if pair is None else bytes_argument(pair)]
    special = special_tokens or "max_length" in fit or "padding" in fit
    if fit.get("is_split_into_words"):
        texts = [each if each is None else each.split() for each in texts]
    encoding = tokenizer.encode(*texts, add_special_tokens=special, **fit)
    show(encoding, *texts, as_json=as_json, as_tokens=as_tokens, as_ids=as_ids)


def check_forms(*flags: bool) -> None:
    """Refuse two forms of output at once."""
    if sum(flags) > 1:
        raise OptionError("--json, --tokens, --ids: only one of them at a time")


def show(
    encoding: Encoding,
    first: str | list[str],
    second: str | list[str] | None,
    *,
    as_json: bool,
    as_tokens: bool,
    as_ids: bool,
) -> None:
    """Print an encoding in one of four forms."""
    windows = [encoding, *encoding.overflowing]
    if as_tokens or as_ids:
        for window in windows:
            click.echo(" ".join(window.tokens if as_tokens else map(str, window.ids)))
        return
    if as_json:
        plain.print_json(fields(encoding))
        return
    for number, window in enumerate(windows):
        if number:
            click.echo()
        encoding_table(window, first, second)


def fields(encoding: Encoding) -> dict[str, object]:
    """What `--json` prints; `overflowing` only where something was cut off."""
    more = {"overflowing": list(map(fields, encoding.overflowing))}
    return {
        "tokens": encoding.tokens,
        "ids": encoding.ids,
        "offsets": encoding.offsets,
        "type_ids": encoding.type_ids,
        "attention_mask": encoding.attention_mask,
        "special_tokens_mask": encoding.special_tokens_mask,
        "word_ids": encoding.word_ids,
        **(more if encoding.overflowing else {}),
    }


def encode_files(
    tokenizer: Tokenizer,
    inputs: tuple[str, ...],
    output: str | None,
    *,
    special_tokens: bool,
    as_ids: bool,
    as_tokens: bool,
    as_json: bool,
    quiet: bool,
    reading: Reading,
    workers: int | None,
) -> None:
    """Encode every line or record of files, into a file or to stdout."""
    from wordpiece.bulk import Job, ending_of, is_special

    if output and ending_of(output) and (as_ids or as_tokens):
        raise OptionError(f"--ids, --tokens: are for lines; {output} says its form itself")
    job = Job(
        tokenizer,
        inputs,
        output or "",
        lines="ids" if as_ids else "tokens",
        add_special_tokens=special_tokens,
        reading=reading,
        workers=workers,
    )
    if output is None or is_special(output):
        write_stream(job, output)
        return
    started = time.monotonic()
    with plain.progress(quiet=quiet) as listener:
        encoded = job.run(listener)
    seconds = time.monotonic() - started
    if as_json:
        plain.print_json({**asdict(encoded), "seconds": round(seconds, 3)})
    elif not quiet:
        from wordpiece.cli import render

        render.encoded_summary(encoded, seconds)
    plain.print_warnings(skip_warnings(encoded.skipped, encoded.first_skipped))


def write_stream(job: Job, output: str | None) -> None:
    """Write lines as they come to stdout, a device or a pipe."""
    if output is None:
        sys.stdout.writelines(data.decode("utf-8") for data in job.stream())
        plain.print_warnings(skip_warnings(job.faults.number, job.faults.first))
        return
    from wordpiece.formats.atomic import new_file

    with new_file(output) as file:
        file.writelines(job.stream())
    plain.print_warnings(skip_warnings(job.faults.number, job.faults.first))
