"""The result of encoding a text, field by field as `tokenizers` names them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Encoding:
    """The tokens of a text, in seven lists of equal length; and what did not fit in.

    * `ids`, `tokens`: what the model found.
    * `offsets`: `(start, end)` in characters of the original text; `(0, 0)` for tokens that stand
      for no text.
    * `type_ids`: 0 in the first text, 1 in the second.
    * `attention_mask`: 1 for every token that is not padding.
    * `special_tokens_mask`: 1 for tokens that the template added.
    * `word_ids`: which word of its text a token belongs to, or None for added tokens.

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
