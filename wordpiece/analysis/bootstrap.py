"""How sure a difference is: a paired bootstrap over documents."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wordpiece.analysis.metrics import TALLY_FIELDS, Tally, ratio, total

DRAWS = 1000
#: Consecutive documents are drawn together when there are more than this.
MOST_UNITS = 500

#: The metrics that are ratios of sums, which is what can be drawn again.
RATIOS: dict[str, Callable[[Tally], float]] = {
    "fertility": lambda t: ratio(t.tokens, t.words),
    "bytes_per_token": lambda t: ratio(t.bytes, t.tokens),
    "unk_token_rate": lambda t: ratio(t.unk_tokens, t.tokens),
    "unk_word_rate": lambda t: ratio(t.unk_words, t.words),
    "unk_char_rate": lambda t: ratio(t.unk_chars, t.chars),
    "lossless_bytes_per_token": lambda t: ratio(t.bytes, t.tokens - t.unk_tokens + t.unk_bytes),
    "bits_per_byte": lambda t: ratio(t.bits, t.bytes),
    "single_char_rate": lambda t: ratio(t.single_char_tokens, t.tokens),
    "round_trip": lambda t: ratio(t.round_trips, t.documents),
}


@dataclass(frozen=True)
class Difference:
    """By how much a metric of `name` exceeds that of `baseline`, with a 95 % interval."""

    metric: str
    name: str
    baseline: str
    difference: float
    low: float
    high: float


def differences(
    name: str, tallies: Sequence[Tally], baseline: str, others: Sequence[Tally], *, seed: int = 0
) -> list[Difference]:
    """Each ratio's difference between two tokenizers on the same documents.

    The same documents are drawn for both, 1,000 times with replacement; the interval is between the
    2.5th
    and the 97.5th percentile of the differences.
    """
    units = list(zip(grouped(tallies), grouped(others), strict=True))
    columns = [[[getattr(u[side], f) for u in units] for f in TALLY_FIELDS] for side in (0, 1)]
    rng = random.Random(seed)
    draws: dict[str, list[float]] = {metric: [] for metric in RATIOS}
    for _ in range(DRAWS):
        picked = rng.choices(range(len(units)), k=len(units))
        first, second = (drawn(side, picked) for side in columns)
        for metric, value in RATIOS.items():
            draws[metric].append(value(first) - value(second))
    whole = total(tallies), total(others)
    return [
        Difference(
            metric, name, baseline, value(whole[0]) - value(whole[1]), *interval(draws[metric])
        )
        for metric, value in RATIOS.items()
    ]


def drawn(columns: list[list[int]], picked: list[int]) -> Tally:
    """The sum of the units that were picked."""
    return Tally(*(sum(map(column.__getitem__, picked)) for column in columns))


def grouped(tallies: Sequence[Tally]) -> list[Tally]:
    """Consecutive tallies summed, so that there are not too many."""
    size = -(-len(tallies) // MOST_UNITS) or 1
    return [total(tallies[at : at + size]) for at in range(0, len(tallies), size)]


def interval(values: list[float]) -> tuple[float, float]:
    """The middle 95 percent.

    >>> interval([float(n) for n in range(1000)])
    (25.0, 974.0)
    """
    ordered = sorted(values)
    cut = len(ordered) // 40
    return ordered[cut], ordered[-1 - cut]
