"""`wp compare` and what is behind it: trainings, parity that names the stage, the command."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models

import wordpiece
from tests.command import Wp, contents
from wordpiece import InputError, Tokenizer, presets
from wordpiece.analysis import corpus_comparison, parity
from wordpiece.analysis.compare import compare, word_cuts
from wordpiece.analysis.corpus_comparison import CorpusSetup, compare_corpus, read_lines
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.morphology import Cuts
from wordpiece.analysis.parity import Trained, check_parity, check_training, shrunk
from wordpiece.formats import tokenizer_json_reader
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.text.normalize import BertNormalizer
from wordpiece.text.pretokenize import BertPreTokenizer
from wordpiece.training.trainers import TrainingOptions


@pytest.fixture
def corpus() -> str:
    """Forty lines, so that four are held out."""
    lines = [f"line {number} of a small corpus, with a few words\n" for number in range(40)]
    Path("corpus.txt").write_text("".join(lines), encoding="utf-8")
    return "corpus.txt"


METRICS = {
    *("tokens", "fertility", "bytes_per_token", "unk_token_rate", "unk_word_rate"),
    *("unk_char_rate", "lossless_bytes_per_token", "vocab_used", "single_char_rate"),
    *("renyi_efficiency", "bits_per_byte", "round_trip"),
}


# ---------------------------------------------------------------- the library


def test_every_tenth_line_is_held_out(corpus: str) -> None:
    lines = read_lines(CorpusSetup((corpus,), 300))
    assert [line.split()[1] for line in lines.documents] == ["9", "19", "29", "39"]
    assert len(lines.training) == 36
    assert lines.held_out
    assert lines.training[0].endswith("words\n"), "line ends belong to the text"
    assert all(line.endswith("words\n") for line in lines.kept)


def test_the_only_line_with_words_is_not_held_out() -> None:
    Path("ten.txt").write_text("\n" * 9 + "hello world\n")
    lines = read_lines(CorpusSetup(("ten.txt",), 300))
    assert not lines.held_out
    assert lines.documents == ["hello world"]
    assert compare_corpus(CorpusSetup(("ten.txt",), 300), parity=False).documents == 1


def test_of_many_lines_it_is_said_how_many_are_measured(wp: Wp) -> None:
    Path("vocab.txt").write_text("[UNK]\na\n")
    Path("many.txt").write_text("a\n\n" * 5001)
    command = ("compare", "-t", "vocab.txt", "--eval", "many.txt", "--no-parity")
    assert "Measured on 2,501 of 5,001 lines, evenly spaced.\n" in wp(*command)
    found = json.loads(wp(*command, "--json"))
    assert (found["documents"], found["lines"]) == (2501, 5001)
    Path("many.txt").write_text("a\n\n" * 5000)
    assert "evenly spaced" not in wp(*command)


def test_two_tokenizers_of_one_name_are_refused() -> None:
    tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "a"]))
    with pytest.raises(InputError, match="x: two tokenizers have this name"):
        compare([OurEncoder("x", tokenizer), OurEncoder("x", tokenizer)], ["a"])


def test_a_cut_inside_a_character_stands_at_no_position() -> None:
    """Byte-level `aÃ`, `©`, `s`: é is cut within, where no other tokenizer need cut."""
    bytes_of_two = presets.byte_bpe(
        ["<|endoftext|>", *byte_characters(), "aÃ"], merges=[("a", "Ã")]
    )
    whole = presets.wordpiece(["[UNK]", "aés"])
    parted = presets.wordpiece(["[UNK]", "aé", "##s"])
    cuts = [
        word_cuts(OurEncoder("t", Tokenizer(parts)), "x aés", [(2, 5)])
        for parts in (bytes_of_two, whole, parted)
    ]
    assert cuts == [[Cuts(2, frozenset({2}))], [Cuts(0, frozenset())], [Cuts(1, frozenset({2}))]]


def test_an_unknown_token_that_the_text_spells_out_is_known() -> None:
    encoder = OurEncoder("t", Tokenizer(presets.wordpiece(["[UNK]", "a"])))
    assert word_cuts(encoder, "a b", [(0, 1), (2, 3)]) == [Cuts(0, frozenset()), None]
    assert word_cuts(encoder, "[UNK]", [(0, 5)]) == [Cuts(0, frozenset())]


def test_a_corpus_that_is_not_that_of_the_training_is_refused(
    wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wp("train", corpus, "--vocab-size", "90")
    wp("compare", "--no-parity")
    before = contents(Path("tokenizer/compare/bpe"))
    text = Path(corpus).read_text()
    Path(corpus).write_text(text.replace("small", "other"), encoding="utf-8")
    wp("compare", "--no-parity", code=2)
    assert wp.err == (
        "wp: corpus.txt: has changed since the training: train again, or name one with "
        "wp compare --corpus\n"
    )
    shown = wp("report", "--json")
    assert [reason.partition(": name")[0] for reason in json.loads(shown)["missing"]] == [
        "corpus.txt: has changed since the training",
        "the comparison of models: corpus.txt: has changed since the training: train again, or name"
        " one with wp compare --corpus",
    ]
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    monkeypatch.setenv("WP_TOKENIZER", "../tokenizer")
    wp("compare", "--no-parity", code=2)
    assert wp.err.startswith("wp: corpus.txt: no such file, by the name that the training had")
    assert "no such file, by the name that the training had for it" in wp("inspect")
    monkeypatch.chdir("..")
    assert contents(Path("tokenizer/compare/bpe")) == before


def test_measuring_on_the_training_text_is_said(wp: Wp, course: Path) -> None:
    out = wp("compare", "--corpus", str(course), "-v", "70", "--no-parity")
    assert "too few lines to hold any out: measured on the training text" in out


def test_a_corpus_without_lines_to_spare_is_measured_on_itself(course: Path) -> None:
    lines = read_lines(CorpusSetup((str(course),), 70))
    assert (len(lines.training), len(lines.documents), lines.held_out) == (4, 4, False)


def test_a_file_of_its_own_may_be_measured(corpus: str) -> None:
    Path("eval.txt").write_text("one line\n\nanother\n")
    lines = read_lines(CorpusSetup((corpus,), 300, eval_file="eval.txt"))
    assert (len(lines.training), lines.documents) == (40, ["one line", "another"])


def assert_all_passed(found: dict[str, Any]) -> None:
    """Every parity check of what `wp compare --json` printed; there are some."""
    assert {check["check"].split(": ")[1] for check in found["parity"]} >= {"words", "lines"}
    assert [check["check"] for check in found["parity"] if not check["passed"]] == []


def test_three_models_on_one_corpus(corpus: str) -> None:
    found = compare_corpus(CorpusSetup((corpus,), 280))
    assert [(row.name, row.model, row.vocab_size) for row in found.rows][2] == (
        *("byte-bpe", "byte-bpe", 280),
    )
    assert all(check.passed for check in found.parity)
    names = {check.check for check in found.parity}
    assert {"bpe: training (vocabulary and merges)", "wordpiece: hostile strings"} <= names
    assert len(found.overlaps) == 3
    assert found.rows[2].metrics.round_trip == 1


def test_what_hugging_faces_trainer_makes_is_listed_token_by_token(corpus: str) -> None:
    found = compare_corpus(CorpusSetup((corpus,), 90, scores=True)).trainer_runs
    assert found is not None
    assert (found.runs, found.vocab_size) == (3, 90)
    assert [each.name for each in found.differences] == ["likelihood", "gain", "frequency"]
    for each in found.differences:
        trained = wordpiece.train(
            read_lines(CorpusSetup((corpus,), 90)).training,
            vocab_size=90,
            score=each.score,  # type: ignore[arg-type]
        )
        vocab = trained.tokenizer.get_vocab()
        assert list(each.ours_only) == [token for token in vocab if token in each.ours_only]
        assert not vocab.keys() & set(each.theirs_only)
        assert len(each.ours_only) == len(each.theirs_only), "the sizes are the same"
    assert found.differences[0].ours_only


def test_vocabularies_of_several_runs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    options = TrainingOptions(vocab_size=20)
    trained = {"ours": Trained(options, wordpiece.train(["ab"], vocab_size=20).tokenizer)}
    for given, distinct in ((["a", "b"], ["b", "a"], ["c"]), 2), ((["a"], ["b"], ["c"]), 3):
        runs = iter(given)
        monkeypatch.setattr(parity, "wordpiece_trainer_vocab", lambda *_, runs=runs: next(runs))
        assert parity.wordpiece_trainer_runs(trained, []).distinct == distinct


def test_words_of_the_whole_corpus_are_checked_and_lines_of_both_parts(corpus: str) -> None:
    Path("extra.txt").write_text("unlike any\n" * 10 + "other\n", encoding="utf-8")
    setup = CorpusSetup((corpus, "extra.txt"), 280)
    lines = read_lines(setup)
    compared = {check.check: check.compared for check in compare_corpus(setup).parity}
    words = {w for line in [*lines.training, *lines.kept] for w in line.replace(",", " ,").split()}
    assert compared["bpe: words"] == len(words)
    assert compared["bpe: lines"] == len(lines.training) + len(lines.kept)


def test_wordpiece_under_three_scores(corpus: str) -> None:
    found = compare_corpus(CorpusSetup((corpus,), 90, scores=True), parity=False)
    assert [row.name for row in found.rows] == ["likelihood", "gain", "frequency"]
    assert {row.model for row in found.rows} == {"wordpiece"}
    assert found.parity == ()


def test_frequency_is_checked_against_a_trainer_whose_order_is_fixed(corpus: str) -> None:
    found = compare_corpus(CorpusSetup((corpus,), 90, scores=True)).parity
    (check,) = (check for check in found if "training" in check.check)
    assert (check.check, check.passed) == ("frequency: training (vocabulary)", True)
    assert check.compared == 90


def test_trainings_are_kept_until_corpus_or_options_change(
    corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[str] = []
    train_one = corpus_comparison.train_one

    def counted(options: TrainingOptions, *rest: object) -> Trained:
        trained.append(options.model)
        return train_one(options, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(corpus_comparison, "train_one", counted)
    setup, cache = CorpusSetup((corpus,), 280), Path("kept")
    first = compare_corpus(setup, cache=cache, parity=False)
    again = compare_corpus(setup, cache=cache, parity=False)
    assert (len(trained), again) == (3, first)
    compare_corpus(replace(setup, vocab_size=290), cache=cache, parity=False)
    assert len(trained) == 6
    Path(corpus).write_text("other words\n" * 30)
    compare_corpus(replace(setup, vocab_size=290), cache=cache, parity=False)
    assert len(trained) == 9


def test_an_interrupted_comparison_leaves_no_key_to_what_is_not_there(corpus: str) -> None:
    setup, cache = CorpusSetup((corpus,), 280), Path("kept")
    first = compare_corpus(setup, cache=cache, parity=False)
    save = Tokenizer.save_pretrained

    def broken(self: Tokenizer, folder: Path) -> None:
        if folder.name == "byte-bpe":
            raise KeyboardInterrupt
        save(self, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tokenizer, "save_pretrained", broken)
        with pytest.raises(KeyboardInterrupt):
            compare_corpus(replace(setup, vocab_size=60), cache=cache, parity=False)
    assert compare_corpus(setup, cache=cache, parity=False) == first


def test_a_cache_that_is_damaged_or_cannot_be_written_is_done_without(corpus: str) -> None:
    setup, cache = CorpusSetup((corpus,), 280), Path("kept")
    first = compare_corpus(setup, cache=cache, parity=False)
    (cache / "bpe" / "tokenizer.json").write_text("{")
    assert compare_corpus(setup, cache=cache, parity=False) == first
    (cache / "comparison.json").write_bytes(b"\xff")
    assert compare_corpus(setup, cache=cache, parity=False) == first
    assert compare_corpus(setup, cache=Path(corpus), parity=False) == first


def test_tokenizers_are_compared_as_they_are(course: Path) -> None:
    tokenizer = wordpiece.train(course, vocab_size=70).tokenizer
    found = wordpiece.compare([tokenizer, tokenizer], ["This is it"])
    assert [row.name for row in found.rows] == ["tokenizer 1", "tokenizer 2"]
    assert found.overlaps[0].jaccard == 1
    with pytest.raises(InputError, match="lists of str"):
        wordpiece.check_parity(tokenizer, lines="one str")


def test_nothing_to_compare_is_an_error(course: Path) -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        compare([], ["text"])
    encoder = OurEncoder("a", wordpiece.train(course, vocab_size=70).tokenizer)
    with pytest.raises(InputError, match="holds no word"):
        compare([encoder], ["  "])


# ---------------------------------------------------------------- parity that fails


class LoudNormalizer(BertNormalizer):
    """A normalizer with a fault, which no file would show."""

    def normalize(self, text: str) -> str:
        return super().normalize(text).replace("q", "k")

    def normalize_aligned(self, text: str) -> object:  # type: ignore[override]
        aligned = super().normalize_aligned(text)
        return aligned._replace(text=aligned.text.replace("q", "k"))


class SplittingPreTokenizer(BertPreTokenizer):
    """A pre-tokenizer with a fault: it drops full stops."""

    def split_aligned(self, text: object) -> list[object]:  # type: ignore[override]
        return [w for w in super().split_aligned(text) if w.text != "."]  # type: ignore[arg-type]


VOCAB = ["[UNK]", "[CLS]", "[SEP]", "a", "k", "q", "##k", "##q", ".", "##a"]


def test_a_fault_is_named_by_its_stage_and_the_shortest_text() -> None:
    parts = presets.wordpiece(VOCAB)
    lines = ["a a a", "some aqa words"]
    reference = parity.reference_for(Tokenizer(parts))
    faulty = Tokenizer(replace(parts, normalizer=LoudNormalizer()))
    check = check_parity(faulty, lines=lines, reference=reference)[1]
    assert (check.passed, check.compared) == (False, 2)
    assert check.first_difference is not None
    assert (check.first_difference.stage, check.first_difference.text) == ("normalization", "q")
    faulty = Tokenizer(replace(parts, pre_tokenizer=SplittingPreTokenizer()))
    check = check_parity(faulty, lines=["a. b"], reference=reference)[1]
    assert check.first_difference is not None
    assert (check.first_difference.stage, check.first_difference.text) == ("pre-tokenization", ".")


def test_a_fault_of_the_model_and_of_the_template_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    swapped = {**tokenizer.parts.model.vocab, "a": 4, "k": 3}
    other = Tokenizer(presets.wordpiece(swapped))
    monkeypatch.setattr(parity, "reference_for", lambda _, of=parity.reference_for: of(other))
    check = check_parity(tokenizer, words=["a"])[0]
    assert check.first_difference is not None
    assert check.first_difference.stage == "model"
    monkeypatch.undo()
    bare = Tokenizer(replace(tokenizer.parts, template=None))
    monkeypatch.setattr(parity, "reference_for", lambda _, of=parity.reference_for: of(bare))
    check = check_parity(tokenizer, words=["a"])[0]
    assert check.first_difference is not None
    assert check.first_difference.stage == "post-processing (ids)"
    assert check.first_difference.text == ""


def test_a_text_that_one_library_refuses_is_a_difference_of_the_model() -> None:
    """The reference has no unknown token, and raises for what ours calls unknown."""
    lacking = ["other", *VOCAB[1:]]  # all but the unknown token, under the same ids
    reference = parity.reference_for(Tokenizer(presets.wordpiece(lacking)))
    check = check_parity(Tokenizer(presets.wordpiece(VOCAB)), words=["x"], reference=reference)[0]
    assert check.first_difference is not None
    assert (check.first_difference.stage, check.first_difference.text) == ("model", "x")
    assert check.first_difference.theirs == "refused"


def test_a_fault_that_only_pairs_show(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    template = tokenizer.parts.template
    assert template is not None
    broken = replace(template, pair=template.pair[:-1])
    faulty = Tokenizer(replace(tokenizer.parts, template=broken))
    monkeypatch.setattr(parity, "reference_for", lambda _, of=parity.reference_for: of(tokenizer))
    checks = check_parity(faulty, words=["a"], lines=["a q"])
    assert [check.passed for check in checks] == [True, True, True, False]
    assert checks[3].first_difference is not None
    assert checks[3].first_difference.stage == "post-processing of a pair (ids)"
    assert checks[3].first_difference.text == " / ", "nothing is needed but the template"


def test_a_file_is_judged_by_what_tokenizers_reads_from_it(
    wp: Wp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in reading a file shows, since the reference is not our rewriting of it."""
    Tokenizer(presets.wordpiece(VOCAB)).save("t.json")
    assert "DIFFERENT" not in wp("compare", "a q", "-t", "t.json")
    misread = tokenizer_json_reader.Reader.wordpiece
    monkeypatch.setattr(
        tokenizer_json_reader.Reader,
        "wordpiece",
        lambda self, settings: misread(self, {**settings, "max_input_chars_per_word": 1}),
    )
    out = wp("compare", "a qq", "-t", "t.json", code=1)
    assert "t: words: differs in model for 'qq'" in out


