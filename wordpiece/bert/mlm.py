"""Masked-language modelling: its loss in training, and its bits per byte on held-out text."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log
from typing import Any, NamedTuple

import torch
from torch.nn.functional import cross_entropy
from transformers import BertForMaskedLM, BertForPreTraining

from wordpiece.alignment import IGNORED
from wordpiece.analysis.metrics import word_spans
from wordpiece.bert.batches import Batch, Row, Special, in_batches
from wordpiece.bert.masking import Masked, Rule, mask_tokens
from wordpiece.bert.models import accepted, tensors
from wordpiece.bert.trainer import Inputs
from wordpiece.encoding import Encoding

#: What the words that are asked for on held-out text are drawn by, with the text itself.
ASKED = "0 "
#: What spelling out a byte costs that an unknown token hides.
BITS_OF_A_BYTE = 8


def masked_inputs(masked: Masked) -> Inputs:
    """What a model takes, with the labels."""
    return tensors({**masked.batch.inputs(), "labels": masked.labels})


def masking(
    rows: Sequence[Sequence[Row]],
    special: Special,
    *,
    seed: int,
    probability: float = 0.15,
    rule: Rule = "80-10-10",
    whole_word: bool = False,
    labels: Sequence[int] | None = None,
) -> Callable[[int, tuple[int, ...]], Inputs]:
    """What makes a step of texts: their rows, masked anew each time, by the number of the step.

    `labels` are those of next-sentence prediction, one a text.
    """

    def make(step: int, chosen: tuple[int, ...]) -> Inputs:
        own = [row for text in chosen for row in rows[text]]
        masked = mask_tokens(
            Batch.of_rows(own, special),
            probability,
            rule=rule,
            whole_word=whole_word,
            seed=random.Random(f"{seed} {step}"),
        )
        found = masked_inputs(masked)
        if labels is not None:
            following = [labels[text] for text in chosen for _ in rows[text]]
            found["next_sentence_label"] = torch.tensor(following)
        return found

    return make


def masked_loss(model: Any, inputs: Inputs) -> torch.Tensor:
    """The mean loss of the hidden tokens in nats, and of the next sentence if it is asked for."""
    inputs = accepted_with_labels(model, inputs)
    labels = inputs.pop("labels")
    chosen = labels != IGNORED
    if not isinstance(model, BertForPreTraining):
        return token_loss(hidden_logits(model, inputs, chosen), labels[chosen])
    following = inputs.pop("next_sentence_label")
    found = model.bert(**inputs)
    loss = token_loss(model.cls.predictions(found.last_hidden_state[chosen]), labels[chosen])
    return loss + cross_entropy(model.cls.seq_relationship(found.pooler_output), following)


def hidden_logits(model: Any, inputs: Inputs, chosen: torch.Tensor) -> torch.Tensor:
    """The scores of the vocabulary at the hidden places, of shape `[places, vocabulary]`.

    BERT scores it there alone, which for a small model is most of the time saved; a model of
    another kind scores it everywhere.
    """
    if isinstance(model, BertForMaskedLM):
        logits: torch.Tensor = model.cls(model.bert(**inputs).last_hidden_state[chosen])
        return logits
    everywhere: torch.Tensor = model(**inputs).logits
    return everywhere[chosen]


def accepted_with_labels(model: Any, inputs: Inputs) -> Inputs:
    """The inputs that a model takes, and the labels whatever it takes."""
    return {**accepted(model, inputs), "labels": inputs["labels"]}


def token_loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The mean loss of the tokens that are wanted; 0 where there is none."""
    return cross_entropy(logits, wanted) if len(wanted) else logits.sum() * 0


def start_at_unigrams(model: Any, texts: Sequence[Sequence[Row]], special: Special) -> None:
    """Let a fresh model begin with the frequencies of its tokens, which it would find out first.

    The bias of the output becomes ln p, with 0.5 added to each count; special tokens count as none.
    """
    counts = torch.full((model.config.vocab_size,), 0.5, dtype=torch.float64)
    seen = Counter(id for text in texts for row in text for id in row.ids)
    for id, count in seen.items():
        if id not in special.ids:
            counts[id] += count
    with torch.no_grad():
        model.cls.predictions.bias.copy_((counts / counts.sum()).log())


