"""The metrics, on numbers that were worked out apart from the code."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from itertools import islice, pairwise
from math import isclose, log2
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.strategies import nasty_text
from wordpiece import Tokenizer, presets
from wordpiece.analysis.bootstrap import DRAWS, Difference, differences, drawn, interval
from wordpiece.analysis.compare import overlap, word_cuts
from wordpiece.analysis.encoders import OurEncoder, regular, surfaces
from wordpiece.analysis.metrics import (
    Metrics,
    count_touched,
    measure,
    metrics_of,
    renyi_entropy,
    total,
    unknown_in,
    word_spans,
)
from wordpiece.analysis.morphology import Cuts, cuts_of
from wordpiece.encoding import Encoding
from wordpiece.models.bpe import BPE
from wordpiece.text.byte_alphabet import byte_characters

COURSE_SENTENCES = 4


@pytest.fixture
def encoder(course: Path) -> OurEncoder:
    return OurEncoder("course", wordpiece.train(course, vocab_size=70).tokenizer)


class Golden(NamedTuple):
    """What was computed apart for one spelling of the course's sentences."""

    pieces: int
    used: int
    shannon: float
    shannon_of_used: float
    shannon_of_all: float
    renyi: float
    renyi_of_used: float
    renyi_of_all: float


@pytest.mark.parametrize(
    ("spelling", "golden"),
    [
        (
            "course",
            Golden(
                *(140, 45, 4.7230578866, 0.8600116944, 0.7705726548),
                *(3.8794946463, 0.7064090350, 0.6329442833),
            ),
        ),
        (
            "Course",
            Golden(
                *(141, 44, 4.7131922691, 0.8633118973, 0.7689630673),
                *(3.8919205839, 0.7128801780, 0.6349715902),
            ),
        ),
    ],
)
def test_the_course_corpus(course: Path, spelling: str, golden: Golden) -> None:
    """36 words of 30 types; entropies over the tokens used and over all 70, both conventions."""
    text = course.read_text(encoding="utf-8").replace("course", spelling)
    trained = OurEncoder("course", wordpiece.train([text], vocab_size=70).tokenizer)
    measured = measure(trained, text.splitlines())
    found = metrics_of(trained, measured)
    counts = measured.counts.values()
    assert (found.tokens, total(measured.tallies).words) == (golden.pieces, 36)
    assert found.fertility == golden.pieces / 36
    assert found.bytes_per_token == 198 / golden.pieces
    assert found.vocab_used == golden.used / 65
    shannon = -sum(c / golden.pieces * log2(c / golden.pieces) for c in counts)
    for value, expected in (
        (shannon, golden.shannon),
        (shannon / log2(golden.used), golden.shannon_of_used),
        (shannon / log2(70), golden.shannon_of_all),
        (renyi_entropy(counts), golden.renyi),
        (found.renyi_efficiency, golden.renyi_of_used),
        (found.renyi_efficiency_vocab, golden.renyi_of_all),
        (found.bits_per_byte, golden.shannon * golden.pieces / 198),
    ):
        assert isclose(value, expected, abs_tol=1e-9)
    assert (found.unk_token_rate, found.round_trip) == (0, 1)


def test_most_words_of_the_course_corpus_are_continued(course: Path, encoder: OurEncoder) -> None:
    """29 of the 36 running words; of the 30 types all but `is` and the two marks."""
    words = encoder.tokenizer.words(course.read_text(encoding="utf-8"))
    pieces = {word.text: encoder.encode(word.text).tokens for word in words}
    whole = {word for word, tokens in pieces.items() if len(tokens) == 1}
    assert whole == {"is", ".", ","}
    assert len(pieces) == 30
    assert sum(len(pieces[word.text]) > 1 for word in words) == 29


