"""The result of encoding a text, field by field as `tokenizers` names them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

#: The fields that may be made when they are first asked for, each with a bit of its own.
MADE_LATER = {
    "tokens": 1,
    "offsets": 2,
    "type_ids": 4,
    "attention_mask": 8,
    "special_tokens_mask": 16,
    "word_ids": 32,
    "overflowing": 64,
}


class MadeLater:
    """Fields that are not there yet; `_fields` has a method for each, which makes it.

    A field is kept when it is asked for again: `_asked` has the bits of those that were. Most are
    not, and to keep all that was read once would fill the memory, through which the garbage
    collector has to look.
    """

    __slots__ = ("_asked", "_fields")
    _asked: int
    _fields: object

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A field that is not kept."""
            bit = MADE_LATER.get(name)
            if bit is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = getattr(self._fields, name)()
            asked = self._asked
            if asked & bit:
                object.__setattr__(self, name, value)
            else:
                object.__setattr__(self, "_asked", asked | bit)
            return value


@dataclass(frozen=True, slots=True)
class Encoding(MadeLater):
    """The tokens of a text, in seven lists of equal length; and what did not fit in.

    * `ids`, `tokens`: what the model found.
    * `offsets`: `(start, end)` in characters of the original text; `(0, 0)` for tokens that stand
      for no text.
    * `type_ids`: 0 in the first text, 1 in the second.
    * `attention_mask`: 1 for every token that is not padding.
    * `special_tokens_mask`: 1 for tokens that the template added.
    * `word_ids`: which word of its text a token belongs to, or None for added tokens.

    They are for reading: some are made when they are asked for.

    `overflowing` holds further windows of a text that was cut to a length, encodings like this one
    without any of their own.
    """

    ids: list[int]
    tokens: list[str]
    offsets: list[tuple[int, int]]
    type_ids: list[int]
    attention_mask: list[int]
    special_tokens_mask: list[int]
    word_ids: list[int | None]
    overflowing: list[Encoding] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def __reduce__(self) -> tuple[type[Encoding], tuple[object, ...]]:
        fields = (self.ids, self.tokens, self.offsets, self.type_ids, self.attention_mask)
        return Encoding, (*fields, self.special_tokens_mask, self.word_ids, self.overflowing)

    @classmethod
    def made_later(cls, ids: list[int], fields: object) -> Encoding:
        """An encoding of which only the ids are there.

        `fields` has a method for each other field, which makes it when it is first asked for.
        """
        encoding = cls.__new__(cls)
        object.__setattr__(encoding, "ids", ids)
        object.__setattr__(encoding, "_asked", 0)
        object.__setattr__(encoding, "_fields", fields)
        return encoding

    @classmethod
    def empty(cls) -> Encoding:
        """An encoding of nothing, to be extended."""
        return cls([], [], [], [], [], [], [])

    def extend(self, other: Encoding, *, type_id: int) -> None:
        """Append the tokens of another encoding under a type id."""
        self.ids.extend(other.ids)
        self.tokens.extend(other.tokens)
        self.offsets.extend(other.offsets)
        self.type_ids.extend([type_id] * len(other))
        self.attention_mask.extend(other.attention_mask)
        self.special_tokens_mask.extend(other.special_tokens_mask)
        self.word_ids.extend(other.word_ids)
