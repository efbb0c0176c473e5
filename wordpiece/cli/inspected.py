"""What the commands of the inspector share: a tokenizer with its training, and a text."""

from __future__ import annotations

from collections.abc import Callable

import click

from wordpiece.analysis.inspection import Text, raw_text_of, text_of, training_text
from wordpiece.analysis.request import is_bare
from wordpiece.analysis.studied import Studied, study
from wordpiece.cli.options import Function, tokenizer_path, warnings_on_stderr
from wordpiece.cli.plain import progress


def file_option(use: str) -> Callable[[Function], Function]:
    """On which text to do something."""
    return click.option(
        "--text",
        "names",
        multiple=True,
        metavar="FILE",
        help=f"{use}  [default: the training text, if it is there]",
    )


def no_text_option(use: str) -> Callable[[Function], Function]:
    """To leave the text out."""
    return click.option("--no-text", is_flag=True, help=use)


def open_studied(
    path: str | None,
    *,
    lowercase: bool | None = None,
    strip_accents: bool | None = None,
    cjk_spacing: bool | None = None,
) -> Studied:
    """The tokenizer that an option, the environment or the working folder names."""
    with warnings_on_stderr():
        return study(
            tokenizer_path(path),
            lowercase=lowercase,
            strip_accents=strip_accents,
            cjk_spacing=cjk_spacing,
        )


def open_either(path: str, options: dict[str, bool | None]) -> Studied:
    """One of several tokenizers; the text options are for a bare vocab.txt alone."""
    return open_studied(path, **options) if is_bare(path) else open_studied(path)


def text_for(studied: Studied, names: tuple[str, ...], *, quiet: bool, raw: bool = False) -> Text:
    """The words of the files named, or of the training text; `raw` as they stand there."""
    with progress(quiet=quiet) as listener:
        if not names:
            return training_text(studied, raw=raw, progress=listener)
        if raw:
            return raw_text_of(names, progress=listener)
        return text_of(studied, names, progress=listener)
