"""Tokenizers as the metrics see them: ours, and those of other libraries wrapped to fit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from wordpiece.encoding import Encoding
from wordpiece.errors import FormatError, InputError, UnsupportedError
from wordpiece.formats import tokenizer_json_reader
from wordpiece.formats.tokenizer_json import Json
from wordpiece.models.bpe import BPE
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedTokens
from wordpiece.text.byte_alphabet import to_bytes
from wordpiece.text.pretokenize import ByteLevelPreTokenizer


def regular(vocab: dict[str, int], special: Iterable[str]) -> frozenset[int]:
    """The ids of a vocabulary without special tokens and BERT's `[unusedN]`.

    >>> regular({"[CLS]": 0, "[unused7]": 1, "a": 2}, ["[CLS]"])
    frozenset({2})
    """
    left_out = set(special)
    return frozenset(
        id
        for token, id in vocab.items()
        if token not in left_out and not (token.startswith("[unused") and token.endswith("]"))
    )


class Notation(NamedTuple):
    """How a vocabulary writes whether a word begins with a token.

    `continuing` stands before tokens that go on a word (`##`), `beginning` before those that begin
    one (`▁`), `ending` after those that end one (`</w>`); `byte_level` tokens are written in byte
    characters, with the space before a word.
    """

    continuing: str = ""
    beginning: str = ""
    ending: str = ""
    byte_level: bool = False

    @property
    def marks_words(self) -> bool:
        """Whether a token says if a word begins with it."""
        return bool(self.continuing or self.beginning or self.byte_level)

    def surface(self, token: str) -> tuple[bool, str]:
        """Whether a word begins with a token, and what it writes, which is never nothing.

        Bytes that are no whole character are surrogates, one each, as no text has them.

        >>> Notation(continuing="##").surface("##ed"), Notation(byte_level=True).surface("Ġed")
        ((False, 'ed'), (True, 'ed'))
        >>> Notation(continuing="##").surface("##"), Notation(byte_level=True).surface("Ġ")
        ((True, '##'), (True, ' '))
        """
        if self.byte_level:
            raw = to_bytes(token)
            text = token if raw is None else raw.decode("utf-8", "surrogateescape")
            bare = text.removeprefix(" ")
            return text.startswith(" "), bare if bare.strip(" ") else text  # spaces are no words
        if self.continuing:
            begins = not token.startswith(self.continuing) or token == self.continuing
            return begins, token if begins else token.removeprefix(self.continuing)
        begins = bool(self.beginning) and token.startswith(self.beginning)
        bare = token.removeprefix(self.beginning) or " "
        return begins, (bare.removesuffix(self.ending) or bare) if self.ending else bare


@dataclass(frozen=True)
class OurEncoder:
    """One of our tokenizers under a name.

    `reference` is what `tokenizers` made of the same file, where there was one that it reads, and
    `refused` why it does not read the file that we read.
    """

    name: str
    tokenizer: Tokenizer
    reference: Any = None
    refused: str = ""

    @property
    def model(self) -> str:
        """`wordpiece`, `bpe` or `byte-bpe`."""
        parts = self.tokenizer.parts
        if not isinstance(parts.model, BPE):
            return "wordpiece"
        return "byte-bpe" if isinstance(parts.pre_tokenizer, ByteLevelPreTokenizer) else "bpe"

    @property
    def notation(self) -> Notation:
        """How tokens are written."""
        continuing = getattr(self.tokenizer.parts.model, "continuing_subword_prefix", "")
        return Notation(continuing=continuing, byte_level=self.model == "byte-bpe")

    @property
    def unk_token(self) -> str | None:
        """The unknown token."""
        token: str | None = getattr(self.tokenizer.parts.model, "unk_token", None)
        return token

    @cached_property
    def unk_id(self) -> int | None:
        """The id of the unknown token."""
        token = self.unk_token
        return None if token is None else self.tokenizer.parts.model.vocab.get(token)

    @cached_property
    def regular_ids(self) -> frozenset[int]:
        """The ids without special tokens and `[unusedN]`."""
        special = (t.content for t in self.tokenizer.parts.added_tokens if t.special)
        return regular(self.tokenizer.get_vocab(), (*special, self.unk_token or ""))

    @cached_property
    def vocab_size(self) -> int:
        """How many tokens there are."""
        return self.tokenizer.get_vocab_size()

    @cached_property
    def vocab(self) -> dict[str, int]:
        """Token to id."""
        return self.tokenizer.get_vocab()

    def encode(self, text: str) -> Encoding:
        """The tokens of a text."""
        return self.tokenizer.encode(text, add_special_tokens=False)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        return self.tokenizer.decode(ids, skip_special_tokens=False)

    def normalize(self, text: str) -> str:
        """The text as it is when words are cut."""
        return self.tokenizer.parts.normalizer.normalize(text)

    @cached_property
    def _drops(self) -> bool:
        """Whether unknown characters are passed over."""
        return self.model == "bpe" and self.unk_token is None

    def lost_in(self, word: str) -> list[int]:
        """Which characters of a normalized word are passed over, as `dropped` says."""
        model = self.tokenizer.parts.model
        if not self._drops or (getattr(model, "ignore_merges", False) and word in model.vocab):
            return []
        return [at for at, char in enumerate(word) if char not in model.vocab]

    def dropped(self, text: str) -> list[tuple[int, int]]:
        """The characters that a BPE without unknown token passes over, as if they were not there.

        >>> from dataclasses import replace
        >>> from wordpiece import presets
        >>> parts = replace(presets.bpe(["[UNK]"], []), model=BPE({"a": 0, "b": 1}, []))
        >>> OurEncoder("t", Tokenizer(parts)).dropped("azb b")
        [(1, 2)]
        """
        parts = self.tokenizer.parts
        if not self._drops:
            return []
        found = []
        for token, start, end in AddedTokens(parts.added_tokens).stretches(text):
            if token is not None:
                continue
            normalized = parts.normalizer.normalize_aligned(text[start:end])
            for word, origins in parts.pre_tokenizer.split_aligned(normalized):
                lost = self.lost_in(word)
                found += [(start + origins[at], start + origins[at] + 1) for at in lost]
        return found


class ForeignEncoder:
    """A tokenizer of `tokenizers` that has a part which is not supported here."""

    def __init__(self, name: str, backend: Any) -> None:
        self.name = name
        self._backend = backend
        backend.no_truncation()  # what is measured is the whole text and nothing else
        backend.no_padding()
        if getattr(backend.model, "dropout", None):
            raise InputError(f"{name}: its model has dropout, so no two encodings need be alike")
        document = json.loads(backend.to_str())
        self.model = f"{document['model'].get('type')} (tokenizers)"
        self.vocab: dict[str, int] = backend.get_vocab(with_added_tokens=True)
        self.vocab_size = len(self.vocab)
        self.unk_id, self.unk_token = unknown_token(document["model"], self.vocab)
        self.notation = notation_of(document)
        added = backend.get_added_tokens_decoder().values()
        special = (t.content for t in added if t.special)
        self.regular_ids = regular(self.vocab, (*special, self.unk_token or ""))

    def encode(self, text: str) -> Encoding:
        """The tokens of a text. Raises `InputError` where `tokenizers` raises anything."""
        try:
            found = self._backend.encode(text, add_special_tokens=False)
        except Exception as error:  # the library raises nothing more specific
            raise InputError(
                f"{self.name}: tokenizers cannot encode {text[:40]!r}: {error}"
            ) from None
        return Encoding(
            found.ids,
            found.tokens,
            found.offsets,
            found.type_ids,
            found.attention_mask,
            found.special_tokens_mask,
            found.word_ids,
        )

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        text: str = self._backend.decode(list(ids), skip_special_tokens=False)
        return text

    def normalize(self, text: str) -> str:
        """The text as it is when words are cut."""
        normalizer = self._backend.normalizer
        normalized: str = text if normalizer is None else normalizer.normalize_str(text)
        return normalized

    def dropped(self, text: str) -> list[tuple[int, int]]:
        """Nothing: what such a tokenizer passes over is not known."""
        return []


def unknown_token(model: Json, vocab: dict[str, int]) -> tuple[int | None, str | None]:
    """Id and spelling of a model's unknown token: Unigram states the one, others the other."""
    if model.get("unk_id") is not None:
        id = int(model["unk_id"])
        return id, next((token for token, own in vocab.items() if own == id), None)
    token = model.get("unk_token")
    return vocab.get(token or ""), token


