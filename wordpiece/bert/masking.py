"""Masked tokens: which are hidden from the model, and what it must say (BERT, 2019, 3.1)."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal, get_args

from wordpiece.alignment import IGNORED
from wordpiece.bert.batches import Batch, Rows
from wordpiece.errors import OptionError
from wordpiece.training.trainers import check_choice

#: Of the tokens chosen: 80 % become `[MASK]`, 10 % another token, 10 % stay; or all are masked.
Rule = Literal["80-10-10", "all"]
MASKED, REPLACED = 0.8, 0.9


@dataclass(frozen=True)
class Masked:
    """A batch with tokens hidden, and `labels` of shape `[batch, length]`: their ids, else -100."""

    batch: Batch
    labels: Rows


def mask_tokens(
    batch: Batch,
    probability: float = 0.15,
    rule: Rule = "80-10-10",
    whole_word: bool = False,
    seed: int | random.Random = 0,
    *,
    at_least_one: bool = False,
) -> Masked:
    """Choose tokens to be predicted, each with a probability, and hide them by a rule.

    >>> from wordpiece import Tokenizer, presets
    >>> vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "par", "##is"]
    >>> batch = Batch.of(Tokenizer(presets.wordpiece(vocab, lowercase=True)), ["I love Paris"])
    >>> masked = mask_tokens(batch, 0.5, rule="all", whole_word=True, seed=1)
    >>> masked.batch.input_ids, masked.labels
    ([[2, 4, 6, 7, 8, 3]], [[-100, 5, -100, -100, -100, -100]])

    `"80-10-10"` is BERT's rule: of the tokens chosen, 80 % become `[MASK]`, 10 % a random regular
    token, 10 % stay as they are; with `"all"` every one becomes `[MASK]`. With `whole_word` words
    are chosen rather than tokens, and a word is chosen with all its tokens: for WordPiece a token
    and the `##` tokens behind it. Special tokens and padding are never chosen, and no random token
    is special. `seed` may be a generator, to go on with. With `at_least_one` a text in which
    nothing was chosen has one token or word hidden after all.

    Raises `OptionError` for a probability outside 0 to 1, an unknown rule, and a vocabulary without
    `[MASK]`.
    """
    if not 0 <= probability <= 1:
        raise OptionError(f"probability {probability}: must be from 0 to 1, such as 0.15")
    check_choice("rule", rule, get_args(Rule))
    hide = Hiding(batch, rule, seed if isinstance(seed, random.Random) else random.Random(seed))
    ids, labels = [], []
    for row, own in enumerate(batch.input_ids):
        hidden, wanted = list(own), [IGNORED] * len(own)
        candidates = groups(batch, row, whole_word=whole_word)
        for group in candidates:
            if hide.draw.random() < probability:
                hide(group, hidden, wanted)
        if at_least_one and probability and candidates and set(wanted) == {IGNORED}:
            hide(hide.draw.choice(candidates), hidden, wanted)
        ids.append(hidden)
        labels.append(wanted)
    return Masked(replace(batch, input_ids=ids), labels)


class Hiding:
    """Hides tokens by a rule, with a generator of random numbers."""

    def __init__(self, batch: Batch, rule: Rule, draw: random.Random) -> None:
        self.draw = draw
        self._rule = rule
        self._mask, self._regular = batch.mask_id(), batch.special.regular

    def __call__(self, group: list[int], ids: list[int], labels: list[int]) -> None:
        """Hide the tokens at some places of a row, and note what they were."""
        for at in group:
            labels[at] = ids[at]
            chance = 0.0 if self._rule == "all" else self.draw.random()
            if chance < MASKED:
                ids[at] = self._mask
            elif chance < REPLACED and self._regular:
                ids[at] = self.draw.choice(self._regular)


def groups(batch: Batch, row: int, *, whole_word: bool) -> list[list[int]]:
    """The places that are chosen together: single ones, or those of each word."""
    places = batch.maskable(row)
    if not whole_word:
        return [[at] for at in places]
    words = batch.words[row]
    return [list(group) for _, group in groupby(places, key=lambda at: words[at])]