@pytest.mark.parametrize(
    ("text", "efficiency"),
    [
        ("pick @@ed pick @@l @@ed pick @@les", 0.8265064834),
        ("pick @@e @@d pick @@l @@e @@d pick @@l @@e @@s", 0.9204840242),
    ],
)
def test_renyi_efficiency_gives_the_published_values(text: str, efficiency: float) -> None:
    counts = Counter(hash(token) for token in text.split())
    assert isclose(renyi_entropy(counts.values()) / log2(len(counts)), efficiency, abs_tol=1e-9)


def small_encoder() -> OurEncoder:
    vocab = ["[UNK]", "[CLS]", "[SEP]", "[unused0]", "ab", "##c", "x", "."]
    return OurEncoder("small", Tokenizer(presets.wordpiece(vocab)))


def test_unknown_words_are_counted_three_ways_and_charged_their_bytes() -> None:
    """abc is two tokens, 한국 one unknown word of two characters and six bytes."""
    encoder = small_encoder()
    measured = measure(encoder, ["abc 한국", "x."])
    found = metrics_of(encoder, measured)
    assert (found.tokens, total(measured.tallies).words) == (5, 4)
    assert found.unk_token_rate == 1 / 5
    assert found.unk_word_rate == 1 / 4
    assert found.unk_char_rate == 2 / 8
    assert found.bytes_per_token == 12 / 5
    assert found.lossless_bytes_per_token == 12 / (4 + 6)
    assert found.single_char_rate == 3 / 5
    assert found.vocab_used == 1.0
    assert found.round_trip == 1 / 2


def test_a_character_that_becomes_several_unknown_tokens_is_lost_once() -> None:
    """Stripping accents decomposes a Hangul syllable into three Jamo, each unknown to BPE."""
    tokenizer = wordpiece.train(["low lower"], vocab_size=60, model="bpe", lowercase=True).tokenizer
    encoder = OurEncoder("bpe", tokenizer)
    found = metrics_of(encoder, measure(encoder, ["한"]))
    assert (found.tokens, found.unk_token_rate, found.unk_word_rate) == (3, 1, 1)
    assert found.unk_char_rate == 1
    assert found.lossless_bytes_per_token == 1
    assert found.bits_per_byte == 8


def test_the_unknown_token_spelled_out_is_not_unknown() -> None:
    encoder = small_encoder()
    found = metrics_of(encoder, measure(encoder, ["ab [UNK] 한"]))
    assert (found.tokens, found.unk_token_rate, found.unk_char_rate) == (3, 1 / 3, 1 / 10)


def test_unknown_tokens_make_a_text_shorter_but_never_cheaper() -> None:
    """Without ##c the word is lost: fewer tokens a word, more bytes a token, but not losslessly."""
    whole = small_encoder()
    vocab = {t: i for t, i in whole.vocab.items() if t != "##c"}
    vocab = {token: id for id, token in enumerate(vocab)}
    broken = OurEncoder("broken", Tokenizer(presets.wordpiece(vocab)))
    documents = ["abc abc ab"]
    good, bad = (metrics_of(e, measure(e, documents)) for e in (whole, broken))
    assert bad.fertility < good.fertility
    assert bad.bytes_per_token > good.bytes_per_token
    assert bad.lossless_bytes_per_token < good.lossless_bytes_per_token
    assert bad.bits_per_byte > good.bits_per_byte


def test_probabilities_come_from_the_training_text_where_there_is_one() -> None:
    encoder = small_encoder()
    measured = measure(encoder, ["ab x"])
    alone = metrics_of(encoder, measured).bits_per_byte
    assert alone == 2 / 4  # two tokens, a bit each

    def bits(training_counts: dict[int, int]) -> float:
        found = measure(encoder, ["ab x"], training_counts=training_counts)
        return metrics_of(encoder, found).bits_per_byte

    assert isclose(bits({4: 10**6, 6: 10**6}), alone, rel_tol=1e-4)
    assert bits({4: 1, 7: 999}) > 3 * alone


