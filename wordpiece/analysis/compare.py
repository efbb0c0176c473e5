"""Tokenizers side by side on the same text: splits, metrics, vocabularies, boundaries."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from wordpiece.analysis.bootstrap import Difference, differences
from wordpiece.analysis.encoders import AnyEncoder, OurEncoder, surfaces
from wordpiece.analysis.metrics import (
    Metrics,
    measure,
    metrics_of,
    ratio,
    unknown_in,
    word_spans,
)
from wordpiece.analysis.morphology import Cuts, Gold, Morphology, morphology
from wordpiece.analysis.parity import ParityCheck, WordPieceTrainerRuns
from wordpiece.errors import InputError
from wordpiece.pretrained import Tokenizer


@dataclass(frozen=True)
class Row:
    """One tokenizer and its metrics."""

    name: str
    model: str
    vocab_size: int
    metrics: Metrics


@dataclass(frozen=True)
class Split:
    """A text through one tokenizer: its tokens, the source text of each, and which are unknown."""

    tokens: tuple[str, ...]
    sources: tuple[str, ...]
    unknown: tuple[bool, ...]


@dataclass(frozen=True)
class ComparedText:
    """A text, and its split by each tokenizer."""

    text: str
    splits: dict[str, Split]


@dataclass(frozen=True)
class Overlap:
    """How much two tokenizers have in common.

    `jaccard` and `smaller` are of the vocabularies as (begins a word?, surface): shared tokens over
    all, and over those of the smaller. Where the tokens of one do not say whether they begin a word
    (character BPE), both are compared by surface alone, and `by_surface` is True. `boundary_f1` is
    of the cuts inside the words of the text, `same_splits` the share of words cut alike; words that
    either does not know are left out (`words` is how many are compared; None where there is none).
    """

    first: str
    second: str
    by_surface: bool
    shared: int
    jaccard: float
    smaller: float
    boundary_f1: float | None
    same_splits: float | None
    words: int


@dataclass(frozen=True)
class Comparison:
    """Everything that was found; `rows` are in the order in which the tokenizers were given.

    `morphology` holds them against segmented words, where there were some; where there was nothing
    else, there are no `rows`, and `documents` is 0. `lines` is how many there were to draw
    documents from (None: all were taken). `held_out` says whether the documents were kept from a
    training (None: not known), `unchecked` what was not held against `tokenizers`, and why.
    """

    rows: tuple[Row, ...]
    texts: tuple[ComparedText, ...]
    differences: tuple[Difference, ...]
    overlaps: tuple[Overlap, ...]
    documents: int
    parity: tuple[ParityCheck, ...] = ()
    unchecked: tuple[str, ...] = ()
    trainer_runs: WordPieceTrainerRuns | None = None
    probabilities_from_training_text: bool = False
    held_out: bool | None = None
    morphology: Morphology | None = None
    lines: int | None = None


def compare(
    tokenizers: Sequence[AnyEncoder | Tokenizer],
    documents: Sequence[str] = (),
    *,
    texts: Sequence[str] = (),
    training_counts: Sequence[Counter[int]] | None = None,
    bootstrap: bool = True,
    gold: Gold | None = None,
) -> Comparison:
    """Measure tokenizers on documents, and show how each splits some texts.

    `tokenizers` are ours, or named encoders. `training_counts` are, for each, the ids' counts in
    its training text, from which `bits_per_byte` takes its probabilities. With `gold`, which
    `read_gold` reads, cuts are held against those between morphemes; documents need not be then.
    Raises `InputError` when the documents hold no word, or no tokenizer is given.

    >>> from wordpiece import Tokenizer, presets
    >>> from wordpiece.analysis.morphology import gold_of
    >>> tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "token", "##ization"]))
    >>> found = compare([tokenizer], gold=gold_of([("tokenization", "tok en ization")]))
    >>> found.morphology.tokenizers[0].whole_included.f1
    0.6666666666666666
    """
    encoders = [named(each, at) for at, each in enumerate(tokenizers, start=1)]
    if isinstance(documents, str):
        raise InputError("documents must be a list of str, not one str")
    if not encoders:
        raise InputError("nothing to compare: name a tokenizer, or a corpus to train some on")
    twice = [name for name, count in Counter(e.name for e in encoders).items() if count > 1]
    if twice:
        raise InputError(f"{twice[0]}: two tokenizers have this name: give each its own")
    against_gold = None if gold is None else morphology(encoders, gold)
    shown = tuple(split_text(text, encoders) for text in texts)
    if against_gold is not None and not documents:
        return Comparison((), shown, (), (), 0, morphology=against_gold)
    if not any(text.split() for text in documents):
        raise InputError("nothing to compare: the text to measure on holds no word")
    counts: list[Counter[int] | None] = [None] * len(encoders)
    if training_counts is not None:
        counts = list(training_counts)
    measured = [
        measure(encoder, documents, training_counts=known)
        for encoder, known in zip(encoders, counts, strict=True)
    ]
    rows = [
        Row(encoder.name, encoder.model, encoder.vocab_size, metrics_of(encoder, own))
        for encoder, own in zip(encoders, measured, strict=True)
    ]
    overlaps = [overlap(a, b, documents) for a, b in combinations(encoders, 2)]
    for each in overlaps:
        if not each.shared and not each.words:
            raise InputError(
                f"{each.first}, {each.second}: nothing to compare: they have no token in common, "
                "and the text no word that both know"
            )
    return Comparison(
        rows=tuple(rows),
        texts=shown,
        differences=tuple(differences(encoders, measured) if bootstrap else ()),
        overlaps=tuple(overlaps),
        documents=len(documents),
        probabilities_from_training_text=training_counts is not None,
        morphology=against_gold,
    )


def named(tokenizer: AnyEncoder | Tokenizer, number: int) -> AnyEncoder:
    """A tokenizer under a name: its own, or `tokenizer` with its number."""
    if isinstance(tokenizer, Tokenizer):
        return OurEncoder(f"tokenizer {number}", tokenizer)
    if not isinstance(tokenizer, AnyEncoder):
        raise InputError(f"a tokenizer must be a Tokenizer, not {type(tokenizer).__name__}")
    return tokenizer


def split_text(text: str, encoders: Sequence[AnyEncoder]) -> ComparedText:
    """A text through every tokenizer."""
    return ComparedText(text, {e.name: split_of(e, text) for e in encoders})


def split_of(encoder: AnyEncoder, text: str) -> Split:
    """A text through one tokenizer."""
    encoding = encoder.encode(text)
    return Split(
        tokens=tuple(encoding.tokens),
        sources=tuple(text[start:end] for start, end in encoding.offsets),
        unknown=tuple(unknown_in(encoder, text, encoding)),
    )


def overlap(first: AnyEncoder, second: AnyEncoder, documents: Sequence[str]) -> Overlap:
    """What two tokenizers have in common, in vocabulary and in cuts."""
    by_surface = not (first.notation.marks_words and second.notation.marks_words)
    a, b = (surfaces(encoder, by_surface=by_surface) for encoder in (first, second))
    shared = len(a & b)
    hits = cuts_a = cuts_b = alike = words = 0
    for text in documents:
        spans = word_spans(text)
        both = zip(
            word_cuts(first, text, spans),
            word_cuts(second, text, spans),
            strict=True,
        )
        for own, other in both:
            if own is None or other is None:
                continue
            words += 1
            alike += own == other
            hits += len(own.positions & other.positions)
            cuts_a += own.number
            cuts_b += other.number
    return Overlap(
        first=first.name,
        second=second.name,
        by_surface=by_surface,
        shared=shared,
        jaccard=ratio(shared, len(a | b)),
        smaller=ratio(shared, min(len(a), len(b))),
        boundary_f1=2 * hits / (cuts_a + cuts_b) if cuts_a + cuts_b else (1.0 if words else None),
        same_splits=alike / words if words else None,
        words=words,
    )


def word_cuts(
    encoder: AnyEncoder, text: str, words: Sequence[tuple[int, int]]
) -> list[Cuts | None]:
    """For each word of a text, where it is cut; None where it is not known.

    A cut inside a character (between its bytes, or its Jamo) is one of the number, and stands at no
    position: no other tokenizer need have it there.
    """
    encoding = encoder.encode(text)
    spans = encoding.offsets
    unknown = unknown_in(encoder, text, encoding)
    dropped = [at for at, _ in encoder.dropped(text)]
    cuts: list[Cuts | None] = []
    at = 0
    for start, end in words:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        last = at
        while last < len(spans) and spans[last][0] < end:
            last += 1
        inside = spans[at:last]
        begins = {begin for (_, done), (begin, _) in pairwise(inside) if done <= begin}
        first = {inside[0][0]} if inside else set()  # a token that begins before the word is no cut
        positions = frozenset(place - start for place in begins | first if start < place)
        number = len(inside) - 1 + (bool(inside) and inside[0][0] > start)
        lost = any(unknown[at:last]) or bisect_left(dropped, start) < bisect_left(dropped, end)
        cuts.append(None if lost else Cuts(max(number, 0), positions))
    return cuts
