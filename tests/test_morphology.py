"""Cuts against gold segmentations: the figures, the files, the words that cannot be used."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import accumulate
from math import isclose
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import models, normalizers, pre_tokenizers

import wordpiece
from tests.strategies import nasty_text
from tests.test_cli import Wp
from wordpiece import InputError, Tokenizer, presets
from wordpiece.analysis.corpus_comparison import CorpusSetup, compare_corpus
from wordpiece.analysis.encoders import AnyEncoder, ForeignEncoder, OurEncoder, load
from wordpiece.analysis.morphology import (
    BoundaryScores,
    Cuts,
    Gold,
    GoldWord,
    boundaries,
    cuts_of,
    gold_of,
    morphology,
    read_gold,
    scores_of,
)


@pytest.fixture
def wp(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wp:
    """The command, with nothing on standard input."""
    monkeypatch.setattr(sys, "stdin", None)
    return Wp(capsys)


def wordpiece_encoder(*vocab: str, lowercase: bool = False) -> OurEncoder:
    parts = presets.wordpiece(["[UNK]", *vocab], lowercase=lowercase)
    return OurEncoder("wordpiece", Tokenizer(parts))


def byte_encoder(merges: Sequence[tuple[str, str]]) -> OurEncoder:
    """Byte-level BPE with these merges."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = [*alphabet, *("".join(pair) for pair in merges)]
    return OurEncoder("bytes", Tokenizer(presets.byte_bpe(vocab, merges)))


# ---------------------------------------------------------------- golden values


@pytest.mark.parametrize(
    ("tokens", "segmentation", "expected"),
    [
        (["token", "##ization"], "tok en ization", (1, 1 / 2, 2 / 3)),
        (["una", "##ffa", "##ble"], "un aff able", (0, 0, 0)),
        (["tok", "##en", "##ization"], "token ization", (1 / 2, 1, 2 / 3)),
        (["word", "##s"], "word s", (1, 1, 1)),
        (["words"], "word s", (None, 0, 0)),
        (["word", "##s"], "words", (0, None, 0)),
        (["words"], "words", (None, None, None)),
    ],
)
def test_precision_recall_and_f1_of_one_word(
    tokens: list[str], segmentation: str, expected: tuple[float | None, ...]
) -> None:
    gold = gold_of([(segmentation.replace(" ", ""), segmentation)])
    found = boundaries(wordpiece_encoder(*tokens), gold).whole_included
    assert (found.precision, found.recall, found.f1) == expected
    same = [len(t.removeprefix("##")) for t in tokens] == list(map(len, segmentation.split()))
    assert found.exact == same


def test_words_left_whole_are_counted_both_ways() -> None:
    """cats is left whole and misses a cut; sit is left whole, rightly; words is cut, rightly."""
    encoder = wordpiece_encoder("cats", "sit", "word", "##s")
    gold = gold_of([("cats", "cat s"), ("sit", "sit"), ("words", "word s"), ("dogs", "dog s")])
    found = boundaries(encoder, gold)
    assert (found.words, found.unknown, found.whole) == (3, 1, 2)
    counts = {"words": 3, "cuts": 1, "gold_cuts": 2, "correct": 1, "exact_words": 2}
    figures = {"precision": 1, "recall": 1 / 2, "f1": 2 / 3, "exact": 2 / 3}
    assert asdict(found.whole_included) == counts | figures
    counts = {"words": 1, "cuts": 1, "gold_cuts": 1, "correct": 1, "exact_words": 1}
    figures = {"precision": 1, "recall": 1, "f1": 1, "exact": 1}
    assert asdict(found.whole_excluded) == counts | figures


def test_a_tokenizer_that_knows_no_word_has_no_figures() -> None:
    found = boundaries(wordpiece_encoder("x"), gold_of([("words", "word s")]))
    assert (found.words, found.unknown) == (0, 1)
    assert found.whole_included == BoundaryScores(0, 0, 0, 0, 0, None, None, None, None)


# ---------------------------------------------------------------- where a word is cut


