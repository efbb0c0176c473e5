"""From a path to a tokenizer's parts: a folder, a tokenizer.json, or a BERT vocab.txt."""

from __future__ import annotations

import json
from pathlib import Path

from wordpiece import presets
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.formats import tokenizer_json, vocab_txt
from wordpiece.formats.model_dir import CONFIG, TOKENIZER, VOCAB
from wordpiece.text.normalize import BertNormalizer
from wordpiece.tokenizer import Parts


def read(
    path: Path,
    *,
    lowercase: bool | None = None,
    strip_accents: bool | None = None,
    cjk_spacing: bool | None = None,
) -> Parts:
    """The parts of a tokenizer on the disk: a folder, a tokenizer.json, or a BERT vocab.txt.

    A vocab.txt says nothing of the text before it; the options do, as far as they are not None. A
    tokenizer.json says it itself, so options that contradict it are refused.
    """
    if path.is_dir():
        path, config = tokenizer_file(path), read_config(path / CONFIG)
        if (
            path.suffix != ".json"
        ):  # an old folder: what is done to text stands in its configuration
            lowercase = stated(config, "do_lower_case") if lowercase is None else lowercase
            strip_accents = (
                stated(config, "strip_accents") if strip_accents is None else strip_accents
            )
            cjk_spacing = (
                stated(config, "tokenize_chinese_chars") if cjk_spacing is None else cjk_spacing
            )
    if path.suffix == ".json":
        parts = tokenizer_json.parse(read_text(path), source=str(path))
        check_agreement(path, parts.normalizer, lowercase, strip_accents, cjk_spacing)
        return parts
    return presets.wordpiece(
        vocab_txt.parse(read_text(path), source=str(path)),
        lowercase=bool(lowercase),
        strip_accents=strip_accents,
        cjk_spacing=cjk_spacing is not False,
    )


def tokenizer_file(folder: Path) -> Path:
    """The file in a folder that holds the tokenizer."""
    for name in (TOKENIZER, VOCAB):
        if (folder / name).exists():
            return folder / name
    raise InputError(f"{folder}: holds no tokenizer: neither {TOKENIZER} nor {VOCAB} is in it")


def stated(config: dict[str, object], key: str) -> bool | None:
    """A setting that is true or false, or None."""
    value = config.get(key)
    return value if isinstance(value, bool) else None


def read_config(path: Path) -> dict[str, object]:
    """The settings of a tokenizer_config.json, none when there is no such file."""
    if not path.exists():
        return {}
    try:
        config = json.loads(read_text(path))
    except ValueError as error:
        raise FormatError(f"{path}: is no JSON: {error}") from None
    return config if isinstance(config, dict) else {}


def check_agreement(path: Path, normalizer: BertNormalizer, *given: bool | None) -> None:
    """Raise `OptionError` for an option that says otherwise than the tokenizer.json."""
    actual = (normalizer.lowercase, normalizer.strips_accents, normalizer.cjk_spacing)
    names = ("lowercase", "strip_accents", "cjk_spacing")
    for name, value, option in zip(names, actual, given, strict=True):
        if option is not None and option != value:
            raise OptionError(
                f"{name}={option}: {path} says {name}={value} itself; the option is for a bare "
                "vocab.txt"
            )


def read_text(path: Path) -> str:
    """The text of a file, with trouble put into words."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: byte {error.start} is not UTF-8, so this is no tokenizer file"
        ) from None
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such tokenizer: make one with wp train, or name a folder, "
            "tokenizer.json or vocab.txt"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
