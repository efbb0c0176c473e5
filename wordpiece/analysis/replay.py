"""A training as a sequence: any step of it, and any prefix of its merges as a tokenizer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from wordpiece.analysis.composition import nearest
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.inspection import Text
from wordpiece.analysis.lineage import makes_a_character
from wordpiece.analysis.merge_order import Stage, symbols_of
from wordpiece.analysis.studied import Inspectable, Studied, studied_of
from wordpiece.errors import InputError, OptionError
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import Tokenizer
from wordpiece.types import Merge, MergeDetail


@dataclass(frozen=True)
class Pinned:
    """A word that is watched: before the first merge, and after each step that changes it."""

    word: str
    stages: tuple[Stage, ...]

    def at(self, step: int) -> tuple[str, ...]:
        """The tokens of the word after a step."""
        steps = [stage.step for stage in self.stages]
        return self.stages[bisect_right(steps, step) - 1].tokens


@dataclass(frozen=True)
class Frame:
    """One step: the merge that was made, what it was chosen against, and the words after it.

    Step 0 is before the first merge. `changed` are the words that this step changed.
    """

    step: int
    vocab_size: int
    merge: Merge | None
    detail: MergeDetail | None
    splits: dict[str, tuple[str, ...]]
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """A prefix of the merges as a tokenizer: its size, and what it does on words.

    `fertility` (tokens a word) and `unknown_words` (the share of running words with `[UNK]`) are
    None where no text was looked at; `splits` are those that the tokenizer of this size gives.
    """

    vocab_size: int
    step: int
    fertility: float | None
    unknown_words: float | None
    splits: dict[str, tuple[str, ...]]


class Replay:
    """The merges of a training in order, with some words watched.

    >>> from wordpiece.api import train
    >>> from wordpiece.formats.trace import Trace
    >>> result = train(["low lower lowest", "low low"], vocab_size=18)
    >>> replay = Replay(Studied("t", result.tokenizer, Trace(result.merges)), ["lowest"])
    >>> [(stage.step, *stage.tokens) for stage in replay.pinned[0].stages[-2:]]
    [(4, 'lo', '##w', '##est'), (5, 'low', '##est')]
    >>> replay.frame(5).merge.new
    'low'

    Raises `InputError` when there is no trace.
    """

    def __init__(self, studied: Inspectable, words: Sequence[str] = ()) -> None:
        studied = studied_of(studied)
        if studied.trace is None or studied.merge_order is None:
            raise InputError(f"{studied.name}: {studied.untraced}")
        self.studied, self.trace = studied, studied.trace
        order = studied.merge_order
        distinct = dict.fromkeys(word for text in words for word in watchable_words(studied, text))
        self.pinned = tuple(Pinned(word, tuple(order.stages(word))) for word in distinct)
        ids = {merge.id for merge in self.trace.merges if not makes_a_character(merge)}
        #: How many tokens there were before the first merge: new ids follow the alphabet's without
        #: a gap, while a token that was there already (even a special one) may be made again.
        self.begun_with = max(studied.tokenizer.parts.model.vocab.values(), default=-1) + 1
        while self.begun_with - 1 in ids:
            self.begun_with -= 1
        sizes = (merge.id + 1 for merge in self.trace.merges)
        self._sizes = list(accumulate(sizes, max, initial=self.begun_with))

    @property
    def last(self) -> int:
        """The number of steps."""
        return len(self.trace.merges)

    def frame(self, step: int) -> Frame:
        """One step. Raises `OptionError` for one that there was not."""
        if not 0 <= step <= self.last:
            raise OptionError(f"--step {step}: must be from 0 to {self.last}, the last merge")
        merge = self.trace.merges[step - 1] if step else None
        return Frame(
            step=step,
            vocab_size=self._sizes[step],
            merge=merge,
            detail=self.trace.details.get(step),
            splits={each.word: each.at(step) for each in self.pinned},
            changed=tuple(e.word for e in self.pinned if any(s.step == step for s in e.stages)),
        )

    def changes(self) -> list[int]:
        """The steps that change a watched word, in order; all steps when none is watched."""
        if not self.pinned:
            return list(range(1, self.last + 1))
        return sorted({s.step for each in self.pinned for s in each.stages if s.step})

    def step_of(self, token: str) -> int:
        """The step that made a token. Raises `InputError` for one that no merge made."""
        made = [merge.new for merge in self.trace.merges]
        if token in made:
            return made.index(token) + 1
        near = ", ".join(nearest(made, token))
        if token in self.studied.encoder.vocab:
            raise InputError(f"{token!r}: was there before the first merge")
        hint = f": near it: {near}" if near else ""
        raise InputError(f"{token!r}: no merge made it{hint}")

    def step_of_size(self, vocab_size: int) -> int:
        """The step that reaches a size, or the last if none does.

        Raises `OptionError` for a size that the alphabet alone exceeds.
        """
        if vocab_size < self.begun_with:
            raise OptionError(
                f"--size {vocab_size}: must be at least {self.begun_with}, which it began with"
            )
        return min(bisect_left(self._sizes, vocab_size), self.last)

    def prefix(self, vocab_size: int) -> Tokenizer:
        """The tokenizer that the training would have given at a smaller size.

        It is the same as what a training to that size gives, since every merge only depends on
        those before it.
        """
        step = self.step_of_size(vocab_size)
        parts = self.studied.tokenizer.parts
        size = self._sizes[step]
        vocab = {token: id for token, id in parts.model.vocab.items() if id < size}
        if isinstance(parts.model, WordPiece):
            return Tokenizer(replace(parts, model=parts.model.with_vocab(vocab)))
        assert isinstance(parts.model, BPE)
        pairs = {(merge.left, merge.right): None for merge in self.trace.merges[:step]}
        return Tokenizer(replace(parts, model=parts.model.with_vocab(vocab, tuple(pairs))))

    def size(self, vocab_size: int, text: Text | None = None) -> Size:
        """What the tokenizer of a smaller size does with the watched words, and on a text."""
        tokenizer = self.prefix(vocab_size)
        model = tokenizer.parts.model
        name = tokenizer.id_to_token
        splits = {
            each.word: tuple(str(name(id)) for id in model.ids(each.word)) for each in self.pinned
        }
        step = self.step_of_size(vocab_size)
        known = tokenizer.get_vocab_size()
        if text is None or not text.words:
            return Size(known, step, None, None, splits)
        encoder = OurEncoder(self.studied.name, tokenizer)
        tokens = alone = sum(text.added.values())  # words of one token
        lost = 0
        for word, count in text.words.items():
            ids = model.ids(word)
            tokens += len(ids) * count
            lost += count * (encoder.unk_id in ids or bool(encoder.lost_in(word)))
        running = text.words.total + alone
        return Size(known, step, tokens / running, lost / running, splits)

    def usual_sizes(self) -> list[int]:
        """100, 200, 500, 1,000 and so on, as far as there are, and the last."""
        whole = self._sizes[-1]
        steps = (digit * 10**power for power in range(2, 8) for digit in (1, 2, 5))
        return [*(size for size in steps if self.begun_with <= size < whole), whole]


def watchable_words(studied: Studied, text: str) -> list[str]:
    """The words of a text that can be watched.

    Raises `InputError` where there is none, or one that the training could not have had.
    """
    added = {token.content for token in studied.tokenizer.parts.added_tokens}
    words = [word.text for word in studied.tokenizer.words(text)]
    if not words:
        raise InputError(f"{text!r}: holds no word to watch")
    for word in words:
        if word.strip() in added:
            raise InputError(f"{word.strip()!r}: is a token that is recognized before any word")
        lost = [s for s in symbols_of(word, studied.prefix) if s not in studied.encoder.vocab]
        if lost:
            raise InputError(f"{word!r}: cannot be watched: the vocabulary has no {lost[0]!r}")
    return words
