"""Hugging Face's tokenizer.json, read, for the parts that this package has.

A part that is not supported is refused by its name, never ignored: what is read here encodes as
`tokenizers` does with the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from wordpiece.decoding import ByteLevelDecoder, Decoder, SpaceDecoder, WordPieceDecoder
from wordpiece.errors import FormatError, UnsupportedError
from wordpiece.formats.merges_txt import check_ids
from wordpiece.formats.tokenizer_json import Json
from wordpiece.models.base import Model
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.postprocess import (
    OffsetTrimming,
    Slot,
    SpecialSlot,
    Template,
    TextSlot,
    bert_template,
    roberta_template,
)
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.normalize import BertNormalizer, NoNormalizer, Normalizer
from wordpiece.text.pretokenize import BertPreTokenizer, ByteLevelPreTokenizer, PreTokenizer
from wordpiece.tokenizer import Parts

DOCUMENT_KEYS = (
    *("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer"),
    *("post_processor", "decoder", "model"),
)
ADDED_TOKEN_KEYS = ("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
POST_PROCESSOR_KEYS = {
    "Sequence": ("processors",),
    "BertProcessing": ("sep", "cls"),
    "RobertaProcessing": ("sep", "cls", "trim_offsets", "add_prefix_space"),
    "TemplateProcessing": ("single", "pair", "special_tokens"),
    "ByteLevel": ("trim_offsets", "add_prefix_space", "use_regex"),
}
#: A template is a few tokens around a text. One of a stranger's could make each text many times as
#: long.
MOST_SLOTS = 100
MOST_TEMPLATE_IDS = 1000
#: No more pairs of added tokens are held against each other.
MOST_PAIRS = 1_000_000


def parse(text: str, *, source: str) -> Parts:
    """The parts of a tokenizer.json. Raises `FormatError` for what is broken or not supported."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{source}: is no JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("model"), dict):
        raise FormatError(f"{source}: is no tokenizer.json: it has no part 'model'")
    reader = Reader(source)
    try:
        return reader.parts(document)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise FormatError(f"{source}: the part '{reader.reading}' is damaged ({what})") from None


def may_overlap(first: str, second: str) -> bool:
    """Whether two strings can share characters of a text.

    >>> may_overlap("abq", "bq"), may_overlap("ab", "bc"), may_overlap("<s>", "[X]")
    (True, True, False)
    """
    if first in second or second in first:
        return True
    lengths = range(1, min(len(first), len(second)))
    return any(
        first.endswith(second[:length]) or second.endswith(first[:length]) for length in lengths
    )


