"""Plots as SVG, drawn without a library: lines, points and bars on linear or logarithmic axes.

Colors come from the page's style sheet by class, so that plots follow light and dark. A plot is a
picture for those who see it and has a title and a description for those who do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 12, 40
#: No line has more points than this: of each stretch, the lowest and the highest.
MOST_POINTS = 600

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """From values to pixels, with the values that are marked: whole numbers alone if `whole`."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool
    whole: bool = False

    def place(self, value: float) -> float:
        """Where a value stands, in pixels."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        share = (self._scaled(value) - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def _scaled(self, value: float) -> float:
        return log10(value) if self.logarithmic else value

    def marks(self) -> list[float]:
        """Round values to mark: powers of ten, or 1, 2 and 5 times these, or about five steps.

        >>> Axis(3, 2000, 0, 1, True).marks(), Axis(0, 97, 0, 1, False).marks()
        ([10, 100, 1000], [0, 20, 40, 60, 80])
        >>> Axis(12, 60, 0, 1, True).marks(), Axis(12, 18, 0, 1, True).marks()
        ([20, 50], [12, 14, 16, 18])
        """
        if self.logarithmic:
            first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
            if first < last:
                step = max(1, (last - first) // 6)
                return [10**power for power in range(first, last + 1, step)]
            steps = (unit * 10**power for power in range(last, first + 1) for unit in (1, 2, 5))
            between = [value for value in steps if self.low <= value <= self.high]
            if len(between) > 1:
                return between
        if self.whole:
            first, last = ceil(self.low), floor(self.high)
            return list(range(first, last + 1, max(1, -(-(last - first + 1) // 12))))
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        power = 10 ** floor(log10(span / 5))
        step = next(unit * power for unit in (1, 2, 5, 10) if span / (unit * power) <= 5.5)
        first = ceil(self.low / step)
        return [step * at for at in range(first, floor(self.high / step) + 1)]


def number(value: float) -> str:
    """A number as an axis has it.

    >>> number(2000), number(0.0001), number(0.0015), number(20), number(0.5)
    ('2,000', '1e-4', '1.5e-3', '20', '0.5')
    """
    if value and abs(value) < 0.01:
        power = floor(log10(abs(value)) + 1e-9)
        return f"{value / 10**power:.3g}e{power}"
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def thinned(points: Sequence[Point]) -> list[Point]:
    """Not too many points: of each stretch of a line, the lowest and the highest, in order."""
    if len(points) <= MOST_POINTS:
        return list(points)
    size = -(-len(points) * 2 // MOST_POINTS)
    found = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = {min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}
        found += sorted(ends)
    return found


class Html(str):
    """Text that is markup already, which a template takes as it is: all in it has been escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        """What templates ask for before they escape."""
        return self


def frame(
    title: str, description: str, x: Axis, y: Axis, labels: tuple[str, str], inside: str
) -> Html:
    """A plot with its axes."""
    bottom, right, middle = HEIGHT - BOTTOM, WIDTH - RIGHT, (TOP + HEIGHT - BOTTOM) // 2
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}: {escape(description)}">'
    ]
    for value in y.marks():
        at = y.place(value)
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{right}"/>')
        parts.append(written("tick end", LEFT - 6, at + 4, number(value)))
    for value in x.marks():
        parts.append(written("tick", x.place(value), bottom + 16, number(value)))
    parts.append(written("label", (LEFT + right) / 2, HEIGHT - 6, labels[0]))
    turned = f' transform="rotate(-90 12 {middle})"'
    parts.append(written("label", 12, middle, labels[1], turned))
    return Html("".join([*parts, inside, "</svg>"]))


def written(kind: str, x: float, y: float, text: str, more: str = "") -> str:
    """A text in a plot."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def axes(points: Sequence[Point], *, log_x: bool, log_y: bool) -> tuple[Axis, Axis]:
    """Axes that hold some points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (
        Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT, log_x),
        Axis(min(ys), max(ys), HEIGHT - BOTTOM, TOP, log_y),
    )


def line_plot(
    title: str,
    description: str,
    points: Iterable[Point],
    labels: tuple[str, str],
    *,
    log_x: bool = False,
    log_y: bool = False,
) -> Html:
    """A line through points; values that a logarithmic axis cannot have are left out.

    >>> line_plot("a", "b", [(1, 1), (2, 4)], ("x", "y")).count("<polyline")
    1
    """
    shown = [p for p in points if (p[0] > 0 or not log_x) and (p[1] > 0 or not log_y)]
    if not shown:
        return Html()
    x, y = axes(shown, log_x=log_x, log_y=log_y)
    path = " ".join(f"{x.place(a):.1f},{y.place(b):.1f}" for a, b in thinned(shown))
    return frame(title, description, x, y, labels, f'<polyline class="line" points="{path}"/>')


def bar_plot(
    title: str, description: str, bars: Sequence[tuple[int, int]], labels: tuple[str, str]
) -> Html:
    """Bars over whole numbers, from zero.

    >>> bar_plot("a", "b", [(1, 5), (2, 3)], ("x", "y")).count("<rect")
    2
    """
    if not bars:
        return Html()
    first, last = min(x for x, _ in bars), max(x for x, _ in bars)
    x = Axis(first - 0.5, last + 0.5, LEFT, WIDTH - RIGHT, False, whole=True)
    y = Axis(0, max(count for _, count in bars), HEIGHT - BOTTOM, TOP, False)
    width = max(1.0, (WIDTH - RIGHT - LEFT) / (last - first + 1) - 2)
    inside = "".join(
        f'<rect class="column" x="{x.place(at) - width / 2:.1f}" y="{y.place(count):.1f}" '
        f'width="{width:.1f}" height="{y.place(0) - y.place(count):.1f}"/>'
        for at, count in bars
    )
    return frame(title, description, x, y, labels, inside)