def test_training_that_differs_is_named_by_its_merge() -> None:
    lines = ["abab cdcd abab\n"] * 3
    options = TrainingOptions(vocab_size=14, model="bpe", score="frequency")
    right = wordpiece.train(lines, vocab_size=14, model="bpe").tokenizer
    assert check_training(Trained(options, right), lines).passed
    merges = [("c", "d"), *right.parts.model.merges[1:]]  # type: ignore[attr-defined]
    wrong = Tokenizer(presets.bpe([*right.get_vocab(), "cd"], merges))
    check = check_training(Trained(options, wrong), lines)
    assert not check.passed
    assert check.first_difference is not None
    assert check.first_difference.stage == "merge 1"
    options = TrainingOptions(vocab_size=16, score="frequency")
    right = wordpiece.train(lines, vocab_size=16, score="frequency").tokenizer
    assert check_training(Trained(options, right), lines).passed
    wrong = Tokenizer(presets.wordpiece([*list(right.get_vocab())[:-1], "other"]))
    check = check_training(Trained(options, wrong), lines)
    assert check.first_difference is not None
    assert check.first_difference.stage == "the token of id 15"
    assert check.first_difference.ours == "other"


@pytest.mark.parametrize(
    ("text", "needed", "shortest"),
    [("abcdefgh", "cf", "cf"), ("aaaa", "", ""), ("x" * 50 + "yz", "yz", "yz")],
)
def test_shrinking_leaves_what_is_needed(text: str, needed: str, shortest: str) -> None:
    assert shrunk(text, lambda t: all(char in t for char in needed)) == shortest


