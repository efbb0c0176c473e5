"""Hugging Face's tokenizer.json, for the parts that this package has.

A part that is not supported is refused by its name, never ignored: what is read here encodes as
`tokenizers` does with the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from wordpiece.decoding import Decoder, SpaceDecoder, WordPieceDecoder
from wordpiece.errors import FormatError
from wordpiece.models.base import Model
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import Slot, SpecialSlot, Template, TextSlot, bert_template
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.tokenizer import Parts

#: A JSON object, as `json` gives it: the one place where its type cannot be known.
Json = dict[str, Any]

NO_NORMALIZER = BertNormalizer(
    clean_text=False, cjk_spacing=False, strip_accents=False, lowercase=False
)


# ---------------------------------------------------------------- writing


def dump(parts: Parts) -> str:
    """The text of a tokenizer.json that `tokenizers.Tokenizer.from_file` reads."""
    document = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            added_token_json(token)
            for token in sorted(parts.added_tokens, key=lambda token: token.id)
        ],
        "normalizer": normalizer_json(parts.normalizer),
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None if parts.template is None else template_json(parts.template),
        "decoder": decoder_json(parts.decoder),
        "model": model_json(parts.model),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


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


def normalizer_json(normalizer: BertNormalizer) -> Json:
    """The part `normalizer`."""
    return {
        "type": "BertNormalizer",
        "clean_text": normalizer.clean_text,
        "handle_chinese_chars": normalizer.cjk_spacing,
        "strip_accents": normalizer.strip_accents,
        "lowercase": normalizer.lowercase,
    }


def template_json(template: Template) -> Json:
    """The part `post_processor`."""
    specials = [
        slot for slot in (*template.single, *template.pair) if isinstance(slot, SpecialSlot)
    ]
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
    return None


def model_json(model: Model) -> Json:
    """The part `model`."""
    assert isinstance(model, WordPiece)
    return {
        "type": "WordPiece",
        "unk_token": model.unk_token,
        "continuing_subword_prefix": model.continuing_subword_prefix,
        "max_input_chars_per_word": model.max_input_chars_per_word,
        "vocab": dict(model.vocab),
    }


# ---------------------------------------------------------------- reading


def parse(text: str, *, source: str) -> Parts:
    """The parts of a tokenizer.json. Raises `FormatError` for what is broken or not supported."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{source}: is no JSON: {error}") from None
    reader = Reader(source)
    if not isinstance(document, dict) or not isinstance(document.get("model"), dict):
        raise FormatError(f"{source}: is no tokenizer.json: it has no part 'model'")
    for part in ("truncation", "padding"):
        if document.get(part) is not None:
            raise reader.unsupported(part, "set; only null is supported: set it where you encode")
    try:
        return reader.parts(document)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise FormatError(
            f"{source}: is damaged: {type(error).__name__} {error} while reading it"
        ) from None


