"""The program that a counting worker runs: text in, word counts out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wordpiece.processes import serve, tell
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import Block, range_blocks
from wordpiece.text.rules import TextRules


def start(settings: Any) -> Callable[[Any], dict[str, int]]:
    """A function that counts the words of a request."""
    *rules, errors = settings
    counter = WordCounter(TextRules(*rules))

    def count(request: Any) -> dict[str, int]:
        for block in blocks_of(request, counter.rules):
            counter.add_lines(block.text(request[0], errors))
            if isinstance(request[1], int):
                tell(block.offset + len(block.data) - request[1])
        return counter.take()

    return count


def blocks_of(request: Any, rules: TextRules) -> Iterable[Block]:
    """What is to be counted: a stretch of a file (name, start, end), or (name, bytes, offset)."""
    name, data_or_start, offset_or_end = request
    if isinstance(data_or_start, bytes):
        return [Block(data_or_start, offset_or_end)]
    cut_long_lines = rules.lines_may_be_cut
    return range_blocks(name, data_or_start, offset_or_end, cut_long_lines=cut_long_lines)


if __name__ == "__main__":
    serve(start)
