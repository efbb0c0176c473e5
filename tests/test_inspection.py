"""`wp inspect`: composition, reachability, dead tokens, chains, and the life of a token."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp
from tests.strategies import wordpiece_vocabs
from tests.test_trace import HUGS
from wordpiece import presets
from wordpiece.analysis.biography import biography
from wordpiece.analysis.composition import composition, near_duplicates, one_form, suspects
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.inspection import Text, inspect, text_of, training_text
from wordpiece.analysis.lineage import Lineage
from wordpiece.analysis.merge_order import MergeOrder
from wordpiece.analysis.reachability import reachability
from wordpiece.analysis.studied import Studied, study
from wordpiece.analysis.words import words_of
from wordpiece.errors import InputError
from wordpiece.formats.trace import Trace
from wordpiece.models.bpe import BPE
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedToken
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.training.scores import ScoreName
from wordpiece.types import Merge, WordCounts


def encoder(*vocab: str, lowercase: bool = False) -> OurEncoder:
    return OurEncoder("t", Tokenizer(presets.wordpiece(["[UNK]", *vocab], lowercase=lowercase)))


# ---------------------------------------------------------------- reachability


@pytest.mark.parametrize(
    ("vocab", "lowercase", "token", "stage"),
    [
        (("a", "A"), True, "A", "normalizer"),
        (("a", "##京"), False, "##京", "normalizer"),
        (("a", "##é"), True, "##é", "normalizer"),
        (("a", "..."), False, "...", "pre-tokenizer"),
        (("a", "a b"), False, "a b", "pre-tokenizer"),
        (("a", "##-"), False, "##-", "pre-tokenizer"),
        (("a", "b" * 101), False, "b" * 101, "length"),
        (("a", "##" + "b" * 100), False, "##" + "b" * 100, "length"),
        (("x", "xa", "##a", "##aa", "xaa"), False, "##aa", None),
    ],
)
def test_what_forbids_a_token(
    vocab: tuple[str, ...], lowercase: bool, token: str, stage: str | None
) -> None:
    found = {each.token: each for each in reachability(encoder(*vocab, lowercase=lowercase))}
    assert found[token].stage == stage
    assert (found[token].witness is None) == (stage is not None)


@pytest.mark.parametrize("model", ["wordpiece", "bpe"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_token_that_holds_one_recognized_in_raw_text_is_reached_by_another_spelling(
    model: str, lowercase: bool
) -> None:
    special = ("[UNK]", "url")
    options = {"model": model, "special_tokens": special, "lowercase": lowercase}
    counts = WordCounts({"urls": 3})
    tokenizer = wordpiece.train(counts, vocab_size=12, **options).tokenizer
    own = OurEncoder("t", tokenizer)
    found = next(each for each in reachability(own) if each.token == "urls")
    assert found.witness is not None
    assert tokenizer.encode(found.witness).tokens == ["urls"]
    assert tokenizer.encode("urls").tokens != ["urls"]


@pytest.mark.parametrize("content", ["covid", "##A", "##."])
@pytest.mark.parametrize("model", ["wordpiece", "byte-bpe"])
def test_a_token_that_was_added_is_reached_by_its_own_text(model: str, content: str) -> None:
    parts = wordpiece.train(["ab"], vocab_size=300, model=model).tokenizer.parts  # type: ignore[arg-type]
    token = AddedToken(content, 400, special=False)
    own = OurEncoder("t", Tokenizer(replace(parts, added_tokens=(*parts.added_tokens, token))))
    assert reachability(own)[-1].witness == content


def test_marks_out_of_order_are_reached_where_something_taken_out_keeps_them_apart() -> None:
    token = "a\u302e\U0001d165"
    own = OurEncoder("t", Tokenizer(presets.wordpiece(["[UNK]", "a", token], lowercase=True)))
    assert own.encode(token).tokens == ["[UNK]"]
    found = reachability(own)[-1]
    assert found.witness is not None
    assert own.encode(found.witness).tokens == [token]


def test_the_longest_match_does_not_reach_past_the_longest_beginning() -> None:
    found = {each.token: each for each in reachability(encoder("a", "ab", "abb", "abbb", "##b"))}
    assert found["##b"].witness == "abbbb"
    assert reachability(encoder("##b"))[0].stage == "shadowed"  # nothing begins a word


@given(vocab=wordpiece_vocabs)
def test_what_is_said_of_a_token_holds_for_every_short_word(vocab: set[str]) -> None:
    """Against all words of up to seven letters a, b: what they give has a witness, giving it."""
    own = encoder(*sorted(vocab))
    words = [""]
    for _ in range(7):
        words += [word + char for word in words if len(word) == len(words[-1]) for char in "ab"]
    produced = {token for word in words for token in own.encode(word).tokens}
    for each in reachability(own):
        if each.witness is not None:
            assert each.token in own.encode(each.witness).tokens
        if each.token in produced:
            assert each.stage is None
            assert each.witness is not None


def test_bert_base_uncased_has_337_unreachable_tokens(data: Path) -> None:
    """244 ideographs and 92 punctuation marks behind ##, and `...`; all others have a witness."""
    bert = study(data / "bert-vocabs/bert-base-uncased.txt", lowercase=True)
    found = inspect(bert)
    stages = [(each.stage, each.token.startswith("##")) for each in found.unreachable]
    assert len(stages) == 337
    assert stages.count(("normalizer", True)) == 244
    assert stages.count(("pre-tokenizer", True)) == 92
    assert [e.token for e in found.unreachable if not e.token.startswith("##")] == ["..."]
    assert found.undecided == []
    assert len(found.reach) == found.composition.regular == 29_523
    assert (found.composition.unused, found.composition.special) == (994, 5)
    naive = [
        each.token
        for each in found.reach
        if bert.encoder.encode(bert.tokenizer.decode([each.id])).ids != [each.id]
    ]
    assert len(naive) == 5_829


