"""`train`: what it takes, and what it refuses."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import pytest

import wordpiece
from wordpiece import InputError, OptionError, WordCounts


def test_a_corpus_is_a_path_paths_texts_or_counts(course: Path) -> None:
    text = course.read_text(encoding="utf-8")
    trained = [
        wordpiece.train(corpus, vocab_size=70).tokenizer.get_vocab()
        for corpus in (str(course), course, [course], [text], iter(text.splitlines()))
    ]
    assert all(vocab == trained[0] for vocab in trained)
    from_counts = wordpiece.train(WordCounts({"hug": 10, "pug": 5}), vocab_size=12)
    assert from_counts.words == 15


@pytest.mark.parametrize(
    "corpus", [None, 7, [b"bytes"], [None], {"a": 2}, Counter("aab"), {"a", "b"}]
)
def test_what_is_no_corpus_is_refused(corpus: object) -> None:
    with pytest.raises(InputError):
        wordpiece.train(corpus, vocab_size=70)  # type: ignore[arg-type]


def test_texts_that_are_names_of_files_are_taken_for_text_with_a_warning(course: Path) -> None:
    Path("low").write_text("other words")
    with pytest.warns(
        UserWarning, match=r"'low' is the name of a file, .* as in \[Path\('low'\)\]"
    ):
        assert wordpiece.train(["low"], vocab_size=9).words == 1
    with warnings.catch_warnings(action="error"):
        assert wordpiece.train(["low", "lower"], vocab_size=12).words == 2
        assert wordpiece.train([Path("low")], vocab_size=20).words == 2


def test_a_path_with_a_nul_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        wordpiece.train("a\0b", vocab_size=70)
    with pytest.raises(InputError, match="cannot be read"):
        wordpiece.Tokenizer.from_file("a\0b")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"special_tokens": ["[UNK]", None]}, "--special-token None: must be a non-empty str"),
        ({"special_tokens": ["[UNK]", " x"]}, "must not begin or end with white space"),
        ({"special_tokens": ["[UNK]", "a\nb"]}, "nor hold a line end"),
        ({"special_tokens": ["[UNK]", "[UNK]"]}, "one is given twice"),
        ({"special_tokens": []}, "\\[UNK\\] must be among them"),
        ({"workers": 1.5}, "--workers 1.5"),
        ({"errors": "ignore"}, "--errors 'ignore'"),
        ({"vocab_size": 70.0}, "--vocab-size 70.0"),
        ({"vocab_size": 70.5}, "--vocab-size 70.5: must be an int, at least 1"),
        ({"lowercase": 1}, "--lowercase 1: must be True or False"),
        ({"lowercase": "no"}, "--lowercase 'no': must be True or False"),
        ({"strip_accents": 1}, "--strip-accents 1: must be True or False"),
        ({"cjk_spacing": 0}, "--cjk-spacing 0: must be True or False"),
        ({"full_alphabet": 1}, "--full-alphabet 1: must be True or False"),
        ({"model": "bpe", "fuse_unk": 1}, "--fuse-unk 1: must be True or False"),
        ({"special_tokens": {"[UNK]", "[CLS]"}}, "must be a list of str, in the order of ids"),
        ({"special_tokens": "[UNK]"}, "must be a list of str, in the order of ids"),
        ({"special_tokens": 5}, "must be a list of str, in the order of ids"),
        ({"special_tokens": b"ab"}, "must be a list of str, in the order of ids"),
        ({"model": "unigram"}, "--model 'unigram': must be one of wordpiece, bpe, byte-bpe"),
        ({"model": "bpe", "score": "gain"}, "--model bpe has only frequency"),
        ({"model": "bpe", "full_alphabet": True}, "bpe has no ## forms"),
        ({"fuse_unk": True}, "--fuse-unk: is for --model bpe"),
        ({"model": "byte-bpe", "limit_alphabet": 9}, "whose alphabet is 256 bytes"),
        ({"model": "byte-bpe", "lowercase": True}, "byte-bpe takes text as it is"),
        ({"model": "byte-bpe"}, "at least 257 are needed, for 1 special tokens and 256 bytes"),
    ],
)
def test_options_that_cannot_work_are_refused(
    course: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        wordpiece.train(course, **{"vocab_size": 70, **options})  # type: ignore[arg-type]


def test_runs_of_unknown_characters_are_one_token_when_asked(course: Path) -> None:
    def tokens(*, fuse_unk: bool) -> list[str]:
        tokenizer = wordpiece.train(course, vocab_size=60, model="bpe", fuse_unk=fuse_unk).tokenizer
        return tokenizer.encode("is한국", add_special_tokens=False).tokens

    assert tokens(fuse_unk=False) == ["is", "[UNK]", "[UNK]"]
    assert tokens(fuse_unk=True) == ["is", "[UNK]"]
