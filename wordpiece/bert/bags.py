"""The quick probe: logistic regression on bags of tokens, in five folds."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from time import perf_counter
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from wordpiece.analysis.encoders import AnyEncoder
from wordpiece.bert.labelled import Labelled
from wordpiece.errors import InputError

FOLDS = 5


class Bag(NamedTuple):
    """How well a tokenizer's bags of tokens tell the classes apart.

    `right` says of each text whether the model that had not seen it was right; `folds` are the
    accuracies of the folds; `seconds` is how long it took.
    """

    name: str
    right: tuple[bool, ...]
    folds: tuple[float, ...]
    seconds: float

    @property
    def accuracy(self) -> float:
        """The share of the texts whose class was found."""
        return sum(self.right) / len(self.right)


def bags(encoder: AnyEncoder, texts: Sequence[str]) -> csr_matrix:
    """How often each token occurs in each text, of shape `[texts, ids]`."""
    counts = [Counter(encoder.encode(text).ids) for text in texts]
    starts = np.cumsum([0, *map(len, counts)])
    values = np.fromiter(chain.from_iterable(each.values() for each in counts), dtype=np.float64)
    places = np.fromiter(chain.from_iterable(counts), dtype=np.int32)
    width = max(encoder.vocab.values(), default=0) + 1
    return csr_matrix((values, places, starts), shape=(len(texts), width))


def bag_probe(encoder: AnyEncoder, labelled: Labelled, *, seed: int = 0) -> Bag:
    """Train on four fifths of the texts and try on the rest, five times over.

    The folds are the same for every tokenizer, with the classes in the same shares; the regression
    (L2, C = 1) sees how often each token occurs. Raises `InputError` for a class with fewer texts
    than folds.
    """
    started = perf_counter()
    labels = np.array(labelled.labels)
    check_classes(labelled, FOLDS)
    counts = bags(encoder, labelled.texts)
    right = np.zeros(len(labels), dtype=bool)
    accuracies = []
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for training, held_out in folds.split(counts, labels):
        model = LogisticRegression(max_iter=1000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # near enough after 1,000 rounds
            model.fit(counts[training], labels[training])
        right[held_out] = model.predict(counts[held_out]) == labels[held_out]
        accuracies.append(float(right[held_out].mean()))
    seconds = perf_counter() - started
    return Bag(encoder.name, tuple(map(bool, right)), tuple(accuracies), seconds)


def check_classes(labelled: Labelled, least: int) -> None:
    """Raise `InputError` for a class that has too few texts."""
    counts = Counter(labelled.labels)
    for number, name in enumerate(labelled.names):
        if counts[number] < least:
            raise InputError(
                f"{labelled.file}: the label {name!r} has {counts[number]} texts; each needs at "
                f"least {least}"
            )