# ---------------------------------------------------------------- the command


def test_compare_after_a_training(wp: Wp, corpus: str) -> None:
    wp("train", corpus, "-v", "280", "-q", "--min-frequency", "2")
    out = wp("compare")
    assert re.search(r"^lines: 4 +wordpiece +bpe +byte-bpe$", out, re.MULTILINE)
    assert "byte-bpe: training (vocabulary and merges)" in out
    assert "DIFFERENT" not in out
    assert "Different vocabularies in 3 runs of it: " in out
    assert re.search(r"^wordpiece \(likelihood\): \d+ of its tokens are not there$", out, re.M)
    key = json.loads(Path("tokenizer/compare/comparison.json").read_text())
    assert key["trainings"]["bpe"]["min_frequency"] == 2
    wp("train", corpus, "-v", "300", "-q")
    assert Path("tokenizer/compare").is_dir(), "a new training leaves what is not its own"


def test_compare_json_has_the_fields_that_others_rely_on(wp: Wp, corpus: str) -> None:
    arguments = ("compare", "a few", "--corpus", corpus, "-v", "280", "--json", "--score", "gain")
    found = json.loads(wp(*arguments))
    assert wp.err == ""
    assert [row["name"] for row in found["tokenizers"]] == ["wordpiece", "bpe", "byte-bpe"]
    for row in found["tokenizers"]:
        assert set(row) == {"name", "model", "vocab_size", "metrics"}
        assert set(row["metrics"]) >= METRICS
    assert [text["text"] for text in found["texts"]] == ["a few"]
    assert found["texts"][0]["splits"]["byte-bpe"] == ["a", "Ġfew"]
    assert found["texts"][0]["sources"]["byte-bpe"] == ["a", " few"]
    assert found["texts"][0]["unknown"]["byte-bpe"] == [False, False]
    fields = {"check", "reference", "passed", "compared", "first_difference"}
    assert all(set(check) == fields for check in found["parity"])
    assert_all_passed(found)
    assert not Path("tokenizer").exists()


