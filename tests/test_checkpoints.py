"""Trainings that are cut off and gone on with end with the same bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.command import Wp, contents, killed_until_done, notes_of, remains
from wordpiece import FormatError, OptionError, WordCounts
from wordpiece.formats import checkpoint
from wordpiece.training import engine, trainers
from wordpiece.training.scores import SCORES, ScoreName
from wordpiece.training.trainers import TrainingOptions, learn
from wordpiece.types import Merge


@pytest.fixture
def wp(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> Wp:
    """The command, with a checkpoint whenever it can be."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    monkeypatch.setattr(trainers, "REPORT_EVERY", 10)
    return wp


@pytest.fixture
def corpus() -> Path:
    """Words of a few syllables, some of them frequent, so that every score finds merges."""
    rng = random.Random(11)
    syllables = ["".join(rng.choices("abcdefghij", k=rng.randrange(1, 4))) for _ in range(60)]
    words = ["".join(rng.choices(syllables, k=rng.randrange(1, 4))) for _ in range(900)]
    lines = (" ".join(words[int(900 * rng.random() ** 3)] for _ in range(10)) for _ in range(300))
    path = Path("corpus.txt")
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


class Stop(Exception):
    """What an interruption raises here."""


def interrupt_after(number: int) -> Any:
    def trainer(*arguments: Any) -> Any:
        for at, merge in enumerate(engine_merges(*arguments)):
            if at == number:
                raise Stop
            yield merge

    engine_merges = engine.merges
    return trainer


@given(
    st.dictionaries(st.text("ab#", min_size=1, max_size=8), st.integers(1, 9), min_size=1),
    st.sampled_from(sorted(SCORES)),
    st.sampled_from(["wordpiece", "bpe"]),
    st.integers(1, 3),
    st.data(),
)
def test_a_training_goes_on_from_any_merge(
    words: dict[str, int], score: ScoreName, model: Any, least: int, data: st.DataObject
) -> None:
    """The queues are made from the corpus as it is then, and find the same best pairs."""
    options = TrainingOptions(
        200,
        model=model,
        score=score if model == "wordpiece" else "frequency",
        min_frequency=least,
        max_token_length=data.draw(st.sampled_from([None, 3])),
    )
    whole = learn(WordCounts(words), options)
    at = data.draw(st.integers(0, len(whole.merges)))
    assert learn(WordCounts(words), options, done=whole.merges[:at]) == whole


@pytest.mark.parametrize("score", sorted(SCORES))
def test_a_longer_training_goes_on_from_any_merge(corpus: Path, score: ScoreName) -> None:
    whole = wordpiece.train(corpus, vocab_size=700, score=score)
    counts = WordCounts(dict(wordpiece.count_partition([corpus.read_text(encoding="utf-8")])))
    options = TrainingOptions(700, score=score)
    assert len(whole.merges) > 100
    for at in range(0, len(whole.merges), 60):
        assert learn(counts, options, done=whole.merges[:at]).merges == whole.merges


def test_merges_of_another_training_are_refused() -> None:
    counts = WordCounts({"aab": 3, "ab": 2})
    merges = learn(counts, TrainingOptions(20)).merges
    wrong = (merges[0]._replace(f_ab=77),)
    with pytest.raises(wordpiece.InputError, match=r"merge 1 .* is not of this training"):
        learn(counts, TrainingOptions(20), done=wrong)
    unknown = (Merge(1, "x", "##y", "xy", 9, 3, 3, 3, 15, 0.3),)
    with pytest.raises(wordpiece.InputError, match="merge 1"):
        learn(counts, TrainingOptions(20), done=unknown)


