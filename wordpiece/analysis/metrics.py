"""Numbers that say what a tokenizer does to a text.

All are ratios of sums over the same documents, and words are the same for every tokenizer: those
of BERT's split of the text as it is (cased). No length stands without the unknown rates, because
`[UNK]` makes a text shorter by losing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from math import log2
from typing import NamedTuple, Protocol

from wordpiece.encoding import Encoding
from wordpiece.text.rules import TextRules

ALPHA = 2.5
#: Added to every token's count in the training text before its probability is taken.
SMOOTHING = 0.5
#: Bits for a byte about which nothing is known: what an unknown word costs when it is spelled out.
BYTE_BITS = 8.0


class Encoder(Protocol):
    """What is needed of a tokenizer to measure it; those of other libraries are wrapped to fit."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def model(self) -> str:
        """`wordpiece`, `bpe`, `byte-bpe`, or what else it is."""

    @property
    def unk_id(self) -> int | None:
        """The id of the unknown token."""

    @property
    def unk_token(self) -> str | None:
        """The unknown token as it is written."""

    @property
    def regular_ids(self) -> frozenset[int]:
        """The ids of the vocabulary without special tokens and `[unusedN]`."""

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, special ones included."""

    def encode(self, text: str) -> Encoding:
        """The tokens of a text, without `[CLS]` and `[SEP]`."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, special tokens included."""

    def normalize(self, text: str) -> str:
        """The text as it is when words are cut."""

    def dropped(self, text: str) -> list[tuple[int, int]]:
        """The characters of words that are passed over, as if they were not there."""


@dataclass(frozen=True)
class Tally:
    """Sums over one document, or over several: whatever the metrics are ratios of."""

    documents: int = 0
    round_trips: int = 0
    normalized_round_trips: int = 0
    bytes: int = 0
    chars: int = 0
    words: int = 0
    tokens: int = 0
    unk_tokens: int = 0
    unk_words: int = 0
    unk_chars: int = 0
    unk_bytes: int = 0
    single_char_tokens: int = 0
    bits: float = 0.0


TALLY_FIELDS = tuple(field.name for field in fields(Tally))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies.

    >>> total([Tally(tokens=2), Tally(tokens=3)]).tokens
    5
    """
    tallies = list(tallies)
    return Tally(**{name: sum(getattr(t, name) for t in tallies) for name in TALLY_FIELDS})


@dataclass(frozen=True)
class Metrics:
    """The metrics of one tokenizer on one text; README and `wp compare --help` say what they are.

    `renyi_efficiency` is the entropy of order 2.5 over its maximum for the token types that occur,
    `renyi_efficiency_vocab` over that for the whole vocabulary. `bits_per_byte` is the cost under a
    unigram model whose probabilities come from the training text where there is one, what is
    unknown spelled out at 8 bits a byte; `lossless_bytes_per_token` counts it as one token a byte.
    What is unknown is a whole word for WordPiece, and a character for BPE.
    """

    tokens: int
    fertility: float
    bytes_per_token: float
    unk_token_rate: float
    unk_word_rate: float
    unk_char_rate: float
    lossless_bytes_per_token: float
    vocab_used: float
    single_char_rate: float
    renyi_efficiency: float
    renyi_efficiency_vocab: float
    bits_per_byte: float
    round_trip: float
    round_trip_normalized: float


@dataclass(frozen=True)
class Measured:
    """Documents seen through one tokenizer: for each, a tally and how often each id occurs."""

    tallies: tuple[Tally, ...]
    id_counts: tuple[Counter[int], ...]

    @property
    def counts(self) -> Counter[int]:
        """How often each id occurs in all documents."""
        return added(self.id_counts)


def added(counters: Iterable[Counter[int]]) -> Counter[int]:
    """The sum of counters."""
    whole: Counter[int] = Counter()
    for counter in counters:
        whole.update(counter)
    return whole


class TypeUse(NamedTuple):
    """How the tokens are spread over their types, in one text.

    `types` are the types that occur, `regular_types` those of them that are neither special nor
    `[unusedN]`, `entropy` is the Rényi entropy of order 2.5, in bits.
    """

    types: int
    regular_types: int
    entropy: float


def measure(
    encoder: Encoder,
    documents: Iterable[str],
    *,
    training_counts: Mapping[int, int] | None = None,
) -> Measured:
    """Encode documents and tally each.

    `training_counts` are the ids' counts in the training text, where there is one: the
    probabilities behind `bits` come from there, else from the documents themselves.
    """
    texts = list(documents)
    encodings = [encoder.encode(text) for text in texts]
    counts = tuple(Counter(encoding.ids) for encoding in encodings)
    costs = token_bits(encoder, added(counts), training_counts)
    tallies = []
    for text, encoding in zip(texts, encodings, strict=True):
        found = tally(encoder, text, encoding)
        bits = sum(map(costs.__getitem__, encoding.ids)) + BYTE_BITS * found.unk_bytes
        tallies.append(replace(found, bits=bits))
    return Measured(tuple(tallies), counts)


def tally(encoder: Encoder, text: str, encoding: Encoding) -> Tally:
    """What is summed for one document."""
    words = word_spans(text)
    are_unknown = unknown_in(encoder, text, encoding)
    unknown = [span for span, is_it in zip(encoding.offsets, are_unknown, strict=True) if is_it]
    unknown += encoder.dropped(text)
    lost = union(unknown)
    back = encoder.decode(encoding.ids)
    return Tally(
        documents=1,
        round_trips=back == text,
        normalized_round_trips=back.split() == encoder.normalize(text).split(),
        bytes=len(text.encode("utf-8")),
        chars=len(text),
        words=len(words),
        tokens=len(encoding),
        unk_tokens=sum(are_unknown),
        unk_words=count_touched(words, lost),
        unk_chars=sum(end - start for start, end in lost),
        unk_bytes=sum(len(text[start:end].encode("utf-8")) for start, end in lost),
        single_char_tokens=sum(
            len(text[start:end].strip()) <= 1 and not is_it
            for is_it, (start, end) in zip(are_unknown, encoding.offsets, strict=True)
        ),
    )


def unknown_in(encoder: Encoder, text: str, encoding: Encoding) -> list[bool]:
    """Which tokens stand for text that the vocabulary cannot say.

    The unknown token spelled out in the text, as `<unk>` is in WikiText, says what stands there.
    """
    id, token = encoder.unk_id, encoder.unk_token
    return [
        own == id and text[start:end].strip() != token
        for own, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
    ]


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches that spans cover: one character may have become several unknown tokens.

    >>> union([(0, 1), (0, 1), (4, 6), (5, 7)])
    [(0, 1), (4, 6), (6, 7)]
    """
    found = []
    covered = 0
    for start, end in sorted(spans):
        if end > covered:
            found.append((max(start, covered), end))
            covered = end
    return found