@pytest.mark.parametrize(
    ("name", "lowercase"), [("bert-base-uncased", True), ("bert-base-cased", False)]
)
def test_tokenizers_produces_each_token_from_its_witness(
    data: Path, name: str, lowercase: bool
) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    path = data / f"bert-vocabs/{name}.txt"
    theirs = tokenizers.BertWordPieceTokenizer(str(path), lowercase=lowercase)
    found = [
        each for each in reachability(study(path, lowercase=lowercase).encoder) if each.witness
    ]
    encodings = theirs.encode_batch([each.witness for each in found], add_special_tokens=False)
    for each, encoding in zip(found, encodings, strict=True):
        assert each.id in encoding.ids


def test_gpt2_has_thirteen_bytes_that_no_text_has(data: Path) -> None:
    found = reachability(study(data / "gpt2/vocab.json").encoder)
    never = [each for each in found if each.reachable is False]
    assert [each.stage for each in never] == ["bytes"] * 13
    assert sum(each.reachable is None for each in found) == 0
    by_value = [byte_characters().index(each.token) for each in never]
    assert sorted(by_value) == [0xC0, 0xC1, *range(0xF5, 0x100)]


def test_a_bpe_token_whose_parts_are_taken_by_an_earlier_merge_is_shadowed() -> None:
    tokenizer = Tokenizer(
        presets.bpe(
            ["[UNK]", "a", "b", "c", "ab", "bc", "abc"],
            merges=[("b", "c"), ("a", "b"), ("ab", "c")],
        )
    )
    found = {each.token: each for each in reachability(OurEncoder("t", tokenizer))}
    assert found["abc"].stage == "shadowed"
    assert found["ab"].witness == "ab"


def test_a_token_that_was_not_decided_is_reached_by_a_word_of_the_text() -> None:
    """Its byte is merged with every byte that completing it tries; in 允 it stands alone."""
    lead, *tried = (byte_characters()[byte] for byte in (0xE5, 0x80, 0x90, 0xA0, 0xBF))
    merges = [(lead, byte) for byte in tried]
    vocab = [*byte_characters(), *map("".join, merges)]
    known = Studied("t", Tokenizer(presets.byte_bpe(vocab, merges)))
    assert [each.token for each in inspect(known).undecided] == [lead]
    words = words_of(known.tokenizer, ["倀 允"]).words
    found = inspect(known, Text(words, "t"))
    assert found.undecided == []
    reached = next(each for each in found.reach if each.token == lead)
    assert reached.witness == " 允"
    assert biography(known, lead, Text(words, "t")).reach == reached