class Reader:
    """Reads the parts of one document, and names the file and the part when something is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source

    def unsupported(self, part: str, what: str) -> FormatError:
        """The error for a part that is not supported."""
        return FormatError(f"{self.source}: the part '{part}' is {what}")

    def require(self, part: str, settings: Json, allowed: Json) -> None:
        """Refuse settings that are neither absent nor what is allowed."""
        for name, value in allowed.items():
            if settings.get(name, value) != value:
                raise self.unsupported(
                    f"{part}.{name}", f"{settings[name]!r}; only {value!r} is supported"
                )

    def known(self, part: str, settings: Json, names: Iterable[str]) -> None:
        """Refuse settings whose names are not known, rather than ignore them."""
        for name in settings.keys() - {"type", *names}:
            raise self.unsupported(f"{part}.{name}", "not known to this version")

    def parts(self, document: Json) -> Parts:
        """All parts together."""
        model = self.model(document["model"])
        return Parts(
            normalizer=self.normalizer(document.get("normalizer")),
            pre_tokenizer=self.pre_tokenizer(document.get("pre_tokenizer")),
            model=model,
            decoder=self.decoder(document.get("decoder")),
            template=self.template(document.get("post_processor"), model),
            added_tokens=tuple(
                self.added_token(entry, model) for entry in document.get("added_tokens") or ()
            ),
        )

    def model(self, settings: Json) -> WordPiece:
        """The part `model`; files of old versions have no type, and are told by what they hold."""
        kind = settings.get("type", "WordPiece" if "max_input_chars_per_word" in settings else None)
        if kind != "WordPiece":
            raise self.unsupported("model", f"{kind}; only WordPiece is supported")
        names = ("unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab")
        self.known("model", settings, names)
        vocab = settings["vocab"]
        if not vocab or not all(
            isinstance(token, str) and type(id) is int and id >= 0 for token, id in vocab.items()
        ):
            raise FormatError(
                f"{self.source}: the part 'model.vocab' must map at least one token to ids that "
                "are 0 or more"
            )
        if len(set(vocab.values())) < len(vocab):
            raise FormatError(f"{self.source}: the part 'model.vocab' gives one id to two tokens")
        return WordPiece(
            vocab,
            unk_token=settings.get("unk_token", "[UNK]"),
            continuing_subword_prefix=settings.get("continuing_subword_prefix", "##"),
            max_input_chars_per_word=settings.get("max_input_chars_per_word", 100),
        )

    def normalizer(self, settings: Json | None) -> BertNormalizer:
        """The part `normalizer`; none means that text stays as it is."""
        if settings is None:
            return NO_NORMALIZER
        if settings.get("type") != "BertNormalizer":
            raise self.unsupported(
                "normalizer", f"{settings.get('type')}; only BertNormalizer is supported"
            )
        self.known(
            "normalizer",
            settings,
            ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"),
        )
        return BertNormalizer(
            clean_text=settings.get("clean_text", True),
            cjk_spacing=settings.get("handle_chinese_chars", True),
            strip_accents=settings.get("strip_accents"),
            lowercase=settings.get("lowercase", True),
        )

    def pre_tokenizer(self, settings: Json | None) -> BertPreTokenizer:
        """The part `pre_tokenizer`."""
        kind = None if settings is None else settings.get("type")
        if kind != "BertPreTokenizer":
            raise self.unsupported("pre_tokenizer", f"{kind}; only BertPreTokenizer is supported")
        return BertPreTokenizer()

    def decoder(self, settings: Json | None) -> Decoder:
        """The part `decoder`."""
        if settings is None:
            return SpaceDecoder()
        if settings.get("type") != "WordPiece":
            raise self.unsupported(
                "decoder", f"{settings.get('type')}; only WordPiece is supported"
            )
        self.known("decoder", settings, ("prefix", "cleanup"))
        return WordPieceDecoder(
            prefix=settings.get("prefix", "##"), cleanup=settings.get("cleanup", True)
        )

    def template(self, settings: Json | None, model: Model) -> Template | None:
        """The part `post_processor`."""
        if settings is None:
            return None
        kind = settings.get("type")
        if kind == "BertProcessing":
            (sep, sep_id), (cls, cls_id) = settings["sep"], settings["cls"]
            return bert_template(cls, sep, {cls: cls_id, sep: sep_id})
        if kind != "TemplateProcessing":
            raise self.unsupported(
                "post_processor",
                f"{kind}; only BertProcessing and TemplateProcessing are supported",
            )
        specials = settings.get("special_tokens", {})
        return Template(
            single=tuple(self.slot(entry, specials) for entry in settings["single"]),
            pair=tuple(self.slot(entry, specials) for entry in settings["pair"]),
        )

    def slot(self, entry: Json, specials: Json) -> Slot:
        """One slot of a template."""
        if "Sequence" in entry:
            text: Literal["A", "B"] = entry["Sequence"]["id"]
            return TextSlot(text, entry["Sequence"]["type_id"])
        name = entry["SpecialToken"]["id"]
        special = specials[name]
        return SpecialSlot(
            name, entry["SpecialToken"]["type_id"], tuple(special["ids"]), tuple(special["tokens"])
        )

    def added_token(self, entry: Json, model: Model) -> AddedToken:
        """An entry of `added_tokens`; where the model knows the token, the model's id holds."""
        content = entry["content"]
        self.require(
            f"added_tokens[{content!r}]", entry, {"single_word": False, "normalized": False}
        )
        return AddedToken(
            content=content,
            id=model.vocab.get(content, entry["id"]),
            special=entry.get("special", False),
            lstrip=entry.get("lstrip", False),
            rstrip=entry.get("rstrip", False),
        )