def test_words_are_those_of_the_split_of_the_text_as_it_is() -> None:
    assert word_spans("I'm 北京") == ((0, 1), (1, 2), (2, 3), (4, 5), (5, 6))


@given(text=nasty_text)
def test_word_spans_are_in_order_and_apart(text: str) -> None:
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(words=st.lists(st.integers(1, 4), max_size=8), spans=st.lists(st.integers(1, 6), max_size=8))
def test_touched_words_are_those_that_overlap(words: list[int], spans: list[int]) -> None:
    def laid_out(lengths: list[int]) -> list[tuple[int, int]]:
        starts = [sum(lengths[:at]) + at for at in range(len(lengths))]
        return [(start, start + length) for start, length in zip(starts, lengths, strict=True)]

    a, b = laid_out(words), laid_out(spans)
    expected = sum(any(s < end and start < e for s, e in b) for start, end in a)
    assert count_touched(a, b) == expected


def test_regular_tokens_are_neither_special_nor_unused() -> None:
    assert small_encoder().regular_ids == frozenset({4, 5, 6, 7})
    assert regular({"[unused1]": 0, "[unused": 1}, []) == frozenset({1})


# ---------------------------------------------------------------- differences, overlaps


@pytest.fixture
def two(course: Path) -> list[OurEncoder]:
    """Two vocabularies from the course's sentences, one of them without merges."""
    sizes = {"large": 70, "small": 45}
    return [
        OurEncoder(name, wordpiece.train(course, vocab_size=size).tokenizer)
        for name, size in sizes.items()
    ]


DOCUMENTS = ("This is about tokenization", "the Course", "chapter is this", "!", "Hugging Face")


def found_differences(encoders: list[OurEncoder], texts: Sequence[str]) -> dict[str, Difference]:
    measured = [measure(encoder, texts) for encoder in encoders]
    return {each.metric: each for each in differences(encoders, measured)}


def test_every_metric_has_a_difference_with_an_interval(two: list[OurEncoder]) -> None:
    found = found_differences(two, DOCUMENTS)
    assert found.keys() == {field.name for field in fields(Metrics)}
    own, base = (asdict(metrics_of(e, measure(e, DOCUMENTS))) for e in reversed(two))
    for metric, each in found.items():
        assert (each.name, each.baseline) == ("small", "large")
        assert each.difference == own[metric] - base[metric]
        assert each.low is not None
        assert each.high is not None
        assert each.low <= each.difference <= each.high, metric
    assert found["tokens"].low is not None
    assert found["tokens"].low > 0
    assert found == found_differences(two, DOCUMENTS), "the draws are the same every time"
    assert DRAWS >= 1000


def test_an_interval_shrinks_with_more_text(two: list[OurEncoder]) -> None:
    few, many = (found_differences(two, DOCUMENTS * times) for times in (1, 30))
    for metric in ("fertility", "bits_per_byte", "vocab_used", "renyi_efficiency_vocab"):
        widths = [each[metric].high - each[metric].low for each in (few, many)]  # type: ignore[operator]
        assert widths[1] < widths[0] / 2, metric


def test_each_draw_is_the_metrics_of_what_was_drawn(two: list[OurEncoder]) -> None:
    """A draw of documents gives what measuring these documents, with repetition, gives."""
    encoder, texts = two[0], list(DOCUMENTS)
    training = Counter({encoder.vocab["##s"]: 3})
    measured = measure(encoder, texts, training_counts=training)
    rng = random.Random(7)
    for found in islice(drawn(encoder, measured, seed=7), 20):
        picked = rng.choices(range(len(texts)), k=len(texts))
        again = measure(encoder, [texts[at] for at in picked], training_counts=training)
        expected = metrics_of(encoder, again)
        assert asdict(found) == pytest.approx(asdict(expected), abs=1e-12)