def test_cuts_are_told_by_offsets_and_not_by_what_tokens_look_like() -> None:
    encoder = wordpiece_encoder("a", "###", "##b", "#", "b")
    assert cuts_of(encoder, "ab") == Cuts(1, frozenset({1}))
    assert cuts_of(encoder, "a#b") == Cuts(2, frozenset({1, 2})), "# is punctuation, cut off first"


def test_splits_before_the_model_are_cuts() -> None:
    encoder = wordpiece_encoder("don", "'", "t", "self", "-", "made")
    assert cuts_of(encoder, "don't") == Cuts(2, frozenset({3, 4}))
    assert cuts_of(encoder, "self-made") == Cuts(2, frozenset({4, 5}))


def test_cuts_of_lower_cased_words_are_those_of_the_word_as_it_is_written() -> None:
    encoder = wordpiece_encoder("i", "##stanbul", "cafe", "##s", lowercase=True)
    assert cuts_of(encoder, "İstanbul") == Cuts(1, frozenset({1}))
    assert cuts_of(encoder, "CAFÉS") == Cuts(1, frozenset({4}))
    assert cuts_of(encoder, "cafe\u0301s") == Cuts(1, frozenset({5})), "the mark is of the e"


def test_byte_level_words_are_encoded_as_they_stand_behind_a_space() -> None:
    """`word` alone would be cut into letters: the vocabulary has it with its space only."""
    merges = [("Ġ", "w"), ("o", "r"), ("Ġw", "or"), ("Ġwor", "d")]
    encoder = byte_encoder(merges)
    assert encoder.encode("words").tokens == ["w", "or", "d", "s"]
    assert cuts_of(encoder, "words") == Cuts(1, frozenset({4}))
    assert cuts_of(encoder, "sword") == Cuts(3, frozenset({1, 2, 4})), "Ġ alone is no cut"


def test_a_cut_between_the_bytes_of_a_character_has_no_position() -> None:
    encoder = byte_encoder([("Ġ", "a"), ("Ġa", "Ã")])
    assert encoder.encode(" aés").tokens == ["ĠaÃ", "©", "s"]
    assert cuts_of(encoder, "aés") == Cuts(2, frozenset({2}))
    found = boundaries(encoder, gold_of([("aés", "a és")])).whole_included
    assert (found.cuts, found.gold_cuts, found.correct) == (2, 1, 0)
    found = boundaries(encoder, gold_of([("aés", "aé s")])).whole_included
    assert (found.precision, found.recall, found.exact) == (1 / 2, 1, 0)


@pytest.mark.parametrize("scheme", ["always", "first", "never", "normalizer"])
def test_the_mark_of_a_space_is_no_cut(scheme: str) -> None:
    """However it comes before a text, by a pre-tokenizer or by a normalizer, as in Llama's files.

    Two of them are a token here, which would keep `▁word` from being found.
    """
    merges = [("▁", "▁"), ("▁", "w"), ("o", "r"), ("▁w", "or"), ("▁wor", "d")]
    tokens = ["<unk>", *"▁words", *("".join(pair) for pair in merges)]
    vocab = {token: id for id, token in enumerate(tokens)}
    theirs = tokenizers.Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=True))
    if scheme == "normalizer":
        steps = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        theirs.normalizer = normalizers.Sequence(steps)
    else:
        theirs.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    encoder = ForeignEncoder("bpe", theirs)
    assert cuts_of(encoder, "words") == Cuts(1, frozenset({4}))
    assert cuts_of(encoder, "sword") == Cuts(3, frozenset({1, 2, 4}))
    assert cuts_of(encoder, "swore") is None


def test_a_word_of_which_nothing_is_left_is_unknown() -> None:
    theirs = tokenizers.Tokenizer(models.BPE({"a": 0}, []))
    theirs.normalizer = normalizers.Replace("x", "")
    theirs.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    encoder = ForeignEncoder("bpe", theirs)
    assert cuts_of(encoder, "xx") is None
    assert cuts_of(encoder, "aa") == Cuts(1, frozenset({1}))


