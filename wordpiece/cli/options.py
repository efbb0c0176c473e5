"""Options that several commands share, each declared once."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from wordpiece.errors import InputError, OptionError
from wordpiece.fitting import Side, Strategy
from wordpiece.pretrained import Tokenizer
from wordpiece.text.reading import DecodingErrors, Format, OnError, Reading
from wordpiece.text.streams import standard_input

Function = TypeVar("Function", bound=Callable[..., Any])

DEFAULT_FOLDER = "tokenizer"
STDIN = "-"

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
quiet_option = click.option(
    "--quiet", "-q", is_flag=True, help="No progress, no summary; warnings and errors only."
)


def text_options(default: bool | None) -> Callable[[Function], Function]:
    """What is done to text before it is split into words; None leaves it to the tokenizer."""

    def add(function: Function) -> Function:
        options = (
            click.option(
                "--lowercase/--cased",
                default=default,
                help="Lower-case the text, and strip accents with it.",
            ),
            click.option(
                "--strip-accents/--no-strip-accents",
                default=None,
                help="Strip accents (splits Hangul into Jamo) or not.  [default: as --lowercase]",
            ),
            click.option(
                "--cjk-spacing/--no-cjk-spacing",
                default=None if default is None else True,
                help="Make every ideograph a word of its own, or do not.",
            ),
        )
        for option in reversed(options):
            function = option(function)
        return function

    return add


def text_options_of(options: dict[str, Any]) -> dict[str, bool | None]:
    """The options of `text_options`, taken out of all."""
    return {name: options.pop(name) for name in ("lowercase", "strip_accents", "cjk_spacing")}


def reading_options(default: Reading | None) -> Callable[[Function], Function]:
    """How files are to be read; None leaves it to the last training."""

    def add(function: Function) -> Function:
        where = "[default: text]" if default else "[default: as in the last training, else text]"
        options = (
            click.option(
                "--format",
                type=click.Choice(get_args(Format)),
                default=default and default.format,
                show_default=True,
                help="What the files are, if their names do not say it.",
            ),
            click.option(
                "--field",
                metavar="NAME",
                help=f"Where the text is in JSON lines; a.b is b within a.  {where}",
            ),
            click.option(
                "--column",
                metavar="NAME",
                help=f"Where it is in tables; a number, from 1 on, for one without names.  {where}",
            ),
            click.option(
                "--errors",
                type=click.Choice(get_args(DecodingErrors)),
                default=default and default.errors,
                show_default=True,
                help="Bytes that are not UTF-8: refuse them, or read them as U+FFFD.",
            ),
            click.option(
                "--on-error",
                type=click.Choice(get_args(OnError)),
                default=default and default.on_error,
                show_default=True,
                help="Records that cannot be read: refuse the file, or pass over them and say "
                "how many.",
            ),
        )
        for option in reversed(options):
            function = option(function)
        return function

    return add


def reading_of(options: dict[str, Any]) -> Reading:
    """The options of `reading_options`, taken out of all."""
    return Reading(**{name: options.pop(name) for name in Reading._fields})


def fitting_options(function: Function) -> Function:
    """How the encoding of a text is made to fit a length."""
    options = (
        click.option(
            "--max-length",
            type=int,
            metavar="N",
            help="Cut to N tokens, special ones included, which are then added.",
        ),
        click.option(
            "--truncation",
            type=click.Choice([name.replace("_", "-") for name in get_args(Strategy)]),
            help="Which of two texts is cut.  [default: longest-first]",
        ),
        click.option("--truncation-side", type=click.Choice(get_args(Side))),
        click.option(
            "--stride", type=int, default=0, metavar="N", help="Tokens that windows share."
        ),
        click.option(
            "--padding", is_flag=True, help="Fill up to --max-length, or to --pad-to-multiple-of."
        ),
        click.option("--pad-to-multiple-of", type=int, metavar="N"),
        click.option("--padding-side", type=click.Choice(get_args(Side))),
        click.option("--pad-token", metavar="T", help="What fills up.  [default: [PAD] or <pad>]"),
        click.option(
            "--words", "split", is_flag=True, help="The text is words, with spaces between."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


#: The names of what `fitting_options` adds.
FITTING = (
    *("max_length", "truncation", "truncation_side", "stride", "padding"),
    *("pad_to_multiple_of", "padding_side", "pad_token", "split"),
)


def fitting_of(options: dict[str, Any]) -> dict[str, Any]:
    """The options of `fitting_options`, taken out of all, as `Tokenizer.encode` has them.

    Raises `OptionError` for what would do nothing.
    """
    chosen = {name: options.pop(name) for name in FITTING}
    fit: dict[str, Any] = {}
    cuts = chosen["max_length"] is not None or chosen["truncation"] or chosen["stride"]
    pads = chosen["padding"] or chosen["pad_to_multiple_of"] is not None
    if chosen["truncation_side"] and not cuts:
        raise OptionError("--truncation-side: is for --max-length, the length to cut to")
    for name in ("padding_side", "pad_token"):
        if chosen[name] is not None and not pads:
            raise OptionError(f"--{name.replace('_', '-')}: is for --padding")
    if cuts:
        fit["truncation"] = (chosen["truncation"] or "longest-first").replace("-", "_")
        fit["max_length"] = chosen["max_length"]
        fit["stride"] = chosen["stride"]
        if chosen["truncation_side"]:
            fit["truncation_side"] = chosen["truncation_side"]
    if pads:
        fit["padding"] = "longest" if chosen["max_length"] is None else "max_length"
        for name in ("pad_to_multiple_of", "padding_side", "pad_token"):
            if chosen[name] is not None:
                fit[name] = chosen[name]
    if chosen["split"]:
        fit["is_split_into_words"] = True
    return fit


memory_option = click.option(
    "--memory",
    metavar="SIZE",
    callback=lambda _, __, value: None if value is None else size_in_bytes(value),
    help="Hold about so much and put the rest on disk, such as 200M or 4G.  "
    "[default: half of what is free]",
)
workers_option = click.option(
    "--workers",
    "-w",
    type=int,
    metavar="N",
    help="Processes that share the work; never changes the result.  [default: all cores]",
)
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def size_in_bytes(text: str) -> int:
    """A size with a unit in bytes.

    >>> size_in_bytes("200M")
    200000000
    """
    found = re.fullmatch(r"(\d{1,15})\s*([KMGT]?)B?", text.strip().upper(), re.ASCII)
    if found is None:
        raise OptionError(f"--memory {text!r}: must be a size such as 200M or 4G")
    return int(found[1]) * UNITS[found[2]]


def tokenizer_options(function: Function) -> Function:
    """Which tokenizer, and how a bare vocab.txt is to be read."""
    path = click.option(
        "--tokenizer",
        "-t",
        "path",
        metavar="PATH",
        help="A folder, tokenizer.json or vocab.txt.  [default: $WP_TOKENIZER, else ./tokenizer]",
    )
    return path(text_options(None)(function))


def open_tokenizer(path: str | None, **options: bool | None) -> Tokenizer:
    """The tokenizer that an option, the environment or the working folder names."""
    with warnings_on_stderr():
        return Tokenizer.from_file(tokenizer_path(path), **options)


def tokenizer_path(path: str | None) -> str:
    """Where the tokenizer is that an option, the environment or the working folder names."""
    name = path or os.environ.get("WP_TOKENIZER") or DEFAULT_FOLDER
    if not Path(name).exists() and not path and "WP_TOKENIZER" not in os.environ:
        raise InputError(
            f"no tokenizer in ./{DEFAULT_FOLDER}: make one with wp train CORPUS --vocab-size N, "
            "or name one with --tokenizer"
        )
    return name


@contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Print the library's warnings as one line each."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        click.echo(f"wp: warning: {warning.message}", err=True)


def text_argument(text: str | None) -> str:
    """The text as given, or standard input without its last line end."""
    if text is not None and text != STDIN:
        return text
    try:
        return standard_input().read().decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        cure = "convert it first, with iconv -t UTF-8"
        raise InputError(f"standard input: byte {error.start} is not UTF-8: {cure}") from None


def bytes_argument(text: str) -> str:
    """A command-line argument, whose bytes Python may have smuggled through as lone surrogates."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"the argument {text!a}: byte {error.start} is not UTF-8") from None
