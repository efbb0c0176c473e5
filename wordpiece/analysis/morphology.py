"""The cuts of a tokenizer against those between morphemes, as a list of segmented words has them.

Only words whose morphs spell them can be held against cuts: a gold that restores changed stems
(`happiness` is `happy` and `ness`) does not say where the word is to be cut. How many words that
leaves out is counted, and so is what a tokenizer does not know.

Precision and recall are those of Virpioja et al. (2011, boundary precision and recall), but as
ratios of sums over all words, where theirs are means over words. Every word counts once: a list of
words says nothing of how often they occur.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from wordpiece.analysis.encoders import AnyEncoder
from wordpiece.analysis.metrics import unknown_in
from wordpiece.errors import InputError
from wordpiece.text.cuts import lines
from wordpiece.text.readers import LineFile

#: Between two morphs: a space, and the `@@` of the morph that goes on (`en @@thrall`), or that is
#: gone on with (`en@@ thrall`).
BETWEEN = re.compile("(?:@@)? +(?:@@)?")
LINE = "a word, a tab and its morphs with spaces or ' @@' between them"
#: Stands before each word when it is encoded: another word and a space, as in text.
BEFORE = "a "


@dataclass(frozen=True)
class GoldWord:
    """A word and the morphs that spell it.

    >>> GoldWord("tokenization", ("tok", "en", "ization")).cuts
    frozenset({3, 5})
    """

    word: str
    morphs: tuple[str, ...]

    @property
    def cuts(self) -> frozenset[int]:
        """Where a morph begins inside the word, in characters from its start."""
        return frozenset(accumulate(map(len, self.morphs[:-1])))


@dataclass(frozen=True)
class GoldCoverage:
    """How much of a list of segmented words can be used.

    `words` are used, each once; `unspelled` lines have morphs that do not spell their word,
    `repeated` lines a word that was there before. The three add up to `lines`; `coverage` is the
    share of the lines that are used.
    """

    file: str
    lines: int
    words: int
    unspelled: int
    repeated: int
    coverage: float


@dataclass(frozen=True)
class Gold:
    """The words of a list that can be used, in its order, and how many of all they are."""

    words: tuple[GoldWord, ...]
    coverage: GoldCoverage


@dataclass(frozen=True)
class BoundaryScores:
    """Cuts against those of gold, over some words.

    `precision` is correct / cuts, `recall` correct / gold_cuts, `f1` 2 · correct / (cuts +
    gold_cuts), their harmonic mean; `exact` is the share of words that are cut as gold cuts them,
    and nowhere else. Each is None where there is nothing to divide by. A cut inside a character,
    between two of its bytes, is a cut and never correct.
    """

    words: int
    cuts: int
    gold_cuts: int
    correct: int
    exact_words: int
    precision: float | None
    recall: float | None
    f1: float | None
    exact: float | None


@dataclass(frozen=True)
class TokenizerBoundaries:
    """One tokenizer against gold.

    Of the words of gold, `unknown` hold an unknown token, or no token at all, and are left out;
    `words` are scored, and `whole` of them are a single token. Both ways to count those are in use:
    `whole_included` takes each for a word without a cut, so that all cuts of gold in it are missed;
    `whole_excluded` is of the words that the tokenizer does cut. Precision is the same in both.
    """

    name: str
    model: str
    vocab_size: int
    words: int
    unknown: int
    whole: int
    whole_included: BoundaryScores
    whole_excluded: BoundaryScores


@dataclass(frozen=True)
class Morphology:
    """Tokenizers against one gold, in the order in which they were given."""

    gold: GoldCoverage
    tokenizers: tuple[TokenizerBoundaries, ...]


# ---------------------------------------------------------------- gold


def read_gold(path: str | os.PathLike[str]) -> Gold:
    """Read a list of segmented words: a word, a tab and its morphs a line, and what else follows.

    Morphs stand with spaces between them, with ` @@` (SIGMORPHON) or with `@@ ` (subword-nmt). A
    file may be compressed, `-` is standard input; empty lines are passed over. Raises `InputError`
    for a file that cannot be read, with its line for a line that is none of these, and where no
    word at all can be used.

        read_gold("eng.word.dev.tsv").coverage
    """
    name = os.fspath(path)
    if not name:
        raise InputError("'': must name a file of segmented words")
    return gold_of(rows(name), name=name)


def gold_of(segmented: Iterable[tuple[str, str]], *, name: str = "gold") -> Gold:
    """Gold from words and their segmentations; of a word that can be used twice, the first is.

    >>> rows = [("words", "word @@s"), ("happiness", "happy @@ness"), ("words", "w ords")]
    >>> gold = gold_of(rows)
    >>> gold.words
    (GoldWord(word='words', morphs=('word', 's')),)
    >>> gold.coverage.lines, gold.coverage.unspelled, gold.coverage.repeated
    (3, 1, 1)

    Raises `InputError` where no word can be used.
    """
    found: dict[str, GoldWord] = {}
    number = unspelled = 0
    for word, segmentation in segmented:
        number += 1
        morphs = tuple(filter(None, BETWEEN.split(segmentation)))
        if not morphs or "".join(morphs) != word:
            unspelled += 1
        else:
            found.setdefault(word, GoldWord(word, morphs))
    if not found:
        raise InputError(
            f"{name}: in none of its lines ({number:,}) the morphs spell the word: a line must be "
            f"{LINE}, such as words<TAB>word @@s"
        )
    repeated = number - unspelled - len(found)
    coverage = GoldCoverage(name, number, len(found), unspelled, repeated, len(found) / number)
    return Gold(tuple(found.values()), coverage)


def rows(name: str) -> Iterator[tuple[str, str]]:
    """The words of a file and their segmentations. Raises `InputError` with the line."""
    for number, line in numbered_lines(name):
        word, *rest = line.split("\t")
        if not word or not rest or not rest[0].strip():
            raise InputError(f"{name}: line {number}: {line[:40]!r} must be {LINE}")
        yield word, rest[0]


def numbered_lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not empty, without their ends, and their numbers from 1 on."""
    for block in LineFile(name).blocks(number_lines=True):
        try:
            text = block.data.decode("utf-8")
        except UnicodeDecodeError as error:
            number = block.line + block.data.count(b"\n", 0, error.start)
            raise InputError(f"{name}: line {number}: is not UTF-8: convert the file") from None
        if block.offset == 0:
            text = text.removeprefix("\ufeff")
        for number, line in enumerate(lines(text), start=block.line):
            if bare := line.rstrip("\r\n"):
                yield number, bare


