"""Any tokenizer with what BERT needs around its tokens, so that one model can take several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wordpiece.analysis.encoders import AnyEncoder
from wordpiece.bert.batches import Row, Special
from wordpiece.bert.models import Vocabulary
from wordpiece.encoding import Encoding
from wordpiece.errors import OptionError
from wordpiece.fitting import stretch, windows

#: What begins, ends, hides and fills up: the first of these that a vocabulary has, else a new id.
ROLES = {
    "begin": ("[CLS]", "<s>"),
    "end": ("[SEP]", "</s>"),
    "mask": ("[MASK]", "<mask>"),
    "pad": ("[PAD]", "<pad>"),
}
#: The special tokens that are added to a text.
AROUND = 2


class Frame(NamedTuple):
    """A tokenizer, the ids that stand around its tokens, and how many ids there are in all.

    Special tokens that its vocabulary lacks (a byte-level one has none of BERT's) get ids behind
    all others; `added` counts them.
    """

    encoder: AnyEncoder
    begin: int
    end: int
    special: Special
    size: int
    added: int

    @property
    def vocabulary(self) -> Vocabulary:
        """What a model must know of it."""
        return Vocabulary(self.size, self.special.pad or 0)

    def windows(self, text: str, max_length: int) -> list[Encoding]:
        """A text in stretches that do not overlap, each with a beginning and an end around it.

        Raises `OptionError` for a length that holds no token.
        """
        room = max_length - AROUND
        if room < 1:
            raise OptionError(f"--max-length {max_length}: must be at least {AROUND + 1} tokens")
        whole = self.encoder.encode(text)
        return [
            self._around(stretch(whole, *place)) for place in windows(len(whole), room, 0, "right")
        ]

    def rows(self, texts: Iterable[str], max_length: int) -> list[tuple[Row, ...]]:
        """The windows of each text, as a model takes them."""
        return [tuple(map(Row.of, self.windows(text, max_length))) for text in texts]

    def _around(self, text: Encoding) -> Encoding:
        """The tokens of a text with a beginning and an end."""
        framed = Encoding.empty()
        framed.extend(self._single(self.begin), type_id=0)
        framed.extend(text, type_id=0)
        framed.extend(self._single(self.end), type_id=0)
        return framed

    def _single(self, id: int) -> Encoding:
        return Encoding([id], [""], [(0, 0)], [0], [1], [1], [None])


def frame(encoder: AnyEncoder) -> Frame:
    """A tokenizer with its own special tokens, or new ones."""
    vocab = encoder.vocab
    size = max(vocab.values(), default=-1) + 1
    known = size
    ids = {}
    for role, names in ROLES.items():
        own = next((vocab[name] for name in names if name in vocab), None)
        if own is None:
            own, size = size, size + 1
        ids[role] = own
    regular = tuple(sorted(encoder.regular_ids))
    unknown = () if encoder.unk_id is None else (encoder.unk_id,)
    special = Special(
        mask=ids["mask"],
        pad=ids["pad"],
        ids=frozenset(vocab.values()).difference(regular, unknown).union(ids.values()),
        regular=regular,
    )
    return Frame(encoder, ids["begin"], ids["end"], special, size, size - known)
