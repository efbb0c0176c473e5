"""After the model: the template that puts `[CLS]` and `[SEP]` around the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from wordpiece.encoding import Encoding
from wordpiece.text.byte_alphabet import byte_characters

#: White space as tokens may show it: Unicode's, and GPT-2's character for a space.
BYTE_SPACE = byte_characters()[0x20] + "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003"
BYTE_SPACE += "\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


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

    def add_to(self, encoding: Encoding) -> None:
        """Append its tokens: no text, no word, marked as added."""
        count = len(self.ids)
        encoding.ids.extend(self.ids)
        encoding.tokens.extend(self.tokens)
        encoding.offsets.extend([(0, 0)] * count)
        encoding.type_ids.extend([self.type_id] * count)
        encoding.attention_mask.extend([1] * count)
        encoding.special_tokens_mask.extend([1] * count)
        encoding.word_ids.extend([None] * count)


Slot = TextSlot | SpecialSlot


@dataclass(frozen=True)
class Template:
    """What is put around one text, and around two."""

    single: tuple[Slot, ...]
    pair: tuple[Slot, ...]

    @cached_property
    def single_alone(self) -> bool:
        """Whether a single text without special tokens is left as it is."""
        slots = [slot for slot in self.single if isinstance(slot, TextSlot)]
        return slots == [TextSlot("A", 0)]

    def added(self, *, pair: bool) -> int:
        """How many special tokens are put around one text, or two."""
        slots = self.pair if pair else self.single
        return sum(len(slot.ids) for slot in slots if isinstance(slot, SpecialSlot))

    def apply(
        self, first: Encoding, second: Encoding | None, *, add_special_tokens: bool
    ) -> Encoding:
        """The texts in their slots, with the special tokens if they are wanted."""
        if second is None and not add_special_tokens and self.single_alone:
            return first
        whole = Encoding.empty()
        for slot in self.single if second is None else self.pair:
            if isinstance(slot, TextSlot):
                text = first if slot.text == "A" else second
                if text is not None:
                    whole.extend(text, type_id=slot.type_id)
            elif add_special_tokens:
                slot.add_to(whole)
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


def roberta_template(cls: str, sep: str, vocab: Mapping[str, int]) -> Template:
    """`<s> A </s>`, and `<s> A </s> </s> B </s>`, all of type id 0 (Liu et al., 2019)."""
    begin = SpecialSlot(cls, 0, (vocab[cls],), (cls,))
    end = SpecialSlot(sep, 0, (vocab[sep],), (sep,))
    single = (begin, TextSlot("A", 0), end)
    return Template(single=single, pair=(*single, end, TextSlot("B", 0), end))


@dataclass(frozen=True)
class OffsetTrimming:
    """Takes the spaces at the ends of byte-level tokens out of their offsets.

    `add_prefix_space` keeps one space at the start of a text in, because the pre-tokenizer may have
    put it there (the rule of `tokenizers`' ByteLevel post-processor).
    """

    add_prefix_space: bool

    def apply(self, encoding: Encoding) -> None:
        """Change the offsets of an encoding in place."""
        encoding.offsets[:] = self.trimmed(encoding.tokens, encoding.offsets)

    def trimmed(self, tokens: list[str], offsets: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """The offsets of tokens without the spaces at their ends.

        >>> OffsetTrimming(add_prefix_space=False).trimmed(["a", "Ġb"], [(0, 1), (1, 3)])
        [(0, 1), (2, 3)]
        """
        found = []
        for at, (token, (start, end)) in enumerate(zip(tokens, offsets, strict=True)):
            leading = len(token) - len(lstrip_space(token))
            trailing = len(token) - len(lstrip_space(token[::-1]))
            if leading == 1 and self.add_prefix_space and (at == 0 or start == 0):
                leading = 0  # of several, none was put there
            start = min(start + leading, end)
            if trailing and end >= trailing:
                end = max(end - trailing, start)
            found.append((start, end))
        return found


def lstrip_space(token: str) -> str:
    """A token without the white space, or the byte characters for a space, that it begins with."""
    return token.lstrip(BYTE_SPACE)