def test_the_unknown_token_spelled_out_is_known() -> None:
    tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "[CLS]", "[SEP]", "a"]))
    found = cuts_of(OurEncoder("a", tokenizer), "[UNK]")
    assert found == Cuts(0, frozenset())


# ---------------------------------------------------------------- properties

letters = st.text("abc", min_size=1, max_size=4)
segmented = st.lists(letters, min_size=1, max_size=4)


def lists_to_gold(lists: list[list[str]]) -> Gold:
    return gold_of(("".join(morphs), " ".join(morphs)) for morphs in lists)


def plain_scores(tokens: list[list[str]], gold: list[list[str]]) -> tuple[int, int, int, int]:
    """Cuts, gold's cuts, correct ones and exact words, from the lengths of what stands between."""
    sums = [0, 0, 0, 0]
    for own, morphs in zip(tokens, gold, strict=True):
        ends = [list(accumulate(len(p) for p in pieces))[:-1] for pieces in (own, morphs)]
        both = [end for end in ends[0] if end in ends[1]]
        for at, number in enumerate((len(ends[0]), len(ends[1]), len(both), ends[0] == ends[1])):
            sums[at] += number
    return tuple(sums)  # type: ignore[return-value]


@given(
    lists=st.lists(segmented, min_size=1, max_size=8), pieces=st.sets(st.text("abc", max_size=3))
)
def test_scores_are_those_of_the_plain_definition(lists: list[list[str]], pieces: set[str]) -> None:
    """From tokens without their `##`, laid end to end."""
    known = {*"abc", *pieces} - {""}
    encoder = wordpiece_encoder(*sorted(known), *sorted(f"##{piece}" for piece in known))
    gold = lists_to_gold(lists)
    tokens = [
        [token.removeprefix("##") for token in encoder.encode(each.word).tokens]
        for each in gold.words
    ]
    morphs = [list(each.morphs) for each in gold.words]
    found = boundaries(encoder, gold)
    for scores, chosen in (
        (found.whole_included, range(len(tokens))),
        (found.whole_excluded, [at for at, own in enumerate(tokens) if len(own) > 1]),
    ):
        expected = plain_scores([tokens[at] for at in chosen], [morphs[at] for at in chosen])
        assert (scores.cuts, scores.gold_cuts, scores.correct, scores.exact_words) == expected
        assert scores.words == len(chosen)
    assert found.whole_included.precision == found.whole_excluded.precision
    assert found.whole == len(tokens) - found.whole_excluded.words


@given(words=st.lists(st.text("abcé-ÉA", min_size=1, max_size=9), min_size=1, max_size=8))
def test_a_tokenizer_against_its_own_cuts_is_perfect(words: list[str]) -> None:
    pieces = ["ab", "a", "b", "c", "bc", "é", "e"]
    encoder = wordpiece_encoder("-", *pieces, *(f"##{p}" for p in pieces), lowercase=True)
    rows = []
    for word in words:
        offsets = encoder.encode(word).offsets
        rows.append((word, " ".join(word[start:end] for start, end in offsets)))
    found = boundaries(encoder, gold_of(rows))
    assert found.whole_included.exact == 1
    for scores in (found.whole_included, found.whole_excluded):
        expected = 1 if scores.cuts else None
        assert (scores.precision, scores.recall, scores.f1) == (expected,) * 3


@given(pairs=st.lists(st.tuples(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))))
def test_figures_are_bounded_and_f1_is_the_harmonic_mean(
    pairs: list[tuple[set[int], set[int]]],
) -> None:
    cut = [(frozenset(gold), Cuts(len(own), frozenset(own))) for gold, own in pairs]
    found = scores_of(cut)
    for figure in (found.precision, found.recall, found.f1, found.exact):
        assert figure is None or 0 <= figure <= 1
    assert found.correct <= min(found.cuts, found.gold_cuts)
    if found.precision and found.recall:
        mean = 2 / (1 / found.precision + 1 / found.recall)
        assert found.f1 is not None
        assert isclose(found.f1, mean)
    swapped = scores_of([(own.positions, Cuts(len(gold), gold)) for gold, own in cut])
    assert (swapped.precision, swapped.recall) == (found.recall, found.precision)
    assert (swapped.f1, swapped.exact) == (found.f1, found.exact)


