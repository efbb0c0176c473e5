"""Which tokenizer serves better, in one sentence; "no difference found" when that is the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import NamedTuple

from scipy.stats import t

#: How often an interval is to hold the truth; of several compared, all of them together.
CONFIDENCE = 0.95
#: With fewer degrees of freedom what comes from the seeds is a guess.
LEAST_FREEDOM = 2


class Estimate(NamedTuple):
    """A figure with an interval; None where it was measured once, on one text."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Scores:
    """A figure of one tokenizer: for each seed, its value on each held-out text, to be averaged.

    Shape `[seeds, texts]`, with the same seeds and texts for every tokenizer.
    """

    name: str
    values: Sequence[Sequence[float]]

    @property
    def mean(self) -> float:
        """The mean of all."""
        return fmean(map(fmean, self.values))

    @property
    def spread(self) -> float | None:
        """The standard deviation between seeds; None for one seed."""
        means = [fmean(own) for own in self.values]
        return sqrt(variance(means)) if len(means) > 1 else None


def interval(values: Sequence[Sequence[float]], *, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of values by seed and text, with an interval for other seeds and other texts.

    The variance of the mean is that between seeds over their number, plus that between texts (of
    their means over the seeds) over theirs. The quantile is Student's, with the degrees of freedom
    of Welch and Satterthwaite for such a sum: few where the few seeds make up most of it. With one
    seed the interval speaks of texts alone.

    >>> interval([[0.0, 1.0], [1.0, 0.0]]).value
    0.5
    """
    means = [fmean(own) for own in values]
    texts = [fmean(own) for own in zip(*values, strict=True)]
    center = fmean(means)
    if len(means) < 2 and len(texts) < 2:
        return Estimate(center, None, None)
    parts = [(variance(own) / len(own), len(own) - 1) for own in (means, texts) if len(own) > 1]
    return estimate(center, parts, confidence)


def estimate(center: float, parts: Sequence[tuple[float, float]], confidence: float) -> Estimate:
    """An interval around a mean whose variance is a sum of parts, each with its degrees of freedom.

    The quantile is Student's, with the degrees of freedom of Welch and Satterthwaite (1946).
    """
    whole = sum(part for part, _ in parts)
    if not whole:
        return Estimate(center, center, center)
    freedom = whole**2 / sum(part**2 / degrees for part, degrees in parts)
    half = float(t.ppf((1 + confidence) / 2, freedom)) * sqrt(whole)
    return Estimate(center, center - half, center + half)


def share_interval(right: Sequence[bool]) -> Estimate:
    """The share of what was right, with Wilson's interval (1927), which stays within 0 and 1.

    >>> share_interval([True] * 50).high
    1.0
    """
    number = len(right)
    share = sum(right) / number
    z = float(t.ppf((1 + CONFIDENCE) / 2, 10**6))
    scale = 1 / (1 + z * z / number)
    center = scale * (share + z * z / (2 * number))
    half = scale * z * sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    return Estimate(share, max(0.0, center - half), min(1.0, center + half))


def differences_from_best(scores: Sequence[Scores], *, higher: bool) -> dict[str, Estimate]:
    """By how much each is worse than the best, in pairs by seed and text.

    The variance of a difference is that which comes from the seeds, estimated from all tokenizers
    together, and that between texts. Which one is best the same values have said, so each two are
    compared, as it were: the doubt of 5 % is divided among all pairs (Bonferroni).
    """
    best = best_of(scores, higher=higher)
    others = [each for each in scores if each is not best]
    pairs_of_two = len(scores) * len(others) // 2
    confidence = 1 - (1 - CONFIDENCE) / max(1, pairs_of_two)
    sign = 1 if higher else -1
    found = {}
    for each in others:
        texts = [sign * fmean(column) for column in zip(*rows_between(best, each), strict=True)]
        parts = [between_seeds(scores)] if len(best.values) > 1 else []
        if len(texts) > 1:
            parts.append((variance(texts) / len(texts), len(texts) - 1))
        center = sign * (best.mean - each.mean)
        found[each.name] = (
            estimate(center, parts, confidence) if parts else Estimate(center, None, None)
        )
    return found


def rows_between(first: Scores, second: Scores) -> list[list[float]]:
    """The differences of two by seed and text."""
    return [
        [a - b for a, b in zip(own, other, strict=True)]
        for own, other in zip(first.values, second.values, strict=True)
    ]


def between_seeds(scores: Sequence[Scores]) -> tuple[float, int]:
    """The variance of a difference of two means that comes from the seeds, and its freedom.

    It is one for all tokenizers, as in an analysis of variance in blocks (the seeds): from what is
    left of each mean of a seed when that of its tokenizer and that of its seed are taken away.
    """
    means = [list(map(fmean, each.values)) for each in scores]
    seeds = [fmean(column) for column in zip(*means, strict=True)]
    whole = fmean(seeds)
    squares = sum(
        (value - fmean(own) - seed + whole) ** 2
        for own in means
        for value, seed in zip(own, seeds, strict=True)
    )
    freedom = (len(scores) - 1) * (len(seeds) - 1)
    return 2 * squares / freedom / len(seeds), freedom


def best_of(scores: Sequence[Scores], *, higher: bool) -> Scores:
    """The best mean; of equals the first."""
    return max(scores, key=lambda each: each.mean if higher else -each.mean)


def verdict(
    figure: str,
    scores: Sequence[Scores],
    *,
    higher: bool,
    form: Callable[[float], str] = str,
    trained: bool = False,
) -> str:
    """One sentence about one figure; `form` is how a value is written.

    What was `trained` from one seed is not judged, nor are two tokenizers from two: how much hangs
    on the seed is not known.

    >>> verdict("accuracy", [Scores("a", [[1, 0]]), Scores("b", [[1, 0]])], higher=True)
    'accuracy: no difference found between a and b (0.5 to 0.5)'
    """
    if len(scores) == 1:
        return f"{figure}: {scores[0].name} has {form(scores[0].mean)}, and nothing beside it"
    seeds = len(scores[0].values)
    if trained and (len(scores) - 1) * (seeds - 1) < LEAST_FREEDOM:
        seen = sorted(each.mean for each in scores)
        return (
            f"{figure}: not judged, since {'one seed does' if seeds == 1 else 'two seeds do'} not "
            f"show what hangs on the seed ({form(seen[0])} to {form(seen[-1])})"
        )
    best = best_of(scores, higher=higher)
    worse = differences_from_best(scores, higher=higher)
    beaten = [name for name, each in worse.items() if each.low is not None and each.low > 0]
    alike = [each.name for each in scores if each.name not in beaten]
    values = sorted(each.mean for each in scores if each.name in alike)
    between = f"{form(values[0])} to {form(values[-1])}"
    if not beaten:
        return f"{figure}: no difference found between {listed(alike)} ({between})"
    means: Mapping[str, float] = {each.name: each.mean for each in scores}
    rest = listed([f"{name} ({form(means[name])})" for name in beaten])
    if len(alike) == 1:
        return f"{figure}: {best.name} is best ({form(best.mean)}), before {rest}"
    return f"{figure}: no difference found between {listed(alike)} ({between}), before {rest}"


def percent(share: float) -> str:
    """A share in hundredths.

    >>> percent(0.5)
    '50.0 %'
    """
    return f"{100 * share:.1f} %"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