@pytest.mark.parametrize("options", [(), ("--model", "byte-bpe"), ("--score", "gain")])
@pytest.mark.parametrize("after", [0, 9, 57])
def test_the_same_command_goes_on_and_ends_with_the_same_bytes(
    wp: Wp, corpus: Path, options: tuple[str, ...], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("train", "corpus.txt", "-v", "600", "-q", *options)
    wp(*command, "-o", "whole")
    assert not Path("whole.checkpoint").exists()
    with monkeypatch.context() as patch:
        defaults = {**learn.__kwdefaults__, "trainer": interrupt_after(after)}  # type: ignore[dict-item]
        patch.setattr(learn, "__kwdefaults__", defaults)
        with pytest.raises(Stop):
            wp(*command, "-o", "out")
    kept = Path("out.checkpoint")
    assert len(checkpoint.read_trace(kept / checkpoint.MERGES).merges) == after // 10 * 10
    with (kept / checkpoint.MERGES).open("ab") as file:
        file.write(b'{"step": 61, "left')  # a kill in the middle of a write
    counted = []
    monkeypatch.setattr("wordpiece.api.count_files", lambda *_, **__: counted.append(1))
    wp(*command, "-o", "out", "--resume")
    assert not counted, "the words are in the checkpoint"
    for path in Path("whole").iterdir():
        assert path.read_bytes() == Path("out", path.name).read_bytes(), path.name
    assert not kept.exists()


def test_a_checkpoint_of_another_training_is_refused(
    wp: Wp, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Path("out.checkpoint")
    with pytest.raises(Stop):
        wordpiece.train(corpus, vocab_size=600, checkpoint=kept, progress=stop_when_merging)
    command = ("train", "corpus.txt", "-o", "out", "--resume", "-q")
    wp(*command, "-v", "500", code=2)
    assert "--resume: the checkpoint in" in wp.err
    assert "is of a training with other options: give the same command" in wp.err
    wp(*command, "-v", "600", "--lowercase", code=2)
    assert "with other rules" in wp.err
    corpus.write_text("other\n")
    wp(*command, "-v", "600", code=2)
    assert "with other corpus" in wp.err
    assert kept.exists(), "nothing is lost"
    wp("train", "corpus.txt", "-o", "out", "-q", "-v", "20", code=2)
    assert "is the checkpoint of a training that was cut off: go on from it with --resume" in wp.err
    assert kept.exists(), "nothing is lost by forgetting --resume either"


def test_merges_of_one_that_was_cut_off_at_its_start_are_not_gone_on_with(
    wp: Wp, corpus: Path
) -> None:
    """Its key was not written as yet: what follows begins anew."""
    wp("train", "corpus.txt", "-v", "600", "-o", "whole", "-q")
    with pytest.raises(Stop):
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    Path("kept", checkpoint.KEY).unlink()
    with pytest.raises(Stop):
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    wp(*["train", "corpus.txt", "-v", "600", "-o", "out", "--checkpoint", "kept", "--resume", "-q"])
    assert contents(Path("out")) == contents(Path("whole"))


def stop_when_merging(step: wordpiece.Progress) -> None:
    if step.phase == "merging" and step.done > 100:
        raise Stop


@pytest.mark.parametrize("name", [checkpoint.KEY, checkpoint.COUNTS, checkpoint.MERGES])
def test_a_damaged_checkpoint_is_told(wp: Wp, corpus: Path, name: str) -> None:
    with pytest.raises(Stop):
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    Path("kept", name).write_bytes(b"rubbish\n")
    with pytest.raises(FormatError, match=r"kept: the checkpoint is damaged \(.*remove the folder"):
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", resume=True)


def test_resuming_without_a_checkpoint_begins_at_the_beginning(wp: Wp, corpus: Path) -> None:
    wp("train", "corpus.txt", "-v", "100", "-o", "out", "--resume", "-q")
    assert Path("out/vocab.txt").exists()


def test_what_cannot_be_read_again_has_no_checkpoint(wp: Wp) -> None:
    with pytest.raises(OptionError, match="--checkpoint: is for files"):
        wordpiece.train(["some text"], vocab_size=30, checkpoint="kept")
    with pytest.raises(OptionError, match="--resume: needs a checkpoint"):
        wordpiece.train(["some text"], vocab_size=30, resume=True)
    wp("train", "-", "-v", "30", "--checkpoint", "kept", code=2)
    assert "--checkpoint: standard input cannot be read again" in wp.err
    wp("train", "-", "-v", "30", "--resume", code=2)
    assert "--resume: needs a checkpoint" in wp.err


def test_a_training_does_not_end_for_want_of_a_checkpoint(wp: Wp, corpus: Path) -> None:
    Path("kept").write_text("no folder")
    wp("train", "corpus.txt", "-v", "100", "-q", "--checkpoint", "kept/below")
    assert "no checkpoint was kept: kept/below: cannot be written" in wp.err
    assert Path("tokenizer/vocab.txt").exists()


def test_counts_files_have_checkpoints_too(wp: Wp, corpus: Path) -> None:
    wordpiece.count_words(corpus, "c.tsv")
    loaded = wordpiece.load_counts("c.tsv")
    with pytest.raises(Stop):
        wordpiece.train(loaded, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    wp("train", "--counts", "c.tsv", "-v", "600", "--checkpoint", "kept", "--resume", "-o", "a")
    wp("train", "--counts", "c.tsv", "-v", "600", "-o", "b")
    for path in Path("a").iterdir():
        assert path.read_bytes() == Path("b", path.name).read_bytes()


def test_a_training_that_is_killed_at_any_moment_is_gone_on_with(wp: Wp, corpus: Path) -> None:
    rng = random.Random(3)
    wp("train", "corpus.txt", "-v", "1200", "-o", "whole", "-q")
    program = (
        "import wordpiece.formats.checkpoint as c; c.SECONDS = 0\n"
        "import wordpiece.training.trainers as t; t.REPORT_EVERY = 10\n"
        "from wordpiece.cli.main import main\n"
        "main(['train', 'corpus.txt', '-v', '1200', '-o', 'out', '-q', '--resume'])"
    )
    killed_until_done(program, rng, longest=0.4, times=40)
    subprocess.run([sys.executable, "-c", program], check=True)
    for path in Path("whole").iterdir():
        assert path.read_bytes() == Path("out", path.name).read_bytes(), path.name
    assert remains() == []
    assert not Path("out.checkpoint").exists()
    assert json.loads(Path("out/training.json").read_text())["result"]["words"] == 3000


def test_an_interruption_has_a_note_where_a_checkpoint_can_be_gone_on_with(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before it is written, nor before it is known to be of this training."""

    def stop(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    def stop_in_merging(step: wordpiece.Progress) -> None:
        if step.phase == "merging":
            raise KeyboardInterrupt

    train = partial(wordpiece.train, corpus, vocab_size=1500, checkpoint="kept")
    assert notes_of(lambda: train(progress=stop_in_merging)) == []
    monkeypatch.setattr(checkpoint, "SECONDS", 0)
    (note,) = notes_of(lambda: train(progress=stop_in_merging))
    assert note.startswith("the checkpoint in kept is kept, and the same command with --resume")
    with monkeypatch.context() as patch:
        patch.setattr("wordpiece.formats.counts_file.read", stop)
        assert notes_of(lambda: train(resume=True)) == []
    result = train(resume=True)
    with monkeypatch.context() as patch:
        patch.setattr("wordpiece.api.write_folder", stop)
        assert notes_of(lambda: result.save("out")) == [note]
    result.save("out")
    assert not Path("kept").exists()


def test_a_folder_that_is_no_checkpoint_keeps_what_is_in_it(wp: Wp, corpus: Path) -> None:
    """Our own names of other files, those of a tokenizer or of counts, among them."""
    wp("train", "corpus.txt", "-v", "60", "-o", "tok", "-q")
    wordpiece.count_words(corpus, "tok/counts.tsv.gz")
    before = contents(Path("tok"))
    wp("train", "corpus.txt", "-v", "600", "-o", "out", "--checkpoint", "tok", "-q")
    wp("train", "corpus.txt", "-v", "600", "-o", "out", "--checkpoint", "tok", "-q", "--resume")
    assert contents(Path("tok")) == before


def test_a_training_that_failed_gives_its_checkpoint_free(wp: Wp, corpus: Path) -> None:
    """Also where its error is held, as an interactive Python does with the last one."""
    with pytest.raises(Stop) as held:
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    again = wordpiece.train(corpus, vocab_size=600, checkpoint="kept", resume=True)
    assert again.stopped == "size"
    assert held.value.__traceback__ is not None


def test_two_trainings_do_not_share_a_checkpoint(wp: Wp, corpus: Path) -> None:
    with pytest.raises(Stop):
        wordpiece.train(corpus, vocab_size=600, checkpoint="kept", progress=stop_when_merging)
    key = json.loads(Path("kept", checkpoint.KEY).read_text())["key"]
    first = checkpoint.Checkpoint(Path("kept"), key)
    first.load()
    with pytest.raises(wordpiece.OutputError, match="kept: another process is writing it"):
        checkpoint.Checkpoint(Path("kept"), key).load()
    first.remove()
    assert not Path("kept").exists()


def test_what_comes_from_a_pipe_is_not_gone_on_with(wp: Wp, corpus: Path) -> None:
    """A pipe may bring another text the next time: it has no checkpoint, as standard input."""
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(corpus.read_bytes(),))
    writer.start()
    wp("train", "pipe", "--vocab-size", "200")
    writer.join()
    assert not Path("tokenizer.checkpoint").exists()
    wp("train", "pipe", "--vocab-size", "200", "--checkpoint", "kept", code=2)
    assert "pipe cannot be read again: name a file" in wp.err
