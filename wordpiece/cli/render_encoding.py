"""The table of `wp encode`.

A pipe or a file gets it without rich, if it is narrow: loading rich takes a fifth of the time of
the whole command, which scripts call for every text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from wordpiece.cli.plain import is_terminal
from wordpiece.encoding import Encoding
from wordpiece.text.visible import visible

#: The columns; the first `WORDS` are text, from the left, and the others numbers, from the right.
HEADER = ("word", "token", "id", "offsets", "type", "mask")
WORDS = 2
#: Between two columns.
GAP = "  "
#: What rich takes for the width of a pipe, unless COLUMNS or a terminal elsewhere says another.
WIDTH = 80


def encoding_table(
    encoding: Encoding, first: str | Sequence[str], second: str | Sequence[str] | None
) -> None:
    """One row a token; the word is the stretch of the text, or of the word, as it was given."""
    rows = list(encoding_rows(encoding, first, second))
    needs_rich = is_terminal(sys.stdout) or os.environ.get("COLUMNS")
    lines = [] if needs_rich else plain_lines(rows)
    if lines:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    else:
        show_table(rows)


def encoding_rows(
    encoding: Encoding, first: str | Sequence[str], second: str | Sequence[str] | None
) -> Iterator[tuple[str, ...]]:
    """The cells of each row; a word is named beside its first token only."""
    spans = word_spans(encoding)
    last: tuple[int, int | None] | None = None
    for at, (token, id, (start, end)) in enumerate(
        zip(encoding.tokens, encoding.ids, encoding.offsets, strict=True)
    ):
        type_id, word_id = encoding.type_ids[at], encoding.word_ids[at]
        text = second if type_id and second is not None else first
        if word_id is not None and not isinstance(text, str):
            text = text[word_id]
        begins = word_id is not None and (type_id, word_id) != last
        stretch = slice(*spans[type_id, word_id])
        word = visible(text[stretch]) if begins and isinstance(text, str) else ""
        last = (type_id, word_id)
        offsets = f"{start}-{end}" if word_id is not None else ""
        yield word, visible(token), str(id), offsets, str(type_id), str(encoding.attention_mask[at])


def word_spans(encoding: Encoding) -> dict[tuple[int, int | None], tuple[int, int]]:
    """From the first to the last character of each word, by type id and word id."""
    spans: dict[tuple[int, int | None], tuple[int, int]] = {}
    for type_id, word_id, (start, end) in zip(
        encoding.type_ids, encoding.word_ids, encoding.offsets, strict=True
    ):
        first, last = spans.get((type_id, word_id), (start, end))
        spans[type_id, word_id] = (min(first, start), max(last, end))
    return spans


def plain_lines(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The lines of the table as rich lays it out; none where it is too wide for that.

    >>> plain_lines([("ab", "a", "7", "0-1", "0", "1"), ("", "##b", "12", "1-2", "0", "1")])[1:]
    ['ab    a       7      0-1     0     1', '      ##b    12      1-2     0     1']
    """
    table = [HEADER, *rows]
    columns = list(zip(*table, strict=True))
    sizes = [list(map(cells, column)) for column in columns]
    widths = list(map(max, sizes))
    if sum(widths) + len(GAP) * (len(widths) - 1) > WIDTH:
        return []
    padded = []
    for at, column in enumerate(columns):
        pads = [" " * (widths[at] - size) for size in sizes[at]]
        pairs = zip(column, pads, strict=True)
        padded.append([cell + pad if at < WORDS else pad + cell for cell, pad in pairs])
    return list(map(GAP.join, zip(*padded, strict=True)))


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def show_table(rows: Sequence[tuple[str, ...]]) -> None:
    """The table as rich lays it out, for a terminal or wherever cells must be folded."""
    from rich.table import Table
    from rich.text import Text

    from wordpiece.cli.render import show

    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(HEADER):
        if at < WORDS:
            table.add_column(name, overflow="fold")
        else:
            table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    show(table)
