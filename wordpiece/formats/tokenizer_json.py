"""Hugging Face's tokenizer.json, written."""

from __future__ import annotations

import json
from typing import Any

from wordpiece.decoding import ByteLevelDecoder, Decoder, SpaceDecoder, WordPieceDecoder
from wordpiece.errors import UnsupportedError
from wordpiece.models.base import Model
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import OffsetTrimming, Slot, SpecialSlot, Template, TextSlot
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer, PreTokenizer
from wordpiece.tokenizer import Parts

#: What is large of a model, and stands last.
LARGE = ("vocab", "merges")
#: A JSON object, as `json` gives it: its values' types cannot be known.
Json = dict[str, Any]


def dump(parts: Parts) -> str:
    """The text of a tokenizer.json that `tokenizers.Tokenizer.from_file` reads.

    Raises `UnsupportedError` for a part of a class of the caller's own, which no file describes.
    """
    check_classes(parts)
    added = sorted(parts.added_tokens, key=lambda token: token.id)
    document = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added_token_json(token) for token in added],
        "normalizer": normalizer_json(parts.normalizer),
        "pre_tokenizer": pre_tokenizer_json(parts.pre_tokenizer),
        "post_processor": post_processor_json(parts.template, parts.trimming),
        "decoder": decoder_json(parts.decoder),
        "model": model_json(parts.model),
    }
    return indented(document) + "\n"


def check_classes(parts: Parts) -> None:
    """Raise `UnsupportedError` for a part of a class of the caller's own."""
    for role, part, kinds in (
        ("normalizer", parts.normalizer, (BertNormalizer, NoNormalizer)),
        ("pre_tokenizer", parts.pre_tokenizer, (BertPreTokenizer, ByteLevelPreTokenizer)),
        ("decoder", parts.decoder, (WordPieceDecoder, ByteLevelDecoder, SpaceDecoder)),
        ("model", parts.model, (WordPiece, BPE)),
    ):
        if type(part) not in kinds:
            names = ", ".join(kind.__name__ for kind in kinds)
            raise UnsupportedError(
                f"{role} {type(part).__name__}: cannot be written, nor given to another process: "
                f"must be one of {names}"
            )


def indented(document: Json) -> str:
    """The text of a tokenizer.json: what `json.dumps` gives with `indent=2`, only faster.

    With an indent, `json` writes in Python, item by item. The vocabulary and the merges, which are
    nearly all of it and the last there is, are written without: their separators are line ends.
    """
    *rest, (last, model) = document.items()
    small = {name: value for name, value in model.items() if name not in LARGE}
    text = json.dumps({**dict(rest), last: small}, ensure_ascii=False, indent=2)
    end = "\n  }\n}"
    large = (f',\n    "{name}": {lines_of(model[name])}' for name in LARGE if name in model)
    return text.removesuffix(end) + "".join(large) + end


def lines_of(value: dict[str, int] | list[list[str]]) -> str:
    """A vocabulary, or merges, as they stand in the model of a tokenizer.json.

    >>> lines_of([["a", "b"]]).split("\\n")
    ['[', '      [', '        "a",', '        "b"', '      ]', '    ]']
    """
    write = json.JSONEncoder(ensure_ascii=False, separators=(",\n      ", ": ")).encode
    if not value:
        return write(value)
    if isinstance(value, dict):
        return f"{{\n      {write(value)[1:-1]}\n    }}"
    quoted = json.encoder.encode_basestring
    pairs = (
        f"[\n        {quoted(left)},\n        {quoted(right)}\n      ]" for left, right in value
    )
    return "[\n      " + ",\n      ".join(pairs) + "\n    ]"


def added_token_json(token: AddedToken) -> Json:
    """An entry of `added_tokens`."""
    return {
        "id": token.id,
        "content": token.content,
        "single_word": False,
        "lstrip": token.lstrip,
        "rstrip": token.rstrip,
        "normalized": False,
        "special": token.special,
    }


def normalizer_json(normalizer: Normalizer) -> Json | None:
    """The part `normalizer`."""
    if not isinstance(normalizer, BertNormalizer):
        return None
    return {
        "type": "BertNormalizer",
        "clean_text": normalizer.clean_text,
        "handle_chinese_chars": normalizer.cjk_spacing,
        "strip_accents": normalizer.strip_accents,
        "lowercase": normalizer.lowercase,
    }


def pre_tokenizer_json(pre_tokenizer: PreTokenizer) -> Json:
    """The part `pre_tokenizer`."""
    if isinstance(pre_tokenizer, ByteLevelPreTokenizer):
        return byte_level_json(
            add_prefix_space=pre_tokenizer.add_prefix_space, use_regex=pre_tokenizer.use_regex
        )
    return {"type": "BertPreTokenizer"}


def byte_level_json(
    *, add_prefix_space: bool = False, trim_offsets: bool = True, use_regex: bool = True
) -> Json:
    """A ByteLevel part, which always has all three settings."""
    return {
        "type": "ByteLevel",
        "add_prefix_space": add_prefix_space,
        "trim_offsets": trim_offsets,
        "use_regex": use_regex,
    }


def post_processor_json(template: Template | None, trimming: OffsetTrimming | None) -> Json | None:
    """The part `post_processor`: offsets trimmed, a template, both in sequence, or nothing."""
    processors = []
    if trimming is not None:
        processors.append(byte_level_json(add_prefix_space=trimming.add_prefix_space))
    if template is not None:
        processors.append(template_json(template))
    if len(processors) > 1:
        return {"type": "Sequence", "processors": processors}
    return processors[0] if processors else None


def template_json(template: Template) -> Json:
    """A template as a post-processor."""
    slots = (*template.single, *template.pair)
    specials = [slot for slot in slots if isinstance(slot, SpecialSlot)]
    return {
        "type": "TemplateProcessing",
        "single": [slot_json(slot) for slot in template.single],
        "pair": [slot_json(slot) for slot in template.pair],
        "special_tokens": {
            slot.name: {"id": slot.name, "ids": list(slot.ids), "tokens": list(slot.tokens)}
            for slot in specials
        },
    }


def slot_json(slot: Slot) -> Json:
    """One slot of a template."""
    if isinstance(slot, TextSlot):
        return {"Sequence": {"id": slot.text, "type_id": slot.type_id}}
    return {"SpecialToken": {"id": slot.name, "type_id": slot.type_id}}


def decoder_json(decoder: Decoder) -> Json | None:
    """The part `decoder`."""
    if isinstance(decoder, WordPieceDecoder):
        return {"type": "WordPiece", "prefix": decoder.prefix, "cleanup": decoder.cleanup}
    return byte_level_json() if isinstance(decoder, ByteLevelDecoder) else None


def model_json(model: Model) -> Json:
    """The part `model`."""
    if isinstance(model, BPE):
        return {
            "type": "BPE",
            "dropout": None,
            "unk_token": model.unk_token,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": model.fuse_unk,
            "byte_fallback": False,
            "ignore_merges": model.ignore_merges,
            "vocab": dict(model.vocab),
            "merges": [list(pair) for pair in model.merges],
        }
    assert isinstance(model, WordPiece)
    return {
        "type": "WordPiece",
        "unk_token": model.unk_token,
        "continuing_subword_prefix": model.continuing_subword_prefix,
        "max_input_chars_per_word": model.max_input_chars_per_word,
        "vocab": dict(model.vocab),
    }
