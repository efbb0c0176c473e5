"""After the model: the template that puts `[CLS]` and `[SEP]` around the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wordpiece.encoding import Encoding


@dataclass(frozen=True)
class TextSlot:
    """Where the first (`A`) or second (`B`) text goes."""

    text: Literal["A", "B"]
    type_id: int


@dataclass(frozen=True)
class SpecialSlot:
    """A special token that the template adds; it may stand for several tokens."""

    name: str
    type_id: int
    ids: tuple[int, ...]
    tokens: tuple[str, ...]


Slot = TextSlot | SpecialSlot


@dataclass(frozen=True)
class Template:
    """What is put around one text, and around two."""

    single: tuple[Slot, ...]
    pair: tuple[Slot, ...]

    def apply(
        self, first: Encoding, second: Encoding | None, *, add_special_tokens: bool
    ) -> Encoding:
        """The texts in their slots, with the special tokens if they are wanted."""
        whole = Encoding.empty()
        for slot in self.single if second is None else self.pair:
            if isinstance(slot, TextSlot):
                text = first if slot.text == "A" else second
                if text is not None:
                    whole.extend(text, type_id=slot.type_id)
            elif add_special_tokens:
                whole.extend(special_encoding(slot), type_id=slot.type_id)
        return whole


#: Without a template the texts follow each other, with type ids 0 and 1.
PLAIN = Template(single=(TextSlot("A", 0),), pair=(TextSlot("A", 0), TextSlot("B", 1)))


def bert_template(cls: str, sep: str, vocab: Mapping[str, int]) -> Template:
    """`[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]` with type id 1 for `B [SEP]` (BERT, 2019).

    >>> template = bert_template("[CLS]", "[SEP]", {"[CLS]": 2, "[SEP]": 3})
    >>> [slot.type_id for slot in template.pair]
    [0, 0, 0, 1, 1]
    """
    begin = SpecialSlot(cls, 0, (vocab[cls],), (cls,))
    end = SpecialSlot(sep, 0, (vocab[sep],), (sep,))
    end_of_second = SpecialSlot(sep, 1, (vocab[sep],), (sep,))
    single = (begin, TextSlot("A", 0), end)
    return Template(single=single, pair=(*single, TextSlot("B", 1), end_of_second))


def special_encoding(slot: SpecialSlot) -> Encoding:
    """The tokens of a special slot: no text, no word, marked as added."""
    count = len(slot.ids)
    return Encoding(
        ids=list(slot.ids),
        tokens=list(slot.tokens),
        offsets=[(0, 0)] * count,
        type_ids=[slot.type_id] * count,
        attention_mask=[1] * count,
        special_tokens_mask=[1] * count,
        word_ids=[None] * count,
    )