class Reader:
    """Reads the parts of one document, and names file and part when something is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.reading = "model"  # the part that is being read

    def damaged(self, part: str, what: str) -> FormatError:
        """The error for a part that `tokenizers` could not use either."""
        return FormatError(f"{self.source}: the part '{part}' is {what}")

    def unsupported(self, part: str, what: str) -> UnsupportedError:
        """The error for a part that is not supported."""
        return UnsupportedError(f"{self.source}: the part '{part}' is {what}")

    def require(self, part: str, settings: Json, allowed: Mapping[str, tuple[object, ...]]) -> None:
        """Refuse settings that are neither absent nor one of the values allowed."""
        for name, values in allowed.items():
            if settings.get(name, values[0]) not in values:
                what = f"{settings[name]!r}; only {values[0]!r} is supported"
                raise self.unsupported(f"{part}.{name}".lstrip("."), what)

    def known(self, part: str, settings: Json, names: Iterable[str]) -> None:
        """Refuse settings whose names are not known, rather than ignore them."""
        self.known_keys(f"{part}.", settings, ("type", *names))

    def known_keys(self, where: str, settings: Json, names: Iterable[str]) -> None:
        """The same for an object that has no type."""
        for name in sorted(settings.keys() - set(names)):
            raise self.unsupported(f"{where}{name}", "not known to this version")

    def typed(self, part: str, settings: Json, **types: type | tuple[type, ...]) -> Json:
        """Refuse settings of another type than they must have, and return the settings."""
        for name, kind in types.items():
            value = settings.get(name)
            wrong_bool = isinstance(value, bool) and kind is int
            if name in settings and (wrong_bool or not isinstance(value, kind)):
                raise self.unsupported(f"{part}.{name}", f"{value!r}, of the wrong type")
        return settings

    def parts(self, document: Json) -> Parts:
        """All parts together."""
        self.known_keys("", document, DOCUMENT_KEYS)
        self.require("", document, {"version": ("1.0",)})
        for part in ("truncation", "padding"):
            if document.get(part) is not None:
                what = "set; only null is supported: set it where you encode"
                raise self.unsupported(part, what)
        model = self.model(document["model"])
        normalizer = self.normalizer(self.part(document, "normalizer"))
        added = self.added_tokens(self.part(document, "added_tokens") or [], model, normalizer)
        ids = {**model.vocab, **{token.content: token.id for token in added}}
        # a token that stood twice in a vocab.txt has its last id, and the other one has no token
        check_ids(ids, source=self.source, gaps=isinstance(model, WordPiece))
        template, trimming = self.post_processor(self.part(document, "post_processor"))
        if template is not None:
            self.known_ids(template, frozenset(ids.values()))
        pre_tokenizer = self.pre_tokenizer(self.part(document, "pre_tokenizer"))
        return Parts(
            normalizer=normalizer,
            pre_tokenizer=pre_tokenizer,
            model=model,
            decoder=self.decoder(self.part(document, "decoder")),
            template=template,
            trimming=trimming,
            added_tokens=added,
        )

    def part(self, document: Json, name: str) -> Any:
        """A part, remembered as the one that is read now."""
        self.reading = name
        return document.get(name)

    # ---------------------------------------------------------------- models

    def model(self, settings: Json) -> WordPiece | BPE:
        """The part `model`; old files have no type, and are told by what they hold."""
        kind = settings.get("type")
        if kind is None:
            kind = "BPE" if "merges" in settings else "WordPiece"
        if kind not in ("WordPiece", "BPE"):
            raise self.unsupported("model", f"{kind}; only WordPiece and BPE are supported")
        vocab = settings["vocab"]
        if not vocab or not all(type(id) is int and id >= 0 for id in vocab.values()):
            raise FormatError(
                f"{self.source}: the part 'model.vocab' must map at least one token to ids that "
                "are 0 or more"
            )
        if any(0xD800 <= ord(char) <= 0xDFFF for token in vocab for char in token):
            raise FormatError(f"{self.source}: the part 'model.vocab' has half a UTF-16 pair")
        names: dict[int, str] = {}
        for token, id in vocab.items():
            if names.setdefault(id, token) != token:
                raise FormatError(
                    f"{self.source}: the part 'model.vocab' gives one id to two tokens: "
                    f"{id} to {names[id]!r} and {token!r}"
                )
        return self.wordpiece(settings) if kind == "WordPiece" else self.bpe(settings)

    def wordpiece(self, settings: Json) -> WordPiece:
        """A WordPiece model."""
        names = ("unk_token", "continuing_subword_prefix", "max_input_chars_per_word")
        self.known("model", settings, (*names, "vocab"))
        self.typed("model", settings, unk_token=str, continuing_subword_prefix=str)
        self.typed("model", settings, max_input_chars_per_word=int)
        if settings.get("max_input_chars_per_word", 0) < 0:
            raise self.unsupported("model.max_input_chars_per_word", "below 0")
        given = {name: settings[name] for name in names if name in settings}
        return WordPiece(settings["vocab"], **given)

    def bpe(self, settings: Json) -> BPE:
        """A BPE model."""
        fixed: dict[str, tuple[object, ...]] = {
            "dropout": (None, 0, 0.0),
            "continuing_subword_prefix": (None, ""),
            "end_of_word_suffix": (None, ""),
            "byte_fallback": (False,),
        }
        names = ("unk_token", "fuse_unk", "ignore_merges")
        self.known("model", settings, (*fixed, *names, "vocab", "merges"))
        self.require("model", settings, fixed)
        optional = (str, type(None))
        self.typed("model", settings, unk_token=optional, fuse_unk=bool, ignore_merges=bool)
        given = {name: settings[name] for name in names if name in settings}
        merges = [self.merge(entry) for entry in settings["merges"]]
        try:
            return BPE(settings["vocab"], merges, **given)
        except FormatError as error:
            raise FormatError(f"{self.source}: {error}") from None

    def merge(self, entry: object) -> tuple[str, str]:
        """A merge, as a list of two or in the old form with a space between."""
        parts = entry.split(" ") if isinstance(entry, str) else entry
        if isinstance(parts, list) and len(parts) == 2 and all(isinstance(p, str) for p in parts):
            return parts[0], parts[1]
        raise FormatError(f"{self.source}: the merge {entry!r}: must be two tokens")

    # ---------------------------------------------------------------- before the model

    def normalizer(self, settings: Json | None) -> Normalizer:
        """The part `normalizer`; none means that text stays as it is."""
        if settings is None:
            return NoNormalizer()
        kind = settings.get("type")
        if kind != "BertNormalizer":
            raise self.unsupported("normalizer", f"{kind}; only BertNormalizer is supported")
        names = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
        self.known("normalizer", settings, names)
        self.typed("normalizer", settings, clean_text=bool, handle_chinese_chars=bool)
        self.typed("normalizer", settings, strip_accents=(bool, type(None)), lowercase=bool)
        return BertNormalizer(
            clean_text=settings.get("clean_text", True),
            cjk_spacing=settings.get("handle_chinese_chars", True),
            strip_accents=settings.get("strip_accents"),
            lowercase=settings.get("lowercase", True),
        )

    def pre_tokenizer(self, settings: Json | None) -> PreTokenizer:
        """The part `pre_tokenizer`."""
        kind = None if settings is None else settings.get("type")
        if settings is not None and kind == "ByteLevel":
            self.known_byte_level("pre_tokenizer", settings)
            return ByteLevelPreTokenizer(
                add_prefix_space=settings.get("add_prefix_space", True),
                use_regex=settings.get("use_regex", True),
            )
        if kind != "BertPreTokenizer":
            what = f"{kind}; only BertPreTokenizer and ByteLevel are supported"
            raise self.unsupported("pre_tokenizer", what)
        return BertPreTokenizer()

    def known_byte_level(self, part: str, settings: Json) -> None:
        """Refuse settings that a ByteLevel part does not have."""
        self.known(part, settings, ("add_prefix_space", "trim_offsets", "use_regex"))
        self.typed(part, settings, add_prefix_space=bool, trim_offsets=bool, use_regex=bool)

    def added_tokens(
        self, entries: list[Json], model: Model, normalizer: Normalizer
    ) -> tuple[AddedToken, ...]:
        """The part `added_tokens`, with the ids that `tokenizers` gives: the model's, or the next.

        An entry that states another id is refused, since one of the two libraries would be wrong.
        A token to be found in normalized text is one to be found in the text where nothing is
        normalized, as in GPT-2's own file.
        """
        anywhere = (False, True) if isinstance(normalizer, NoNormalizer) else (False,)
        self.check_order(entries)
        known: set[str] = set()
        tokens = []
        following = len(model.vocab)
        for entry in entries:
            content = self.typed("added_tokens", entry, content=str)["content"]
            part = f"added_tokens[{content!r}]"
            self.known_keys(f"{part}.", entry, ADDED_TOKEN_KEYS)
            self.require(part, entry, {"single_word": (False,), "normalized": anywhere})
            self.typed(part, entry, id=int, special=bool, lstrip=bool, rstrip=bool)
            if not content or content in known:
                raise self.unsupported(part, "empty" if not content else "there twice")
            known.add(content)
            id = model.vocab.get(content, following)
            following = max(following, id + 1)
            if entry["id"] != id:
                raise self.unsupported(f"{part}.id", f"{entry['id']}, where it must be {id}")
            names = ("special", "lstrip", "rstrip")
            tokens.append(AddedToken(content, id, **{n: entry.get(n, False) for n in names}))
        return tuple(tokens)

    def check_order(self, entries: list[Json]) -> None:
        """Refuse entries whose result hangs on the order in which they are looked for.

        `tokenizers` looks for those that are not normalized first, and here all are looked for at
        once: that is the same where none of the one kind overlaps one of the other. White space as
        a token, beside tokens that swallow white space, is refused too.
        """
        contents: dict[bool, list[str]] = {True: [], False: []}
        for entry in entries:
            contents[bool(entry.get("normalized"))].append(str(entry["content"]))
        if len(contents[True]) * len(contents[False]) > MOST_PAIRS:
            raise self.unsupported("added_tokens", "of too many tokens, normalized and not")
        for first in contents[True]:
            for second in contents[False]:
                if may_overlap(first, second):
                    what = f"normalized, {second!r} is not, and they overlap: not supported"
                    raise self.unsupported(f"added_tokens[{first!r}]", what)
        if any(entry.get("lstrip") or entry.get("rstrip") for entry in entries):
            for content in (*contents[True], *contents[False]):
                if content != content.strip():
                    what = "white space at an end, beside tokens with lstrip or rstrip"
                    raise self.unsupported(f"added_tokens[{content!r}]", what)

    # ---------------------------------------------------------------- after the model

    def decoder(self, settings: Json | None) -> Decoder:
        """The part `decoder`."""
        if settings is None:
            return SpaceDecoder()
        kind = settings.get("type")
        if kind == "ByteLevel":
            self.known_byte_level("decoder", settings)
            return ByteLevelDecoder()
        if kind != "WordPiece":
            raise self.unsupported("decoder", f"{kind}; only WordPiece and ByteLevel are supported")
        self.known("decoder", settings, ("prefix", "cleanup"))
        self.typed("decoder", settings, prefix=str, cleanup=bool)
        given = {name: settings[name] for name in ("prefix", "cleanup") if name in settings}
        return WordPieceDecoder(**given)

    def post_processor(
        self, settings: Json | None
    ) -> tuple[Template | None, OffsetTrimming | None]:
        """The part `post_processor`: the template, and whether offsets are trimmed."""
        if settings is None:
            return None, None
        kind = settings.get("type")
        self.known("post_processor", settings, POST_PROCESSOR_KEYS.get(str(kind), settings))
        if kind == "Sequence" and len(settings["processors"]) == 2:
            first, second = map(self.post_processor, settings["processors"])
            if first[0] is None and second[1] is None:
                return second[0], first[1]
        if kind == "ByteLevel":
            self.known_byte_level("post_processor", settings)
            return None, self.trimming(settings)
        if kind in ("BertProcessing", "RobertaProcessing"):
            (sep, sep_id), (cls, cls_id) = settings["sep"], settings["cls"]
            if [*map(type, (sep, cls, sep_id, cls_id))] != [str, str, int, int]:
                raise self.damaged("post_processor", "without tokens and ids as 'sep' and 'cls'")
            ids = {cls: cls_id, sep: sep_id}
            if ids[cls] != cls_id:
                raise self.unsupported("post_processor.cls", f"{cls!r} with two ids")
            if kind == "BertProcessing":
                return bert_template(cls, sep, ids), None
            for name in ("trim_offsets", "add_prefix_space"):
                if type(settings.get(name)) is not bool:
                    raise self.damaged(f"post_processor.{name}", "neither true nor false")
            return roberta_template(cls, sep, ids), self.trimming(settings)
        if kind == "TemplateProcessing":
            return self.template(settings), None
        supported = "BertProcessing, RobertaProcessing, TemplateProcessing, ByteLevel"
        raise self.unsupported("post_processor", f"{kind}; only {supported} are supported")

    def trimming(self, settings: Json) -> OffsetTrimming | None:
        """Whether spaces are trimmed from offsets."""
        if not settings.get("trim_offsets", True):
            return None
        return OffsetTrimming(add_prefix_space=settings.get("add_prefix_space", True))

    def template(self, settings: Json) -> Template:
        """A template."""
        specials = settings.get("special_tokens", {})
        single, pair = (
            tuple(self.slot(entry, specials) for entry in settings[name])
            for name in ("single", "pair")
        )
        added = sum(len(slot.ids) for slot in (*single, *pair) if isinstance(slot, SpecialSlot))
        if max(len(single), len(pair)) > MOST_SLOTS or added > MOST_TEMPLATE_IDS:
            what = f"with more than {MOST_SLOTS} places or {MOST_TEMPLATE_IDS} ids: not supported"
            raise self.unsupported("post_processor", what)
        if any(isinstance(slot, TextSlot) and slot.text == "B" for slot in single):
            raise self.damaged("post_processor.single", "with a place for a second text")
        return Template(single, pair)

    def known_ids(self, template: Template, ids: frozenset[int]) -> None:
        """Refuse a template that adds ids which no token has."""
        for slot in (*template.single, *template.pair):
            for id in slot.ids if isinstance(slot, SpecialSlot) else ():
                if id not in ids:
                    raise self.damaged(
                        "post_processor", f"broken, with the id {id}, which no token has"
                    )

    def slot(self, entry: Json, specials: Json) -> Slot:
        """One slot of a template."""
        (settings,) = entry.values()
        type_id = self.typed("post_processor", settings, id=str, type_id=int)["type_id"]
        if "Sequence" in entry:
            text: Literal["A", "B"] = {"A": "A", "B": "B"}[settings["id"]]  # type: ignore[assignment]
            return TextSlot(text, type_id)
        special = specials[settings["id"]]
        ids, tokens = tuple(special["ids"]), tuple(special["tokens"])
        if len(ids) != len(tokens) or not all(type(id) is int for id in ids):
            raise self.unsupported("post_processor.special_tokens", "not ids and as many tokens")
        return SpecialSlot(settings["id"], type_id, ids, tokens)
