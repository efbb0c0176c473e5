"""The program that a counting worker runs: text in, word counts out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wordpiece.processes import serve, tell
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import Block, range_blocks
from wordpiece.text.reading import Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import add_words


def start(settings: Any) -> Callable[[Any], tuple[dict[str, int], int, str]]:
    """A function that counts the words of a request, and says what it passed over.

    A request is the name of a file, its kind, and what is to be counted: some texts, a block as
    (bytes, offset, line), or a stretch of a plain file as (start, end).
    """
    rules, reading = TextRules(*settings[0]), Reading(*settings[1])
    counter, faults = WordCounter(rules), Faults(reading.on_error)

    def count(request: Any) -> tuple[dict[str, int], int, str]:
        name, kind, what = request
        if isinstance(what, tuple) and isinstance(what[0], int):
            count_stretch(name, *what)
        else:
            for batch in Block(*what).pieces() if isinstance(what, tuple) else [what]:
                add_words(batch, name, kind, reading, counter=counter, faults=faults)
        return counter.take(), *faults.take()

    def count_stretch(name: str, begin: int, end: int) -> None:
        cut_long_lines = rules.lines_may_be_cut and reading.on_error == "stop"
        for block in range_blocks(name, begin, end, cut_long_lines=cut_long_lines):
            counter.add_lines(block.text(name, reading, faults))
            tell(block.offset + len(block.data) - begin)

    return count


if __name__ == "__main__":
    serve(start)