def test_compare_named_tokenizers(wp: Wp, corpus: str) -> None:
    Path("vocab.txt").write_text("[UNK]\nline\nfew\n", encoding="utf-8")
    wp("train", corpus, "-v", "60", "-q")
    out = wp("compare", "A few lines", "-t", "vocab.txt", "-t", "tokenizer", "--lowercase")
    assert "[UNK]=A few [UNK]=lines" in out
    assert re.search(r"^lines: 1 +vocab +tokenizer$", out, re.MULTILINE)
    out = wp("compare", "-t", "vocab.txt", "--eval", corpus, "--no-parity")
    assert "lines: 40" in out
    assert "parity" not in out


def test_compare_takes_what_only_tokenizers_can_run(wp: Wp, tmp_path: Path) -> None:
    theirs = tokenizers.Tokenizer(tokenizers.models.Unigram([("a", -1.0), ("b", -2.0)]))
    theirs.save("unigram.json")
    out = wp("compare", "ab", "-t", "unigram.json", "--json")
    assert json.loads(out)["tokenizers"][0]["model"] == "Unigram (tokenizers)"
    reason = "unigram: is run by tokenizers itself"
    assert (json.loads(out)["parity"], json.loads(out)["unchecked"]) == ([], [reason])
    out = wp("compare", "ab", "-t", "unigram.json")
    assert f"not checked: {reason}" in out
    assert "One document: there is nothing to draw again" not in out, "there is one tokenizer"