def test_what_is_left_is_not_known_of_a_symbol_that_was_last_joined_with_itself() -> None:
    """Neither of the symbol nor of what was made of it; with the details both are known."""
    result = wordpiece.train(WordCounts({"xaaaaa": 2}), vocab_size=9, score="frequency")
    assert result.merges[-1].left == result.merges[-1].right == "##a"
    lineage = Lineage(Trace(result.merges))
    assert lineage.left_at_end("##a") is lineage.left_at_end("##aa") is None
    lineage = Lineage(Trace(result.merges, result.details))
    assert (lineage.left_at_end("##a"), lineage.left_at_end("##aa")) == (2, 4)


def test_a_token_of_the_alphabet_that_is_made_again_has_no_birth() -> None:
    again = Merge(1, "##", "###", "###", 7, f_ab=1, f_a=1, f_b=1, n=3, score=1)
    assert Lineage(Trace((again,))).born("###") is None


def test_unknown_words_are_not_among_those_that_are_split_otherwise() -> None:
    result = wordpiece.train(["ab ab abc"], vocab_size=10)
    known = Studied("t", result.tokenizer, Trace(result.merges))
    use = inspect(known, Text(WordCounts({"ab": 2, "zz": 5, "a": 1}), "t")).use
    assert use is not None
    assert use.mismatch is not None
    assert use.unknown_words == 5
    assert (use.mismatch.all_types, use.mismatch.all_words) == (2, 3)


def test_words_of_which_a_bpe_drops_characters_are_unknown_here_too() -> None:
    parts = presets.bpe(["[UNK]"], [])
    model = BPE({"[UNK]": 0, "a": 1, "b": 2, "ab": 3}, [("a", "b")])
    known = Studied("t", Tokenizer(replace(parts, model=model)))
    use = inspect(known, Text(WordCounts({"abz": 3, "zzz": 2, "ab": 1}), "t")).use
    assert use is not None
    assert use.unknown_words == 5


# ---------------------------------------------------------------- composition


def test_kinds_scripts_and_lengths_are_counted() -> None:
    found = composition(
        encoder("a", "##b", "한국", "1984", "##12", "--", "mp3", "[unused1]", "aя", "##ing")
    )
    assert (found.regular, found.beginning, found.continuing) == (9, 6, 3)
    assert (found.special, found.unused, found.single) == (1, 1, 2)
    assert (found.digits, found.punctuation, found.letters, found.mixed) == (2, 1, 5, 1)
    assert found.scripts == {"LATIN": 4, "HANGUL": 1, "mixed": 1}
    assert found.lengths == {1: 2, 2: 4, 3: 2, 4: 1}


def test_bytes_that_are_no_whole_character_count_as_one_each_and_a_space_alone_too() -> None:
    tokenizer = Tokenizer(presets.byte_bpe(["Ġ", "¡", "ä½", "ä½ł", "Ġa", "ab", "¡ł"], merges=[]))
    found = composition(OurEncoder("t", tokenizer))
    assert found.lengths == {1: 4, 2: 3}
    assert (found.single, found.partial, found.digits, found.mixed) == (4, 3, 0, 1)
    # `##` alone begins a word: nothing goes on one with nothing
    found = composition(encoder("##", "##a"))
    assert (found.beginning, found.continuing, found.lengths) == (1, 1, {1: 1, 2: 1})


def test_accidents_are_found() -> None:
    found = encoder("nbsp", "a\u200bb", "<br", "fine", "Fine", "ﬁne", "##fine", "\ufffd")
    assert [(each.token, each.reason) for each in suspects(found)] == [
        ("nbsp", "left by markup"),
        ("a\u200bb", "hidden character U+200B"),
        ("<br", "left by markup"),
        ("\ufffd", "wrongly decoded text"),
    ]
    assert near_duplicates(found) == [("fine", "Fine", "ﬁne")]


