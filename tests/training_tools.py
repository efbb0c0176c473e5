"""Shared by the tests of training: tasks from word counts, and a trainer run to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wordpiece.training.segments import StopReason, Task
from wordpiece.training.trainers import Trainer, TrainingOptions, prepare
from wordpiece.types import Merge, WordCounts


def task_for(
    counts: Mapping[str, int],
    *,
    steps: int = 10**9,
    vocab_size: int = 0,
    rare: int = 1,
    **options: object,
) -> Task:
    """A training of at most `steps` new tokens, or to a vocabulary size.

    It may put off pairs that are rarer than `rare`.
    """
    wide = TrainingOptions(vocab_size=vocab_size or 10**9, **options)  # type: ignore[arg-type]
    task, _ = prepare(WordCounts(counts), wide)
    size = vocab_size or len(task.tokens) + steps
    return replace(
        task,
        segments=list(task.segments),
        vocab_size=size,
        rare=rare,
    )


def run(trainer: Trainer, task: Task) -> tuple[list[Merge], StopReason]:
    """Every merge, and why there were no more."""
    merges = []
    steps = trainer(task)
    while True:
        try:
            merges.append(next(steps))
        except StopIteration as end:
            return merges, end.value
