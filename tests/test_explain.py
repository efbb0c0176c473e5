"""`wp explain`: every reason for a split, against plain definitions and published cases."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.strategies import wordpiece_vocabs
from tests.test_trace import SCORES
from wordpiece import presets
from wordpiece.analysis.explain import (
    Divergence,
    ExplainedWord,
    Explanation,
    explain,
    fewest_pieces,
    first_divergence,
    longest_match,
    merge_rounds,
)
from wordpiece.analysis.merge_order import MergeOrder, symbols_of
from wordpiece.analysis.studied import Studied, study
from wordpiece.errors import InputError
from wordpiece.models.bpe import BPE
from wordpiece.pretrained import Tokenizer
from wordpiece.training.scores import ScoreName
from wordpiece.types import WordCounts

VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "ab", "##b", "##c", "##bc", "x"]


@pytest.fixture
def small() -> Studied:
    return Studied("small", Tokenizer(presets.wordpiece(VOCAB)))


def only(explanation: Explanation) -> ExplainedWord:
    (word,) = explanation.words
    return word


def test_unaffable_is_explained_as_published(data: Path) -> None:
    """Why `una ##ffa ##ble`: 6, 3 and 0 longer ones are absent (google-research/bert#116)."""
    bert = study(data / "bert-vocabs/bert-base-uncased.txt", lowercase=True)
    word = only(explain(bert, "unaffable"))
    assert [(p.token, p.id, len(p.rejected), p.shorter) for p in word.pieces] == [
        ("una", 14477, 6, ("un", "u")),
        ("##ffa", 20961, 3, ("##ff", "##f")),
        ("##ble", 3468, 0, ("##bl", "##b")),
    ]
    assert word.pieces[0].rejected == (
        *("unaffable", "unaffabl", "unaffab"),
        *("unaffa", "unaff", "unaf"),
    )
    tokenization = only(explain(bert, "Tokenization"))
    assert [(p.token, p.id) for p in tokenization.pieces] == [
        ("token", 19204),
        ("##ization", 3989),
    ]
    assert tokenization.normalized == "tokenization"


def test_offsets_are_of_the_text_as_given() -> None:
    vocab = [*VOCAB, "e", "##t", "##e"]
    accents = Studied("t", Tokenizer(presets.wordpiece(vocab, lowercase=True)))
    found = explain(accents, "  Été [MASK]ab")
    assert [(w.text, w.start, w.end, w.normalized, w.added) for w in found.words] == [
        ("Été", 2, 5, "ete", False),
        ("[MASK]", 6, 12, "[MASK]", True),
        ("ab", 12, 14, "ab", False),
    ]
    assert [(p.token, p.start, p.end) for p in found.words[0].pieces] == [
        *(("e", 2, 3), ("##t", 3, 4), ("##e", 4, 5)),
    ]
    assert found.normalized == "  ete [MASK]ab"


@pytest.mark.parametrize(
    ("word", "position", "missing", "matched", "cure"),
    [
        ("abé", 2, ("##é",), ("ab",), "no token has é"),
        ("é", 0, ("é",), (), "no token has é"),
        ("aéüa", 1, ("##é", "##ü", "##a"), ("a",), "no token has é"),
        ("bx", 1, ("##x",), ("b",), "x is known only at the start"),
        ("c", 0, ("c",), (), "c is known only inside a word"),
        (
            "A",
            0,
            ("A",),
            (),
            "a is known: train with --lowercase; a bare vocab",
        ),
    ],
)
def test_an_unknown_word_names_its_culprit(
    small: Studied, word: str, position: int, missing: tuple[str, ...], matched: object, cure: str
) -> None:
    """Why the whole word is unknown (google-research/bert#763), and what would mend it."""
    found = only(explain(small, word))
    assert [piece.token for piece in found.pieces] == ["[UNK]"]
    assert found.unknown is not None
    assert (found.unknown.position, found.unknown.missing) == (position, missing)
    assert found.unknown.matched == matched
    assert cure in found.unknown.cure
    assert found.fewest is None
    mended = Tokenizer(presets.wordpiece([*VOCAB, *found.unknown.missing]))
    assert "[UNK]" not in mended.encode(word, add_special_tokens=False).tokens


def test_a_word_over_the_limit_is_not_looked_at(small: Studied) -> None:
    unknown = only(explain(small, "a" + "b" * 100)).unknown
    assert unknown is not None
    assert unknown.reason == "length"
    assert "more than 100 characters" in unknown.cure
    assert only(explain(small, "a" + "b" * 99)).unknown is None


def test_bpe_shows_its_merges_in_order_with_those_that_came_later() -> None:
    vocab = {token: id for id, token in enumerate(["a", "b", "c", "ab", "bc", "abc"])}
    rounds = merge_rounds(BPE(vocab, [("a", "b"), ("b", "c"), ("ab", "c")]), "abcab")
    assert [(r.left, r.right, r.rank, r.rivals, r.tokens) for r in rounds] == [
        ("a", "b", 0, (("b", "c", 1),), ("ab", "c", "a", "b")),
        ("a", "b", 0, (("ab", "c", 2),), ("ab", "c", "ab")),
        ("ab", "c", 2, (), ("abc", "ab")),
    ]


texts = st.text("abc", max_size=12)


@given(word=texts, vocab=wordpiece_vocabs)
def test_there_is_no_split_into_fewer(word: str, vocab: set[str]) -> None:
    """Against every split there is."""

    def splits(rest: str, prefix: str) -> list[list[str]]:
        if not rest:
            return [[]]
        heads = [prefix + rest[:end] for end in range(1, min(len(rest), 4) + 1)]
        known = [head for head in heads if head in vocab]
        return [
            [head, *tail]
            for head in known
            for tail in splits(rest[len(head) - len(prefix) :], "##")
        ]

    every = splits(word[:8], "")
    fewest = fewest_pieces(word[:8], dict.fromkeys(vocab, 0), "##")
    if fewest is None:
        assert not every
    else:
        assert list(fewest) in every
        assert len(fewest) == min(map(len, every))


@given(word=st.text("abcx", min_size=1, max_size=10))
def test_the_pieces_are_those_of_the_encoder(word: str) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    found = only(explain(Studied("t", tokenizer), word))
    encoding = tokenizer.encode(word, add_special_tokens=False)
    assert [(p.token, p.id, (p.start, p.end)) for p in found.pieces] == list(
        zip(encoding.tokens, encoding.ids, encoding.offsets, strict=True)
    )
    assert (found.unknown is not None) == (encoding.tokens == ["[UNK]"])
    if found.unknown is None:
        assert longest_match(word, tokenizer.get_vocab(), "##") == tuple(encoding.tokens)
    for piece in found.pieces:
        assert not set(piece.rejected) & set(VOCAB)
        assert set(piece.shorter) <= set(VOCAB)


@pytest.mark.parametrize("score", SCORES)
@given(
    counts=st.dictionaries(st.text("abc", min_size=1, max_size=8), st.integers(1, 9), min_size=1)
)
def test_merge_order_splits_the_training_words_as_the_training_did(
    score: ScoreName,
    counts: dict[str, int],
) -> None:
    """The number of symbols that the trace counts is that of the words split by merge order."""
    result = wordpiece.train(WordCounts(counts), vocab_size=60, score=score)
    order = MergeOrder([(merge.left, merge.right) for merge in result.merges])
    for merge in result.merges[:5] + result.merges[-5:]:
        split = [(order.split(word, until=merge.step - 1), n) for word, n in counts.items()]
        assert sum(len(tokens) * n for tokens, n in split) == merge.n
        pairs = sum(
            n
            for tokens, n in split
            for pair in pairwise(tokens)
            if pair == (merge.left, merge.right)
        )
        assert pairs == merge.f_ab


def test_greedy_and_merge_order_agree_on_the_course_corpus(course: Path) -> None:
    result = wordpiece.train(course, vocab_size=70)
    result.save("tokenizer")
    found = explain(study("tokenizer"), course.read_text(encoding="utf-8"))
    assert len(found.words) == 36
    assert all(word.divergence is None for word in found.words)
    assert all(
        word.merge_order == tuple(piece.token for piece in word.pieces) for word in found.words
    )
    assert sum(len(word.pieces) for word in found.words) == 140


def test_the_place_where_greedy_and_merge_order_part() -> None:
    assert first_divergence(["a", "##bc"], ["a", "##b", "##c"]) == Divergence(1, "##bc", "##b")
    assert first_divergence(["a"], ["a"]) is None
    assert symbols_of("", "##") == []


def test_a_trace_of_another_tokenizer_is_refused(course: Path) -> None:
    wordpiece.train(course, vocab_size=70).save("a")
    wordpiece.train(course, vocab_size=70, score="gain").save("b")
    Path("a/merges.jsonl").write_bytes(Path("b/merges.jsonl").read_bytes())
    with pytest.raises(InputError, match=r"merges\.jsonl: is the trace of another tokenizer"):
        study("a")


def test_without_a_trace_it_is_said_how_to_have_one(course: Path) -> None:
    wordpiece.train(course, vocab_size=70, trace="none").save("a")
    found = study("a")
    assert found.trace is None
    assert "--trace none" in found.untraced
    assert only(explain(found, "about")).merge_order is None


def test_the_json_has_the_fields_that_others_rely_on(small: Studied) -> None:
    from dataclasses import asdict

    document = json.loads(json.dumps(asdict(explain(small, "abé ab"))))
    word = document["words"][1]
    assert word["unknown"] is None
    assert word["pieces"] == [
        {"token": "ab", "id": 7, "start": 4, "end": 6, "rejected": [], "shorter": ["a"]}
    ]
    assert document["words"][0]["unknown"]["position"] == 2
    assert document["words"][0]["unknown"]["missing"] == ["##é"]
    assert {"text", "start", "end"} <= word.keys()