@given(word=nasty_text)
def test_any_word_is_cut_inside_or_not_known(word: str) -> None:
    encoders: list[AnyEncoder] = [
        wordpiece_encoder("the", "##ing", "a", "##a", "ᄒ", "##ᅡ", "##ᆫ", lowercase=True),
        byte_encoder([("Ġ", "t"), ("h", "e"), ("Ġt", "he"), ("i", "n"), ("in", "g")]),
    ]
    for encoder in encoders:
        found = cuts_of(encoder, word)
        if found is not None:
            assert all(0 < at < len(word) for at in found.positions)
            assert len(found.positions) <= found.number


# ---------------------------------------------------------------- gold files

EXAMPLE = "words\tword @@s\t100\nhappiness\thappy @@ness\t010\nself\tself\nwords\tw ords\n"


@pytest.mark.parametrize("segmentation", ["en @@thrall @@s", "en@@ thrall@@ s", "en thrall s"])
def test_morphs_are_written_in_three_ways(segmentation: str) -> None:
    gold = gold_of([("enthralls", segmentation)])
    assert gold.words == (GoldWord("enthralls", ("en", "thrall", "s")),)
    assert gold.words[0].cuts == {2, 8}


def test_lines_that_cannot_be_used_are_counted_by_their_reason() -> None:
    Path("gold.tsv").write_text(EXAMPLE, encoding="utf-8")
    gold = read_gold("gold.tsv")
    assert [each.word for each in gold.words] == ["words", "self"]
    assert gold.words[0].morphs == ("word", "s"), "the first that can be used"
    expected = {"file": "gold.tsv", "lines": 4, "words": 2, "unspelled": 1, "repeated": 1}
    assert asdict(gold.coverage) == {**expected, "coverage": 1 / 2}


def test_letters_that_differ_in_case_or_composition_do_not_spell_a_word() -> None:
    found = gold_of([("Romeo", "rome o"), ("été", "e\u0301t e\u0301"), ("a b", "a b"), ("a", "a")])
    assert (found.coverage.words, found.coverage.unspelled) == (1, 3)


@pytest.mark.parametrize(
    ("name", "pack"),
    [("g.tsv.gz", gzip.compress), ("g.tsv.bz2", bz2.compress), ("unnamed", lzma.compress)],
)
def test_gold_may_be_compressed(name: str, pack: type) -> None:
    Path(name).write_bytes(pack(EXAMPLE.encode()))
    assert read_gold(Path(name)).coverage.lines == 4


def test_empty_lines_byte_order_marks_and_carriage_returns_are_no_part_of_gold() -> None:
    Path("gold.tsv").write_bytes("\ufeffwords\tword s\r\n\r\n\nself\tself\r\n".encode())
    gold = read_gold("gold.tsv")
    assert (len(gold.words), gold.coverage.lines) == (2, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"words\tword s\nself\n", "gold.tsv: line 2: 'self' must be a word, a tab and its"),
        (b"words\tword s\n\n\tself\n", "gold.tsv: line 3: '\\tself' must be a word, a tab"),
        (b"words\t\n", "gold.tsv: line 1: 'words\\t' must be a word, a tab and its morphs"),
        (b"words\t \tx\n", "gold.tsv: line 1: 'words\\t \\tx' must be a word, a tab and its"),
        (b"words\tword s\n\xff\tx\n", "gold.tsv: line 2: is not UTF-8"),
        (b"happiness\thappy @@ness\n", "gold.tsv: in none of its lines (1) the morphs spell"),
        (b"", "gold.tsv: in none of its lines (0) the morphs spell the word: a line must be"),
        ("words\tword s\n".encode("utf-16"), "gold.tsv: looks like UTF-16: convert it first"),
        (b"\x1f\x8b\x08\x00", "gold.tsv: cannot be decompressed"),
    ],
)
def test_bad_gold_is_one_line(wp: Wp, content: bytes, message: str) -> None:
    Path("gold.tsv").write_bytes(content)
    Path("vocab.txt").write_text("[UNK]\na\n")
    with pytest.raises(InputError, match=re.escape(message)):
        read_gold("gold.tsv")
    wp("compare", "-t", "vocab.txt", "--gold", "gold.tsv", code=2)
    assert wp.err.startswith(f"wp: {message}")
    assert wp.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.tsv", "missing.tsv: no such file"),
        (".", ".: is a folder: name the files in it"),
        ("", "'': must name a file of segmented words"),
    ],
)
def test_gold_that_is_no_file_is_one_line(wp: Wp, name: str, message: str) -> None:
    Path("vocab.txt").write_text("[UNK]\na\n")
    wp("compare", "-t", "vocab.txt", "--gold", name, code=2)
    assert wp.err == f"wp: {message}\n"


