"""The folder that a training writes, and that `transformers` loads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from wordpiece import presets
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.formats import tokenizer_json, vocab_txt
from wordpiece.tokenizer import Parts
from wordpiece.types import Merge

TOKENIZER, CONFIG, VOCAB = "tokenizer.json", "tokenizer_config.json", "vocab.txt"
SIGNATURE, TRACE = "training.json", "merges.jsonl"

#: What `transformers` calls the special tokens of BERT.
ROLES = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}


def files(parts: Parts) -> dict[str, str]:
    """File name to text, for everything that a tokenizer needs."""
    return {
        TOKENIZER: tokenizer_json.dump(parts),
        CONFIG: config_json(parts),
        VOCAB: vocab_txt.dump(parts.model.vocab, source=VOCAB),
    }


def config_json(parts: Parts) -> str:
    """The text of a tokenizer_config.json.

    The class is the one that takes tokenizer.json as it is: `BertTokenizer` would rebuild the normalizer from settings of its
    own, and lower-case a cased vocabulary.
    """
    known = {token.content for token in parts.added_tokens}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
        **{role: token for role, token in ROLES.items() if token in known},
    }
    return json.dumps(config, ensure_ascii=False, indent=2) + "\n"


def trace(merges: Iterable[Merge]) -> str:
    """The text of a merges.jsonl: one merge a line, with every field of `Merge`."""
    return "".join(json.dumps(merge._asdict(), ensure_ascii=False) + "\n" for merge in merges)


def read(
    path: Path, *, lowercase: bool | None = None, strip_accents: bool | None = None, cjk_spacing: bool | None = None
) -> Parts:
    """The parts of a tokenizer on the disk: a folder, a tokenizer.json, or a BERT vocab.txt.

    A vocab.txt says nothing of the text before it; the options do, as far as they are not None. A tokenizer.json says it
    itself, so options that contradict it are refused.
    """
    options = {"lowercase": lowercase, "strip_accents": strip_accents, "cjk_spacing": cjk_spacing}
    given = {name: value for name, value in options.items() if value is not None}
    if path.is_dir():
        return read_folder(path, given)
    if path.suffix == ".json":
        parts = tokenizer_json.parse(read_text(path), source=str(path))
        check_agreement(path, parts, given)
        return parts
    return presets.wordpiece(vocab_txt.parse(read_text(path), source=str(path)), **given)


def read_folder(folder: Path, given: dict[str, bool]) -> Parts:
    """The parts of a tokenizer in a folder; an old one without tokenizer.json has its options in its configuration."""
    if (folder / TOKENIZER).exists():
        return read(folder / TOKENIZER, **given)
    if not (folder / VOCAB).exists():
        raise InputError(f"{folder}: holds no tokenizer: neither {TOKENIZER} nor {VOCAB} is in it")
    config = read_config(folder / CONFIG)
    names = {"lowercase": "do_lower_case", "strip_accents": "strip_accents", "cjk_spacing": "tokenize_chinese_chars"}
    stated = {name: config[key] for name, key in names.items() if isinstance(config.get(key), bool)}
    return read(folder / VOCAB, **{**stated, **given})


def read_config(path: Path) -> dict[str, object]:
    """The settings of a tokenizer_config.json, none when there is no such file."""
    if not path.exists():
        return {}
    try:
        config = json.loads(read_text(path))
    except ValueError as error:
        raise FormatError(f"{path}: is no JSON: {error}") from None
    return config if isinstance(config, dict) else {}


def check_agreement(path: Path, parts: Parts, given: dict[str, bool]) -> None:
    """Raise `OptionError` for an option that says otherwise than the tokenizer.json."""
    actual = {
        "lowercase": parts.normalizer.lowercase,
        "strip_accents": parts.normalizer.strips_accents,
        "cjk_spacing": parts.normalizer.cjk_spacing,
    }
    for name, value in given.items():
        if actual[name] != value:
            option = name.replace("_", "-")
            raise OptionError(
                f"--{'' if value else 'no-'}{option}: {path} says {name}={actual[name]} itself; the option is for a bare vocab.txt"
            )


def read_text(path: Path) -> str:
    """The text of a file, with trouble put into words."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: byte {error.start} is not UTF-8, so this is no tokenizer file") from None
    except FileNotFoundError:
        raise InputError(f"{path}: no such tokenizer: make one with wp train, or name a folder, tokenizer.json or vocab.txt") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