@lru_cache(maxsize=1 << 13)
def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where BERT's split finds words in a text: the shared definition of a word.

    >>> word_spans("to be, or")
    ((0, 2), (3, 5), (5, 6), (7, 9))
    """
    rules = TextRules()
    found = rules.pre_tokenizer().split_aligned(rules.normalizer().normalize_aligned(text))
    return tuple((origins[0], origins[-1] + 1) for _, origins in found)


def count_touched(words: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> int:
    """How many words overlap any of the spans; both are in order."""
    touched = 0
    at = 0
    for start, end in words:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        touched += at < len(spans) and spans[at][0] < end
    return touched


def metrics_of(encoder: Encoder, measured: Measured) -> Metrics:
    """The metrics of what was measured."""
    return from_sums(encoder, total(measured.tallies), type_use(encoder, measured.counts))


def type_use(encoder: Encoder, counts: Mapping[int, int]) -> TypeUse:
    """How tokens are spread over their types."""
    regular = sum(id in encoder.regular_ids for id in counts)
    return TypeUse(len(counts), regular, renyi_entropy(counts.values()))


def from_sums(encoder: Encoder, sums: Tally, use: TypeUse) -> Metrics:
    """The metrics, each a ratio of sums."""
    lossless = sums.tokens - sums.unk_tokens + sums.unk_bytes
    return Metrics(
        tokens=sums.tokens,
        fertility=ratio(sums.tokens, sums.words),
        bytes_per_token=ratio(sums.bytes, sums.tokens),
        unk_token_rate=ratio(sums.unk_tokens, sums.tokens),
        unk_word_rate=ratio(sums.unk_words, sums.words),
        unk_char_rate=ratio(sums.unk_chars, sums.chars),
        lossless_bytes_per_token=ratio(sums.bytes, lossless),
        vocab_used=ratio(use.regular_types, len(encoder.regular_ids)),
        single_char_rate=ratio(sums.single_char_tokens, sums.tokens),
        renyi_efficiency=ratio(use.entropy, log2(use.types) if use.types > 1 else 0),
        renyi_efficiency_vocab=ratio(use.entropy, log2(encoder.vocab_size)),
        bits_per_byte=ratio(sums.bits, sums.bytes),
        round_trip=ratio(sums.round_trips, sums.documents),
        round_trip_normalized=ratio(sums.normalized_round_trips, sums.documents),
    )


def ratio(part: float, whole: float) -> float:
    """A quotient, 0 when there is nothing to divide by."""
    return part / whole if whole else 0.0


def renyi_entropy(counts: Iterable[int]) -> float:
    """H_α = log₂ Σ p^α / (1 − α), α = 2.5, in bits (Rényi, 1961; for tokens, Zouhar et al., 2023).

    >>> renyi_entropy([4, 4])
    1.0
    """
    counts = list(counts)
    number = sum(counts)
    if not number:
        return 0.0
    return renyi_from_powers(sum(count**ALPHA for count in counts), number)


def renyi_from_powers(powers: float, number: int) -> float:
    """The same from Σ c^α and Σ c: Σ p^α is the one over the other to the power of α."""
    return max(0.0, (log2(powers) - ALPHA * log2(number)) / (1 - ALPHA))


def token_bits(
    encoder: Encoder, counts: Mapping[int, int], training: Mapping[int, int] | None
) -> dict[int, float]:
    """−log₂ p for each token that occurs, p from the training counts with 0.5 added to each.

    Without training counts, p is the frequency in the text itself, which flatters large
    vocabularies.
    """
    if training is None:
        number = sum(counts.values())
        return {id: -log2(count / number) for id, count in counts.items()}
    whole = sum(training.values()) + SMOOTHING * encoder.vocab_size
    return {id: -log2((training.get(id, 0) + SMOOTHING) / whole) for id in counts}