def test_characters_with_one_form_are_listed() -> None:
    forms = one_form(encoder("a", "b", "##b", "##c", "!", "京"))
    assert forms is not None
    assert forms.beginning_only == ("a",)
    assert forms.continuing_only == ("c",)
    assert one_form(OurEncoder("t", Tokenizer(presets.bpe(["[UNK]", "a"], merges=[])))) is None


# ---------------------------------------------------------------- trace and text


@given(
    counts=st.dictionaries(
        st.text("abc", min_size=1, max_size=8) | st.text("#a", min_size=1, max_size=8),
        st.integers(1, 9),
        min_size=1,
        max_size=12,
    ),
    score=st.sampled_from(get_args(ScoreName)),
)
def test_what_is_left_of_a_token_is_what_the_training_ends_with(
    counts: dict[str, int], score: ScoreName
) -> None:
    """Against the words themselves, split by the merges in order."""
    result = wordpiece.train(WordCounts(counts), vocab_size=40, score=score)
    lineage = Lineage(Trace(result.merges, result.details))
    order = MergeOrder([(merge.left, merge.right) for merge in result.merges])
    left = [token for word, n in counts.items() for token in order.split(word) * n]
    for merge in result.merges:
        if lineage.born(merge.new) or lineage.consumptions(merge.new):
            assert lineage.left_at_end(merge.new) == left.count(merge.new)
        else:  # a character that was made once more
            assert lineage.left_at_end(merge.new) is None
            assert len(merge.new) == 3
        for part in (merge.left, merge.right):
            assert lineage.left_at_end(part) == left.count(part)
    for chain in lineage.chains():
        assert all(lineage.left_at_end(token) == 0 for token in chain[:-1])


def test_dead_tokens_are_traced_to_the_merge_that_took_them(course: Path) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    found = study("tokenizer")
    use = inspect(found, training_text(found)).use
    assert use is not None
    assert (use.types, use.words, use.tokens, use.unknown_words) == (30, 36, 140, 0)
    assert len(use.dead) == 65 - 45
    consumed = {each.token: each.consumed_by for each in use.dead}
    assert consumed["##ful"] == "##full"
    assert consumed["Fa"] == "Fac"
    assert use.mismatch is not None
    assert (use.mismatch.types, use.mismatch.all_types) == (0, 30)


@pytest.mark.parametrize(
    ("score", "least", "size", "fertility", "differing", "dead"),
    [
        ("likelihood", 1, 5000, 2.704, 0.3, 50),
        ("likelihood", 100, 5000, 1.569, 27.4, 12),
        ("gain", 1, 2000, 1.410, 19.5, 10),
        ("frequency", 1, 5000, 1.143, 23.4, 8),
    ],
)
def test_wikitext_has_the_measured_share_of_dead_tokens(
    data: Path,
    score: ScoreName,
    least: int,
    size: int,
    fertility: float,
    differing: float,
    dead: float,
) -> None:
    """The table of measurements that the choice of a score rests on."""
    with gzip.open(data / "english/wikitext2_valid.txt.gz", "rt", encoding="utf-8") as file:
        text = file.read()
    result = wordpiece.train(
        [text], vocab_size=size, score=score, min_frequency=least, lowercase=True
    )
    Path("text").write_text(text, encoding="utf-8")
    known = Studied("t", result.tokenizer, Trace(result.merges, result.details))
    found = inspect(known, text_of(known, ["text"]))
    use = found.use
    assert use is not None
    assert use.mismatch is not None
    assert use.fertility == pytest.approx(fertility, abs=0.0006)
    assert 100 * use.mismatch.types / use.types == pytest.approx(differing, abs=0.06)
    assert 100 * len(use.dead) / found.composition.regular == pytest.approx(dead, abs=0.6)


def test_the_life_of_a_token(course: Path) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    found = study("tokenizer")
    life = biography(found, "##thms", training_text(found))
    assert (life.kind, life.id, life.left_at_end, life.emitted) == ("merged", 65, 1, 1)
    assert life.merge is not None
    assert life.merge.step == 22
    assert life.tree is not None
    assert life.tree.left is not None
    assert life.tree.left.token == "##thm"
    assert life.words == (("algorithms", 1),)
    assert life.detail is not None
    assert life.detail.rivals[0].left == "##z"
    parent = biography(found, "##thm")
    assert [each.merge.new for each in parent.consumptions] == ["##thms"]
    assert parent.left_at_end == 0