# ---------------------------------------------------------------- comparisons


@pytest.fixture
def files() -> None:
    """Two vocabularies, and gold for both."""
    Path("vocab.txt").write_text("[UNK]\nword\n##s\nself\n")
    Path("whole.txt").write_text("[UNK]\nwords\n")
    Path("gold.tsv").write_text(EXAMPLE)


@pytest.mark.usefixtures("files")
def test_gold_alone_is_something_to_measure(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is not read then: a pipe that nobody closes would be waited for."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"not read\n")))
    named = ("compare", "-t", "vocab.txt", "-t", "whole.txt", "--gold", "gold.tsv")
    found = json.loads(wp(*named, "--json"))
    assert (found["tokenizers"], found["texts"], found["documents"]) == ([], [], 0)
    gold, tokenizers = found["morphology"]["gold"], found["morphology"]["tokenizers"]
    assert (gold["lines"], gold["words"], gold["unspelled"], gold["repeated"]) == (4, 2, 1, 1)
    first, second = tokenizers
    assert (first["name"], first["model"], first["vocab_size"]) == ("vocab", "wordpiece", 4)
    assert (first["words"], first["unknown"], first["whole"]) == (2, 0, 1)
    assert first["whole_included"]["f1"] == 1
    assert (second["words"], second["unknown"], second["whole"]) == (1, 1, 1)
    assert second["whole_included"]["recall"] == 0
    assert second["whole_excluded"]["recall"] is None
    assert [(c["check"], c["compared"]) for c in found["parity"]][:2] == [
        *(("vocab: words", 2), ("vocab: hostile strings", 2000))
    ]
    out = wp(*named, "--no-parity")
    assert out.startswith(
        "gold.tsv: 2 of 4 lines are used (coverage 0.5000); in 1 the morphs do not spell the word, "
        "1 repeat a word\n"
    )
    assert re.search(r"^cuts against gold +vocab +whole$", out, re.MULTILINE)
    assert re.search(r"^unknown, left out +0 +1$", out, re.MULTILINE)
    assert re.search(r"^recall, whole included +1\.0000 +0\.0000$", out, re.MULTILINE)
    assert re.search(r"^recall, whole excluded +1\.0000 +none$", out, re.MULTILINE)
    assert "bits_per_byte" not in out


@pytest.mark.usefixtures("files")
def test_gold_comes_beside_what_is_measured_on_a_text(wp: Wp) -> None:
    named = ("compare", "self words", "-t", "vocab.txt", "--gold", "gold.tsv", "--json")
    found = json.loads(wp(*named))
    assert found["tokenizers"][0]["metrics"]["tokens"] == 3
    assert found["morphology"]["tokenizers"][0]["words"] == 2
    assert found["parity"][0]["compared"] == 4, "the words of both"
    without = json.loads(wp("compare", "self words", "-t", "vocab.txt", "--json"))
    assert without["morphology"] is None
    assert without["tokenizers"] == found["tokenizers"]


def test_trainings_are_scored_against_gold(wp: Wp) -> None:
    lines = ["words and more words\n", "a word or swords\n"] * 20
    Path("corpus.txt").write_text("".join(lines))
    Path("gold.tsv").write_text("words\tword s\nswords\tsword s\nmoré\tmor é\n")
    wp("train", "corpus.txt", "-v", "280", "-q")
    for arguments in ((), ("--corpus", "corpus.txt", "-v", "280"), ("--scores",)):
        found = json.loads(wp("compare", *arguments, "--gold", "gold.tsv", "--no-parity", "--json"))
        names = [row["name"] for row in found["tokenizers"]]
        assert [each["name"] for each in found["morphology"]["tokenizers"]] == names
    setup = CorpusSetup(("corpus.txt",), 280)
    found = compare_corpus(setup, gold=read_gold("gold.tsv"), parity=False)
    assert found.morphology is not None
    assert [each.unknown for each in found.morphology.tokenizers] == [1, 1, 0]


@pytest.mark.usefixtures("files")
def test_gold_may_come_from_standard_input(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(EXAMPLE.encode())))
    found = json.loads(wp("compare", "-t", "vocab.txt", "--gold", "-", "--json", "--no-parity"))
    assert found["morphology"]["gold"]["words"] == 2


