"""The characters that a vocabulary starts from, in WordPiece's two forms: `c` and `##c`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wordpiece.training.segments import Segment
from wordpiece.types import WordCounts

#: `sorted forms`: the forms seen, sorted as strings. `characters first`: every character by code
#: point, then the continuing forms seen, by code point (the order that Hugging Face's trainer would
#: have without its hash map).
AlphabetOrder = Literal["sorted forms", "characters first"]


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
    frequencies = count_characters(counts)
    beginning = frozenset(word[0] for word in counts)
    continuing = frozenset().union(*(word[1:] for word in counts)) if counts else frozenset()
    by_frequency = sorted(frequencies, key=lambda c: (-frequencies[c], c))
    kept = frozenset(by_frequency if limit is None else by_frequency[:limit]) | set(initial)
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


def segments(counts: WordCounts, ids: dict[str, int], *, prefix: str = "##") -> Iterator[Segment]:
    """Each word as symbol ids, cut where a character has no symbol.

    >>> list(segments(WordCounts({"aba": 2}), {"a": 0, "##a": 1}))
    [Segment(symbols=[0], weight=2), Segment(symbols=[1], weight=2)]
    """
    continuing = {token[len(prefix) :]: id for token, id in ids.items() if token.startswith(prefix)}
    for word, count in counts.items():
        symbols = list(map(continuing.get, word))
        symbols[0] = ids.get(word[0])
        if None not in symbols:
            yield Segment(symbols, count)  # type: ignore[arg-type]  # the usual case: nothing is None
            continue
        run: list[int] = []
        for symbol in [*symbols, None]:
            if symbol is not None:
                run.append(symbol)
            elif run:
                yield Segment(run, count)
                run = []
