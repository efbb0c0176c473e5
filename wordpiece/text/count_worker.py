"""The program that a counting worker runs: blocks of text in, word counts out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from typing import Any

from wordpiece.errors import InputError
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import Block, range_blocks
from wordpiece.text.rules import TextRules
from wordpiece.text.workers import receive, send


def main() -> None:
    """Serve until standard input ends; an answer is a dict of counts, or a str: what is wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides when to stop
    source, target = sys.stdin.buffer, sys.stdout.buffer
    *rules, errors = receive(source)
    counter = WordCounter(TextRules(*rules))
    while True:
        try:
            request = receive(source)
        except EOFError:
            return
        try:
            for block in blocks_of(request, counter.rules):
                counter.add_lines(block.text(request[0], errors))
                if isinstance(request[1], int):
                    send(target, block.offset + len(block.data) - request[1])
            send(target, counter.take())
        except InputError as error:
            send(target, str(error))


def blocks_of(request: Any, rules: TextRules) -> Iterable[Block]:
    """What is to be counted: a stretch of a file (name, start, end), or (name, bytes, offset)."""
    name, data_or_start, offset_or_end = request
    if isinstance(data_or_start, bytes):
        return [Block(data_or_start, offset_or_end)]
    cut_long_lines = rules.lines_may_be_cut
    return range_blocks(name, data_or_start, offset_or_end, cut_long_lines=cut_long_lines)


if __name__ == "__main__":
    main()