def notation_of(document: Json) -> Notation:
    """How the tokens of a tokenizer.json are written, as far as its parts say it."""
    steps = [step for part in ("pre_tokenizer", "decoder") for step in steps_of(document.get(part))]
    kinds = {step.get("type"): step for step in steps}
    model = document["model"]
    return Notation(
        continuing=model.get("continuing_subword_prefix") or "",
        beginning=kinds["Metaspace"].get("replacement", "▁") if "Metaspace" in kinds else "",
        ending=model.get("end_of_word_suffix") or "",
        byte_level="ByteLevel" in kinds,
    )


def steps_of(part: Json | None) -> list[Json]:
    """A part, or the parts of a sequence."""
    if part is None:
        return []
    inner = part.get("pretokenizers") or part.get("decoders")
    return [part] if inner is None else [step for each in inner for step in steps_of(each)]


AnyEncoder = OurEncoder | ForeignEncoder


def load(path: str, *, name: str | None = None, **options: bool | None) -> AnyEncoder:
    """A tokenizer by path, or by a name that `transformers` finds in its cache.

    Raises `InputError` when there is neither. What holds a part that is not supported here is run
    by `tokenizers` itself.
    """
    name = name or path
    if not Path(path).exists():
        return from_transformers(path, name)
    try:
        tokenizer = Tokenizer.from_file(path, **options)
    except UnsupportedError as error:
        backend, _ = foreign(Path(path))
        if backend is None:
            raise error from None
        return ForeignEncoder(name, backend)
    return OurEncoder(name, tokenizer, *foreign(Path(path)))


