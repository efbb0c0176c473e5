"""New tokens on top of a vocabulary whose ids a model already knows.

Every old id keeps its token. New tokens are learned from words as the old vocabulary splits them,
take the `[unusedN]` slots first, and come behind all others after that.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import get_args

import wordpiece
from wordpiece.analysis.explain import longest_match
from wordpiece.api import CorpusInput
from wordpiece.collector import collector_paused
from wordpiece.errors import OptionError, UnsupportedError
from wordpiece.formats import model_dir
from wordpiece.formats.atomic import write_folder
from wordpiece.formats.model_dir import vocab_sha256
from wordpiece.models.bpe import BPE
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.revision.usage import uses, words_for
from wordpiece.text.reading import AS_IT_IS, Reading
from wordpiece.training import engine
from wordpiece.training.scores import SCORES, ScoreName
from wordpiece.training.segments import Segment, Task
from wordpiece.training.trainers import check_choice, check_least
from wordpiece.types import Merge, Progress, ProgressListener, WordCounts

#: Slots that BERT's vocabularies leave for others to fill.
UNUSED = re.compile(r"\[unused\d+\]")
#: No more than this share of the new tokens are single characters, unless more is allowed.
ALPHABET_SHARE = 2
#: After so many rounds of learning and dropping, what is there is taken.
MOST_ROUNDS = 20


@dataclass(frozen=True)
class ExtensionOptions:
    """How many tokens to add, and by which score they are learned (see `train`).

    `limit_alphabet` is how many single characters may be among them, which the old vocabulary lacks
    (None: half of all). `score` is of WordPiece; BPE has only frequency.
    """

    add: int
    score: ScoreName = "gain"
    min_frequency: int = 2
    max_token_length: int | None = None
    limit_alphabet: int | None = None

    def __post_init__(self) -> None:
        check_least("--add", self.add, 1, "such as 1000")
        check_least("--min-frequency", self.min_frequency, 1, "which takes every pair")
        if self.max_token_length is not None:
            check_least("--max-token-length", self.max_token_length, 1, "characters, without ##")
        if self.limit_alphabet is not None:
            check_least("--limit-alphabet", self.limit_alphabet, 0, "which adds no character")
        check_choice("--score", self.score, get_args(ScoreName))


@dataclass(frozen=True)
class NewToken:
    """A token that was added: its id, the slot that it took, and what it was split into before.

    `count` is how often the extended vocabulary uses it on the text that it was learned from.
    `pieces` are old ids, whose embeddings can begin its own; none when its text was unknown.
    """

    token: str
    id: int
    replaced: str | None
    pieces: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Extension:
    """A vocabulary extended: the tokenizer, and the tokens that are new, in the order learned."""

    base: Tokenizer
    tokenizer: Tokenizer
    options: ExtensionOptions
    tokens: tuple[NewToken, ...]
    stopped: str

    @property
    def in_slots(self) -> int:
        """How many took the place of an `[unusedN]`."""
        return sum(each.replaced is not None for each in self.tokens)

    @property
    def appended(self) -> int:
        """By how much the vocabulary grew: so many rows an embedding matrix needs more."""
        return len(self.tokens) - self.in_slots

    def save(self, folder: StrPath) -> None:
        """Write the tokenizer, and extension.json, which says what each new token was before.

        Raises `OutputError`.
        """
        document = {
            "format": 1,
            "package": f"wordpiece-lab {wordpiece.__version__}",
            "base": {
                "vocab_size": self.base.get_vocab_size(),
                "vocab_sha256": vocab_sha256(self.base.get_vocab()),
            },
            "vocab_size": self.tokenizer.get_vocab_size(),
            "options": asdict(self.options),
            "tokens": [asdict(each) for each in self.tokens],
        }
        files = {
            **model_dir.files(self.tokenizer.parts),
            model_dir.EXTENSION: json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        }
        write_folder(Path(folder), files, ours=model_dir.OURS)


def extend(
    base: Tokenizer,
    corpus: CorpusInput,
    options: ExtensionOptions,
    *,
    reading: Reading = AS_IT_IS,
    workers: int | None = 1,
    progress: ProgressListener | None = None,
) -> Extension:
    """Learn tokens from a corpus: a path, paths, texts, or words as the tokenizer itself cuts them.

    >>> from wordpiece import presets
    >>> base = Tokenizer(presets.wordpiece(["[UNK]", "[unused0]", "a", "##a", "b", "##b"]))
    >>> found = extend(base, WordCounts({"abba": 9, "abab": 4}), ExtensionOptions(2))
    >>> [(each.token, each.id, each.replaced) for each in found.tokens]
    [('ab', 1, '[unused0]'), ('abb', 6, None)]

    WordPiece encodes by longest match, which never uses a token that was only a step to another:
    such tokens are dropped and others learned instead, until every new token is used on the text.
    For BPE the new merges come after all old ones.

    Raises `OptionError` for what is not for the model, `InputError` for a corpus without words.
    """
    counts, _ = words_for(base, corpus, reading=reading, workers=workers, progress=progress)
    model = base.parts.model
    if isinstance(model, WordPiece):
        learned, used, stopped = extended_wordpiece(model, counts, options, progress)
        merges: tuple[Merge, ...] = ()
    elif isinstance(model, BPE):
        learned, used, stopped, merges = extended_bpe(model, counts, options)
    else:
        raise UnsupportedError("extend: is for WordPiece and BPE")
    ids, replaced = places(base, learned)
    # tokens added behind the vocabulary keep their ids in a file only as a part of it, where others
    # come behind them
    appended = len(replaced) < len(ids)
    known = base.get_vocab() if appended else model.vocab
    taken = set(replaced.values())
    vocab = {token: id for token, id in known.items() if token not in taken} | ids
    if isinstance(model, BPE):
        pairs = ((merge.left, merge.right) for merge in merges)
        extended: BPE | WordPiece = model.with_vocab(vocab, (*model.merges, *pairs))
    else:
        extended = model.with_vocab(vocab)
    tokenizer = Tokenizer(replace(base.parts, model=extended))
    return Extension(
        base,
        tokenizer,
        options,
        tuple(
            NewToken(token, ids[token], replaced.get(token), old_pieces(model, token), used[token])
            for token in learned
        ),
        stopped,
    )


def places(base: Tokenizer, tokens: Sequence[str]) -> tuple[dict[str, int], dict[str, str]]:
    """The ids of new tokens, and whose slots they take: unused ones by their ids, then behind."""
    added = {token.content for token in base.parts.added_tokens}
    vocab = base.parts.model.vocab
    unused = (token for token in vocab if UNUSED.fullmatch(token) and token not in added)
    slots = sorted(unused, key=vocab.__getitem__)
    next_id = max(base.get_vocab().values(), default=-1) + 1
    ids, replaced = {}, {}
    for at, token in enumerate(tokens):
        if at < len(slots):
            ids[token], replaced[token] = vocab[slots[at]], slots[at]
        else:
            ids[token] = next_id + at - len(slots)
    return ids, replaced


# ---------------------------------------------------------------- WordPiece


def extended_wordpiece(
    model: WordPiece,
    counts: WordCounts,
    options: ExtensionOptions,
    progress: ProgressListener | None,
) -> tuple[list[str], Counter[str], str]:
    """The new tokens in the order learned, how often each is used, and why no more were learned.

    Characters stay whether they are used or not: other texts have words that need them.
    """
    alphabet = missing_forms(model, counts, options)
    kept = list(alphabet)
    stopped, more = "size", 0
    for _ in range(MOST_ROUNDS):
        grown = with_tokens(model, kept)
        wanted = options.add - len(kept) + more
        merges, stopped = learned_merges(grown, counts, options, wanted)
        new = dict.fromkeys(merge.new for merge in merges if merge.new not in grown.vocab)
        candidates = [*kept, *new]
        used = uses(with_tokens(model, candidates), counts)
        alive = [token for token in candidates if used[token] or token in alphabet]
        stalled = len(alive) <= len(kept)
        kept = alive[: options.add]
        if progress:
            progress(Progress("learning", len(kept), options.add, "tokens"))
        if len(kept) == options.add == len(candidates) or not new:
            break
        more = max(1, 2 * more) if stalled else 0
    used = uses(with_tokens(model, kept), counts)
    return kept, used, "size" if len(kept) == options.add else stopped


def missing_forms(model: WordPiece, counts: WordCounts, options: ExtensionOptions) -> list[str]:
    """The forms of characters without which words are unknown: the most frequent ones."""
    prefix = model.continuing_subword_prefix
    unknown = model.vocab.get(model.unk_token)
    needed: Counter[str] = Counter()
    for word, count in counts.items():
        if len(word) > model.max_input_chars_per_word or model.ids(word) != [unknown]:
            continue
        for at, char in enumerate(word):
            form = prefix + char if at else char
            if form not in model.vocab:
                needed[form] += count
    return most_frequent(needed, options)


def most_frequent(needed: Mapping[str, int], options: ExtensionOptions) -> list[str]:
    """As many characters as may be added, equals in order of first occurrence."""
    limit = options.limit_alphabet
    if limit is None:
        limit = options.add // ALPHABET_SHARE
    frequent = [(char, count) for char, count in needed.items() if count >= options.min_frequency]
    frequent.sort(key=lambda item: -item[1])
    return [char for char, _ in frequent[: min(limit, options.add)]]


def with_tokens(model: WordPiece, tokens: Sequence[str]) -> WordPiece:
    """A model with tokens more, whose ids are behind all others."""
    start = max(model.vocab.values(), default=-1) + 1
    more = {token: start + at for at, token in enumerate(tokens)}
    return model.with_vocab({**model.vocab, **more})


def learned_merges(
    model: WordPiece, counts: WordCounts, options: ExtensionOptions, wanted: int
) -> tuple[list[Merge], str]:
    """The merges that make so many tokens more, and why there are no more of them."""
    local = {id: at for at, id in enumerate(model.vocab.values())}
    unknown = model.vocab.get(model.unk_token)
    segments = []
    for word, count in counts.items():
        ids = model.ids(word)
        if len(ids) > 1 or ids[0] != unknown:
            segments.append(Segment([local[id] for id in ids], count))
    task = Task(
        segments,
        tuple(model.vocab),
        SCORES[options.score],
        len(model.vocab) + wanted,
        model.continuing_subword_prefix,
        options.min_frequency,
        options.max_token_length,
    )
    return all_merges(task)


def all_merges(task: Task) -> tuple[list[Merge], str]:
    """The merges of a training, and why it ended."""
    steps = engine.merges(task)
    found: list[Merge] = []
    with collector_paused():
        while True:
            try:
                found.append(next(steps))
            except StopIteration as end:
                return found, end.value


# ---------------------------------------------------------------- BPE


def extended_bpe(
    model: BPE, counts: WordCounts, options: ExtensionOptions
) -> tuple[list[str], Counter[str], str, tuple[Merge, ...]]:
    """The new tokens in order, their uses, why no more were learned, and the merges."""
    if options.score not in ("gain", "frequency"):
        raise OptionError(f"--score {options.score}: BPE has only frequency")
    alphabet = missing_characters(model, counts, options)
    start = max(model.vocab.values(), default=-1) + 1
    vocab = {**model.vocab, **{char: start + at for at, char in enumerate(alphabet)}}
    grown = model.with_vocab(vocab, model.merges)
    local = {id: at for at, id in enumerate(grown.vocab.values())}
    task = Task(
        [segment for word, count in counts.items() for segment in runs(grown, word, count, local)],
        tuple(grown.vocab),
        SCORES["frequency"],
        len(grown.vocab) + options.add - len(alphabet),
        "",
        options.min_frequency,
        options.max_token_length,
    )
    merges, stopped = all_merges(task)
    new = [merge.new for merge in merges if merge.new not in grown.vocab]
    learned = list(dict.fromkeys([*alphabet, *new]))
    vocab = {**model.vocab, **{token: start + at for at, token in enumerate(learned)}}
    pairs = ((merge.left, merge.right) for merge in merges)
    final = model.with_vocab(vocab, (*model.merges, *pairs))
    return learned, uses(final, counts), stopped, tuple(merges)


def missing_characters(model: BPE, counts: WordCounts, options: ExtensionOptions) -> list[str]:
    """The characters that the vocabulary lacks, the most frequent first."""
    needed: Counter[str] = Counter()
    for word, count in counts.items():
        for char in word:
            if char not in model.vocab:
                needed[char] += count
    return most_frequent(needed, options)


def runs(model: BPE, word: str, count: int, local: Mapping[int, int]) -> list[Segment]:
    """The stretches of a word between unknown characters, over which nothing is merged."""
    unknown = model.vocab.get(model.unk_token or "")
    found: list[list[int]] = [[]]
    for piece in model.pieces(word):
        if piece.id == unknown:
            found.append([])
        else:
            found[-1].append(local[piece.id])
    return [Segment(symbols, count) for symbols in found if symbols]


# ---------------------------------------------------------------- what a token was


def old_pieces(model: WordPiece | BPE, token: str) -> tuple[int, ...]:
    """The old ids that a new token's text had; none when it was unknown.

    >>> old_pieces(WordPiece({"[UNK]": 0, "a": 1, "##a": 2, "##b": 3}), "##ab")
    (2, 3)
    """
    if isinstance(model, BPE):
        unknown = model.vocab.get(model.unk_token or "")
        ids = tuple(model.ids(token))
        return () if unknown in ids else ids
    prefix = model.continuing_subword_prefix
    continuing = token.startswith(prefix)
    text = token.removeprefix(prefix) if continuing else token
    found = longest_match(text, model.vocab, prefix, longest=len(text), continuing=continuing)
    known = all(piece in model.vocab for piece in found)
    return tuple(model.vocab[piece] for piece in found) if known else ()
