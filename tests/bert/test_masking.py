"""Masking and sentence pairs: what is chosen, what is shown instead, and what is never touched."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import Wp
from tests.strategies import nasty_text
from tests.test_layout import loaded_by
from wordpiece import bert, presets
from wordpiece.bert import Batch, extra, mask_tokens, sentence_pairs
from wordpiece.bert.masking import Rule, groups
from wordpiece.bert.pairs import documents_of
from wordpiece.errors import InputError, OptionError
from wordpiece.postprocess import roberta_template
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedToken

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCAB = [*SPECIAL, *"abc", "##a", "##b", "##c", "the", "##ing", "token", "##ed", ","]
TOKENIZER = Tokenizer(presets.wordpiece(VOCAB, lowercase=True))
RULES: tuple[Rule, ...] = ("80-10-10", "all")
PROBABLE = ("--probability", "1")

texts = st.lists(
    st.one_of(nasty_text, st.text("abc ,", max_size=20), st.just("a [SEP] tokening [MASK] bc")),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("rule", RULES)
@given(batch=texts, probability=st.floats(0, 1), whole_word=st.booleans(), seed=st.integers(0, 99))
def test_only_regular_tokens_are_hidden_and_labels_say_what_they_were(
    rule: Rule, batch: list[str], probability: float, whole_word: bool, seed: int
) -> None:
    plain = Batch.of(TOKENIZER, batch)
    masked = mask_tokens(plain, probability, rule=rule, whole_word=whole_word, seed=seed)
    special = {TOKENIZER.token_to_id(token) for token in SPECIAL if token != "[UNK]"}
    regular = set(plain.special.regular)
    rows = zip(plain.input_ids, masked.batch.input_ids, masked.labels, strict=True)
    for row, (ids, shown, labels) in enumerate(rows):
        for at, (id, seen, label) in enumerate(zip(ids, shown, labels, strict=True)):
            if label == -100:
                assert seen == id
                continue
            assert label == id
            assert id not in special
            assert not plain.special_tokens_mask[row][at]
            if rule == "all":
                assert seen == 4
            else:
                assert seen in {4, id} | regular
    again = mask_tokens(plain, probability, rule=rule, whole_word=whole_word, seed=seed)
    assert again.labels == masked.labels
    assert again.batch.input_ids == masked.batch.input_ids


def test_words_of_both_texts_are_apart_where_both_have_one_type() -> None:
    """As in RoBERTa's template: the first text has one word, and so has the second."""
    parts = presets.wordpiece(VOCAB)
    template = roberta_template("[CLS]", "[SEP]", parts.model.vocab)
    batch = Batch.of(Tokenizer(replace(parts, template=template)), [("tokening", "tokened")])
    assert batch.words == [[-1, 0, 0, -1, -1, 1, 1, -1]]
    assert groups(batch, 0, whole_word=True) == [[1, 2], [5, 6]]


def test_a_random_token_is_never_one_that_nothing_stands_for() -> None:
    unused = [f"[unused{number}]" for number in range(100)]
    tokenizer = Tokenizer(presets.wordpiece([*SPECIAL, *unused, "a"]))
    plain = Batch.of(tokenizer, ["a " * 400])
    assert plain.special.regular == (tokenizer.token_to_id("a"),)
    shown = mask_tokens(plain, 1.0, seed=0).batch.input_ids[0][1:-1]
    assert {tokenizer.id_to_token(id) for id in shown} == {"a", "[MASK]"}
    # where there is none to draw, the token stays
    parts = presets.wordpiece([*SPECIAL, *unused])
    added = (*parts.added_tokens, AddedToken("[unused7]", 12, special=False))
    plain = Batch.of(Tokenizer(replace(parts, added_tokens=added)), ["[unused7]" * 400])
    shown = mask_tokens(plain, 1.0, seed=0).batch.input_ids[0][1:-1]
    assert (plain.special.regular, set(shown)) == ((), {12, 4})


@given(batch=texts, seed=st.integers(0, 99))
def test_a_word_is_hidden_whole_or_not_at_all(batch: list[str], seed: int) -> None:
    """By `##`: a token and those behind it that go on with its word."""
    plain = Batch.of(TOKENIZER, batch)
    labels = mask_tokens(plain, 0.4, whole_word=True, seed=seed).labels
    for ids, chosen in zip(plain.input_ids, labels, strict=True):
        tokens = [TOKENIZER.id_to_token(id) or "" for id in ids]
        for (_, before), (token, own) in pairwise(zip(tokens, chosen, strict=True)):
            if token.startswith("##"):
                assert (own == -100) == (before == -100)