# ---------------------------------------------------------------- bits per byte


class Asked(NamedTuple):
    """A text with words hidden: its rows, the places asked for, and the bytes behind them.

    White space is not counted, which some tokens hold and others do not. `unknown` are the bytes
    that unknown tokens stand for.
    """

    rows: tuple[Row, ...]
    places: tuple[tuple[int, ...], ...]
    bytes: int
    unknown: int


def asked(
    text: str,
    encodings: Sequence[Encoding],
    *,
    unk_id: int | None,
    share: float = 0.15,
    dropped: Sequence[tuple[int, int]] = (),
) -> Asked:
    """Hide words of a text: the same words whatever the tokenizer, with all tokens that touch them.

    Words are BERT's split of the text as it stands; a share of them, and at least one, is drawn by
    the text itself. The windows of a text that was too long are its `encodings`, which must
    not overlap. What a tokenizer has `dropped` of these words is unknown, as under `unk_id`.
    """
    words = word_spans(text)
    draw = random.Random(f"{ASKED} {text}")
    number = min(len(words), max(1, round(share * len(words))))
    spans = [words[at] for at in sorted(draw.sample(range(len(words)), number))]
    places = []
    covered: set[int] = set()
    hidden: set[int] = set()
    for encoding in encodings:
        own = []
        for at, (start, end) in enumerate(encoding.offsets):
            if encoding.special_tokens_mask[at] or not touches(spans, start, end):
                continue
            own.append(at)
            covered.update(range(start, end))
            if encoding.ids[at] == unk_id:
                hidden.update(range(start, end))
        places.append(tuple(own))
    for start, end in dropped:
        if touches(spans, start, end):
            covered.update(range(start, end))
            hidden.update(range(start, end))
    return Asked(
        tuple(map(Row.of, encodings)),
        tuple(places),
        bytes_of(text, covered),
        bytes_of(text, hidden),
    )


def touches(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a stretch has a character in one of some spans."""
    return any(start < behind and end > first for first, behind in spans)


def bytes_of(text: str, places: set[int]) -> int:
    """How many bytes some characters of a text have in UTF-8, without white space.

    >>> bytes_of("a é", {1, 2})
    2
    """
    return len("".join(text[at] for at in places if not text[at].isspace()).encode())


def bits(
    model: Any, texts: Sequence[Asked], special: Special, *, batch_size: int = 32
) -> list[float]:
    """What it costs to say the hidden words of each text, in bits.

    −log2 p of each hidden token, all tokens of a text hidden at once; 8 bits more for each byte
    that an unknown token stands for.
    """
    model.eval()
    found = [float(BITS_OF_A_BYTE * text.unknown) for text in texts]
    asked_for = [
        (number, row, own)
        for number, text in enumerate(texts)
        for row, own in zip(text.rows, text.places, strict=True)
        if own
    ]
    for chosen, batch in in_batches([row for _, row, _ in asked_for], special, batch_size):
        labels = [[IGNORED] * len(ids) for ids in batch.input_ids]
        hidden = [list(ids) for ids in batch.input_ids]
        for row, place in enumerate(chosen):
            for at in asked_for[place][2]:
                labels[row][at], hidden[row][at] = hidden[row][at], batch.mask_id()
        inputs = masked_inputs(Masked(replace(batch, input_ids=hidden), labels))
        with torch.inference_mode():
            costs = row_costs(model, inputs)
        for place, cost in zip(chosen, costs, strict=True):
            found[asked_for[place][0]] += cost
    return found


def row_costs(model: Any, inputs: Inputs) -> list[float]:
    """What the hidden tokens of each row cost, in bits."""
    inputs = accepted_with_labels(model, inputs)
    labels = inputs.pop("labels")
    chosen = labels != IGNORED
    logits = hidden_logits(model, inputs, chosen)
    costs = cross_entropy(logits, labels[chosen], reduction="none") / log(2)
    sums = torch.zeros(len(labels), dtype=torch.float64)
    sums.index_add_(0, chosen.nonzero()[:, 0], costs.double())
    return [float(cost) for cost in sums]
