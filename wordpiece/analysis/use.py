"""How a vocabulary is used on a text: what is emitted, what never is, where training differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from wordpiece.analysis.composition import regular_tokens
from wordpiece.analysis.lineage import Lineage
from wordpiece.analysis.studied import Studied
from wordpiece.types import WordCounts

#: A text in which no token is recognized before it is cut into words.
NONE_ADDED: Mapping[int, int] = {}
#: So many words that are split otherwise than in training are kept as examples.
EXAMPLES = 10


@dataclass(frozen=True)
class Dead:
    """A token that is never emitted on a text, and the token that took its place.

    `consumed_by` is made by the merge that took most of its occurrences in training; None where the
    merges are not known, or no merge took any.
    """

    token: str
    id: int
    consumed_by: str | None


@dataclass(frozen=True)
class Mismatch:
    """How often greedy encoding differs from the training's own split of the same words.

    `types` are distinct words, `words` their occurrences; unknown words are not compared, and the
    totals are without them. `examples` are the most frequent of those that differ: word, count, the
    split in use, the split in training.
    """

    types: int
    all_types: int
    words: int
    all_words: int
    examples: tuple[tuple[str, int, tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Use:
    """What a vocabulary does on the words of a text.

    `types` and `words` are distinct words and occurrences, `tokens` what they are encoded as,
    `unknown_words` those with an `[UNK]`. `counts` holds how often each id is emitted. `dead` are
    the regular tokens that never are, in id order. `mismatch` is None where the merges are not
    known, or the tokenizer is BPE, which encodes as it was trained.
    """

    source: str
    types: int
    words: int
    tokens: int
    unknown_words: int
    counts: Counter[int]
    dead: tuple[Dead, ...]
    mismatch: Mismatch | None

    @property
    def fertility(self) -> float:
        """Tokens for each word."""
        return self.tokens / self.words if self.words else 0.0


def use_of(
    studied: Studied, words: WordCounts, *, source: str, added: Mapping[int, int] = NONE_ADDED
) -> Use:
    """Encode the words of a text and count; `added` are counts of tokens cut out before.

    Such a token is a word of one token.

    >>> from wordpiece import presets
    >>> from wordpiece.pretrained import Tokenizer
    >>> tokenizer = Tokenizer(presets.wordpiece(["[UNK]", "a", "##b", "ab", "x"]))
    >>> use = use_of(Studied("t", tokenizer), WordCounts({"ab": 3, "abb": 1}), source="text")
    >>> use.tokens, [dead.token for dead in use.dead]
    (5, ['a', 'x'])
    """
    model = studied.tokenizer.parts.model
    order = studied.merge_order if studied.model == "wordpiece" else None
    unknown, tokens = studied.encoder.unk_id, studied.tokenizer.id_to_token
    counts = Counter(added)
    unknown_words = types = all_types = running = all_running = 0
    differing = []
    for word, count in words.items():
        ids = model.ids(word)
        for id in ids:
            counts[id] += count
        if unknown in ids or studied.encoder.lost_in(word):
            unknown_words += count
        elif order is not None:
            all_types += 1
            all_running += count
            greedy = tuple(str(tokens(id)) for id in ids)
            trained = order.split(word)
            if greedy != trained:
                types += 1
                running += count
                differing.append((word, count, greedy, trained))
    examples = sorted(differing, key=lambda each: -each[1])[:EXAMPLES]  # equals as in the text
    mismatch = Mismatch(types, all_types, running, all_running, tuple(examples))
    return Use(
        source=source,
        types=len(words) + len(added),
        words=words.total + sum(added.values()),
        tokens=counts.total(),
        unknown_words=unknown_words,
        counts=counts,
        dead=tuple(dead_tokens(studied, counts)),
        mismatch=None if order is None else mismatch,
    )


def dead_tokens(studied: Studied, counts: Counter[int]) -> list[Dead]:
    """The regular tokens that have no count, each with what took its place in training."""
    lineage = None if studied.trace is None else Lineage(studied.trace)
    found = []
    for token, id in regular_tokens(studied.encoder):
        if not counts[id]:
            taken = lineage.consumer(token) if lineage else None
            found.append(Dead(token, id, taken.merge.new if taken else None))
    return found