def test_unknown_tokens_of_a_model_with_an_id_for_them_are_seen(wp: Wp) -> None:
    their_model(models.Unigram([("<unk>", 0.0), ("the", -1.0)], unk_id=0), "unigram.json")
    found = json.loads(wp("compare", "the 한국 the", "-t", "unigram.json", "--json"))
    assert found["tokenizers"][0]["metrics"]["unk_word_rate"] == 1 / 3
    assert found["texts"][0]["unknown"]["unigram"] == [False, True, False]


@pytest.mark.parametrize("prefix", ["@@", "##"])
def test_vocabularies_in_other_notations_are_compared_by_what_they_write(
    wp: Wp, prefix: str
) -> None:
    vocab = {token: id for id, token in enumerate(["[UNK]", "a", "b", f"{prefix}b"])}
    model = models.WordPiece(vocab, unk_token="[UNK]", continuing_subword_prefix=prefix)
    their_model(model, "theirs.json")
    Path("vocab.txt").write_text("[UNK]\na\nb\n##b\n")
    found = json.loads(wp("compare", "ab b", "-t", "vocab.txt", "-t", "theirs.json", "--json"))
    (overlap,) = found["overlaps"]
    assert (overlap["jaccard"], overlap["same_splits"], overlap["by_surface"]) == (1, 1, False)


def test_a_file_that_tokenizers_refuses_is_said_to_be_unchecked(wp: Wp) -> None:
    Tokenizer(presets.wordpiece(VOCAB)).save("t.json")
    document = json.loads(Path("t.json").read_text(encoding="utf-8"))
    del document["added_tokens"][0]["special"]
    Path("t.json").write_text(json.dumps(document))
    found = json.loads(wp("compare", "a q", "-t", "t.json", "--json"))
    assert found["unchecked"][0].startswith("t, reading: tokenizers refuses it (missing field")


