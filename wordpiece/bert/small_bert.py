"""The slow probe: a small BERT pre-trained and fine-tuned with one tokenizer, from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

import torch
from transformers import BertForSequenceClassification

from wordpiece.bert.batches import Batch, Row, in_batches
from wordpiece.bert.frames import Frame
from wordpiece.bert.labelled import Labelled
from wordpiece.bert.mlm import asked, bits, masked_loss, masking, start_at_unigrams
from wordpiece.bert.models import fresh, parameters, tensors
from wordpiece.bert.options import Budget
from wordpiece.bert.trainer import Inputs, Loss, Schedule, Steps, batched, fit
from wordpiece.errors import InputError
from wordpiece.types import ProgressListener


class Run(NamedTuple):
    """What one tokenizer gave from one seed.

    `bits` and `right` are of each held-out text: bits for its hidden words, and whether its class
    was found. `bytes` are those of the hidden words. `first` and `last` are the losses of
    pre-training in nats a hidden token. `tokens_per_second` and `bytes_per_second` are those of
    pre-training; `cut_off` is the share of the tokens that the classifier did not read.
    """

    name: str
    seed: int
    bits: tuple[float, ...]
    bytes: tuple[int, ...]
    right: tuple[bool, ...]
    first: float
    last: float
    parameters: int
    embeddings: int
    tokens: int
    tokens_per_second: float
    bytes_per_second: float
    cut_off: float
    seconds: float

    @property
    def bits_per_byte(self) -> float:
        """Bits for the hidden words over their bytes, all texts together."""
        return sum(self.bits) / max(1, sum(self.bytes))

    @property
    def accuracy(self) -> float:
        """The share of the held-out texts whose class was found."""
        return sum(self.right) / max(1, len(self.right))


class Pretraining(NamedTuple):
    """A model pre-trained, its losses, how much it read, and how long it took."""

    model: Any
    losses: list[Loss]
    tokens: int
    bytes: int
    seconds: float


def run(
    frame: Frame,
    corpus: Sequence[str],
    training: Labelled,
    held_out: Labelled,
    budget: Budget,
    *,
    seed: int,
    progress: ProgressListener | None = None,
) -> Run:
    """Pre-train on a corpus, measure on held-out texts, fine-tune on labelled ones, measure again.

    What the runs of other tokenizers share: the texts and their order, the words that are asked
    for, the parameters outside the embedding, drawn by the seed.
    """
    started = perf_counter()
    encoder = frame.encoder
    questions = [
        asked(
            text,
            frame.windows(text, budget.max_length),
            unk_id=encoder.unk_id,
            dropped=encoder.dropped(text),
        )
        for text in held_out.texts
    ]
    if not any(question.bytes for question in questions):
        raise InputError(f"{held_out.file}: {frame.encoder.name} finds no word in it")
    read = pretrained(frame, corpus, budget, seed, progress)
    costs = bits(read.model, questions, frame.special)
    right, cut = fine_tuned(read.model, frame, training, held_out, budget, seed, progress)
    total, embeddings = parameters(read.model)
    return Run(
        name=frame.encoder.name,
        seed=seed,
        bits=tuple(costs),
        bytes=tuple(question.bytes for question in questions),
        right=right,
        first=read.losses[0].loss,
        last=read.losses[-1].loss,
        parameters=total,
        embeddings=embeddings,
        tokens=read.tokens,
        tokens_per_second=read.tokens / read.seconds,
        bytes_per_second=read.bytes / read.seconds,
        cut_off=cut,
        seconds=perf_counter() - started,
    )


def pretrained(
    frame: Frame,
    corpus: Sequence[str],
    budget: Budget,
    seed: int,
    progress: ProgressListener | None,
) -> Pretraining:
    """A fresh model that has read the budget's bytes, whole words of them masked."""
    model = fresh(
        "BertForMaskedLM",
        frame.vocabulary,
        size=budget.size,
        max_length=budget.max_length,
        dropout=0,
        seed=seed,
    )
    rows = frame.rows(corpus, budget.max_length)
    start_at_unigrams(model, rows, frame.special)
    sizes = [len(text.encode()) for text in corpus]
    epochs = budget.text_bytes / sum(sizes)
    plan = batched(sizes, batch_size=budget.pretraining_batch, epochs=epochs, seed=seed)
    make = masking(rows, frame.special, seed=seed, probability=budget.probability, whole_word=True)
    started = perf_counter()
    losses = fit(
        model,
        Steps(plan, make),
        Schedule(budget.pretraining_rate, seed=seed),
        loss=masked_loss,
        phase=f"{frame.encoder.name}, seed {seed}: pre-training",
        progress=progress,
    )
    return Pretraining(
        model,
        losses,
        sum(len(row.ids) for step in plan for text in step for row in rows[text]),
        sum(sizes[text] for step in plan for text in step),
        perf_counter() - started,
    )


def fine_tuned(
    encoder: Any,
    frame: Frame,
    training: Labelled,
    held_out: Labelled,
    budget: Budget,
    seed: int,
    progress: ProgressListener | None,
) -> tuple[tuple[bool, ...], float]:
    """Fine-tune for the task; which held-out texts were right, and the share that was cut off."""
    model = fresh(
        "BertForSequenceClassification",
        frame.vocabulary,
        size=budget.size,
        max_length=budget.max_length,
        dropout=budget.dropout,
        seed=seed,
        num_labels=len(training.names),
    )
    model.bert.load_state_dict(encoder.bert.state_dict(), strict=False)  # all but the pooler
    rows = [text[0] for text in frame.rows(training.texts, budget.max_length)]
    sizes = [len(text.encode()) for text in training.texts]
    plan = batched(sizes, batch_size=budget.batch, epochs=budget.epochs, seed=seed)
    fit(
        model,
        Steps(plan, labelled_steps(rows, training.labels, frame)),
        Schedule(budget.rate, seed=seed),
        phase=f"{frame.encoder.name}, seed {seed}: fine-tuning",
        progress=progress,
    )
    windows = frame.rows(held_out.texts, budget.max_length)
    found = classes(model, [text[0] for text in windows], frame)
    every = sum(len(row.ids) for text in windows for row in text)
    read = sum(len(text[0].ids) for text in windows)
    right = tuple(a == b for a, b in zip(found, held_out.labels, strict=True))
    return right, 1 - read / every


def labelled_steps(rows: Sequence[Row], labels: Sequence[int], frame: Frame) -> Any:
    """What makes a step of labelled texts."""

    def make(_: int, chosen: tuple[int, ...]) -> Inputs:
        batch = Batch.of_rows([rows[text] for text in chosen], frame.special)
        return tensors({**batch.inputs(), "labels": [labels[text] for text in chosen]})

    return make


def classes(
    model: BertForSequenceClassification, rows: Sequence[Row], frame: Frame, batch_size: int = 64
) -> list[int]:
    """The class that a model finds for each text."""
    model.eval()
    found = [0] * len(rows)
    for chosen, batch in in_batches(rows, frame.special, batch_size):
        with torch.inference_mode():
            best = model(**tensors(batch.inputs())).logits.argmax(-1)
        for at, label in zip(chosen, best, strict=True):
            found[at] = int(label)
    return found
