"""The trace: what each merge was chosen against, held to a plain recount at every step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wordpiece
from tests.conftest import REPOSITORY
from tests.training_tools import run, task_for
from wordpiece.errors import FormatError
from wordpiece.formats import trace
from wordpiece.training import engine, queues, recorder, reference
from wordpiece.training.recorder import Recorder
from wordpiece.training.segments import Segment, Task
from wordpiece.types import MOST_TIED, Merge, MergeDetail, Rival, WordCounts

SCORES = ("likelihood", "gain", "frequency")
HUGS = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}


def recorded(task: Task) -> tuple[list[Merge], dict[int, MergeDetail]]:
    """The merges of a training, with what the recorder says of every step."""
    made = Recorder(task)
    merges, _ = run(lambda task: engine.merges(task, (), made), task)
    return merges, made.details


def defined(task: Task) -> list[dict[str, Any]]:
    """What the details of each step must be: everything counted anew, all pairs put in order."""
    segments, tokens = list(task.segments), list(task.tokens)
    found = []
    for merge in run(reference.merges, task)[0]:
        pairs, symbols = reference.count_pairs(segments), reference.count_symbols(segments)
        n = symbols.total()
        allowed = {
            (a, b): task.score.value(f, symbols[a], symbols[b], n, a == b)
            for (a, b), f in pairs.items()
            if f >= task.min_frequency and task.allows(tokens[a], tokens[b])
        }
        if task.score.positive_only:
            allowed = {pair: score for pair, score in allowed.items() if score > 0}
        first = {pair: at for at, pair in enumerate(pairs)}
        by_id = task.score.ties_by_id
        order = sorted(allowed, key=lambda p: (-allowed[p], p if by_id else first[p]))
        best, *others = order
        highest = allowed[best]
        if merge.new not in tokens:
            tokens.append(merge.new)
        new = tokens.index(merge.new)
        after = [Segment(reference.merged(s.symbols, best, new), s.weight) for s in segments]
        changed = [
            (old, now)
            for old, now in zip(segments, after, strict=True)
            if old.symbols != now.symbols
        ]
        second = allowed[others[0]] if others else None
        margin = None
        if second is not None:
            margin = highest - second if task.score.is_sum else highest / second
        count = pairs[best]
        found.append(
            {
                "n_after": reference.count_symbols(after).total(),
                "n_tied": min(MOST_TIED, sum(score == highest for score in allowed.values())),
                "frequency_rank": 1 + sum(f > count for f in pairs.values()),
                "margin": margin,
                "words_touched": len(changed),
                "rivals": tuple(
                    Rival(tokens[a], tokens[b], pairs[a, b], symbols[a], symbols[b], allowed[a, b])
                    for a, b in others[:5]
                ),
                "examples": [
                    (
                        old.weight,
                        tuple(tokens[s] for s in old.symbols),
                        tuple(tokens[s] for s in now.symbols),
                    )
                    for old, now in changed[:3]
                ],
            }
        )
        segments = after
    return found


def check_against_definition(counts: Mapping[str, int], **options: object) -> None:
    task = task_for(counts, **options)  # type: ignore[arg-type]
    task = replace(task, vocab_size=min(task.vocab_size, recorder.ALL_UNTIL))
    merges, details = recorded(task)
    expected = defined(task)
    assert len(merges) == len(expected) == len(details)
    for step, plain in enumerate(expected, start=1):
        detail = details[step]._asdict()
        alone = plain["n_tied"] == 1
        assert (detail.pop("chosen_by") == "score") == alone
        examples = detail.pop("examples")
        assert [(e.count, e.before, e.after) for e in examples] == plain.pop("examples")
        assert detail == plain


words = st.dictionaries(
    st.text("abc", min_size=1, max_size=7), st.integers(1, 9), min_size=1, max_size=12
)


@pytest.mark.parametrize("score", SCORES)
@given(
    counts=words,
    least=st.integers(1, 3),
    longest=st.none() | st.integers(1, 5),
    rare=st.sampled_from([1, 1, 4, 9, 30]),
)
def test_every_detail_is_as_a_plain_recount_says(
    score: str, counts: dict[str, int], least: int, longest: int | None, rare: int
) -> None:
    check_against_definition(
        counts, score=score, min_frequency=least, max_token_length=longest, rare=rare
    )


def test_a_pair_too_rare_to_win_may_be_a_rival() -> None:
    """`zq` comes second, before pairs that are four times as frequent and nearly independent."""
    even = {first + second: 12 for first in "aceg" for second in "bdfh"}
    counts = {"xy": 100, **even, "k": 800, "zq": 3}
    check_against_definition(counts, score="gain", rare=9)


@pytest.mark.parametrize("product", [1, 1 << 6])
def test_the_ranking_holds_where_products_are_too_large_for_doubles(
    product: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past 2**50 the order within a hub is decided by the exact scores alone."""
    monkeypatch.setattr(queues, "EXACT_PRODUCT", product)
    check_against_definition(HUGS, score="likelihood")
    huge = {word: count * 10**12 + 1 for word, count in HUGS.items()}
    check_against_definition(huge, score="likelihood")


