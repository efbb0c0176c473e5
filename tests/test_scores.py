"""The three formulas, on numbers that were worked out apart from the code."""

from __future__ import annotations

from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordpiece.training.queues import gain_bound
from wordpiece.training.scores import SCORES, gain, gain_ceiling, likelihood


def h(x: int) -> float:
    return x * log(x) if x else 0.0


def textbook_gain(f_ab: int, f_a: int, f_b: int, n: int) -> float:
    rest = h(f_a - f_ab) + h(f_b - f_ab) - h(f_a) - h(f_b)
    return h(f_ab) + rest - h(n - f_ab) + h(n)


@pytest.mark.parametrize(
    ("f_ab", "f_a", "f_b", "score"),
    [
        (3, 3, 8, 0.125),
        (3, 8, 11, 0.03409090909090909),
        (3, 11, 10, 0.02727272727272727),
        (1, 1, 10, 0.1),
        (2, 7, 8, 0.03571428571428571),
        (2, 5, 2, 0.2),
        (5, 20, 5, 1 / 20),
    ],
)
def test_likelihood_gives_the_published_values(f_ab: int, f_a: int, f_b: int, score: float) -> None:
    assert likelihood(f_ab, f_a, f_b) == score


@pytest.mark.parametrize(
    ("f_ab", "f_a", "f_b", "n", "value"),
    [(3, 3, 8, 171, 9.8101768509), (2, 5, 2, 171, 7.5202326438)],
)
def test_gain_gives_the_known_values(f_ab: int, f_a: int, f_b: int, n: int, value: float) -> None:
    assert round(gain(f_ab, f_a, f_b, n), 10) == value


@pytest.mark.parametrize(("f", "f_a", "value"), [(1, 4, 1.97985), (2, 7, 3.33235)])
def test_gain_of_a_symbol_with_itself_is_the_exact_difference(
    f: int, f_a: int, value: float
) -> None:
    expected = h(f) + h(f_a - 2 * f) - h(f_a) - h(171 - f) + h(171)
    assert isclose(gain(f, f_a, f_a, 171, same=True), expected, abs_tol=1e-9)
    assert round(expected, 5) == value


def test_gain_of_a_run_never_takes_more_of_a_symbol_than_there_is() -> None:
    # aaa, ten times: the pair is counted 20 times, but 40 symbols cannot be taken of 30
    expected = h(20) - h(30) - h(30 - 20) + h(30)
    assert isclose(gain(20, 30, 30, 30, same=True), expected, rel_tol=1e-12)


@given(data=st.data())
def test_gain_equals_the_textbook_formula(data: st.DataObject) -> None:
    f_ab = data.draw(st.integers(1, 1000))
    f_a, f_b = (f_ab + data.draw(st.integers(0, 1000)) for _ in range(2))
    n = f_a + f_b + data.draw(st.integers(0, 10_000))
    expected = textbook_gain(f_ab, f_a, f_b, n)
    assert isclose(gain(f_ab, f_a, f_b, n), expected, rel_tol=1e-9, abs_tol=1e-7)


@given(data=st.data())
def test_gain_is_symmetric_to_the_last_bit(data: st.DataObject) -> None:
    f_ab = data.draw(st.integers(1, 10**6))
    f_a, f_b = (f_ab + data.draw(st.integers(0, 10**6)) for _ in range(2))
    n = f_a + f_b + data.draw(st.integers(0, 10**8))
    assert gain(f_ab, f_a, f_b, n) == gain(f_ab, f_b, f_a, n)


def test_gain_does_not_cancel_away_in_a_huge_corpus() -> None:
    """h(n) is near 2.3e11 for n = 10^10: a plain difference has an error of 1e-5 there."""
    n = 10**10
    # f(ab) = 1, f(a) = f(b) = 1: -ln of both unigram probabilities, less that of the pair's
    exact = log(n) + 1 - 1 / (2 * n)  # ln n - (n - 1)·log1p(-1/n), the series to second order
    assert isclose(gain(1, 1, 1, n), exact, rel_tol=1e-15)


@pytest.mark.parametrize("count", [2**26, 2**31, 2**53, 10**18])
def test_likelihood_is_correctly_rounded_at_any_size(count: int) -> None:
    assert likelihood(count, 2 * count, 4 * count) == 1 / (8 * count)


@given(
    f_ab=st.integers(1, 10**6),
    more_a=st.integers(0, 10**6),
    more_b=st.integers(0, 10**6),
    others=st.integers(0, 10**12),
    rarer=st.integers(0, 10**6),
)
def test_no_pair_passes_the_ceiling_of_its_count(
    f_ab: int, more_a: int, more_b: int, others: int, rarer: int
) -> None:
    f_a, f_b = f_ab + more_a, f_ab + more_b
    for score in SCORES.values():
        n = f_a + f_b + others
        assert score.value(f_ab, f_a, f_b, n, False) <= score.ceiling(f_ab + rarer, n)
        n = f_a + 1 + others  # in a run, a symbol occurs once more than its pair
        assert score.value(f_ab, f_a + 1, f_a + 1, n, True) <= score.ceiling(f_ab + rarer, n)


@given(
    f_ab=st.integers(1, 10**9),
    more_a=st.integers(0, 10**9) | st.integers(0, 3),
    more_b=st.integers(0, 10**9) | st.integers(0, 3),
    others=st.integers(0, 10**12),
)
def test_the_bound_of_a_gain_is_just_above_it(
    f_ab: int, more_a: int, more_b: int, others: int
) -> None:
    f_a, f_b = f_ab + more_a, f_ab + more_b
    n = f_a + f_b + others
    exact, bound = gain(f_ab, f_a, f_b, n), gain_bound(f_ab, f_a, f_b, n)
    rest = f_ab * f_ab / (n - f_ab)  # what -(n - f)·ln(1 - f/n) is taken too high by, at most
    assert exact <= bound <= exact + rest + 0.06 * f_ab


def test_the_ceiling_of_a_gain_is_not_far_above() -> None:
    assert gain_ceiling(3, 10**7) < 1.1 * gain(3, 3, 3, 10**7)
