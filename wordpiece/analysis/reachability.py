"""Which tokens can be produced at all: each with a text that produces it, or what forbids it.

To decode a token and encode it again is no test for WordPiece: `##s` becomes `s`, which is another
token. A token that goes on a word needs a word around it. Such a word is looked for here, and every
one that is reported has been encoded and holds the token; what is called unreachable is so by
proof, and what is neither is called unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Literal

from wordpiece.analysis.encoders import OurEncoder
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.text.byte_alphabet import to_bytes, to_text
from wordpiece.text.normalize import BertNormalizer, NoNormalizer
from wordpiece.tokenizer import Pipeline

#: What forbids a token: the normalizer changes it, the pre-tokenizer cuts it, a word with it would
#: be over the length limit, other tokens are always taken in its place (or no token begins a word
#: before it), or its bytes are no UTF-8.
Stage = Literal["normalizer", "pre-tokenizer", "length", "shadowed", "bytes"]

#: What may stand before a piece of text so that GPT-2's split leaves it alone.
CONTEXTS = ("", "1", "a", ".", "\n")
CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
#: What normalizers take out, put between all characters of a text so that no token that is
#: recognized in raw text stands there, nor any marks are put in order: a soft hyphen, and a mark.
TAKEN_OUT = ("\u00ad", "\u034f")
#: Half of a character in UTF-16, which no UTF-8 text has.
SURROGATE = re.compile("[\ud800-\udfff]")
#: Bytes that no UTF-8 text has.
NEVER = frozenset((0xC0, 0xC1, *range(0xF5, 0x100)))


@dataclass(frozen=True)
class Reach:
    """Whether a token can be produced: by `witness`, a text; not at all, by `stage`; or not known.

    >>> Reach("##s", 1055, witness="dogs").reachable
    True
    """

    token: str
    id: int
    witness: str | None = None
    stage: Stage | None = None

    @property
    def reachable(self) -> bool | None:
        """True, False, or None when neither was found."""
        if self.witness is not None:
            return True
        return None if self.stage is None else False


def reachability(encoder: OurEncoder) -> list[Reach]:
    """Look at every regular token of a vocabulary, in id order.

    >>> from wordpiece import presets
    >>> from wordpiece.pretrained import Tokenizer
    >>> vocab = ["[UNK]", "a", "##b", "ab", "##。"]
    >>> for each in reachability(OurEncoder("t", Tokenizer(presets.wordpiece(vocab)))):
    ...     print(each.token, each.witness, each.stage)
    a a None
    ##b abb None
    ab ab None
    ##。 None pre-tokenizer
    """
    look = looker(encoder)
    vocab = encoder.vocab.items()
    return [look(token, id) for token, id in vocab if id in encoder.regular_ids]


def reach_of(encoder: OurEncoder, token: str, id: int) -> Reach:
    """Look at one token."""
    return looker(encoder)(token, id)


def met_in(encoder: OurEncoder, reach: Reach, words: Iterable[str]) -> Reach:
    """The same, or where it was not known, reached by one of the words of a text that has it."""
    if reach.reachable is not None:
        return reach
    tokenizer, id = encoder.tokenizer, reach.id
    bare = reach.token.removeprefix(encoder.notation.continuing)
    for word in words:
        if bare in word and id in tokenizer.parts.model.ids(word):
            text = to_text(word) if encoder.notation.byte_level else word
            if text and emits(tokenizer, text, id):
                return replace(reach, witness=text)
    return reach


def looker(encoder: OurEncoder) -> Callable[[str, int], Reach]:
    """What looks at the tokens of a vocabulary, one after the other."""
    tokenizer = encoder.tokenizer
    added = {token.id for token in tokenizer.parts.added_tokens}
    search = searcher(encoder)

    def look(token: str, id: int) -> Reach:
        if id in added and emits(tokenizer, token, id):  # recognized in raw text
            return Reach(token, id, witness=token)
        return search(token, id)

    return look


def searcher(encoder: OurEncoder) -> Callable[[str, int], Reach]:
    """What looks for a text in which a model gives a token."""
    tokenizer = encoder.tokenizer
    model = tokenizer.parts.model
    if isinstance(model, WordPiece):
        return WordPieceSearch(tokenizer, model).reach
    assert isinstance(model, BPE)
    byte_level = encoder.model == "byte-bpe"
    return lambda token, id: reach_bpe(tokenizer, model, token, id, byte_level)


def emits(tokenizer: Pipeline, text: str, id: int) -> bool:
    """Whether encoding a text gives a token."""
    return id in tokenizer.encode(text, add_special_tokens=False).ids


def spellings(tokenizer: Pipeline, text: str) -> Iterator[str]:
    """A text, and others that may be the same once they are normalized."""
    yield text
    if type(tokenizer.parts.normalizer) is not NoNormalizer:
        yield text.upper()
        yield from (sign.join(text) for sign in TAKEN_OUT)


def normal(tokenizer: Pipeline, text: str) -> bool | None:
    """Whether normalizing gives a text; None where that is not known.

    It does if it leaves the text as it is. It does not if it changes any of its characters. But
    marks that it puts into another order may come in this one, if something it takes out stands
    between them.
    """
    normalizer = tokenizer.parts.normalizer
    found = normalizer.normalize(text)
    if found == text:
        return True
    ours = type(normalizer) in (BertNormalizer, NoNormalizer)
    return False if ours and sorted(found) != sorted(text) else None


class WordPieceSearch:
    """Looks for words that greedy matching splits so that a token comes out."""

    def __init__(self, tokenizer: Pipeline, model: WordPiece) -> None:
        self._tokenizer, self._vocab = tokenizer, model.vocab
        self._prefix = model.continuing_subword_prefix
        self._limit = model.max_input_chars_per_word
        self._unknown = model.vocab.get(model.unk_token)
        by_length = sorted(model.vocab, key=lambda token: (-len(token), token))
        whole = [token for token in by_length if not SURROGATE.search(token)]
        starts = [token for token in whole if not token.startswith(self._prefix)]
        #: Tokens that may have something after them in a word, the longest first.
        self._beginnings = [t for t in starts if self._forbidden(t) is None and self._joins(t[-1])]

    def reach(self, token: str, id: int) -> Reach:
        """Look at one token."""
        if SURROGATE.search(token):
            return Reach(token, id, stage="bytes")
        bare = token.removeprefix(self._prefix)
        goes_on = token.startswith(self._prefix) and bool(bare)
        for text in () if goes_on else spellings(self._tokenizer, token):
            if emits(self._tokenizer, text, id):
                return Reach(token, id, witness=text)
        if normal(self._tokenizer, bare if goes_on else token) is None:
            return Reach(token, id)
        stage = self._forbidden(bare if goes_on else token)
        if stage is None and goes_on:
            stage = self._forbidden_inside(bare)
        if stage is not None or not goes_on:
            return Reach(token, id, stage=stage)
        word = next((w for w in self._words(bare) if emits(self._tokenizer, w, id)), None)
        if word is None and not self._beginnings:
            return Reach(token, id, stage="shadowed")
        return Reach(token, id, witness=word)

    def _forbidden(self, text: str) -> Stage | None:
        """What keeps a text from being a word, or a part of one."""
        parts = self._tokenizer.parts
        if not normal(self._tokenizer, text):
            return "normalizer"
        if parts.pre_tokenizer.split(text) != [text]:
            return "pre-tokenizer"
        return "length" if len(text) > self._limit else None

    def _forbidden_inside(self, text: str) -> Stage | None:
        """What keeps a text that may be a word from going on one."""
        if not self._joins(text[0]):
            return "pre-tokenizer"
        return "length" if len(text) >= self._limit else None

    def _joins(self, char: str) -> bool:
        """Whether a character stands in a word with others: no ideograph, no punctuation mark."""
        twice = char * 2
        parts = self._tokenizer.parts
        return parts.pre_tokenizer.split(parts.normalizer.normalize(twice)) == [twice]

    def _words(self, bare: str) -> Iterator[str]:
        """Words of a beginning and a token, in which the longest match does not reach further.

        It never does after the longest beginning of all, so there is one unless that is too long.
        """
        size = self._limit - len(bare)
        for start in self._beginnings:
            if len(start) <= size and not self._has_longer(start, bare):
                yield start + bare

    def _has_longer(self, token: str, following: str) -> bool:
        """Whether the longest match reaches past a token into what follows."""
        vocab = self._vocab
        return any(token + following[:end] in vocab for end in range(1, len(following) + 1))


def reach_bpe(tokenizer: Pipeline, model: BPE, token: str, id: int, byte_level: bool) -> Reach:
    """Look at one token of BPE.

    Merges within a stretch of text do not depend on what stands around it, as long as none crosses
    its ends. So a token that its own text does not give is given by no text.
    """
    if SURROGATE.search(token):
        return Reach(token, id, stage="bytes")
    if model.ids(token) != [id]:
        return Reach(token, id, stage="shadowed")
    data = to_bytes(token) if byte_level else None
    if data is not None and NEVER & set(data):
        return Reach(token, id, stage="bytes")
    texts = [token] if data is None else list(islice(completions(data), 2000))
    for text in texts:
        for candidate in in_contexts(text) if byte_level else spellings(tokenizer, text):
            if emits(tokenizer, candidate, id):
                return Reach(token, id, witness=candidate)
    if len(texts) > 1 or not texts:  # there may be other ways to complete its bytes
        return Reach(token, id)
    text = texts[0]
    if normal(tokenizer, text) is False:
        return Reach(token, id, stage="normalizer")
    # else it is cut at a token recognized in raw text, and perhaps not where that is spelled
    # otherwise, which only a normalizer makes the same
    plain = type(tokenizer.parts.normalizer) is NoNormalizer
    cut = plain or tokenizer.parts.pre_tokenizer.split(text) != [token]
    return Reach(token, id, stage="pre-tokenizer" if cut else None)


def in_contexts(text: str) -> Iterator[str]:
    """A text alone, in a contraction, and after a character of another kind."""
    yield text
    yield from (word for word in CONTRACTIONS if text in word)
    yield from (before + text for before in CONTEXTS[1:])


def completions(data: bytes) -> Iterator[str]:
    """Texts whose UTF-8 has some bytes in it: the bytes themselves, or completed at both ends.

    >>> next(completions(b"ab")), next(completions(b"\\xe2\\x82"))
    ('ab', '₀')
    """
    befores: Sequence[bytes] = [b""]
    if data and 0x80 <= data[0] < 0xC0:
        tails = [bytes([lead]) for lead in range(0xC2, 0xF5)]
        pairs = [bytes(p) for p in product(range(0xE1, 0xF5), (0x80, 0x90, 0xA0, 0xBF))]
        triples = [bytes(p) for p in product((0xF0, 0xF1, 0xF4), (0x80, 0x90), (0x80, 0x9F))]
        befores = [*tails, *pairs, *triples]
    afters = [b"", *(bytes([byte]) * n for n in (1, 2, 3) for byte in (0x80, 0x90, 0xA0, 0xBF))]
    for before, after in product(befores, afters):
        try:
            yield (before + data + after).decode("utf-8")
        except UnicodeDecodeError:
            continue
