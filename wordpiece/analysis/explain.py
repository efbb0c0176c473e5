"""Why a text is split so: every candidate that was tried, every merge that was made.

WordPiece takes the longest token that fits at each position, so what matters is which longer ones
are absent from the vocabulary. BPE makes merges in the order in which they were learned, so what
matters is which pair was earlier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from wordpiece.analysis.studied import Inspectable, Studied, studied_of
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import Tokenizer
from wordpiece.text.added_tokens import AddedTokens

#: The merges of a longer word are not followed one by one.
LONGEST_FOLLOWED = 500
#: So many of the other merges that were possible are named.
MOST_RIVALS = 8


@dataclass(frozen=True)
class ExplainedPiece:
    """A token of a word, where it stands in the text, and what else was possible there.

    `rejected` are the longer tokens that were tried first and that the vocabulary lacks, `shorter`
    those that it has; both longest first, and empty for BPE, which tries none.
    """

    token: str
    id: int
    start: int
    end: int
    rejected: tuple[str, ...] = ()
    shorter: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unknown:
    """Why a word, or for BPE a character, is `[UNK]`.

    `position` counts characters in the normalized word; `missing` are the tokens without which
    nothing fits, there and further on; `matched` what had been found before. `reason` is `"length"`
    for a word over the limit, where nothing was tried, else `"missing"`. `cure` says what would
    mend it.
    `token` is the unknown token.
    """

    position: int
    missing: tuple[str, ...]
    matched: tuple[str, ...]
    reason: str
    cure: str
    token: str = "[UNK]"


@dataclass(frozen=True)
class Round:
    """One merge within a word: its rank (0 is the first learned), and the other pairs there were.

    `rivals` are the merges that were possible too, each with its rank, the earliest first.
    """

    left: str
    right: str
    rank: int
    rivals: tuple[tuple[str, str, int], ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Divergence:
    """Where longest match and merge order part: after so many equal tokens.

    `greedy` is the longest match there, `trained` what the merges make of it. The first is how
    WordPiece encodes, the second how BPE does.
    """

    equal: int
    greedy: str
    trained: str


@dataclass(frozen=True)
class ExplainedWord:
    """A word with every reason for its split.

    `text` is the word as it stood in the text, from `start` to `end` in characters; `normalized`
    is what the model got. `fewest` is a split into as few tokens as this vocabulary allows (None
    where there is none), `merge_order` the training's own split (None where the merges are not
    known), `divergence` where the two ways part. `rounds` are BPE's merges. `added` says that the
    word is a token that is recognized before all else, such as `[MASK]`.
    """

    text: str
    start: int
    end: int
    normalized: str
    pieces: tuple[ExplainedPiece, ...]
    unknown: Unknown | None = None
    fewest: tuple[str, ...] | None = None
    merge_order: tuple[str, ...] | None = None
    divergence: Divergence | None = None
    rounds: tuple[Round, ...] = ()
    added: bool = False


@dataclass(frozen=True)
class Explanation:
    """A text, what normalizing made of it, and its words."""

    name: str
    model: str
    text: str
    normalized: str
    words: tuple[ExplainedWord, ...]


def explain(studied: Inspectable, text: str) -> Explanation:
    """Explain the split of a word or a sentence.

        explain(study("vocab.txt", lowercase=True), "unaffable").words[0].pieces[0]
        # of bert-base-uncased: una, rejected unaffable, unaffabl ... unaf, shorter un, u

    `studied` may also be a tokenizer, or what `train` returned. Raises `InputError` for what is
    neither, and for what is no text.
    """
    studied = studied_of(studied)
    tokenizer = studied.tokenizer
    encoding = tokenizer.encode(text, add_special_tokens=False)
    pieces: defaultdict[int | None, list[ExplainedPiece]] = defaultdict(list)
    each = zip(encoding.tokens, encoding.ids, encoding.offsets, encoding.word_ids, strict=True)
    for token, id, (start, end), word_id in each:
        pieces[word_id].append(ExplainedPiece(token, id, start, end))
    added = {token.id for token in tokenizer.parts.added_tokens}
    explained = []
    reasons = Reasons(studied)
    for number, word in enumerate(tokenizer.words(text)):
        own = tuple(pieces[number])
        known = ExplainedWord(text[word.start : word.end], word.start, word.end, word.text, own)
        if len(own) == 1 and own[0].id in added and own[0].token == known.text:
            explained.append(replace(known, added=True))
        else:
            explained.append(reasons.of(known))
    return Explanation(
        studied.name, studied.model, text, normalized_around(tokenizer, text), tuple(explained)
    )


def normalized_around(tokenizer: Tokenizer, text: str) -> str:
    """A text normalized, but for the tokens in it that are recognized before that."""
    stretches = AddedTokens(tokenizer.parts.added_tokens).stretches(text)
    normalize = tokenizer.parts.normalizer.normalize
    return "".join(
        normalize(text[start:end]) if token is None else text[start:end]
        for token, start, end in stretches
    )


class Reasons:
    """What is to be said of words, found once for each distinct one."""

    def __init__(self, studied: Studied) -> None:
        self._model = studied.tokenizer.parts.model
        self._order, self._prefix = studied.merge_order, studied.prefix
        self._longest = max(map(len, self._model.vocab), default=0)
        merges = self._model.merges if isinstance(self._model, BPE) else ()
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._known: dict[str, ExplainedWord] = {}

    def of(self, word: ExplainedWord) -> ExplainedWord:
        """A word with everything that is to be said of its split."""
        known = self._known.get(word.normalized)
        if known is None:
            known = self._known[word.normalized] = self._found(word)
        pieces = tuple(
            replace(piece, rejected=alike.rejected, shorter=alike.shorter)
            for piece, alike in zip(word.pieces, known.pieces, strict=True)
        )
        return replace(
            known, text=word.text, start=word.start, end=word.end, pieces=pieces, added=False
        )

    def _found(self, word: ExplainedWord) -> ExplainedWord:
        model, text = self._model, word.normalized
        if isinstance(model, WordPiece):
            unknown = why_unknown(model, text)
            pieces = word.pieces if unknown else with_candidates(model, text, word.pieces)
            order = None if self._order is None or unknown else self._order.split(text)
            rounds: tuple[Round, ...] = ()
        else:
            assert isinstance(model, BPE)
            unknown, pieces = why_unknown_characters(model, text), word.pieces
            order = None if unknown else tuple(piece.token for piece in pieces)
            rounds = merge_rounds(model, text, self._ranks)
        parted = None
        if order is not None:
            greedy = longest_match(text, model.vocab, self._prefix, longest=self._longest)
            parted = first_divergence(greedy, order)
        fewest = None
        if not unknown:
            fewest = fewest_pieces(text, model.vocab, self._prefix, longest=self._longest)
        return replace(
            word,
            pieces=pieces,
            unknown=unknown,
            fewest=fewest,
            merge_order=order,
            divergence=parted,
            rounds=rounds,
        )


# ---------------------------------------------------------------- WordPiece


def with_candidates(
    model: WordPiece, word: str, pieces: Sequence[ExplainedPiece]
) -> tuple[ExplainedPiece, ...]:
    """The pieces of a known word, each with the longer and the shorter tokens at its place."""
    _, starts, ends = model.spans(word)
    found = []
    for piece, start, end in zip(pieces, starts, ends, strict=True):
        prefix = model.continuing_subword_prefix if start else ""
        longer = (prefix + word[start:stop] for stop in range(len(word), end, -1))
        shorter = (prefix + word[start:stop] for stop in range(end - 1, start, -1))
        known = tuple(token for token in shorter if token in model.vocab)
        found.append(replace(piece, rejected=tuple(longer), shorter=known))
    return tuple(found)


def why_unknown(model: WordPiece, word: str) -> Unknown | None:
    """What makes a word `[UNK]`; None for a word that is not.

    >>> why_unknown(WordPiece({"[UNK]": 0, "a": 1, "##b": 2}), "abé")
    Unknown(position=2, missing=('##é',), matched=('a', '##b'), reason='missing', \
cure='no token has é: train on text that has it, or use --model byte-bpe', token='[UNK]')
    """
    limit = model.max_input_chars_per_word
    if len(word) > limit:
        cure = f"a word of more than {limit} characters is [UNK] without being looked at"
        cure = f"{cure}: this one has {len(word):,}; cut it up"
        return Unknown(0, (), (), "length", cure, model.unk_token)
    missing: dict[str, None] = {}
    matched: list[str] = []
    position = at = 0
    while at < len(word):
        prefix = model.continuing_subword_prefix if at else ""
        ends = range(len(word), at, -1)
        token = next((t for end in ends if (t := prefix + word[at:end]) in model.vocab), None)
        if token is None:
            position = position if missing else at
            missing[prefix + word[at]] = None
        elif not missing:
            matched.append(token)
        at += 1 if token is None else len(token) - len(prefix)
    if not missing:
        return None
    cure = cure_for(missing, model)
    return Unknown(position, tuple(missing), tuple(matched), "missing", cure, model.unk_token)


def cure_for(missing: Mapping[str, None], model: WordPiece) -> str:
    """What would mend the first missing token."""
    token, prefix = next(iter(missing)), model.continuing_subword_prefix
    char = token.removeprefix(prefix) or token
    if char == token and prefix + char in model.vocab:
        return f"{char} is known only inside a word: train with --full-alphabet, or add {token}"
    if char != token and char in model.vocab:
        return f"{char} is known only at the start: train with --full-alphabet, or add {token}"
    lower = token.lower()
    if lower != token and lower in model.vocab:
        return f"{lower} is known: train with --lowercase; a bare vocab.txt is read with it"
    return f"no token has {char}: train on text that has it, or use --model byte-bpe"


# ---------------------------------------------------------------- BPE


def why_unknown_characters(model: BPE, word: str) -> Unknown | None:
    """The characters of a word that BPE does not know."""
    if model.ignore_merges and word in model.vocab:
        return None
    lost = [at for at, char in enumerate(word) if char not in model.vocab]
    if not lost:
        return None
    missing = tuple(dict.fromkeys(word[at] for at in lost))
    instead = "dropped" if model.unk_token is None else f"{model.unk_token}"
    cure = f"{missing[0]} is {instead}: train on text that has it, or use --model byte-bpe"
    return Unknown(lost[0], missing, (), "missing", cure, model.unk_token or "")


def merge_rounds(
    model: BPE, word: str, known: Mapping[tuple[str, str], int] | None = None
) -> tuple[Round, ...]:
    """The merges within a word, in the order in which they are made.

    >>> model = BPE({"a": 0, "b": 1, "ab": 2, "ba": 3}, [("a", "b"), ("b", "a")])
    >>> [(each.left, each.right, each.rivals) for each in merge_rounds(model, "aba")]
    [('a', 'b', (('b', 'a', 1),))]
    """
    if (model.ignore_merges and word in model.vocab) or len(word) > LONGEST_FOLLOWED:
        return ()
    ranks = known or {pair: rank for rank, pair in enumerate(model.merges)}
    tokens = [char for char in word if model.unk_token is not None or char in model.vocab]
    found: list[Round] = []
    while True:
        possible = {pair: ranks[pair] for pair in pairwise(tokens) if pair in ranks}
        if not possible:
            break
        best = min(possible, key=possible.__getitem__)
        rank = possible.pop(best)
        at = next(at for at, pair in enumerate(pairwise(tokens)) if pair == best)
        tokens[at : at + 2] = [best[0] + best[1]]
        rivals = sorted(possible.items(), key=lambda item: item[1])  # ranks are distinct
        listed = tuple((left, right, other) for (left, right), other in rivals[:MOST_RIVALS])
        found.append(Round(*best, rank, listed, tuple(tokens)))
    return tuple(found)


# ---------------------------------------------------------------- both


def fewest_pieces(
    word: str, vocab: Mapping[str, int], prefix: str, *, longest: int | None = None
) -> tuple[str, ...] | None:
    """As few tokens as a vocabulary allows for a word; among equals the first ones longest.

    >>> fewest_pieces("abcd", {"abc": 0, "ab": 1, "##cd": 2, "##d": 3}, "##")
    ('abc', '##d')
    """
    longest = max(map(len, vocab), default=0) if longest is None else longest
    counts: list[int | None] = [None] * len(word) + [0]
    lengths = [0] * len(word)
    for start in range(len(word) - 1, -1, -1):
        mark = prefix if start else ""
        for end in range(min(len(word), start + longest), start, -1):
            after = counts[end]
            known = counts[start]
            if after is None or (known is not None and known <= after + 1):
                continue
            if mark + word[start:end] in vocab:
                counts[start], lengths[start] = after + 1, end - start
    if counts[0] is None:
        return None
    found = []
    start = 0
    while start < len(word):
        found.append((prefix if start else "") + word[start : start + lengths[start]])
        start += lengths[start]
    return tuple(found)


def longest_match(
    word: str,
    vocab: Mapping[str, int],
    prefix: str,
    *,
    longest: int | None = None,
    continuing: bool = False,
) -> tuple[str, ...]:
    """The longest token from the left at each position; a character that fits none stands alone.

    With `continuing` it is the rest of a word, whose first token has the prefix too.

    >>> longest_match("abc", {"a": 0, "ab": 1, "##c": 2}, "##")
    ('ab', '##c')
    """
    longest = max(map(len, vocab), default=0) if longest is None else longest
    found = []
    at = 0
    while at < len(word):
        mark = prefix if at or continuing else ""
        last = min(len(word), at + longest)
        candidates = (mark + word[at:end] for end in range(last, at, -1))
        token = next((token for token in candidates if token in vocab), mark + word[at])
        found.append(token)
        at += len(token) - len(mark)
    return tuple(found)


def first_divergence(greedy: Sequence[str], trained: Sequence[str]) -> Divergence | None:
    """Where two splits of a word part; None when they are the same.

    >>> first_divergence(["una", "##ffa"], ["un", "##affa"])
    Divergence(equal=0, greedy='una', trained='un')
    """
    for equal, (own, other) in enumerate(zip(greedy, trained, strict=False)):
        if own != other:
            return Divergence(equal, own, other)
    return None
