"""Count words, working once per distinct chunk of text."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from sys import getsizeof

from wordpiece.errors import InputError
from wordpiece.text.cuts import PART
from wordpiece.text.rules import TextRules
from wordpiece.text.sorted_runs import SortedRuns, by_position
from wordpiece.types import WordCounts

#: Distinct chunks held before they are turned into words; there are several times more of them than
#: of words.
MOST_CHUNKS = 100_000
#: About how many characters are cut into chunks at once: what they become stays in the cache.
CUT_AT_ONCE = 1 << 15
#: What a counted word takes beside its string, in bytes.
ENTRY_BYTES = 120
#: The table of words takes no more than this part of the memory that is allowed: reading, sorting
#: and other processes take the rest.
TABLE_PART = 4


class WordCounter:
    """Counts the words of text that comes in pieces, in the order of their first occurrence.

    >>> counter = WordCounter(TextRules(lowercase=True))
    >>> counter.add("The cat, the dog.")
    >>> dict(counter.counts())
    {'the': 2, 'cat': 1, ',': 1, 'dog': 1, '.': 1}

    No piece may end inside a word. The first chunk that holds a word is the one where the word
    first occurs, so turning chunks into words in their own order keeps the words in order.
    """

    def __init__(self, rules: TextRules) -> None:
        self.rules = rules
        self._chunker = rules.chunker()
        self._chunks: Counter[str] = Counter()
        self._pending = 0  # characters that were cut into the chunks of the table
        self._most_pending = sys.maxsize
        self._words: dict[str, int] = {}

    def add(self, text: str) -> None:
        """Count the words of a text. Raises `InputError` for what is no text."""
        if not isinstance(text, str):
            raise InputError(f"a text must be a str, not {type(text).__name__}: decode bytes first")
        for part in self._chunker.parts(text):
            self._count(self._chunker.keys(part), len(part))

    def add_texts(self, texts: list[str]) -> None:
        """Count the words of texts, together where a line end is white space like any other."""
        if self.rules.lines_may_be_cut:
            self.add_lines("\n".join(texts))
        else:
            for text in texts:
                self.add(text)

    def add_lines(self, block: str) -> None:
        """Count the words of a block of lines, each a text of its own.

        A large block is cut after line ends first: its chunks take many times its own size.
        """
        done = 0
        while done < len(block):
            end = block.rfind("\n", done, done + CUT_AT_ONCE) + 1
            end = end or block.find("\n", done + CUT_AT_ONCE) + 1 or len(block)
            stretch = block[done:end]
            whole = len(stretch) <= PART
            for part in [stretch] if whole else self._chunker.parts(stretch):
                self._count(self._chunker.line_keys(part), len(part))
            done = end

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """Add words that were counted elsewhere; new ones come after those counted so far."""
        self._split_chunks()
        words = self._words
        for word, count in counts.items():
            words[word] = words.get(word, 0) + count
        self._look_at_size()

    def counts(self) -> WordCounts:
        """The words and how often each occurred."""
        return WordCounts(self.take())

    def take(self) -> dict[str, int]:
        """The words and how often each occurred since they were last taken."""
        self._split_chunks()
        words, self._words = self._words, {}
        return words

    def _count(self, chunks: list[str], characters: int) -> None:
        self._chunks.update(chunks)
        self._pending += characters
        if len(self._chunks) > MOST_CHUNKS or self._pending > self._most_pending:
            self._split_chunks()

    def _split_chunks(self) -> None:
        self._chunker.add_words(self._chunks, self._words)
        self._chunks.clear()
        self._pending = 0
        self._look_at_size()

    def _look_at_size(self) -> None:
        """For those that have a limit."""


class BoundedCounter(WordCounter):
    """Counts words with a table of some size; what outgrows it goes to disk, with the same result.

    >>> with BoundedCounter(TextRules(), memory=1) as counter:
    ...     counter.add("b a b")
    ...     list(counter.in_order())
    [('b', 2), ('a', 1)]
    """

    def __init__(self, rules: TextRules, *, memory: int) -> None:
        super().__init__(rules)
        self.memory = self._most_pending = memory // TABLE_PART
        self._runs = SortedRuns(self.memory)
        self._position = 0  # of the first word of the table among all that were there
        self._measured = 0  # words of the table whose size is known
        self._held = 0

    def __enter__(self) -> BoundedCounter:
        return self

    def __exit__(self, *_: object) -> None:
        self._runs.__exit__()

    def in_order(self) -> Iterator[tuple[str, int]]:
        """The words and how often each occurred, in the order of their first occurrence."""
        self._split_chunks()
        if not self._position:
            return iter(self._words.items())
        self._spill()
        return by_position(self._runs, memory=self.memory)

    def _look_at_size(self) -> None:
        words = self._words
        new = len(words) - self._measured
        self._held += sum(map(getsizeof, islice(reversed(words), new))) + ENTRY_BYTES * new
        self._measured = len(words)
        if self._held > self.memory:
            self._spill()

    def _spill(self) -> None:
        """Write the table to disk, and begin anew."""
        words, self._words = self._words, {}
        position = self._position
        self._position += len(words)
        self._measured = self._held = 0
        rows = enumerate(words.items(), start=position)
        self._runs.write((word, at, count) for at, (word, count) in rows)
