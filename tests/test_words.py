"""The words of a corpus as a tokenizer cuts it: counted fast, and equal to encoding every text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from wordpiece import InputError, Tokenizer
from wordpiece.analysis.words import Counted, may_stand_in, words_of
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.counts import WordCounter
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import ByteLevelPreTokenizer
from wordpiece.text.rules import TextRules

TEXTS = ["the theatre, then.", "it's a mask [of] unk", "<|end|> of the end"]
SPECIAL = {
    "wordpiece": ["[UNK]", "[MASK]", "the", "s"],
    "byte-bpe": ["<|end|>", "'s", "the", "[MASK]", "of e"],
}
PIECES = [
    *"[]<|>'s eaM\n",
    "[MASK]",
    "[mask]",
    "the",
    "The",
    "<|end|>",
    "'s",
    " of",
    "of e",
    "THE",
    "가",
]


def trained(model: str, special: Sequence[str]) -> Tokenizer:
    return wordpiece.train(
        TEXTS * 3,
        vocab_size=300,
        model=model,
        lowercase=model == "wordpiece",
        special_tokens=special,
    ).tokenizer


TOKENIZERS = [
    trained(model, special[:number])
    for model, special in SPECIAL.items()
    for number in range(1, len(special) + 1)
]
PREFIXED = ByteLevelPreTokenizer(add_prefix_space=True)  # by whose rules nothing is counted fast
TOKENIZERS += [
    Tokenizer(replace(each.parts, pre_tokenizer=PREFIXED))
    for each in TOKENIZERS
    if isinstance(each.parts.pre_tokenizer, ByteLevelPreTokenizer)
]


def ids_of(tokenizer: Tokenizer, found: Counted) -> Counter[int]:
    counts = Counter(found.added)
    for word, count in found.words.items():
        for id in tokenizer.parts.model.ids(word):
            counts[id] += count
    return counts


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join)), st.sampled_from(TOKENIZERS))
def test_words_and_added_tokens_are_those_of_encoding(
    texts: list[str], tokenizer: Tokenizer
) -> None:
    texts = ["a", *texts]
    expected = Counter(id for text in texts for id in tokenizer.encode_ids([text])[0])
    assert ids_of(tokenizer, words_of(tokenizer, texts, workers=1)) == expected
    assert ids_of(tokenizer, words_of(tokenizer, iter(texts), workers=1)) == expected


@pytest.mark.parametrize("number", [999, 1000, 1001, 2500])
def test_words_are_in_the_order_of_the_text_and_added_tokens_cut_it(number: int) -> None:
    tokenizer = trained("wordpiece", SPECIAL["wordpiece"][:2])
    texts = [*(f"w{at} again" for at in range(number)), "one[MASK]two again", "w1 last"]
    found = words_of(tokenizer, texts, workers=1)
    firsts = (word for at in range(number) for word in (f"w{at}", "again"))
    assert list(found.words) == [*dict.fromkeys(firsts), "one", "two", "last"]
    assert found.words["again"] == number + 1
    assert found.added == {tokenizer.token_to_id("[MASK]"): 1}


def test_files_pipes_and_texts_give_the_same(tmp_path: Path) -> None:
    tokenizer = trained("byte-bpe", SPECIAL["byte-bpe"][:1])
    lines = ["one <|end|>two\n", "three\n", "<|end|>\n"]
    path = tmp_path / "lines.txt"
    path.write_text("".join(lines), encoding="utf-8")
    expected = words_of(tokenizer, iter(lines))
    assert expected.added == {tokenizer.token_to_id("<|end|>"): 2}
    for corpus in (lines, path, str(path), [path], iter([path])):
        assert words_of(tokenizer, corpus) == expected


def test_only_a_text_that_may_hold_a_token_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = trained("wordpiece", SPECIAL["wordpiece"][:2])

    def read_again(*_: object) -> Counted:
        raise AssertionError("read again")

    monkeypatch.setattr("wordpiece.analysis.words.words_between", read_again)
    assert words_of(tokenizer, ["a [mask", "unk a"], workers=1).added == {}
    with pytest.raises(AssertionError):
        words_of(tokenizer, ["a [MASK]"], workers=1)


@pytest.mark.parametrize(
    ("content", "text", "rules", "expected"),
    [
        ("[MASK]", "[MASK]", TextRules(), True),
        ("[MASK]", "x[MASKED]]", TextRules(), True),
        ("[MASK]", "MASK ]", TextRules(), False),
        ("the", "theatre", TextRules(), True),
        ("the", "hte", TextRules(), False),
        ("é", "e", TextRules(), True),  # not known of what is not ASCII
        ("<|end|>", "##<|end|>>", TextRules("byte-level"), True),
        ("<|end|>", "<|en d|>", TextRules("byte-level"), False),
        ("send", "'send", TextRules("byte-level"), True),  # cut as 's end
        ("a b", "a b", TextRules("byte-level"), True),
        ("<|end|>\n\n", "<|end|>\n\nyou", TextRules("byte-level"), True),
        (" <", "a <", TextRules("byte-level"), True),
    ],
)
def test_a_token_that_may_stand_in_a_text_is_told_by_its_words(
    content: str, text: str, rules: TextRules, expected: bool
) -> None:
    counter = WordCounter(rules)
    counter.add(text)
    assert may_stand_in("\n".join(counter.counts()), content, rules) is expected


def test_a_word_that_is_spelled_as_an_added_token_once_it_is_normalized_is_a_word() -> None:
    parts = trained("byte-bpe", []).parts
    token = AddedToken("abba", 300, special=False)
    normalizer = BertNormalizer(lowercase=True)
    tokenizer = Tokenizer(replace(parts, normalizer=normalizer, added_tokens=(token,)))
    assert words_of(tokenizer, ["ABBA abba"]) == Counted(
        wordpiece.WordCounts({"abba": 1, "Ġ": 1}), {300: 1}
    )


@pytest.mark.parametrize("corpus", [5, [5], iter([5]), iter([b"a"]), None])
def test_what_is_no_corpus_is_told(corpus: object) -> None:
    with pytest.raises(InputError):
        words_of(TOKENIZERS[0], corpus)  # type: ignore[arg-type]