def test_a_token_that_is_not_there_names_those_near_it(course: Path) -> None:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    with pytest.raises(InputError, match=r"'fully': is not in the vocabulary; near it: ##fully"):
        biography(study("tokenizer"), "fully")


def test_a_corpus_that_has_changed_is_not_taken_for_the_training_text(course: Path) -> None:
    text = Path("corpus.txt")
    text.write_bytes(course.read_bytes())
    wordpiece.train(text, vocab_size=70).save("tokenizer")
    assert training_text(study("tokenizer")).problem == ""
    text.write_bytes(course.read_bytes().replace(b"T", b"t", 1))
    assert "has changed since the training" in training_text(study("tokenizer")).problem
    text.unlink()
    assert training_text(study("tokenizer")).problem != ""
    assert inspect(study("tokenizer"), Text(WordCounts({}), problem="gone")).missing == ("gone",)


def test_a_training_from_counts_finds_its_words_again(course: Path) -> None:
    wordpiece.count_words(course, "counts.tsv")
    wordpiece.train(wordpiece.load_counts("counts.tsv"), vocab_size=70).save("tokenizer")
    assert training_text(study("tokenizer")).words.total == 36


# ---------------------------------------------------------------- the command


def test_the_json_has_the_fields_that_others_rely_on(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70")
    document = json.loads(wp("inspect", "--json"))
    assert document["vocab_size"] == 70
    assert document["special_tokens"] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert document["unreachable"] == []
    assert {"token": "##ful", "id": 49, "consumed_by": "##full"} in document["dead"]
    life = json.loads(wp("inspect", "ab", "--json"))
    assert life["merge"]["f_ab"] == 2
    assert life["detail"]["rivals"][0]["left"] == "##f"
    assert life["tree"]["left"] == {"token": "a"}


def test_what_cannot_be_shown_is_said_and_the_rest_is_shown(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70", "--trace", "none")
    shown = wp("inspect")
    assert "unreachable" in shown
    assert "not shown: there is no merges.jsonl" in shown
    assert "--trace none" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope",), "'nope': is not in the vocabulary"),
        (("--text", "empty.txt"), "empty.txt: holds no word"),
        (("--text", "missing.txt"), "missing.txt"),
    ],
)
def test_bad_input_is_one_line(
    wp: Wp, course: Path, arguments: tuple[str, ...], message: str
) -> None:
    Path("empty.txt").write_text(" \n", encoding="utf-8")
    wp("train", str(course), "--vocab-size", "70")
    assert wp("inspect", *arguments, code=2) == ""
    assert wp.err.count("\n") == 1
    assert message in wp.err


def test_markup_is_not_eaten(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\n[unused1]\n[red]\na\n##[x]\n", encoding="utf-8")
    shown = wp("inspect", "--tokenizer", "vocab.txt", "--no-text")
    for token in ("[UNK]", "[red]", "##[x]", "[unusedN]"):
        assert token in shown


def test_the_hug_example_ends_as_published() -> None:
    result = wordpiece.train(WordCounts(HUGS), vocab_size=16)
    lineage = Lineage(Trace(result.merges, result.details))
    assert lineage.scaffolds == {"##gs": "hugs"}
    taken = lineage.consumer("hu")
    assert taken is not None
    assert (taken.merge.new, taken.taken) == ("hug", 10)


def test_special_tokens_of_the_text_are_used_and_no_words(wp: Wp) -> None:
    Path("c.txt").write_text("a mask and [MASK] a[MASK]b [UNK]\n" * 3)
    wp("train", "c.txt", "-v", "60", "-q")
    found = json.loads(wp("inspect", "--text", "c.txt", "--json"))
    encoded = [
        len(line.split()) for line in wp("encode", "--input", "c.txt", "--tokens").splitlines()
    ]
    assert found["text"]["tokens"] == sum(encoded)
    out = wp("inspect", "--text", "c.txt", "[MASK]")
    assert re.search(r"^used +6 times on c\.txt$", out, re.MULTILINE)