def test_draws_are_shifted_for_what_counts_types_alone(two: list[OurEncoder]) -> None:
    """Those hold fewer types than the text, of both tokenizers; for the rest they are as drawn."""
    found = found_differences(two, DOCUMENTS)
    draws = [list(drawn(each, measure(each, DOCUMENTS), seed=0)) for each in two]
    for metric in ("fertility", "tokens", "vocab_used", "renyi_efficiency_vocab"):
        raw = [getattr(b, metric) - getattr(a, metric) for a, b in zip(*draws, strict=True)]
        shift = found[metric].difference - sum(raw) / len(raw)
        of_types = metric in ("vocab_used", "renyi_efficiency_vocab")
        expected = interval([each + (shift if of_types else 0) for each in raw])
        assert (found[metric].low, found[metric].high) == pytest.approx(expected), metric
        assert not of_types or abs(shift) > 1e-6


def test_of_many_documents_neighbors_are_drawn_together() -> None:
    encoder = encoder_of("t", ["a", "b"])
    texts = ["a " * at for at in range(1, 402)]
    units = [sum(range(at + 1, min(at + 3, 401) + 1)) for at in range(0, 401, 3)]
    rng = random.Random(5)
    for found in islice(drawn(encoder, measure(encoder, texts), seed=5), 5):
        assert found.tokens == sum(rng.choices(units, k=len(units)))


def test_the_cost_of_a_token_that_training_never_met_is_half_a_count() -> None:
    """Half a count for each token of the vocabulary, the special ones too."""
    encoder = encoder_of("t", ["a", "b", "c"])
    training = Counter({encoder.vocab["a"]: 3})
    found = metrics_of(encoder, measure(encoder, ["a b"], training_counts=training))
    whole = 3 + 0.5 * 4
    assert found.bits_per_byte == pytest.approx(-(log2(3.5 / whole) + log2(0.5 / whole)) / 3)


def test_an_unknown_token_is_no_token_of_one_character() -> None:
    encoder = encoder_of("t", ["a", "ab"])
    assert metrics_of(encoder, measure(encoder, ["a x ab y"])).single_char_rate == 1 / 4


def test_an_unknown_token_spelled_out_behind_a_space_says_what_stands_there() -> None:
    encoder = encoder_of("t", ["a"])
    encoding = Encoding([0, 0], ["[UNK]"] * 2, [(1, 7), (7, 9)], [0] * 2, [1] * 2, [0] * 2, [0, 1])
    assert unknown_in(encoder, "a [UNK] x", encoding) == [False, True]


def test_a_mark_before_a_word_that_no_token_has_is_cut_off_it() -> None:
    encoder = OurEncoder("t", Tokenizer(presets.wordpiece(["[UNK]", "a"], lowercase=True)))
    assert word_cuts(encoder, "\u0301a", [(0, 2)]) == [Cuts(1, frozenset({1}))]


def test_each_two_tokenizers_are_compared(two: list[OurEncoder]) -> None:
    third = replace(two[0], name="third")
    encoders = [*two, third]
    found = differences(encoders, [measure(encoder, DOCUMENTS) for encoder in encoders])
    pairs = {(each.name, each.baseline) for each in found}
    assert pairs == {("small", "large"), ("third", "large"), ("third", "small")}
    same = [each for each in found if (each.name, each.baseline) == ("third", "large")]
    assert all((each.low, each.difference, each.high) == (0, 0, 0) for each in same)


def test_one_document_has_no_interval(two: list[OurEncoder]) -> None:
    found = found_differences(two, DOCUMENTS[:1])
    assert found["tokens"].difference > 0
    assert all((each.low, each.high) == (None, None) for each in found.values())


def encoder_of(name: str, vocab: list[str]) -> OurEncoder:
    return OurEncoder(name, Tokenizer(presets.wordpiece(["[UNK]", *vocab])))


