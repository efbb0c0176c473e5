"""From labels of words, and from stretches of a text, to tokens: for NER and question answering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from wordpiece.encoding import Encoding
from wordpiece.errors import InputError, OptionError

#: What a loss passes over, in PyTorch and `transformers`.
IGNORED = -100

Label = TypeVar("Label")


def align_labels(
    encoding: Encoding,
    labels: Sequence[Label],
    *,
    only_first: bool = True,
    ignored: Label | int = IGNORED,
    type_id: int | None = None,
) -> list[Label | int]:
    """A label for each token, from one for each word of a text (the recipe of BERT, 2019, for NER).

    >>> from wordpiece import Tokenizer, presets
    >>> vocab = ["[UNK]", "[CLS]", "[SEP]", "wash", "##ington", "is"]
    >>> tokenizer = Tokenizer(presets.wordpiece(vocab))
    >>> encoding = tokenizer.encode(["washington", "is"], is_split_into_words=True)
    >>> align_labels(encoding, [3, 0]), align_labels(encoding, [3, 0], only_first=False)
    ([-100, 3, -100, 0, -100], [-100, 3, 3, 0, -100])

    The first token of a word has its label; the others have it too unless `only_first`, else
    `ignored`, as special tokens and padding have. In a window that begins inside a word, the first
    token that is there counts as its first. Of a pair, `type_id` says which text the labels are of.
    Raises `InputError` when there are fewer labels than words.
    """
    found: list[Label | int] = []
    before: int | None = None
    for word, own in zip(encoding.word_ids, encoding.type_ids, strict=True):
        if word is None or (type_id is not None and own != type_id):
            found.append(ignored)
            before = None
            continue
        if word >= len(labels):
            raise InputError(
                f"labels: there are {len(labels)}, and the text has a word {word}, counted from 0"
            )
        found.append(ignored if only_first and word == before else labels[word])
        before = word
    return found


def span_to_tokens(
    encoding: Encoding, start: int, end: int, *, type_id: int | None = None
) -> tuple[int, int] | None:
    """The tokens that cover a stretch of the text: from the first to behind the last.

    >>> from wordpiece import Tokenizer, presets
    >>> vocab = ["[UNK]", "[CLS]", "[SEP]", "i", "love", "par", "##is"]
    >>> tokenizer = Tokenizer(presets.wordpiece(vocab, lowercase=True))
    >>> encoding = tokenizer.encode("I love Paris")
    >>> span_to_tokens(encoding, 7, 12), encoding.tokens[3:5]
    ((3, 5), ['par', '##is'])

    `start` and `end` count characters of the text. None when the stretch is not wholly in this
    window of it (look in `overflowing`), or no token stands for it: white space at the edge of a
    text is in no window, so leave it out of the stretch. Of a pair, `type_id` says which
    text is meant. Raises `OptionError` for a stretch that is none.
    """
    if not 0 <= start < end:
        raise OptionError(
            f"span {start} to {end}: must begin at 0 or later, and end after it begins"
        )
    inside = [
        at
        for at, word in enumerate(encoding.word_ids)
        if word is not None and (type_id is None or encoding.type_ids[at] == type_id)
    ]
    touched = [
        at for at in inside if encoding.offsets[at][0] < end and encoding.offsets[at][1] > start
    ]
    if not touched:
        return None
    first, last = touched[0], touched[-1]
    begun = encoding.offsets[first][0] <= start or first != inside[0]
    ended = encoding.offsets[last][1] >= end or last != inside[-1]
    return (first, last + 1) if begun and ended else None
