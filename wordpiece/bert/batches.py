"""What BERT takes: rectangles of ids, with what masking must know of each token."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wordpiece.analysis.encoders import OurEncoder
from wordpiece.encoding import Encoding
from wordpiece.errors import OptionError
from wordpiece.pretrained import Tokenizer
from wordpiece.tokenizer import PADDING_TOKENS, TextInput

#: BERT's longest input, in tokens.
MOST_TOKENS = 512
#: How the token to predict is called: BERT's name, and RoBERTa's.
MASK_TOKENS = ("[MASK]", "<mask>")
#: The number of the word that a token without a word has.
NO_WORD = -1

Rows = list[list[int]]


@dataclass(frozen=True)
class Special:
    """What a vocabulary holds beside its regular tokens.

    `regular` are the ids that a random replacement may be, in order, `[unusedN]` not among them;
    `mask` is the id of `[MASK]`, `pad` of what fills up; None where there is none.
    """

    mask: int | None
    pad: int | None
    ids: frozenset[int]
    regular: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Special:
        """Those of a tokenizer."""
        ids = frozenset(token.id for token in tokenizer.parts.added_tokens if token.special)
        return cls(
            mask=first_of(tokenizer, MASK_TOKENS),
            pad=first_of(tokenizer, PADDING_TOKENS),
            ids=ids,
            regular=tuple(sorted(OurEncoder("", tokenizer).regular_ids)),
        )


class Row(NamedTuple):
    """One input without padding: ids, type ids, 1 where the template added a token, and words.

    `words` numbers the words of both texts together; -1 for what the template added.
    """

    ids: Sequence[int]
    type_ids: Sequence[int]
    added: Sequence[int]
    words: Sequence[int]

    @classmethod
    def of(cls, encoding: Encoding) -> Row:
        """What a model needs of an encoding, packed."""
        return cls(
            array("i", encoding.ids),
            bytes(encoding.type_ids),
            bytes(encoding.special_tokens_mask),
            array("i", numbered_words(encoding)),
        )


def first_of(tokenizer: Tokenizer, names: Iterable[str]) -> int | None:
    """The id of the first of some tokens that a vocabulary has."""
    ids = map(tokenizer.token_to_id, names)
    return next((id for id in ids if id is not None), None)


def rows_of(tokenizer: Tokenizer, texts: Iterable[TextInput], *, max_length: int) -> list[Row]:
    """Texts, or `(first, second)` pairs, cut to a number of tokens, special ones included."""
    return [
        Row.of(encoding)
        for encoding in tokenizer.encode_batch(texts, truncation=True, max_length=max_length)
    ]


@dataclass(frozen=True)
class Batch:
    """Model inputs, each of shape `[batch, length]`, under the names that `transformers` has.

    >>> from wordpiece import Tokenizer, presets
    >>> vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "par", "##is"]
    >>> tokenizer = Tokenizer(presets.wordpiece(vocab, lowercase=True))
    >>> batch = Batch.of(tokenizer, ["I love Paris", "love"])
    >>> batch.input_ids
    [[2, 5, 6, 7, 8, 3], [2, 6, 3, 0, 0, 0]]
    >>> batch.words
    [[-1, 0, 1, 2, 2, -1], [-1, 0, -1, -1, -1, -1]]

    `words` numbers the words of a row, through both texts of a pair; -1 for special tokens that the
    template added, and for padding.
    """

    input_ids: Rows
    token_type_ids: Rows
    attention_mask: Rows
    special_tokens_mask: Rows
    words: Rows
    special: Special

    @classmethod
    def of(
        cls, tokenizer: Tokenizer, texts: Iterable[TextInput], *, max_length: int = MOST_TOKENS
    ) -> Batch:
        """Texts, or `(first, second)` pairs, cut to `max_length` tokens and padded to the longest.

        Raises `InputError` for what is no text.
        """
        rows = rows_of(tokenizer, texts, max_length=max_length)
        return cls.of_rows(rows, Special.of(tokenizer))

    @classmethod
    def of_rows(cls, rows: Sequence[Row], special: Special) -> Batch:
        """Rows, filled up to the longest. Raises `OptionError` where no token can do it."""
        length = max((len(row.ids) for row in rows), default=0)
        if special.pad is None and any(len(row.ids) < length for row in rows):
            raise OptionError(
                f"padding: the vocabulary has none of {', '.join(PADDING_TOKENS)}: name one with "
                "--special-token when the tokenizer is trained"
            )

        def filled(name: str, filling: int) -> Rows:
            values = (getattr(row, name) for row in rows)
            return [[*own, *[filling] * (length - len(own))] for own in values]

        return cls(
            input_ids=filled("ids", special.pad or 0),
            token_type_ids=filled("type_ids", 0),
            attention_mask=[[1] * len(row.ids) + [0] * (length - len(row.ids)) for row in rows],
            special_tokens_mask=filled("added", 1),
            words=filled("words", NO_WORD),
            special=special,
        )

    def __len__(self) -> int:
        return len(self.input_ids)

    def inputs(self) -> dict[str, Rows]:
        """What the model itself takes."""
        return {
            "input_ids": self.input_ids,
            "token_type_ids": self.token_type_ids,
            "attention_mask": self.attention_mask,
        }

    def maskable(self, row: int) -> list[int]:
        """The places in a row that may be masked: neither special tokens nor padding.

        A special token that stood in the text itself is none either.
        """
        own = zip(self.input_ids[row], self.special_tokens_mask[row], strict=True)
        special = self.special.ids
        return [at for at, (id, added) in enumerate(own) if not added and id not in special]

    def mask_id(self) -> int:
        """The id of `[MASK]`. Raises `OptionError` where the vocabulary has none."""
        if self.special.mask is None:
            raise OptionError(
                f"masking: the vocabulary has none of {', '.join(MASK_TOKENS)}: name it with "
                "--special-token when the tokenizer is trained"
            )
        return self.special.mask


def in_batches(
    rows: Sequence[Row], special: Special, batch_size: int
) -> Iterator[tuple[list[int], Batch]]:
    """All rows in batches of those alike in length, each with the places of its rows.

    >>> rows = [Row(ids, [0, 0], [0, 0], [0, 1]) for ids in ([7], [7, 8], [9])]
    >>> batches = in_batches(rows, Special(None, 0, frozenset(), ()), 2)
    >>> [(places, batch.input_ids) for places, batch in batches]
    [([0, 2], [[7], [9]]), ([1], [[7, 8]])]
    """
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    for start in range(0, len(order), batch_size):
        places = order[start : start + batch_size]
        yield places, Batch.of_rows([rows[at] for at in places], special)


def numbered_words(encoding: Encoding) -> list[int]:
    """The number of each token's word, counted on through the second text of a pair."""
    found: list[int] = []
    number = -1
    before: tuple[int, int] | None = None
    for word, type_id in zip(encoding.word_ids, encoding.type_ids, strict=True):
        if word is None:
            found.append(NO_WORD)
            before = None  # what follows a special token may be the other text, of the same type
            continue
        if (word, type_id) != before:
            number += 1
            before = word, type_id
        found.append(number)
    return found
