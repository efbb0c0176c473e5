"""The three scores, one function each; the plain trainer and the fast one both call these.

A pair (a, b) occurs f(ab) times, its symbols f(a) and f(b) times, and the corpus has n symbols, all
as it is segmented now. Scores are compared as the double that the function returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log, log1p
from typing import Literal

ScoreName = Literal["likelihood", "gain", "frequency"]
#: One, and more than rounding can take from a gain.
ABOVE_ONE = 1 + 2**-20


def likelihood(f_ab: int, f_a: int, f_b: int) -> float:
    """f(ab) / (f(a) · f(b)): the WordPiece score of the Hugging Face course.

    >>> likelihood(2, 5, 2)
    0.2

    Python's division of two ints is correctly rounded at any size, so equal fractions give equal
    doubles.
    """
    return f_ab / (f_a * f_b)


def gain(f_ab: int, f_a: int, f_b: int, n: int, *, same: bool = False) -> float:
    """How much a merge raises the log-likelihood of the text, in nats (Schuster & Nakajima, 2012).

    With h(x) = x·ln x and f = f(ab):

        h(f) + h(f(a) − f) + h(f(b) − f) − h(f(a)) − h(f(b)) − h(n − f) + h(n)

    and for a pair of one symbol twice (`same`):

        h(f) + h(max(f(a) − 2f, 0)) − h(f(a)) − h(n − f) + h(n)

    >>> round(gain(f_ab=3, f_a=3, f_b=8, n=171), 10)
    9.8101768509

    Written out, those are differences of numbers near n·ln n that cancel: h(x) − h(x − f) is taken
    as f·ln x − (x − f)·ln((x − f)/x) instead, with log1p where f is small, and the logarithms are
    gathered in one. Swapping a and b changes no bit.
    """
    if same:
        taken = min(2 * f_ab, f_a)
        logs = f_ab * log(f_ab * n / (f_a * f_a)) + (2 * f_ab - taken) * log(f_a)
        return logs + shrinkage(f_a, taken) - shrinkage(n, f_ab)
    logs = f_ab * log(f_ab * n / (f_a * f_b))
    return logs + (shrinkage(f_a, f_ab) + shrinkage(f_b, f_ab)) - shrinkage(n, f_ab)


def shrinkage(count: int, fall: int) -> float:
    """(x − f)·ln((x − f)/x): what is left of h(x − f) when ln x is taken out.

    >>> shrinkage(4, 4), round(shrinkage(4, 2), 6)
    (0.0, -1.386294)

    A quotient of ints is correctly rounded, so the logarithm is taken of the smaller side of it.
    """
    rest = count - fall
    if rest <= 0:
        return 0.0
    return rest * (log1p(-fall / count) if fall < rest else log(rest / count))


def frequency(f_ab: int) -> int:
    """f(ab): the score of byte-pair encoding, an int that no size can round."""
    return f_ab


def gain_ceiling(f_ab: int, n: int) -> float:
    """More than the gain of any pair that occurs f(ab) times or fewer in a corpus of n symbols.

    Of the terms of `gain`, those of a and b are not above zero and that of n is less than f; and
    neither symbol is rarer than the pair, so the logarithm is at most ln n. Nor is it more in all
    for a symbol with itself.

    >>> round(gain(3, 3, 3, 171), 2), round(gain_ceiling(3, 171), 2)
    (15.1, 18.42)
    """
    return f_ab * (log(n) + ABOVE_ONE)


@dataclass(frozen=True)
class Score:
    """A score, and what decides how a trainer must treat it.

    `is_sum`: it is a sum, so that two scores are compared by their difference, not their ratio.
    `ceiling`: the most that a pair can have that occurs so often or less, given n.
    `positive_only`: training stops when the best score is not above zero. `ties_by_id`: equally
    good pairs are ordered by the ids of left and right symbol; otherwise by first occurrence.
    """

    name: ScoreName
    value: Callable[[int, int, int, int, bool], float]
    is_sum: bool
    positive_only: bool
    ties_by_id: bool
    ceiling: Callable[[int, int], float]


SCORES: dict[str, Score] = {
    "likelihood": Score(
        "likelihood",
        lambda f_ab, f_a, f_b, n, same: likelihood(f_ab, f_a, f_b),
        is_sum=False,
        positive_only=False,
        ties_by_id=False,
        ceiling=lambda f_ab, n: 1.0,
    ),
    "gain": Score(
        "gain",
        lambda f_ab, f_a, f_b, n, same: gain(f_ab, f_a, f_b, n, same=same),
        is_sum=True,
        positive_only=True,
        ties_by_id=False,
        ceiling=gain_ceiling,
    ),
    "frequency": Score(
        "frequency",
        lambda f_ab, f_a, f_b, n, same: frequency(f_ab),
        is_sum=False,
        positive_only=False,
        ties_by_id=True,
        ceiling=lambda f_ab, n: f_ab,
    ),
}