# ---------------------------------------------------------------- cuts and scores


class Cuts(NamedTuple):
    """How often a tokenizer cuts a word, and at which positions, in characters from its start.

    A cut inside a character has no position: between the bytes of one, or between what a normalizer
    makes of one.
    """

    number: int
    positions: frozenset[int]


def cuts_of(encoder: AnyEncoder, word: str) -> Cuts | None:
    """Where a tokenizer cuts a word; None where it does not know the word or a part of it.

    Cuts are told by the offsets of tokens, which are those of the word as it is written, whatever
    the tokens look like (`##s`, `Ġword`) and whatever the normalizer does to letters. Where the
    tokenizer splits before its model does, at the hyphen of `self-made`, that is a cut too.

    The word is encoded behind another word and a space, as most words stand in text: GPT-2 and its
    like write that space as a part of their tokens, and have far more words as `Ġword` than as
    `word`. A space alone would not do, as some tokenizers put one before every text: they would see
    two. For BERT's split it makes no difference.

    >>> from wordpiece import Tokenizer, presets
    >>> from wordpiece.analysis.encoders import OurEncoder
    >>> vocab = ["[UNK]", "una", "##ffa", "##ble"]
    >>> encoder = OurEncoder("a", Tokenizer(presets.wordpiece(vocab, lowercase=True)))
    >>> cuts_of(encoder, "Unaffable")
    Cuts(number=2, positions=frozenset({3, 6}))
    >>> cuts_of(encoder, "affable") is None
    True
    """
    text = BEFORE + word
    encoding = encoder.encode(text)
    unknown = unknown_in(encoder, text, encoding)
    shift = len(BEFORE)
    inside = [at for at, (_, end) in enumerate(encoding.offsets) if end > shift]
    if not inside or any(unknown[at] for at in inside):
        return None
    if any(end > shift for _, end in encoder.dropped(text)):
        return None
    neighbors = pairwise(encoding.offsets[at] for at in inside)
    between = frozenset(start - shift for (_, end), (start, _) in neighbors if end <= start)
    return Cuts(len(inside) - 1, between)


