"""The probe: what every tokenizer is given, what is measured, and what is said of it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from math import log2
from multiprocessing import active_children
from pathlib import Path
from threading import Timer

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp, notes_of
from tests.strategies import nasty_text
from wordpiece import presets
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.metrics import word_spans
from wordpiece.bert import probing
from wordpiece.bert.bags import bag_probe, bags
from wordpiece.bert.batches import Batch, Row
from wordpiece.bert.frames import frame
from wordpiece.bert.labelled import Labelled
from wordpiece.bert.mlm import asked, bits
from wordpiece.bert.models import fresh
from wordpiece.bert.options import Budget, Size
from wordpiece.bert.probing import Probe, Tried, per_text, probe
from wordpiece.bert.small_bert import Run, run
from wordpiece.bert.verdict import (
    Scores,
    between_seeds,
    differences_from_best,
    interval,
    share_interval,
    verdict,
)
from wordpiece.errors import InputError, OptionError
from wordpiece.models.bpe import BPE
from wordpiece.pretrained import Tokenizer
from wordpiece.types import Progress

SMALL = Budget(text_bytes=6000, epochs=3, size=Size(1, 32), max_length=24)


@pytest.fixture(scope="session")
def labelled(reviews: list[tuple[str, str]]) -> Labelled:
    texts, names = zip(*reviews, strict=True)
    return Labelled("reviews", texts, tuple(int(name == "good") for name in names), ("bad", "good"))


@pytest.fixture
def tried(reviews: list[tuple[str, str]]) -> list[Tried]:
    texts = [text for text, _ in reviews]
    wordpiece.train(texts, vocab_size=120, score="gain").save("gain")
    wordpiece.train(texts, vocab_size=300, model="byte-bpe").save("byte-bpe")
    return [Tried("gain", "gain"), Tried("byte-bpe", "byte-bpe")]


# ---------------------------------------------------------------- frames


def test_a_vocabulary_without_berts_tokens_gets_ids_behind_all_others() -> None:
    tokenizer = wordpiece.train(["ab ab"], vocab_size=260, model="byte-bpe").tokenizer
    own = frame(OurEncoder("byte-bpe", tokenizer))
    size = tokenizer.get_vocab_size()
    assert (own.begin, own.end, own.special.mask, own.special.pad) == tuple(range(size, size + 4))
    assert (own.size, own.added) == (size + 4, 4)
    (window,) = own.windows("ab", 8)
    assert window.ids[0] == size
    assert window.special_tokens_mask[0] == window.special_tokens_mask[-1] == 1
    assert not set(own.special.regular) & own.special.ids


def test_a_bert_vocabulary_keeps_its_own_tokens(tokenizer: Tokenizer) -> None:
    own = frame(OurEncoder("gain", tokenizer))
    assert own.added == 0
    (window,) = own.windows("good film", 24)
    assert window.ids == tokenizer.encode("good film").ids
    with pytest.raises(OptionError, match="--max-length 2: must be at least 3 tokens"):
        own.windows("good", 2)


# ---------------------------------------------------------------- bits


BYTES = frame(
    OurEncoder("bytes", wordpiece.train(["ab"], vocab_size=257, model="byte-bpe").tokenizer)
)
LETTERS = frame(
    OurEncoder(
        "letters",
        Tokenizer(
            presets.wordpiece(
                ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abc", "##a", "##b", "##c"]
            )
        ),
    )
)


@given(text=st.one_of(nasty_text, st.text("abcé ", max_size=40)))
def test_every_tokenizer_is_asked_for_the_same_words(text: str) -> None:
    """A share of the words, and at least one; a byte-level one sees all their bytes."""
    found = asked(text, BYTES.windows(text, 16), unk_id=None, share=0.4)
    words = word_spans(text)
    spans = [(start, end) for start, end in words]
    number = sum(1 for _ in spans)
    if not number:
        assert found.bytes == 0
        return
    assert found.bytes > 0
    assert found.unknown == 0
    again = asked(text, BYTES.windows(text, 1000), unk_id=None, share=0.4)
    assert again.bytes == found.bytes  # windows change nothing
    plain = [word for word in text.split() if word.isascii()]
    if plain == text.split() and text.isprintable() and set(text) <= set("abc "):
        assert asked(text, LETTERS.windows(text, 1000), unk_id=1, share=0.4).bytes == found.bytes


def test_a_token_that_holds_a_space_is_asked_for_its_word_alone() -> None:
    """Otherwise a byte-level tokenizer would have a byte more to divide by for each word."""
    merged = wordpiece.train(["ab ab ab ab"], vocab_size=260, model="byte-bpe").tokenizer
    own = frame(OurEncoder("byte-bpe", merged))
    assert own.encoder.encode("ab ab").tokens == ["ab", "Ġab"]
    for text in ("ab ab", "ab ab ab ab ab", "\u3000ab\tab"):
        counts = {
            asked(text, each.windows(text, 64), unk_id=None, share=1).bytes
            for each in (own, BYTES, LETTERS)
        }
        assert counts == {len("".join(text.split()))}


def test_models_of_several_vocabularies_begin_alike_outside_the_embedding() -> None:
    models = [
        fresh("BertForMaskedLM", each.vocabulary, size=Size(2, 32), seed=5).state_dict()
        for each in (LETTERS, BYTES)
    ]
    of_tokens = ("word_embeddings", "decoder", "predictions.bias")
    alike = [name for name in models[0] if not any(part in name for part in of_tokens)]
    assert len(alike) > 30
    for name in alike:
        assert torch.equal(models[0][name], models[1][name]), name
    assert not models[0]["bert.embeddings.word_embeddings.weight"][0].any()  # padding


def test_an_unknown_token_costs_the_bytes_that_it_hides() -> None:
    windows = LETTERS.windows("é", 8)
    assert windows[0].tokens[1] == "[UNK]"
    question = asked("é", windows, unk_id=1)
    assert (question.bytes, question.unknown) == (2, 2)
    model = fresh("BertForMaskedLM", LETTERS.vocabulary, size=Size(1, 32), max_length=8)
    with torch.inference_mode():
        model.eval()
        masked = Batch.of_rows(question.rows, LETTERS.special).input_ids
        masked[0][1] = LETTERS.special.mask or 0
        logits = model(input_ids=torch.tensor(masked)).logits[0, 1]
    expected = -log2(float(logits.softmax(-1)[1])) + 16
    assert bits(model, [question], LETTERS.special)[0] == pytest.approx(expected, abs=1e-4)


def test_characters_that_are_dropped_cost_their_bytes_too() -> None:
    parts = presets.bpe(["[UNK]", *"abc"], [])
    dropping = BPE(parts.model.vocab, [])
    text = "abc " + "xyzxyz " * 5 + "ab cab"
    both = []
    for each in (parts, replace(parts, model=dropping)):
        own = frame(OurEncoder("t", Tokenizer(each)))
        windows, lost = own.windows(text, 64), own.encoder.dropped(text)
        found = asked(text, windows, unk_id=own.encoder.unk_id, share=1, dropped=lost)
        both.append((found.bytes, found.unknown))
    assert both == [(38, 30), (38, 30)]


def test_the_variance_of_a_difference_is_that_of_both_means() -> None:
    """By hand: what is left of the means of two tokenizers over two seeds is 1/4 each way."""
    scores = [Scores("a", ((1.0,), (2.0,))), Scores("b", ((2.0,), (2.0,)))]
    assert between_seeds(scores) == (2 * (4 * (1 / 4) ** 2) / 1 / 2, 1)


def test_an_unknown_token_may_be_hidden_and_is_not_special() -> None:
    assert 1 not in LETTERS.special.ids
    batch = Batch.of_rows([Row.of(LETTERS.windows("é a", 8)[0])], LETTERS.special)
    assert batch.maskable(0) == [1, 2]


def test_bits_are_those_of_the_plain_model() -> None:
    """Against one text at a time, without batches."""
    texts = ["ab ca bab abc", "c", "aaab b", "cab cab cab cab cab cab cab"]
    model = fresh("BertForMaskedLM", LETTERS.vocabulary, size=Size(1, 32), max_length=12, seed=3)
    questions = [asked(text, LETTERS.windows(text, 12), unk_id=1, share=0.5) for text in texts]
    found = bits(model, questions, LETTERS.special, batch_size=3)
    for question, value in zip(questions, found, strict=True):
        total = 0.0
        for row, places in zip(question.rows, question.places, strict=True):
            ids = [4 if at in places else id for at, id in enumerate(row.ids)]
            with torch.inference_mode():
                odds = model(input_ids=torch.tensor([ids])).logits[0].softmax(-1)
            total -= sum(log2(float(odds[at, row.ids[at]])) for at in places)
        assert value == pytest.approx(total, abs=1e-3)


# ---------------------------------------------------------------- bags


def test_bags_count_tokens(tokenizer: Tokenizer) -> None:
    encoder = OurEncoder("gain", tokenizer)
    matrix = bags(encoder, ["good good film", ""])
    good = tokenizer.encode("good", add_special_tokens=False).ids
    assert matrix.shape == (2, tokenizer.get_vocab_size())
    assert matrix[0, good[-1]] == 2
    assert matrix[1].sum() == 0


def test_bags_tell_apart_what_can_be_told(tokenizer: Tokenizer, labelled: Labelled) -> None:
    found = bag_probe(OurEncoder("gain", tokenizer), labelled)
    assert found.accuracy > 0.95
    assert len(found.folds) == 5
    shuffled = list(labelled.labels)
    random.Random(0).shuffle(shuffled)
    chance = bag_probe(OurEncoder("gain", tokenizer), replace(labelled, labels=tuple(shuffled)))
    assert chance.accuracy < 0.75


def test_a_class_with_too_few_texts_is_refused(tokenizer: Tokenizer, labelled: Labelled) -> None:
    few = replace(labelled, labels=(1, 1, *[0] * 58))
    with pytest.raises(InputError, match="the label 'good' has 2 texts; each needs at least 5"):
        bag_probe(OurEncoder("gain", tokenizer), few)


# ---------------------------------------------------------------- small BERTs


def test_a_run_learns_and_is_the_same_again(tokenizer: Tokenizer, labelled: Labelled) -> None:
    own = frame(OurEncoder("gain", tokenizer))
    training, held_out = labelled.taken(range(48)), labelled.taken(range(48, 60))
    budget = replace(SMALL, text_bytes=20_000, epochs=20, batch=8, rate=3e-3)
    one, two = (run(own, training.texts, training, held_out, budget, seed=1) for _ in range(2))
    assert (one.bits, one.right, one.last) == (two.bits, two.right, two.last)
    assert one.last < one.first
    assert one.accuracy > 0.8
    assert one.bits_per_byte == pytest.approx(sum(per_text(one)) / len(held_out))
    assert one.parameters - one.embeddings > 0
    assert one.cut_off == 0
    other = run(own, training.texts, training, held_out, budget, seed=2)
    assert other.bits != one.bits
    assert other.bytes == one.bytes


def runs_of(found: Probe) -> tuple[Run, ...]:
    assert found.bert is not None
    return found.bert.runs


def test_workers_and_kept_runs_change_nothing(
    tried: list[Tried], labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, held_out = labelled.taken(range(48)), labelled.taken(range(48, 60))
    options = {"held_out": held_out, "budget": SMALL, "seeds": (0, 1)}
    found = probe(tried, training, workers=1, keep=Path("runs"), **options)  # type: ignore[arg-type]
    assert [(each.name, each.seed) for each in runs_of(found)] == [
        *(("gain", 0), ("gain", 1), ("byte-bpe", 0)),
        ("byte-bpe", 1),
    ]
    apart = probe(tried, training, workers=2, **options)  # type: ignore[arg-type]
    assert [each.bits for each in runs_of(apart)] == [each.bits for each in runs_of(found)]
    assert len(list(Path("runs").iterdir())) == 4
    monkeypatch.setattr(probing, "do", None)  # nothing is to be done again
    again = probe(tried, training, workers=1, keep=Path("runs"), **options)  # type: ignore[arg-type]
    assert runs_of(again) == runs_of(found)
    assert again.verdicts() == found.verdicts()
    assert len(found.verdicts()) == 3
    outside = {each.parameters - each.embeddings for each in runs_of(found)}
    assert max(outside) - min(outside) <= 304  # the bias of the output, one number a token


def test_an_interrupted_probe_says_that_it_goes_on(tried: list[Tried], labelled: Labelled) -> None:
    def listen(progress: Progress) -> None:
        if progress.phase == "small BERTs" and progress.done == 1:
            raise KeyboardInterrupt

    options = {"held_out": labelled, "budget": SMALL, "seeds": (0,), "workers": 1}
    keep = Path("runs")
    notes = notes_of(lambda: probe(tried, labelled, keep=keep, progress=listen, **options))  # type: ignore[arg-type]
    assert notes == ["the same command goes on; runs has 1 run"]
    assert len(list(keep.iterdir())) == 1


def test_a_worker_that_is_killed_is_told(tried: list[Tried], labelled: Labelled) -> None:
    def listen(progress: Progress) -> None:
        if progress.phase == "small BERTs":
            Timer(2, lambda: [child.kill() for child in active_children()]).start()

    options = {"held_out": labelled, "budget": replace(SMALL, text_bytes=10**7), "seeds": (0, 1)}
    with pytest.raises(InputError, match="a worker process ended early"):
        probe(tried, labelled, workers=2, progress=listen, **options)  # type: ignore[arg-type]


def test_texts_without_a_word_are_told(tried: list[Tried], labelled: Labelled) -> None:
    empty = replace(labelled, texts=("\u00ad",) * len(labelled))
    options = {"held_out": empty, "budget": SMALL, "seeds": (0,), "workers": 1}
    with pytest.raises(InputError, match="reviews: gain finds no word in it"):
        probe(tried[:1], labelled, **options)  # type: ignore[arg-type]


def test_one_seed_is_not_judged() -> None:
    """Three of one segmentation differ by chance in training, which one seed does not show."""
    scores = [Scores("a", [[0.0] * 50]), Scores("b", [[1.0] * 50])]
    assert "not judged, since one seed" in verdict("x", scores, higher=True, trained=True)
    assert "b is best" in verdict("x", scores, higher=True)
    two = [Scores("a", [[0.0, 0.1], [0.0, 0.2]]), Scores("b", [[1.0, 0.9], [1.0, 0.8]])]
    assert "not judged, since two seeds do not" in verdict("x", two, higher=True, trained=True)
    third = Scores("c", [[0.0, 0.2], [0.0, 0.1]])
    assert "not judged" not in verdict("x", [*two, third], higher=True, trained=True)


def test_a_share_has_an_interval_within_0_and_1() -> None:
    found = share_interval([True] * 19 + [False])
    assert found.value == 0.95
    assert found.low is not None
    assert found.high is not None
    assert 0.76 < found.low < 0.77  # Wilson's, as tables have it
    assert 0.99 < found.high < 1


def test_a_damaged_run_is_told(tried: list[Tried], labelled: Labelled) -> None:
    options = {"held_out": labelled, "budget": SMALL, "seeds": (0,), "workers": 1}
    probe(tried[:1], labelled, keep=Path("runs"), **options)  # type: ignore[arg-type]
    (file,) = Path("runs").iterdir()
    file.write_text("{}")
    with pytest.raises(InputError, match="is no result of a run: delete it"):
        probe(tried[:1], labelled, keep=Path("runs"), **options)  # type: ignore[arg-type]


def test_names_must_differ(tried: list[Tried], labelled: Labelled) -> None:
    with pytest.raises(OptionError, match="each under a name of its own"):
        probe([tried[0], tried[0]], labelled)
    with pytest.raises(OptionError, match="name at least one"):
        probe([], labelled)


# ---------------------------------------------------------------- verdicts


def test_no_difference_is_said_when_there_is_none() -> None:
    """Of 200 draws of equal tokenizers at most one in ten may be called different."""
    draw = random.Random(4)
    called = 0
    for _ in range(200):
        scores = [
            Scores(name, [[float(draw.random() < 0.8) for _ in range(200)] for _ in range(3)])
            for name in ("a", "b", "c")
        ]
        called += not verdict("accuracy", scores, higher=True).startswith(
            "accuracy: no difference found between a, b and c"
        )
    assert called <= 20


def test_a_clear_difference_is_found() -> None:
    draw = random.Random(5)

    def scores(name: str, share: float) -> Scores:
        return Scores(name, [[float(draw.random() < share) for _ in range(2000)] for _ in range(3)])

    said = verdict("accuracy", [scores("a", 0.6), scores("b", 0.8)], higher=True)
    assert said.startswith("accuracy: b is best (0.")
    assert ", before a (0." in said
    said = verdict("bits", [scores("a", 0.6), scores("b", 0.8)], higher=False)
    assert said.startswith("bits: a is best")
    three = [scores("a", 0.8), scores("b", 0.6), scores("c", 0.8)]
    said = verdict("accuracy", three, higher=True)
    assert said.startswith("accuracy: no difference found between a and c")
    assert "before b" in said


def test_intervals_hold_what_they_say() -> None:
    """Of 300 means of seeds and texts drawn anew, nine in ten or more are within."""
    draw = random.Random(6)
    held = 0
    for _ in range(300):
        seeds = [draw.gauss(0, 0.3) for _ in range(4)]
        texts = [draw.gauss(0, 1) for _ in range(50)]
        values = [[5 + seed + text + draw.gauss(0, 1) for text in texts] for seed in seeds]
        found = interval(values)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 5 <= found.high
    assert held >= 270


def test_one_value_has_no_interval() -> None:
    assert interval([[0.5]]) == (0.5, None, None)
    assert "and nothing beside it" in verdict("x", [Scores("a", [[0.5]])], higher=True)


def test_with_more_comparisons_each_must_be_surer() -> None:
    draw = random.Random(7)
    values = [[float(draw.random() < 0.8) for _ in range(300)] for _ in range(3)]
    other = [[float(draw.random() < 0.7) for _ in range(300)] for _ in range(3)]
    two = differences_from_best([Scores("a", values), Scores("b", other)], higher=True)
    more = [Scores(str(number), other) for number in range(9)]
    many = differences_from_best([Scores("a", values), *more], higher=True)
    low, lower = two["b"].low, many["0"].low
    assert low is not None
    assert lower is not None
    assert lower < low


# ---------------------------------------------------------------- the command


def test_wp_probe_answers_in_a_sentence(wp: Wp, tried: list[Tried], labelled_file: str) -> None:
    out = wp("probe", labelled_file, "-t", "gain", "-t", "other=byte-bpe")
    assert "by accuracy of bags of tokens: no difference found between gain and other" in out
    command = f"probe {labelled_file} -t gain -t byte-bpe --bert --bytes 2000 --epochs 1 --seeds 1"
    more = ("--workers", "1", "--layers", "1", "--hidden", "32")
    out = wp(*command.split(), *more, "--test", labelled_file)
    assert "1 seed; pre-training on 2,000 bytes in whole steps" in out
    assert "for 1 epoch;" in out
    last = out.splitlines()[-1]
    assert last.startswith("For this task, by accuracy of small BERTs: ")
    assert "not judged, since one seed" in last
    assert "6 of them stand in the training texts too" not in out
    assert "60 of them stand in the training texts too" in out
    found = json.loads(wp(*command.split(), *more, "--json"))
    assert [each["name"] for each in found["tokenizers"]] == ["gain", "byte-bpe"]
    assert found["tokenizers"][0]["runs"][0]["seed"] == 0
    assert found["held_out"] == 6
    Path("empty.txt").write_text("\n")
    for arguments, message in (
        (("--seeds", "0"), "--seeds 0: must be at least 1"),
        (("--limit", "0"), "--limit 0: must be at least 1"),
        (("--bert", "--test", "none.tsv"), "none.tsv: no such file"),
        (("--test", labelled_file), "--test, --corpus, --keep: are for --bert"),
        (("--bert", "--bytes", "nan"), "--bytes nan: must be a number above 0"),
        (("--bert", "--corpus", "empty.txt"), "--corpus: holds no text to pre-train on"),
        (("-t", "nowhere"), "nowhere: no such path"),
    ):
        wp("probe", labelled_file, "-t", "gain", *arguments, code=2)
        assert message in wp.err
        assert wp.err.count("\n") == 1
