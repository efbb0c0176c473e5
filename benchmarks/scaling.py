"""How training time grows with the corpus and with the vocabulary: a table, and a log-log plot.

    python benchmarks/scaling.py corpus.txt --svg scaling.svg

Corpora are the first 1, 3, 10, 30 and 100 MB of the file (as far as it goes) at 30,000 tokens, and
vocabularies are of 1,000 to 60,000 tokens at 30 MB. Whole processes, one run each.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from math import log10
from pathlib import Path

from sides import machine, measured, write_json
from train import sides_of

MEGABYTES = (1, 3, 10, 30, 100)
SIZES = (1_000, 3_000, 10_000, 30_000, 60_000)
WIDTH, HEIGHT, MARGIN = 360, 300, 46
COLORS = ("#666666", "#1b6ca8", "#c0392b", "#2e8b57")

#: Seconds by x, for each side.
Lines = dict[str, dict[int, float]]


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, help="a plain text file")
    parser.add_argument("--svg", type=Path, default=Path("scaling.svg"))
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    available = round(options.corpus.stat().st_size / 1e6)
    by_corpus: Lines = {}
    by_size: Lines = {}
    for megabytes in (size for size in MEGABYTES if size <= available):
        record(by_corpus, megabytes, options.corpus, megabytes, 30_000)
    for size in SIZES:
        record(by_size, size, options.corpus, min(30, available), size)
    print(f"{options.corpus.name}; {machine()}\n")
    print_table("MB, 30,000 tokens", by_corpus)
    print_table("tokens, 30 MB", by_size)
    panels = (("MB of text, 30,000 tokens", by_corpus), ("tokens, 30 MB of text", by_size))
    options.svg.write_text(drawing(panels), encoding="utf-8")
    write_json(options.json, {"by_corpus": by_corpus, "by_size": by_size})


def record(lines: Lines, x: int, corpus: Path, megabytes: int, size: int) -> None:
    """Train with every side on the first megabytes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "part.txt")
        with corpus.open("rb") as file:
            part.write_bytes(file.read(megabytes * 1_000_000))
        sides = sides_of("wordpiece", part, size, folder, errors="replace")
        for name, side in sides.items():
            if name.endswith("--trace merges"):
                continue
            lines.setdefault(name, {})[x] = measured(side).seconds


def print_table(title: str, lines: Lines) -> None:
    """Seconds, a column for each x."""
    columns = list(next(iter(lines.values())))
    print(f"| {title} | {' | '.join(f'{x:,}' for x in columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for name, points in lines.items():
        print(f"| {name} | {' | '.join(f'{points[x]:.3g}' for x in columns)} |")
    print()


def drawing(panels: Iterable[tuple[str, Lines]]) -> str:
    """The panels side by side, with a legend below."""
    panels = list(panels)
    body = [panel(title, lines, at * WIDTH) for at, (title, lines) in enumerate(panels)]
    for at, (name, color) in enumerate(zip(panels[0][1], COLORS, strict=True)):
        x, y = MARGIN + 330 * (at % 2), HEIGHT + 18 + 18 * (at // 2)
        body.append(f'<path d="M{x} {y - 4}h18" stroke="{color}" stroke-width="2"/>')
        body.append(f'<text x="{x + 24}" y="{y}">{name}</text>')
    size = f'width="{WIDTH * len(panels)}" height="{HEIGHT + 46}"'
    style = 'font-family="sans-serif" font-size="11" fill="#333333"'
    back = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{back}{"".join(body)}</svg>\n'


def panel(title: str, lines: Lines, left: int) -> str:
    """One plot, both axes logarithmic, with a grid line at each power of ten of seconds."""
    xs = [x for points in lines.values() for x in points]
    ys = [y for points in lines.values() for y in points.values()]
    low, high = 10.0 ** int(log10(min(ys)) - 1), 10.0 ** (int(log10(max(ys))) + 1)

    def place(x: float, y: float) -> tuple[float, float]:
        across = log10(x / min(xs)) / log10(max(xs) / min(xs))
        up = log10(y / low) / log10(high / low)
        span_x, span_y = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        return left + MARGIN + across * span_x, HEIGHT - MARGIN - up * span_y

    parts = [f'<text x="{left + MARGIN}" y="24" font-weight="bold">seconds by {title}</text>']
    y = low
    while y <= high:
        _, height = place(min(xs), y)
        parts.append(
            f'<path d="M{left + MARGIN} {height:.1f}h{WIDTH - 2 * MARGIN}" stroke="#ddd"/>'
        )
        parts.append(f'<text x="{left + 8}" y="{height + 4:.1f}">{y:g}</text>')
        y *= 10
    for x in dict.fromkeys(xs):
        parts.append(
            f'<text x="{place(x, low)[0]:.1f}" y="{HEIGHT - 28}" text-anchor="middle">{x:,}</text>'
        )
    for points, color in zip(lines.values(), COLORS, strict=True):
        path = " L".join("{:.1f} {:.1f}".format(*place(*point)) for point in points.items())
        parts.append(f'<path d="M{path}" fill="none" stroke="{color}" stroke-width="2"/>')
    return "".join(parts)


if __name__ == "__main__":
    main()
