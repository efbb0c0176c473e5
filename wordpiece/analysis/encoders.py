"""Tokenizers as the metrics see them: ours, and those of other libraries wrapped to fit."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wordpiece.api import Tokenizer
from wordpiece.encoding import Encoding
from wordpiece.errors import FormatError, InputError, UnsupportedError
from wordpiece.formats import tokenizer_json_reader
from wordpiece.models.bpe import BPE
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


@dataclass(frozen=True)
class OurEncoder:
    """One of our tokenizers under a name.

    `reference` is what `tokenizers` made of the same file, where there was one that it reads.
    """

    name: str
    tokenizer: Tokenizer
    reference: Any = None

    @property
    def model(self) -> str:
        """`wordpiece`, `bpe` or `byte-bpe`."""
        parts = self.tokenizer.parts
        if not isinstance(parts.model, BPE):
            return "wordpiece"
        return "byte-bpe" if isinstance(parts.pre_tokenizer, ByteLevelPreTokenizer) else "bpe"

    @property
    def byte_level(self) -> bool:
        """Whether tokens are written in byte characters."""
        return self.model == "byte-bpe"

    @property
    def marks_words(self) -> bool:
        """Whether a token says if a word begins with it."""
        return self.model != "bpe"

    @cached_property
    def unk_id(self) -> int | None:
        """The id of the unknown token."""
        token = getattr(self.tokenizer.parts.model, "unk_token", None)
        return None if token is None else self.tokenizer.parts.model.vocab.get(token)

    @cached_property
    def regular_ids(self) -> frozenset[int]:
        """The ids without special tokens and `[unusedN]`."""
        special = (t.content for t in self.tokenizer.parts.added_tokens if t.special)
        return regular(self.tokenizer.get_vocab(), special)

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


class ForeignEncoder:
    """A tokenizer of `tokenizers` that has a part which is not supported here."""

    def __init__(self, name: str, backend: Any) -> None:
        self.name = name
        self._backend = backend
        backend.no_truncation()  # what is measured is the whole text and nothing else
        backend.no_padding()
        if getattr(backend.model, "dropout", None):
            raise InputError(f"{name}: its model has dropout, so no two encodings need be alike")
        model = type(backend.model).__name__
        self.model = f"{model} (tokenizers)"
        self.vocab: dict[str, int] = backend.get_vocab(with_added_tokens=True)
        self.vocab_size = len(self.vocab)
        self.unk_id = self.vocab.get(getattr(backend.model, "unk_token", None) or "")
        self.byte_level = type(backend.decoder).__name__ == "ByteLevel"
        self.marks_words = self.byte_level or any(token.startswith("##") for token in self.vocab)
        added = backend.get_added_tokens_decoder().values()
        self.regular_ids = regular(self.vocab, (t.content for t in added if t.special))

    def encode(self, text: str) -> Encoding:
        """The tokens of a text."""
        found = self._backend.encode(text, add_special_tokens=False)
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


AnyEncoder = OurEncoder | ForeignEncoder


def load(path: str, *, name: str | None = None, **options: bool | None) -> AnyEncoder:
    """A tokenizer by path, or by a name that `transformers` finds in its cache.

    Raises `InputError` when there is neither. What holds a part that is not supported here is run
    by `tokenizers` itself.
    """
    name = name or path
    if not Path(path).exists():
        return from_transformers(path)
    try:
        return OurEncoder(name, Tokenizer.from_file(path, **options), foreign(Path(path)))
    except UnsupportedError as error:
        backend = foreign(Path(path))
        if backend is None:
            raise error from None
        return ForeignEncoder(name, backend)


def foreign(path: Path) -> Any:
    """What `tokenizers` makes of a file, or None when it cannot read it either."""
    import tokenizers

    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        return tokenizers.Tokenizer.from_file(str(file))
    except Exception:  # the library raises nothing more specific
        return None


def from_transformers(name: str) -> AnyEncoder:
    """A tokenizer that `transformers` knows, without asking the network."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # it misses PyTorch, we do not
    import transformers

    try:
        loaded = transformers.AutoTokenizer.from_pretrained(name, local_files_only=True)
    except Exception:  # whatever goes wrong there, the name did not lead to a tokenizer
        raise InputError(
            f"{name}: no such path, and transformers has no tokenizer of that name in its cache; "
            "name a folder, a tokenizer.json or a vocab.txt"
        ) from None
    backend = getattr(loaded, "backend_tokenizer", None)
    if backend is None:
        raise InputError(f"{name}: is no fast tokenizer, so it has no offsets to compare")
    try:  # whatever we can run ourselves can be checked too
        parts = tokenizer_json_reader.parse(backend.to_str(), source=name)
    except FormatError:
        return ForeignEncoder(name, backend)
    return OurEncoder(name, Tokenizer(parts), backend)


def surfaces(encoder: AnyEncoder, *, by_surface: bool = False) -> frozenset[tuple[bool, str]]:
    """The regular tokens as (begins a word?, surface), so that vocabularies can be compared.

    With `by_surface` all are told to begin one: what to do where one of two vocabularies does not
    say it.
    """
    regular = (token for token, id in encoder.vocab.items() if id in encoder.regular_ids)
    mapped = map(byte_surface if encoder.byte_level else character_surface, regular)
    return frozenset((begins or by_surface, surface) for begins, surface in mapped)


def character_surface(token: str) -> tuple[bool, str]:
    """What a token of characters says.

    >>> character_surface("##ed")
    (False, 'ed')
    """
    return not token.startswith("##"), token.removeprefix("##")


def byte_surface(token: str) -> tuple[bool, str]:
    """What a token of bytes says; the space before it marks the beginning of a word.

    >>> byte_surface("Ġed"), byte_surface("ed")
    ((True, 'ed'), (False, 'ed'))
    """
    raw = to_bytes(token)
    text = token if raw is None else raw.decode("utf-8", "backslashreplace")
    return text.startswith(" "), text.removeprefix(" ")