def test_the_first_steps_of_the_hug_example() -> None:
    """The course's example: 1/20, then six pairs at 1/36, of which the first is taken."""
    _, details = recorded(task_for(HUGS))
    first = wordpiece.train(WordCounts(HUGS), vocab_size=16)
    assert details[1].n_tied == 1
    assert details[1].chosen_by == "score"
    assert details[1].margin == (1 / 20) / (1 / 36)
    assert details[2].n_tied == 6
    assert details[2].chosen_by == "first occurrence"
    assert details[2].margin == 1.0
    rivals = {(rival.left, rival.right): rival.score for rival in details[3].rivals}
    assert rivals["hu", "##g"] == 2 / 45
    assert details[3].rivals[0].score == 1 / 21
    assert [merge.new for merge in first.merges] == ["##gs", "hu", "hugs", "hug"]


def test_the_course_corpus_says_what_ab_was_chosen_against(course: Path) -> None:
    detail = wordpiece.train(course, vocab_size=70).details[1]
    rival = detail.rivals[0]
    assert detail.examples[0].before == ("a", "##b", "##o", "##u", "##t")
    assert detail.examples[0].after == ("ab", "##o", "##u", "##t")
    assert (detail.n_tied, detail.chosen_by, detail.words_touched, detail.n_after) == (
        *(2, "first occurrence"),
        *(2, 169),
    )
    assert rival.score == 0.2


def test_a_very_long_word_is_no_example() -> None:
    """It would be written twice at each of hundreds of steps."""
    long = {f"{'ab' * 51}{'ab' * at}": 1 for at in range(5)}
    words = WordCounts({**long, "abab": 2, "ba" * 50: 1})
    details = wordpiece.train(words, vocab_size=24, score="frequency").details
    shown = {example.word for detail in details.values() for example in detail.examples}
    assert shown == {"abab", "ba" * 50}
    assert [example.word for example in details[1].examples] == ["abab", "ba" * 50]


def test_long_trainings_record_the_first_steps_and_a_sample() -> None:
    steps = [step for step in range(1, 29_701) if recorder.is_recorded(step, 30_000)]
    assert steps[:500] == list(range(1, 501))
    assert steps[500:503] == [600, 800, 1000]
    assert len(steps) == 500 + 146


def folder_of(course: Path, mode: trace.TraceMode) -> Path:
    wordpiece.train(course, vocab_size=70, trace=mode).save("t")
    return Path("t")


def test_the_file_gives_back_what_was_recorded(course: Path) -> None:
    result = wordpiece.train(course, vocab_size=70)
    result.save("t")
    found = trace.load(Path("t/merges.jsonl"))
    assert found.merges == result.merges
    assert found.details == result.details
    line = json.loads(Path("t/merges.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert line["step"] == 1
    assert line["rivals"][0]["left"] == "##f"
    assert line["examples"][0] == {
        "word": "about",
        "count": 1,
        "before": ["a", "##b", "##o", "##u", "##t"],
        "after": ["ab", "##o", "##u", "##t"],
    }


def test_without_details_the_merges_are_the_same(course: Path) -> None:
    full = trace.load(folder_of(course, "full") / "merges.jsonl")
    plain = trace.load(folder_of(course, "merges") / "merges.jsonl")
    assert plain.merges == full.merges
    assert plain.details == {}
    assert not (folder_of(course, "none") / "merges.jsonl").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"step": 1,', '"step": 2,'),
        ('"f_ab": 2', '"f_ab": 2.5'),
        ('"f_ab": 2', '"f_ab": 0'),
        ('"left": "a"', '"left": 7'),
        ('"n_tied": 2', '"n_tied": null'),
        ('"margin": 1.0', '"margin": "much"'),
        ('"word": "about"', '"word": 5'),
        ("{", ""),
        ('"score": 0.2', '"score": true'),
    ],
)
def test_a_damaged_trace_is_told_by_its_line(course: Path, old: str, new: str) -> None:
    path = folder_of(course, "full") / "merges.jsonl"
    text = path.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(FormatError, match=r"merges\.jsonl: line 1 holds no merge 1"):
        trace.parse(text.replace(old, new, 1).encode(), source=str(path))


def test_a_training_that_goes_on_ends_with_the_same_details() -> None:
    """What was recorded before it was cut off is kept with the merges."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    task = task_for(Counter(text.split()), steps=120)
    whole, details = recorded(task)
    for cut in (1, 50, 119):
        again = Recorder(task, {step: details[step] for step in range(1, cut + 1)})
        rest = list(engine.merges(task, whole[:cut], again))
        assert whole[:cut] + rest == whole
        assert again.details == details


@given(token=st.text(max_size=3), count=st.integers(1, 2**70), score=st.floats(1e-9, 1e18))
def test_lines_are_as_json_writes_them(token: str, count: int, score: float) -> None:
    merge = Merge(1, token, f"##{token}", token, 7, count, count, 2, count, score)
    for fractions in (False, True):
        line = trace.dump([merge], fractions=fractions)
        assert line == json.dumps(json.loads(line), ensure_ascii=False) + "\n"
        assert list(json.loads(line).values())[:10] == list(merge)