@given(batch=texts)
def test_words_are_what_hash_signs_say_they_are(batch: list[str]) -> None:
    plain = Batch.of(TOKENIZER, batch)
    for row, ids in enumerate(plain.input_ids):
        by_sign: list[list[int]] = []
        for at in plain.maskable(row):
            if (TOKENIZER.id_to_token(ids[at]) or "").startswith("##"):
                by_sign[-1].append(at)
            else:
                by_sign.append([at])
        assert groups(plain, row, whole_word=True) == by_sign


def test_the_shares_are_those_of_the_rule() -> None:
    """Of 60,000 tokens; the bounds are five standard deviations."""
    batch = Batch.of(TOKENIZER, ["a b c the token , " * 80] * 125)
    plain = [id for row in range(len(batch)) for id in batch.input_ids[row]]
    masked = mask_tokens(batch, seed=7)
    shown = [id for row in masked.batch.input_ids for id in row]
    labels = [label for row in masked.labels for label in row]
    chosen = [
        (id, seen) for id, seen, label in zip(plain, shown, labels, strict=True) if label >= 0
    ]
    number = sum(len(batch.maskable(row)) for row in range(len(batch)))
    assert abs(len(chosen) / number - 0.15) < 0.008
    kinds = Counter(
        "mask" if seen == 4 else "same" if seen == id else "other" for id, seen in chosen
    )
    same = 0.1 + 0.1 / len(batch.special.regular)  # a random token may be the token itself
    assert abs(kinds["mask"] / len(chosen) - 0.8) < 0.022
    assert abs(kinds["same"] / len(chosen) - same) < 0.018
    assert 4 not in batch.special.regular


def test_pairs_keep_the_words_of_both_texts_apart() -> None:
    batch = Batch.of(TOKENIZER, [("ab c", "tokening b"), ("a", "b")])
    assert batch.words == [[-1, 0, 0, 1, -1, 2, 2, 3, -1], [-1, 0, -1, 1, -1, -1, -1, -1, -1]]
    assert batch.token_type_ids[0] == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert batch.attention_mask[1] == [1, 1, 1, 1, 1, 0, 0, 0, 0]


@given(batch=texts, seed=st.integers(0, 99))
def test_a_text_can_be_made_to_have_one_token_hidden(batch: list[str], seed: int) -> None:
    plain = Batch.of(TOKENIZER, batch)
    bare, more = (
        mask_tokens(plain, 0.1, seed=seed, at_least_one=least).labels for least in (False, True)
    )
    for row, chosen in enumerate(more):
        assert bool(plain.maskable(row)) == any(label >= 0 for label in chosen)
    if all(any(label >= 0 for label in chosen) for chosen in bare):
        assert more == bare
    assert mask_tokens(plain, 0, seed=seed, at_least_one=True).batch == plain


def test_a_generator_goes_on_where_it_was() -> None:
    batch = Batch.of(TOKENIZER, ["a b c the token"] * 4)
    draw = random.Random(1)
    first = mask_tokens(batch, 0.5, seed=draw)
    assert mask_tokens(batch, 0.5, seed=draw).labels != first.labels


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"probability": 1.5}, "probability 1.5: must be from 0 to 1"),
        ({"rule": "most"}, "rule 'most': must be one of 80-10-10, all"),
    ],
)
def test_what_cannot_be_masked_by_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        mask_tokens(Batch.of(TOKENIZER, ["a"]), **options)  # type: ignore[arg-type]


def test_a_vocabulary_without_mask_is_refused() -> None:
    bare = Tokenizer(presets.wordpiece(["[PAD]", "[UNK]", "a"]))
    with pytest.raises(OptionError, match="the vocabulary has none of"):
        mask_tokens(Batch.of(bare, ["a"]))