def boundaries(encoder: AnyEncoder, gold: Gold) -> TokenizerBoundaries:
    """Hold a tokenizer's cuts against gold.

    >>> from wordpiece import Tokenizer, presets
    >>> from wordpiece.analysis.encoders import OurEncoder
    >>> vocab = ["[UNK]", "token", "##ization", "words"]
    >>> encoder = OurEncoder("a", Tokenizer(presets.wordpiece(vocab)))
    >>> gold = gold_of([("tokenization", "tok en ization"), ("words", "word s"), ("x", "x")])
    >>> found = boundaries(encoder, gold)
    >>> found.words, found.unknown, found.whole
    (2, 1, 1)
    >>> found.whole_excluded.precision, found.whole_excluded.recall
    (1.0, 0.5)
    >>> found.whole_included.precision, found.whole_included.recall
    (1.0, 0.3333333333333333)
    """
    pairs = [(each.cuts, cuts_of(encoder, each.word)) for each in gold.words]
    known = [(own, cuts) for own, cuts in pairs if cuts is not None]
    divided = [(own, cuts) for own, cuts in known if cuts.number]
    return TokenizerBoundaries(
        name=encoder.name,
        model=encoder.model,
        vocab_size=encoder.vocab_size,
        words=len(known),
        unknown=len(pairs) - len(known),
        whole=len(known) - len(divided),
        whole_included=scores_of(known),
        whole_excluded=scores_of(divided),
    )


def scores_of(pairs: Sequence[tuple[frozenset[int], Cuts]]) -> BoundaryScores:
    """Scores from gold's cuts and a tokenizer's, word by word.

    >>> found = scores_of([(frozenset({3, 5}), Cuts(1, frozenset({5})))])
    >>> found.precision, found.recall, found.f1, found.exact
    (1.0, 0.5, 0.6666666666666666, 0.0)
    """
    cuts = sum(own.number for _, own in pairs)
    gold_cuts = sum(len(gold) for gold, _ in pairs)
    correct = sum(len(gold & own.positions) for gold, own in pairs)
    exact = sum(own == Cuts(len(gold), gold) for gold, own in pairs)
    return BoundaryScores(
        words=len(pairs),
        cuts=cuts,
        gold_cuts=gold_cuts,
        correct=correct,
        exact_words=exact,
        precision=quotient(correct, cuts),
        recall=quotient(correct, gold_cuts),
        f1=quotient(2 * correct, cuts + gold_cuts),
        exact=quotient(exact, len(pairs)),
    )


def quotient(part: int, whole: int) -> float | None:
    """A ratio, None where there is nothing to divide by.

    >>> quotient(1, 2), quotient(0, 0)
    (0.5, None)
    """
    return part / whole if whole else None


def morphology(encoders: Sequence[AnyEncoder], gold: Gold) -> Morphology:
    """Hold tokenizers against gold, each on the words that it knows."""
    return Morphology(gold.coverage, tuple(boundaries(encoder, gold) for encoder in encoders))
