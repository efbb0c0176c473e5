"""From a path to a tokenizer's parts: a folder, a tokenizer.json, a vocab.txt, or GPT-2's files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from wordpiece import presets
from wordpiece.errors import FormatError, InputError, OptionError, UnsupportedError
from wordpiece.formats import merges_txt, tokenizer_json_reader, vocab_txt
from wordpiece.formats.model_dir import CONFIG, MERGES, TOKENIZER, VOCAB, VOCAB_JSON
from wordpiece.formats.tokenizer_config import bert_options, gpt2_parts, habits_of
from wordpiece.formats.tokenizer_json import Json
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.text.normalize import Normalizer
from wordpiece.tokenizer import Parts

#: Where old versions of `transformers` kept tokens that were added to a vocabulary.
ADDED_TOKENS = "added_tokens.json"
#: The largest tokenizer.json of a public model has some 35 MB.
LARGEST_FILE = 1 << 29


def read(
    path: Path,
    *,
    lowercase: bool | None = None,
    strip_accents: bool | None = None,
    cjk_spacing: bool | None = None,
) -> Parts:
    """The parts of a tokenizer on the disk.

    A vocab.txt says nothing of the text before it; the options do, as far as they are not None.
    The other formats say it themselves, so options that contradict them are refused.
    """
    if not path.is_dir():
        return read_file(path, None, lowercase, strip_accents, cjk_spacing)
    config = read_config(path / CONFIG)
    parts = read_file(tokenizer_file(path), config, lowercase, strip_accents, cjk_spacing)
    if config is None:
        return parts
    return replace(parts, habits=habits_of(config, source=str(path / CONFIG)))


def read_file(
    path: Path,
    config: Json | None,
    lowercase: bool | None,
    strip_accents: bool | None,
    cjk_spacing: bool | None,
) -> Parts:
    """The parts of a tokenizer's file, and of the configuration beside it if there is one."""
    if path.name in (VOCAB_JSON, MERGES):
        parts = read_gpt2(path, config)
        check_agreement(path, parts.normalizer, lowercase, strip_accents, cjk_spacing)
        return parts
    text = read_text(path)
    if is_json(path, text):
        parts = tokenizer_json_reader.parse(text, source=str(path))
        check_agreement(path, parts.normalizer, lowercase, strip_accents, cjk_spacing)
        return parts
    vocab = vocab_txt.parse(text, source=str(path))
    if config is not None:  # an old folder: what is done to text stands in its configuration
        said = bert_options(config, vocab, source=str(path.with_name(CONFIG)))
        lowercase = said.lowercase if lowercase is None else lowercase
        strip_accents = said.strip_accents if strip_accents is None else strip_accents
        cjk_spacing = said.cjk_spacing if cjk_spacing is None else cjk_spacing
    return presets.wordpiece(
        vocab,
        lowercase=bool(lowercase),
        strip_accents=strip_accents,
        cjk_spacing=cjk_spacing is not False,
    )


def is_json(path: Path, text: str) -> bool:
    """Whether a file is a tokenizer.json: by its name, or else by what is in it."""
    return path.suffix == ".json" or (text.lstrip().startswith("{") and '"model"' in text)


def read_gpt2(path: Path, config: Json | None) -> Parts:
    """Byte-level BPE from a vocab.json and the merges.txt beside it."""
    vocab_path, merges_path = path.with_name(VOCAB_JSON), path.with_name(MERGES)
    for each, other in ((vocab_path, MERGES), (merges_path, VOCAB_JSON)):
        if not each.exists():
            raise InputError(f"{each}: is not there, and {other} needs it beside it")
    vocab = merges_txt.parse_vocab(read_text(vocab_path), source=str(vocab_path))
    if not set(byte_characters()) <= vocab.keys():
        raise FormatError(
            f"{vocab_path}: is no byte-level vocabulary: it lacks some of the 256 bytes; character "
            "BPE is read from its tokenizer.json"
        )
    merges = merges_txt.parse_merges(read_text(merges_path), source=str(merges_path))
    try:
        parts = presets.byte_bpe(vocab, merges)
    except FormatError as error:
        raise FormatError(f"{merges_path}: {error}") from None
    if config is None:
        return parts
    return gpt2_parts(parts, config, source=str(path.with_name(CONFIG)))


def tokenizer_file(folder: Path) -> Path:
    """The file in a folder that holds the tokenizer."""
    names = (TOKENIZER, VOCAB, VOCAB_JSON)
    for name in names:
        if (folder / name).exists():
            if name != TOKENIZER and (folder / ADDED_TOKENS).exists():
                raise UnsupportedError(
                    f"{folder / ADDED_TOKENS}: tokens added apart from {name} are not supported: "
                    f"save the tokenizer with transformers, which writes a {TOKENIZER}"
                )
            return folder / name
    raise InputError(f"{folder}: holds no tokenizer: none of {', '.join(names)} is in it")


def read_config(path: Path) -> Json | None:
    """The settings of a tokenizer_config.json, None when there is no such file."""
    if not path.exists():
        return None
    try:
        config = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path}: is no JSON: {error}") from None
    if not isinstance(config, dict):
        raise FormatError(f"{path}: must hold settings by name, and holds {type(config).__name__}")
    return config


def check_agreement(path: Path, normalizer: Normalizer, *given: bool | None) -> None:
    """Raise `OptionError` for an option that says otherwise than the tokenizer's own file."""
    actual = (normalizer.lowercase, normalizer.strips_accents, normalizer.cjk_spacing)
    names = ("lowercase", "strip_accents", "cjk_spacing")
    for name, value, option in zip(names, actual, given, strict=True):
        if option is not None and option != value:
            raise OptionError(
                f"{name}={option}: {path} says {name}={value} itself; "
                "the option is for a bare vocab.txt"
            )


def read_text(path: Path) -> str:
    """The text of a file, with trouble put into words."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FormatError(f"{path}: is larger than {LARGEST_FILE:,} bytes: no tokenizer is")
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
    except ValueError as error:  # a NUL in a name
        raise InputError(f"{str(path)!r}: cannot be read: {error}") from None