def test_a_tokenizer_without_an_unknown_token_is_compared_where_it_can_be(wp: Wp) -> None:
    vocab = {"a": 0, "q": 1}
    Tokenizer(presets.wordpiece(vocab)).save("t.json")
    assert "DIFFERENT" not in wp("compare", "a q", "-t", "t.json")


def test_quiet_says_only_what_failed(wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("compare", "few", "--corpus", corpus, "-v", "90", "--scores", "--quiet")
    assert wp(*arguments) == ""
    other = Tokenizer(presets.wordpiece(["[UNK]", "line"]))
    monkeypatch.setattr(parity, "reference_for", lambda _, of=parity.reference_for: of(other))
    assert wp(*arguments, code=1).startswith("likelihood: words: differs in ")


def test_files_that_end_without_a_line_end_are_not_joined(wp: Wp) -> None:
    Path("a.txt").write_text("some words here\n" * 12 + "joi")
    Path("b.txt").write_text("ned word\n" * 12)
    Path("ab.txt").write_text(Path("a.txt").read_text() + Path("b.txt").read_text())
    wp("train", "a.txt", "b.txt", "-v", "280", "-q")
    wp("compare")
    wp("train", "ab.txt", "-v", "280", "-q")
    found = json.loads(wp("compare", "--json"))
    assert_all_passed(found)


def test_trainings_that_have_no_reference_are_named(wp: Wp, corpus: str) -> None:
    named = ("compare", "few", "--json")
    wp("train", corpus, "-v", "280", "-q", "--max-token-length", "4")
    found = json.loads(wp(*named))
    assert_all_passed(found)
    assert {c["check"] for c in found["parity"] if "training" in c["check"]} == {
        *("bpe: training (vocabulary and merges)", "byte-bpe: training (vocabulary and merges)")
    }
    wp("train", corpus, "-v", "280", "-q", "--limit-alphabet", "20")
    (reason,) = json.loads(wp(*named))["unchecked"]
    assert reason.startswith("bpe, training: --limit-alphabet: theirs merges across")
    found = json.loads(wp(*named, "--scores"))
    frequency = found["wordpiece_trainer"]["differences"][2]
    assert len(frequency["ours_only"]) < 15, "its own trainer is limited too"


def test_special_tokens_of_a_byte_level_training_are_kept(wp: Wp, corpus: str) -> None:
    special = ("--special-token", "<s>", "--special-token", "</s>")
    wp("train", corpus, "-v", "280", "-q", "--model", "byte-bpe", *special)
    wp("compare", "few")
    trained = json.loads(Path("tokenizer/compare/comparison.json").read_text())["trainings"]
    assert trained["byte-bpe"]["special_tokens"] == ["<s>", "</s>"]
    assert trained["bpe"]["special_tokens"] == list(presets.BERT_SPECIAL_TOKENS)


def test_several_lines_from_standard_input_are_several_documents(
    wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wp("train", corpus, "-v", "60", "-q")
    lines = io.TextIOWrapper(io.BytesIO(b"line 9\n\na few\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", lines)
    found = json.loads(wp("compare", "-t", "tokenizer", "--json", "--no-parity"))
    assert [text["text"] for text in found["texts"]] == ["line 9", "a few"]


def test_long_names_leave_room_for_the_tokens(
    wp: Wp, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [Path("x" * 60, name) for name in ("one", "two")]
    for folder in folders:
        wordpiece.train(course, vocab_size=70).save(folder)
    monkeypatch.setenv("COLUMNS", "60")
    arguments = [word for folder in folders for word in ("-t", str(folder / "tokenizer.json"))]
    out = wp("compare", "This is about", *arguments, "--no-parity")
    assert re.search(r"^one/tokenizer +7 +Th ##i ##s is ab ##o ##ut$", out, re.MULTILINE)


@pytest.mark.parametrize("part", ["truncation", "padding"])
def test_what_tokenizers_would_cut_or_fill_is_measured_whole(
    wp: Wp, course: Path, part: str
) -> None:
    wordpiece.train(course, vocab_size=70).tokenizer.save("t.json")
    theirs = tokenizers.Tokenizer.from_file("t.json")
    if part == "truncation":
        theirs.enable_truncation(3)
    else:
        theirs.enable_padding(length=64)
    theirs.save("cut.json")
    out = wp("compare", "This is about", "-t", "t.json", "-t", "cut.json", "--json")
    first, second = json.loads(out)["tokenizers"]
    assert first["metrics"] == second["metrics"]


def test_a_tokenizer_with_gaps_or_doubled_ids_is_refused(wp: Wp) -> None:
    model = {"type": "BPE", "vocab": {"a": 1}, "merges": []}
    Path("gap.json").write_text(json.dumps({"model": model}))
    model["vocab"] = {"a": 0, "b": 0}
    Path("double.json").write_text(json.dumps({"model": model}))
    for name in ("gap.json", "double.json"):
        wp("compare", "ab", "-t", name, code=2)
        assert wp.err.startswith(f"wp: {name}: ")


def test_a_parity_check_that_fails_is_exit_code_one(
    wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Tokenizer(presets.wordpiece(["[UNK]", "line"]))
    monkeypatch.setattr(parity, "reference_for", lambda _, of=parity.reference_for: of(other))
    out = wp("compare", "few", "--corpus", corpus, "-v", "90", "--scores", code=1)
    assert "DIFFERENT" in out
    assert "likelihood: lines: differs in post-processing (ids) for ''" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("compare", "no training in tokenizer: run wp train first"),
        ("compare --corpus corpus.txt", "--corpus: needs --vocab-size N too"),
        ("compare --corpus missing.txt -v 300", "missing.txt: no such file"),
        ("compare --corpus corpus.txt -v 20", "--vocab-size 20: at least"),
        ("compare --corpus corpus.txt -v -5", "--vocab-size -5: must be at least 1"),
        ("compare --corpus corpus.txt -v 300 --min-frequency 0", "--min-frequency 0: must be"),
        ("compare x -t nobody/nothing", "transformers has no tokenizer of that name in its cache"),
        ("compare -t vocab.txt", "nothing to measure on: give a TEXT, --eval FILE or"),
        ("compare -t vocab.txt --eval blank.txt", "blank.txt: holds no word: it is empty or all"),
        ("compare --corpus blank.txt -v 99", "blank.txt: holds no word: it is empty or all"),
        ("compare --corpus corpus.txt -v 99 --eval blank.txt", "blank.txt: holds no word"),
        ("compare x -t vocab.txt -t vocab.txt", "one is named twice"),
        ("compare x -t vocab.txt --scores", "--scores: is for a training, --tokenizer is for"),
        ("compare x -t vocab.txt --score gain", "--score: is for a training"),
        ("compare x -t vocab.txt --min-frequency 2", "--min-frequency: is for a training"),
        ("compare x -t broken.json", "broken.json: is no JSON"),
        ("compare x -t vocab.txt --vocab-size 0", "--vocab-size: is for a training"),
        ("compare x -t vocab.txt --errors replace", "--errors: is for the file that --eval names"),
        ("compare x -t wordlevel.json", "wordlevel: tokenizers cannot encode 'x': "),
        ("compare ab -t unigram.json --lowercase", "--lowercase: is for a bare vocab.txt"),
        ("compare --scores --score gain --corpus corpus.txt -v 90", "--score gain: --scores"),
        ("compare a -t vocab.txt -t other.txt", "nothing to compare: they have no token in common"),
    ],
)
def test_mistakes_are_one_line(wp: Wp, corpus: str, arguments: str, message: str) -> None:
    Path("vocab.txt").write_text("[UNK]\na\n")
    Path("other.txt").write_text("[UNK]\nb\n")
    Path("broken.json").write_text("{")
    Path("blank.txt").write_text(" \n\n")
    their_model(models.Unigram([("a", -1.0)]), "unigram.json")
    their_model(models.WordLevel({"a": 0}, unk_token="[UNK]"), "wordlevel.json")
    wp(*arguments.split(), code=2)
    assert message in wp.err
    assert wp.err.count("\n") == 1


def their_model(model: models.Model, path: str) -> None:
    """A tokenizer.json of a kind that only tokenizers can run."""
    theirs = tokenizers.Tokenizer(model)
    theirs.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    theirs.save(path)


def test_a_damaged_or_unrepeatable_training_is_told(wp: Wp, corpus: str) -> None:
    wordpiece.train(["a b c"], vocab_size=9).save("tokenizer")
    wp("compare", code=2)
    assert "read no file to read again: name one with wp compare --corpus" in wp.err
    signature = json.loads(Path("tokenizer/training.json").read_text())
    signature["corpus"] = [{"name": corpus}]
    for name, value in (("vocab_size", 1e400), ("errors", "x"), ("lowercase", "yes"), ("model", 1)):
        damaged = {**signature, "options": {**signature["options"], name: value}}
        Path("tokenizer/training.json").write_text(json.dumps(damaged))
        wp("compare", code=2)
        assert "training.json: is damaged" in wp.err, name
    Path("tokenizer/training.json").write_text("{}")
    wp("compare", code=2)
    assert "is damaged" in wp.err
    Path("tokenizer/training.json").unlink()
    Path("tokenizer/training.json").mkdir()
    wp("compare", code=2)
    assert "training.json: cannot be read" in wp.err


def test_options_given_to_compare_go_before_those_of_the_training(wp: Wp, corpus: str) -> None:
    wp("train", corpus, "-v", "280", "-q")
    plain = json.loads(wp("compare", "LINE", "--json", "--no-parity"))
    lower = json.loads(wp("compare", "LINE", "--json", "--no-parity", "--lowercase"))
    assert plain["texts"][0]["splits"]["wordpiece"] == ["[UNK]"]
    assert lower["texts"][0]["splits"]["wordpiece"] == ["line"]


def test_every_option_of_the_training_is_kept_where_a_model_has_it(wp: Wp, corpus: str) -> None:
    options = ("--limit-alphabet", "30", "--max-token-length", "4", "--special-token", "[UNK]")
    wp("train", corpus, "-v", "280", "-q", *options, "--full-alphabet")
    found = json.loads(wp("compare", "words", "--json"))
    assert_all_passed(found)
    trained = json.loads(Path("tokenizer/compare/comparison.json").read_text())["trainings"]
    assert {t["max_token_length"] for t in trained.values()} == {4}
    assert [t["limit_alphabet"] for t in trained.values()] == [30, 30, None]
    assert [t["full_alphabet"] for t in trained.values()] == [True, False, False]
    assert trained["bpe"]["special_tokens"] == ["[UNK]"]


@pytest.mark.parametrize("dash", [["-"], []])
def test_a_text_may_come_from_standard_input(
    wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch, dash: list[str]
) -> None:
    wp("train", corpus, "-v", "60", "-q")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"line 9\n"), encoding="utf-8"))
    found = json.loads(wp("compare", *dash, "-t", "tokenizer", "--json", "--no-parity"))
    assert [text["text"] for text in found["texts"]] == ["line 9"]