@pytest.mark.parametrize(
    ("first", "second", "f1"),
    [
        (["token", "##ization"], ["tok", "##en", "##ization"], 2 / 3),
        (["una", "##ffa", "##ble"], ["un", "##aff", "##able"], 0),
        (["ab"], ["ab"], 1),
    ],
)
def test_boundary_agreement(first: list[str], second: list[str], f1: float) -> None:
    word = "".join(token.removeprefix("##") for token in first)
    found = overlap(encoder_of("a", first), encoder_of("b", second), [word])
    assert isclose(found.boundary_f1, f1)
    assert found.words == 1


def test_words_that_one_does_not_know_are_not_compared() -> None:
    found = overlap(encoder_of("a", ["x", "y"]), encoder_of("b", ["x"]), ["x y", "y"])
    assert (found.words, found.same_splits) == (1, 1)
    nothing = overlap(encoder_of("a", ["x", "y"]), encoder_of("b", ["x"]), ["y"])
    assert (nothing.words, nothing.same_splits, nothing.boundary_f1) == (0, None, None)
    assert (found.shared, found.jaccard, found.smaller) == (1, 1 / 2, 1)


def test_white_space_around_ideographs_is_no_loss_of_the_model() -> None:
    found = OurEncoder("t", Tokenizer(presets.wordpiece(["[UNK]", "你", "好", "a", "##b"])))
    metrics = metrics_of(found, measure(found, ["你好 ab", "好x"]))
    assert (metrics.round_trip, metrics.round_trip_normalized) == (0, 1 / 2)


def test_characters_that_a_bpe_without_unknown_token_drops_are_unknown() -> None:
    parts = presets.bpe(["[UNK]", "<x>"], [], special_tokens=["<x>"])
    model = BPE({"a": 0, "<x>": 1, "b": 2, "ab": 3}, [("a", "b")])
    found = OurEncoder("t", Tokenizer(replace(parts, model=model)))
    text = "ab zzzz ab <x>azb ba"
    assert found.encode(text).tokens == ["ab", "ab", "<x>", "ab", "b", "a"], "neighbors join"
    own = measure(found, [text]).tallies[0]
    assert (own.unk_tokens, own.unk_words, own.unk_chars, own.unk_bytes) == (0, 2, 5, 5)
    assert cuts_of(found, "azb") is None
    assert cuts_of(found, "abab") == Cuts(1, frozenset({2}))
    spans = [(0, 2), (3, 7), (14, 17), (18, 20)]
    assert word_cuts(found, text, spans) == [
        *(Cuts(0, frozenset()), None, None),
        Cuts(1, frozenset({1})),
    ]


def test_each_token_of_bytes_has_a_surface_of_its_own() -> None:
    spaces = ["ĠĠ", "ĠĠĠ", "Ġa", "ĠĠa", "aĠ"]
    vocab = [*byte_characters(), *spaces, *(f"Ġ{byte}" for byte in byte_characters()[200:])]
    found = surfaces(OurEncoder("t", Tokenizer(presets.byte_bpe(vocab, merges=[]))))
    assert len(found) == len(set(vocab))
    assert all(surface for _, surface in found)


def test_vocabularies_are_compared_by_surface_and_place(course: Path) -> None:
    assert surfaces(encoder_of("a", ["ed", "##ed"])) == {(True, "ed"), (False, "ed")}
    byte_bpe = wordpiece.train(["ed ed ed"], vocab_size=259, model="byte-bpe").tokenizer
    found = surfaces(OurEncoder("b", byte_bpe))
    assert {(False, "ed"), (True, "ed"), (True, " ")} <= found


def test_tokens_that_do_not_say_where_they_stand_are_compared_by_surface_alone() -> None:
    bpe = OurEncoder("b", wordpiece.train(["ed ed"], vocab_size=8, model="bpe").tokenizer)
    both = encoder_of("a", ["e", "##e", "##d", "ed"])
    found = overlap(both, bpe, ["ed"])
    assert found.by_surface
    assert (found.shared, found.jaccard, found.smaller) == (3, 1, 1)
    assert not overlap(both, both, ["ed"]).by_surface
