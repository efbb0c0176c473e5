"""The characters that a vocabulary starts from, in WordPiece's two forms: `c` and `##c`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, cast

from wordpiece.training.segments import NOTHING, Layout, Segment, laid_out
from wordpiece.types import WordCounts

#: `sorted forms`: the forms seen, sorted as strings. `characters first`: every character by code
#: point, then the continuing forms seen, by code point (the order that Hugging Face's trainer would
#: have without its hash map).
AlphabetOrder = Literal["sorted forms", "characters first"]
#: What stands between words where they are one text.
BETWEEN = "\0"


@dataclass(frozen=True)
class Alphabet:
    """Which characters of a corpus become symbols.

    `beginning` and `continuing` are the characters that are seen at a word's start and inside a
    word, before any limit; `kept` are those that the vocabulary takes, `forms` their tokens in
    vocabulary order.
    """

    beginning: frozenset[str]
    continuing: frozenset[str]
    kept: frozenset[str]
    forms: tuple[str, ...]

    @property
    def one_form_only(self) -> tuple[list[str], list[str]]:
        """Kept characters that lack the continuing form, and those that lack the beginning form.

        >>> build_alphabet(WordCounts({"ab": 1})).one_form_only
        (['a'], ['b'])
        """
        forms = set(self.forms)
        no_continuing = sorted(c for c in self.kept if f"##{c}" not in forms)
        no_beginning = sorted(c for c in self.kept if c not in forms)
        return no_continuing, no_beginning


def build_alphabet(
    counts: WordCounts,
    *,
    order: AlphabetOrder = "sorted forms",
    limit: int | None = None,
    full: bool = False,
    prefix: str = "##",
    initial: str = "",
) -> Alphabet:
    """The alphabet of a corpus.

    `limit` keeps the most frequent characters (both their forms; equal counts in order of code
    point), and those of `initial` in any case. `full` takes both forms of every kept character,
    seen or not.

    >>> build_alphabet(WordCounts({"This": 3, "hit": 1})).forms
    ('##h', '##i', '##s', '##t', 'T', 'h')
    """
    beginning = frozenset(word[0] for word in counts)
    continuing = frozenset("".join([word[1:] for word in counts]))
    kept = beginning | continuing
    if limit is not None:
        frequencies = count_characters(counts)
        kept = frozenset(sorted(kept, key=lambda c: (-frequencies[c], c))[:limit])
    kept |= set(initial)
    bare = sorted(kept) if full or order == "characters first" else sorted(kept & beginning)
    prefixed = [prefix + c for c in sorted(kept if full else kept & continuing)]
    forms = [*bare, *prefixed] if order == "characters first" else sorted({*bare, *prefixed})
    return Alphabet(beginning, continuing, kept, tuple(dict.fromkeys(forms)))


def count_characters(counts: WordCounts) -> Counter[str]:
    """How often each character occurs, wherever it stands.

    Words with the same count are counted as one text: most words have one of a few counts.
    """
    by_count: defaultdict[int, list[str]] = defaultdict(list)
    for word, count in counts.items():
        by_count[count].append(word)
    frequencies: Counter[str] = Counter()
    for count, words in by_count.items():
        for char, times in Counter("".join(words)).items():
            frequencies[char] += times * count
    return frequencies


class WordSegments(Iterable[Segment]):
    """Each word as symbol ids, cut where a character has no symbol.

    >>> list(WordSegments(WordCounts({"aba": 2}), {"a": 0, "##a": 1}))
    [Segment(symbols=[0], weight=2), Segment(symbols=[1], weight=2)]
    """

    def __init__(self, counts: WordCounts, ids: Mapping[str, int], *, prefix: str = "##") -> None:
        self._counts, self._ids = counts, ids
        self._continuing = {
            token[len(prefix) :]: id for token, id in ids.items() if token.startswith(prefix)
        }

    def __iter__(self) -> Iterator[Segment]:
        for word, count in self._counts.items():
            run: list[int] = []
            for symbol in [self._ids.get(word[0]), *map(self._continuing.get, word[1:]), None]:
                if symbol is not None:
                    run.append(symbol)
                elif run:
                    yield Segment(run, count)
                    run = []

    def laid_out(self) -> Layout:
        """The same one after the other: all words as one text, if all characters have symbols.

        >>> WordSegments(WordCounts({"aa": 2, "a": 1}), {"a": 0, "##a": 1}).laid_out()
        Layout(symbols=[-1, 0, 1, -1, 0, -1], lengths=[2, 1], weights=[2, 1])
        """
        text = BETWEEN.join(["", *self._counts, ""])
        lengths = list(map(len, self._counts))
        if text.count(BETWEEN) != len(lengths) + 1:
            return laid_out(self)
        symbols = list(map({**self._continuing, BETWEEN: NOTHING}.get, text))
        starts = accumulate(map((1).__add__, lengths), initial=1)
        for start, word in zip(starts, self._counts, strict=False):
            symbols[start] = self._ids.get(word[0])
        if None in symbols:  # a character was left out of the alphabet
            return laid_out(self)
        return Layout(cast(list[int], symbols), lengths, list(self._counts.values()))
