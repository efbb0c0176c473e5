"""How sure a difference is: a paired bootstrap over documents."""

from __future__ import annotations

import random
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

from wordpiece.analysis.metrics import (
    ALPHA,
    TALLY_FIELDS,
    Encoder,
    Measured,
    Metrics,
    Tally,
    TypeUse,
    added,
    from_sums,
    metrics_of,
    renyi_from_powers,
    total,
)

DRAWS = 1000
#: Consecutive documents are drawn together when there are more than this.
MOST_UNITS = 200
METRICS = tuple(field.name for field in fields(Metrics))
#: The metrics that say how many types occur.
OF_TYPES = frozenset({"vocab_used", "renyi_efficiency", "renyi_efficiency_vocab"})
#: Bytes of one count in a packed vector of counts: no sum of counts ever carries over.
COUNT_BYTES = 8


@dataclass(frozen=True)
class Difference:
    """By how much a metric of `name` exceeds that of `baseline`, with a 95 % interval.

    `low` and `high` are None where there is but one document: nothing can be drawn again then.
    """

    metric: str
    name: str
    baseline: str
    difference: float
    low: float | None
    high: float | None


def differences(
    encoders: Sequence[Encoder], measured: Sequence[Measured], *, seed: int = 0
) -> list[Difference]:
    """Every metric's difference between each two tokenizers on the same documents.

    The same documents are drawn for all, 1,000 times with replacement, and every metric is computed
    anew from what was drawn (`bits_per_byte` with the probabilities that it has on all of them);
    the interval is between the 2.5th and the 97.5th percentile of the differences. Where there are
    more than 200 documents, neighbors are drawn together.

    A draw holds some documents twice and others not at all, and so fewer types than the text: for
    the metrics that count types, the draws are shifted until their mean is the difference itself.
    """
    resampled = [
        Resampled(encoder.name, metrics_of(encoder, own), list(drawn(encoder, own, seed=seed)))
        for encoder, own in zip(encoders, measured, strict=True)
    ]
    return [
        difference(metric, own, baseline)
        for baseline, own in combinations(resampled, 2)
        for metric in METRICS
    ]


class Resampled(NamedTuple):
    """The metrics of a tokenizer on a whole text, and on each draw of its documents."""

    name: str
    whole: Metrics
    draws: Sequence[Metrics]


def difference(metric: str, own: Resampled, baseline: Resampled) -> Difference:
    """One metric's difference between two tokenizers, with its interval."""
    value = attrgetter(metric)
    exact = value(own.whole) - value(baseline.whole)
    found = [value(a) - value(b) for a, b in zip(own.draws, baseline.draws, strict=True)]
    if not found:
        return Difference(metric, own.name, baseline.name, exact, None, None)
    shift = exact - sum(found) / len(found) if metric in OF_TYPES else 0
    low, high = interval([each + shift for each in found])
    return Difference(metric, own.name, baseline.name, exact, low, high)


def drawn(encoder: Encoder, measured: Measured, *, seed: int) -> Iterator[Metrics]:
    """The metrics of each draw; none when there is only one unit to draw."""
    size = -(-len(measured.tallies) // MOST_UNITS) or 1
    starts = range(0, len(measured.tallies), size)
    if len(starts) < 2:
        return
    tallies = [total(measured.tallies[at : at + size]) for at in starts]
    columns = [[getattr(tally, field) for tally in tallies] for field in TALLY_FIELDS]
    use = DrawnUse(encoder, [added(measured.id_counts[at : at + size]) for at in starts])
    rng = random.Random(seed)
    for _ in range(DRAWS):
        picked = rng.choices(range(len(starts)), k=len(starts))
        sums = Tally(*(sum(map(column.__getitem__, picked)) for column in columns))
        yield from_sums(encoder, sums, use.of(picked))


class DrawnUse:
    """How tokens are spread over their types in any selection of units.

    The counts of a unit are packed into one long integer, so that the interpreter adds thousands of
    counts in one addition.
    """

    def __init__(self, encoder: Encoder, units: Sequence[Counter[int]]) -> None:
        ids = sorted(added(units), key=lambda id: (id not in encoder.regular_ids, id))
        self._regular = sum(id in encoder.regular_ids for id in ids)
        self._length = COUNT_BYTES * len(ids)
        self._packed = [
            int.from_bytes(array("Q", map(unit.__getitem__, ids)).tobytes(), sys.byteorder)
            for unit in units
        ]
        self._powers = Powers()

    def of(self, picked: Sequence[int]) -> TypeUse:
        """The same for the units whose numbers are picked, with repetition."""
        sums = sum(map(self._packed.__getitem__, picked)).to_bytes(self._length, sys.byteorder)
        counts = array("Q", sums)
        number = sum(counts)
        powers = sum(map(self._powers.__getitem__, counts))
        return TypeUse(
            types=len(counts) - counts.count(0),
            regular_types=self._regular - counts[: self._regular].count(0),
            entropy=renyi_from_powers(powers, number) if number else 0.0,
        )


class Powers(dict[int, float]):
    """c to the power of α, computed once for each c."""

    def __missing__(self, count: int) -> float:
        power: float = count**ALPHA
        self[count] = power
        return power


def interval(values: list[float]) -> tuple[float, float]:
    """The middle 95 percent.

    >>> interval([float(n) for n in range(1000)])
    (25.0, 974.0)
    """
    ordered = sorted(values)
    cut = len(ordered) // 40
    return ordered[cut], ordered[-1 - cut]