def test_what_unknown_characters_and_bad_bytes_become_is_kept_from_the_training(wp: Wp) -> None:
    Path("bytes.txt").write_bytes(b"some words \xff here\n" * 12)
    wp("train", "bytes.txt", "-v", "280", "-q", code=2)
    wp("train", "bytes.txt", "-v", "280", "-q", "--errors", "replace")
    assert "lines: 1 " in wp("compare", "--no-parity")
    bpe = ("--model", "bpe", "--fuse-unk", "--errors", "replace")
    wp("train", "bytes.txt", "-v", "40", "-q", *bpe)
    found = json.loads(wp("compare", "s한국s", "--json"))
    assert found["texts"][0]["splits"]["bpe"] == ["s", "[UNK]", "s"]
    assert_all_passed(found)
    named = ("compare", "--corpus", "bytes.txt", "-v", "40", "--no-parity")
    wp(*named, code=2)
    assert "bytes.txt: byte 11 (0xff) is not UTF-8" in wp.err
    assert "lines: 1 " in wp(*named, "--errors", "replace")


def test_tables_too_wide_for_a_terminal_come_a_column_at_a_time(
    wp: Wp, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("compare", "words", "--corpus", corpus, "-v", "280")
    monkeypatch.setenv("COLUMNS", "44")
    narrow = wp(*arguments)
    assert "…" not in narrow, "no number is cut"
    assert re.search(r"^lines: 4 +wordpiece$", narrow, re.MULTILINE)
    monkeypatch.setenv("COLUMNS", "120")
    wide = wp(*arguments)
    assert re.search(r"^lines: 4 +wordpiece +bpe +byte-bpe$", wide, re.MULTILINE)


def test_one_document_has_no_interval_and_it_is_said(wp: Wp, corpus: str) -> None:
    wp("train", corpus, "-v", "60", "-q", "-o", "a")
    wp("train", corpus, "-v", "50", "-q", "-o", "b")
    out = wp("compare", "line 9", "-t", "a", "-t", "b", "--no-parity")
    assert "One document: there is nothing to draw again, so no intervals." in out
    assert "bits_per_byte: with the probabilities of this text itself" in out
    found = json.loads(wp("compare", "line 9", "-t", "a", "-t", "b", "--no-parity", "--json"))
    assert {(each["low"], each["high"]) for each in found["differences"]} == {(None, None)}


def test_records_are_documents_and_where_they_are_is_kept_from_the_training(wp: Wp) -> None:
    rows = [f'{{"body": "record {number}\\nof two lines"}}\n' for number in range(20)]
    Path("c.jsonl").write_text("".join(rows) + "no record\n", encoding="utf-8")
    wp("train", "c.jsonl", "-v", "60", "--field", "body", "--on-error", "skip", "-q")
    document = json.loads(wp("compare", "--json"))
    assert document["documents"] == 2
    assert_all_passed(document)
    assert json.loads(wp("compare", "--json", "--eval", "c.jsonl"))["documents"] == 20
    wp("compare", "--field", "text", "--on-error", "stop", code=2)
    assert "c.jsonl: line 1: has no field 'text', but body" in wp.err
    wp("compare", "a", "-t", "tokenizer", "--field", "body", code=2)
    assert "--field: is for the file that --eval names" in wp.err