def test_wp_mask_shows_both_sides(wp: Wp) -> None:
    TOKENIZER.save("tokenizer.json")
    out = wp("mask", "a tokening", "-t", "tokenizer.json", "--seed", "2", "--probability", "0.5")
    assert out.splitlines()[-2] == "text   [CLS] a token ##ing [SEP]"
    found = json.loads(
        wp(
            *[
                "mask",
                "tokening",
                "-t",
                "tokenizer.json",
                "--rule",
                "all",
                "--probability",
                "1",
                "--json",
            ]
        )
    )
    assert found["masked"] == ["[CLS]", "[MASK]", "[MASK]", "[SEP]"]
    assert found["labels"] == [-100, *TOKENIZER.encode("tokening").ids[1:-1], -100]
    wp(*["mask", "a", "-t", "tokenizer.json", "--probability", "2"], code=2)
    assert wp.err == "wp: probability 2.0: must be from 0 to 1, such as 0.15\n"


# ---------------------------------------------------------------- sentence pairs

documents_strategy = st.lists(
    st.lists(st.integers(0, 10**6).map(str), max_size=6, unique=True), min_size=2, max_size=5
).filter(lambda found: sum(map(bool, found)) > 1 and any(len(each) > 1 for each in found))


@given(documents=documents_strategy, seed=st.integers(0, 99))
def test_a_pair_is_two_neighbors_or_two_of_different_documents(
    documents: list[list[str]], seed: int
) -> None:
    named = [
        [f"{number} {sentence}" for sentence in document]
        for number, document in enumerate(documents)
    ]
    following = {pair for document in named for pair in pairwise(document)}
    found = sentence_pairs(named, seed=seed)
    assert len(found) == len(following)
    for pair in found:
        if pair.is_next:
            assert (pair.first, pair.second) in following
            assert pair.label == 0
        else:
            assert pair.first.split()[0] != pair.second.split()[0]
            assert pair.label == 1
    assert sentence_pairs(named, seed=seed) == found


def test_half_of_the_pairs_follow_each_other() -> None:
    documents = [[f"{a} {b}" for b in range(21)] for a in range(100)]
    found = sentence_pairs(documents)
    assert len(found) == 2000
    assert abs(sum(pair.is_next for pair in found) / 2000 - 0.5) < 0.056  # five deviations
    seconds = Counter(pair.second.split()[0] for pair in found if not pair.is_next)
    assert len(seconds) == 100  # drawn from all documents


def test_a_single_document_gives_any_sentence_that_does_not_follow() -> None:
    document = list("abcd")
    for seed in range(20):
        for pair in sentence_pairs([document], seed=seed):
            at = document.index(pair.first)
            following = pair.second == document[at + 1]
            assert following == pair.is_next
            assert pair.second != pair.first


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "no document has two"),
        ([["a"], ["b"]], "no document has two"),
        ([[1]], "must be a str"),
    ],
)
def test_documents_without_pairs_are_refused(documents: list[list[str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sentence_pairs(documents)


def test_documents_are_parted_by_empty_lines() -> None:
    assert documents_of("a\n\nb\nc\n \n\n".splitlines()) == [["a"], ["b", "c"]]


def test_pairs_are_encoded_as_bert_takes_them() -> None:
    pair = sentence_pairs([["a b", "c"], ["the token", "b"]])[0]
    batch = Batch.of(TOKENIZER, [(pair.first, pair.second)])
    tokens = [TOKENIZER.id_to_token(id) for id in batch.input_ids[0]]
    assert tokens[0] == "[CLS]"
    assert tokens.count("[SEP]") == 2
    assert batch.token_type_ids[0][-1] == 1


def test_the_public_names_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(bert.__all__) == set(bert._HOMES) <= set(dir(bert))
    modules = {path.stem for path in Path(bert.__file__).parent.glob("*.py")}
    assert not modules & set(bert.__all__)  # a module, once imported, would take the place of it
    for name in bert.__all__:
        assert getattr(bert, name) is not None
    with pytest.raises(AttributeError, match="nope"):
        _ = bert.nope
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    monkeypatch.delattr(bert, "embed")
    with pytest.raises(OptionError, match=r"wordpiece.bert.embed: needs PyTorch"):
        _ = bert.embed


def test_masking_needs_no_library() -> None:
    loaded = loaded_by("from wordpiece.bert import Batch, mask_tokens, sentence_pairs")
    assert not loaded & {"torch", "transformers", "sklearn", "numpy"}