def foreign(path: Path) -> tuple[Any, str]:
    """What `tokenizers` makes of a tokenizer.json, or None and why it refuses it."""
    import tokenizers

    file = path / "tokenizer.json" if path.is_dir() else path
    if file.suffix != ".json" or file.name == "vocab.json" or not file.exists():
        return None, ""
    try:
        return tokenizers.Tokenizer.from_file(str(file)), ""
    except Exception as error:  # the library raises nothing more specific
        return None, str(error)


def known_to_transformers(name: str, trouble: str) -> Any:
    """The tokenizer of a name that is in the cache. Raises `InputError`, which says the trouble."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # it misses PyTorch, we do not
    import transformers

    try:
        return transformers.AutoTokenizer.from_pretrained(name, local_files_only=True)
    except Exception:  # whatever goes wrong there, the name did not lead to a tokenizer
        raise InputError(
            f"{trouble} in its cache; name a folder, a tokenizer.json or a vocab.txt"
        ) from None


def from_transformers(path: str, name: str) -> AnyEncoder:
    """A tokenizer that `transformers` knows, without asking the network, under a name of ours."""
    loaded = known_to_transformers(
        path, f"{path}: no such path, and transformers has no tokenizer of that name"
    )
    backend = getattr(loaded, "backend_tokenizer", None)
    if backend is None:
        raise InputError(f"{path}: is no fast tokenizer, so it has no offsets to compare")
    try:  # whatever we can run ourselves can be checked too
        parts = tokenizer_json_reader.parse(backend.to_str(), source=path)
    except FormatError:
        return ForeignEncoder(name, backend)
    return OurEncoder(name, Tokenizer(parts), backend)


def surfaces(encoder: AnyEncoder, *, by_surface: bool = False) -> frozenset[tuple[bool, str]]:
    """The regular tokens as (begins a word?, surface), so that vocabularies can be compared.

    With `by_surface` all are told to begin one: what to do where one of two vocabularies does not
    say it.
    """
    regular = (token for token, id in encoder.vocab.items() if id in encoder.regular_ids)
    mapped = map(encoder.notation.surface, regular)
    return frozenset((begins or by_surface, surface) for begins, surface in mapped)
