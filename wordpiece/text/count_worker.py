"""The program that a counting worker runs: blocks of text in, word counts out."""

from __future__ import annotations

import signal
import sys

from wordpiece.errors import InputError
from wordpiece.text.counts import WordCounter
from wordpiece.text.readers import Block
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
            name, data, offset = receive(source)
        except EOFError:
            return
        try:
            counter.add_lines(Block(data, offset).text(name, errors))
            send(target, counter.take())
        except InputError as error:
            send(target, str(error))


if __name__ == "__main__":
    main()