def test_names_of_files_and_tokenizers_are_shown_as_they_are(wp: Wp) -> None:
    Path("[red].txt").write_text("[UNK]\nself\n")
    Path("[b]\u202e.tsv").write_text("self\tself\n")
    out = wp("compare", "-t", "[red].txt", "--gold", "[b]\u202e.tsv", "--no-parity")
    assert out.startswith("[b]<U+202E>.tsv: 1 of 1 lines are used (coverage 1.0000)")
    assert re.search(r"^cuts against gold +\[red\]$", out, re.MULTILINE)


@pytest.mark.usefixtures("files")
def test_a_narrow_terminal_cuts_no_figure(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "36")
    named = ("compare", "-t", "vocab.txt", "-t", "whole.txt", "--gold", "gold.tsv", "--no-parity")
    out = wp(*named)
    assert all(len(line) <= 36 for line in out.splitlines()[1:])
    assert "…" not in out
    assert re.search(r"^cuts against gold +vocab$", out, re.MULTILINE)
    assert re.search(r"^cuts against gold +whole$", out, re.MULTILINE)


def test_gold_is_read_and_compared_in_python() -> None:
    Path("gold.tsv").write_text(EXAMPLE)
    tokenizer = wordpiece_encoder("word", "##s", "self").tokenizer
    found = wordpiece.compare([tokenizer], gold=wordpiece.read_gold("gold.tsv"))
    assert found.morphology is not None
    assert found.morphology.tokenizers[0].name == "tokenizer 1"
    with pytest.raises(InputError, match="holds no word"):
        wordpiece.compare([tokenizer])


# ---------------------------------------------------------------- real gold


def test_sigmorphon_gold_of_bert_and_gpt2(data: Path) -> None:
    gold = read_gold(data / "morphology" / "sigmorphon2022_eng_word_dev.tsv.gz")
    coverage = gold.coverage
    assert (coverage.lines, coverage.words, coverage.unspelled) == (57_371, 40_077, 17_294)
    assert coverage.repeated == 0
    bert = load(str(data / "bert-vocabs" / "bert-base-uncased.txt"), lowercase=True)
    gpt2 = load(str(data / "gpt2" / "vocab.json"))
    first, second = morphology([bert, gpt2], gold).tokenizers
    assert (first.words, first.unknown, first.whole) == (40_077, 0, 1_425)
    both = first.whole_included, first.whole_excluded
    assert {(s.cuts, s.correct) for s in both} == {(85_550, 24_345)}
    assert [s.gold_cuts for s in both] == [44_034, 43_334]
    assert [s.exact_words for s in both] == [6_197, 5_385]
    assert both[0].f1 == 2 * 24_345 / (85_550 + 44_034)
    assert (second.words, second.unknown, second.whole) == (40_077, 0, 1_290)
    assert (second.whole_included.cuts, second.whole_included.correct) == (78_564, 16_152)
    assert second.whole_included.exact_words == 4_799
