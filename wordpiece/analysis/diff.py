"""Two tokenizers, or two trainings: where they part, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest
from itertools import zip_longest
from typing import Any

from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.inspection import Text
from wordpiece.analysis.metrics import unknown_in
from wordpiece.analysis.morphology import cuts_of
from wordpiece.analysis.studied import Inspectable, Studied, part_of, studied_of
from wordpiece.formats.trace import Trace
from wordpiece.training.scores import SCORES
from wordpiece.types import Merge, Rival

#: No more distinct words than this are split by both, the most frequent ones.
MOST_WORDS = 50_000
#: So many of the words that changed are kept.
CHANGED = 20


@dataclass(frozen=True)
class Parting:
    """The first step at which two trainings differ.

    `first` and `second` are the merges of the two, None where one had ended. `second_in_first` is
    the second's pair as the first training saw it at that step, and the other way round; None where
    neither the trace nor an equal text has numbers of it. `reasons` say in words why.
    """

    step: int
    first: Merge | None
    second: Merge | None
    second_in_first: Rival | None
    first_in_second: Rival | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class OnlyIn:
    """Tokens that only one of two vocabularies has, by kind and in id order."""

    special: tuple[str, ...]
    single: tuple[str, ...]
    beginning: tuple[str, ...]
    continuing: tuple[str, ...]

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(map(len, (self.special, self.single, self.beginning, self.continuing)))


@dataclass(frozen=True)
class ChangedWord:
    """A word that two tokenizers split differently."""

    word: str
    count: int
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def weight(self) -> int:
        """How many tokens more or fewer the text has for it."""
        return abs(len(self.first) - len(self.second)) * self.count


@dataclass(frozen=True)
class Segmentation:
    """How two tokenizers split the words of a text.

    Of `all_types` distinct words and `all_words` running ones, `types` and `words` are split
    differently: other tokens, or where the two write tokens differently, other cuts. `first` and
    `second` count the tokens of these words, each word by itself (for byte-level BPE behind a
    space), which is not quite the text's: GPT-2's split takes marks together. `unknown_first` and
    `unknown_second` count the running words that the one or the other does not know, or not wholly,
    and which are the shorter for it. `changed` are the words with the most tokens more or fewer,
    times their count. `left_out` are distinct words beyond the 50,000 most frequent.
    """

    source: str
    types: int
    all_types: int
    words: int
    all_words: int
    first: int
    second: int
    unknown_first: int
    unknown_second: int
    changed: tuple[ChangedWord, ...]
    left_out: int


@dataclass(frozen=True)
class Diff:
    """What differs between two tokenizers.

    `options` are the options of the trainings that differ, each with both values, and `same_corpus`
    whether they read the same text (None where it is not known). `parting` is None where the merges
    are the same, or not known (`missing` says so). `moved` counts tokens that both have under
    different ids.
    """

    first: str
    second: str
    sizes: tuple[int, int]
    options: dict[str, tuple[Any, Any]]
    same_corpus: bool | None
    equal_merges: int
    parting: Parting | None
    shared: int
    moved: int
    only_first: OnlyIn
    only_second: OnlyIn
    pipeline: tuple[str, ...]
    segmentation: Segmentation | None
    missing: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether there is no difference in what was looked at; `missing` may say what was not."""
        differing = self.only_first.number or self.only_second.number or self.moved or self.options
        split = self.segmentation.types if self.segmentation else 0
        return not (differing or self.parting or self.pipeline or split)


def diff(first: Inspectable, second: Inspectable, text: Text | None = None) -> Diff:
    """Compare two tokenizers; `text` has the words as they stand in it (see `raw_text_of`).

    >>> from wordpiece.api import train
    >>> text = ["low lower lowest", "low low"]
    >>> trained = [train(text, vocab_size=18, score=score) for score in ("likelihood", "gain")]
    >>> one, other = (Studied("t", t.tokenizer, Trace(t.merges, t.details)) for t in trained)
    >>> parting = diff(one, other).parting
    >>> parting.step, parting.first.new, parting.second.new
    (1, '##st', 'lo')
    """
    first, second = studied_of(first, "first"), studied_of(second, "second")
    told = [f"{each.name}: {each.untraced}" for each in (first, second) if each.untraced]
    missing = list(dict.fromkeys(told))
    traces = first.trace, second.trace
    equal, parting = 0, None
    if traces[0] is not None and traces[1] is not None:
        equal = equal_start(traces[0], traces[1])
        parting = parting_at(first, second, traces[0], traces[1], equal)
    vocabs = first.encoder.vocab, second.encoder.vocab
    shared = vocabs[0].keys() & vocabs[1].keys()
    return Diff(
        first=first.name,
        second=second.name,
        sizes=(len(vocabs[0]), len(vocabs[1])),
        options=differing_options(first.signature, second.signature),
        same_corpus=same_corpus(first.signature, second.signature),
        equal_merges=equal,
        parting=parting,
        shared=len(shared),
        moved=sum(vocabs[0][token] != vocabs[1][token] for token in shared),
        only_first=only_in(first.encoder, vocabs[1]),
        only_second=only_in(second.encoder, vocabs[0]),
        pipeline=tuple(differing_parts(first, second)),
        segmentation=segmentation(first, second, text) if text and text.words else None,
        missing=tuple(missing),
    )


def differing_parts(first: Studied, second: Studied) -> list[str]:
    """Which parts of two pipelines differ, besides their vocabularies."""
    one, other = first.tokenizer.parts, second.tokenizer.parts
    found = []
    if first.model != second.model:
        found.append("model")
    elif getattr(one.model, "merges", ()) != getattr(other.model, "merges", ()):
        found.append("merges")
    elif settings_of(one.model) != settings_of(other.model):
        found.append("settings of the model")
    names = ("normalizer", "pre_tokenizer", "added_tokens", "template", "trimming", "decoder")
    for name in names:
        if repr(getattr(one, name)) != repr(getattr(other, name)):
            found.append(name.replace("_", " ").replace("pre ", "pre-"))
    return found


def settings_of(model: object) -> list[object]:
    """What a model goes by besides its vocabulary and merges."""
    names = (
        *("unk_token", "continuing_subword_prefix", "max_input_chars_per_word"),
        *("fuse_unk", "ignore_merges"),
    )
    return [getattr(model, name, None) for name in names]


def equal_start(first: Trace, second: Trace) -> int:
    """How many merges at the beginning join the same tokens."""
    for number, (one, other) in enumerate(zip(first.merges, second.merges, strict=False)):
        if (one.left, one.right) != (other.left, other.right):
            return number
    return min(len(first.merges), len(second.merges))


def parting_at(
    first: Studied, second: Studied, one: Trace, other: Trace, equal: int
) -> Parting | None:
    """The step after so many equal merges; None where both end there."""
    following = list(zip_longest(one.merges[equal : equal + 1], other.merges[equal : equal + 1]))
    if not following:
        return None
    step = equal + 1
    left, right = following[0]
    alike = same_text(first.signature, second.signature)
    seen_by_first = right and as_seen(one, step, right, first.score if alike else None)
    seen_by_second = left and as_seen(other, step, left, second.score if alike else None)
    reasons = list(why(first, second, left, right, seen_by_first, seen_by_second))
    return Parting(step, left, right, seen_by_first, seen_by_second, tuple(reasons))


def as_seen(trace: Trace, step: int, pair: Merge, score: str | None) -> Rival | None:
    """A pair of another training as this one saw it at a step, after equal merges.

    It may be among the rivals that were recorded. Where both read the same text (`score` is then
    given, this training's), both count the same at this step, and the score follows.
    """
    detail = trace.details.get(step)
    rivals = detail.rivals if detail else ()
    for rival in rivals:
        if (rival.left, rival.right) == (pair.left, pair.right):
            return rival
    if score not in SCORES:
        return None
    value = SCORES[score].value(*counts_of(pair), pair.n, pair.left == pair.right)
    return Rival(pair.left, pair.right, *counts_of(pair), value)


def why(
    first: Studied,
    second: Studied,
    left: Merge | None,
    right: Merge | None,
    seen_by_first: Rival | None,
    seen_by_second: Rival | None,
) -> list[str]:
    """Why two trainings part, as far as the numbers say it."""
    if left is None or right is None:
        ended = first.name if left is None else second.name
        return [f"{ended} had ended"]
    reasons = []
    if first.score and second.score and first.score != second.score:
        reasons.append(f"the scores are {first.score} and {second.score}")
    for seen, merge in ((seen_by_first, right), (seen_by_second, left)):
        if seen is not None and (seen.f_ab, seen.f_a, seen.f_b) != counts_of(merge):
            reasons.append("the two have counted different text")
            break
    for seen, merge, studied in ((seen_by_first, left, first), (seen_by_second, right, second)):
        if not reasons and seen is not None and seen.score > merge.score:
            reasons.append(passed_over(studied, seen))
    if not reasons and seen_by_first and seen_by_first.score == left.score:
        rule = SCORES[first.score].ties_by_id if first.score in SCORES else False
        reasons.append(f"a tie: {'smaller ids' if rule else 'first occurrence'} decided")
    if not reasons and left.n != right.n:
        reasons.append(f"the texts differ: {left.n:,} and {right.n:,} symbols at this step")
    return reasons


def passed_over(studied: Studied, pair: Rival) -> str:
    """Why a training did not take a pair with a higher score: an option forbids it."""
    options = part_of(studied.signature, "options")
    least, longest = options.get("min_frequency"), options.get("max_token_length")
    if type(least) is int and pair.f_ab < least:
        return f"{studied.name} passes over pairs seen fewer than {least} times"
    if type(longest) is int:
        return f"{studied.name} makes no token of more than {longest} characters"
    return f"{studied.name} passed over a pair with a higher score"


def counts_of(pair: Merge) -> tuple[int, int, int]:
    """The three counts of a pair."""
    return pair.f_ab, pair.f_a, pair.f_b


def differing_options(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """The options of two trainings that are not the same."""
    one, other = first.get("options"), second.get("options")
    if not isinstance(one, dict) or not isinstance(other, dict):
        return {}
    names = [*one, *(name for name in other if name not in one)]
    return {n: (one.get(n), other.get(n)) for n in names if one.get(n) != other.get(n)}


def same_corpus(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool | None:
    """Whether two trainings read the same bytes; None where it is not known."""
    both = [signature.get("corpus") for signature in (first, second)]
    if not all(isinstance(files, list) and files for files in both):
        return None
    if not all(isinstance(file, dict) for files in both for file in files or ()):
        return None
    hashes = [[file.get("sha256") for file in files] for files in both if files]
    return hashes[0] == hashes[1]


def same_text(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two trainings are known to have counted the same words with the same alphabet."""
    options = differing_options(first, second)
    harmless = {"score", "vocab_size", "min_frequency", "max_token_length"}
    return bool(same_corpus(first, second)) and set(options) <= harmless


def only_in(encoder: OurEncoder, other: Mapping[str, int]) -> OnlyIn:
    """The tokens that another vocabulary lacks, by kind."""
    kinds: dict[str, list[str]] = {
        kind: [] for kind in ("special", "single", "beginning", "continuing")
    }
    for token, id in encoder.vocab.items():
        if token in other:
            continue
        begins, bare = encoder.notation.surface(token)
        kind = "beginning" if begins or not encoder.notation.marks_words else "continuing"
        if id not in encoder.regular_ids:
            kind = "special"
        elif len(bare) == 1:
            kind = "single"
        kinds[kind].append(token)
    return OnlyIn(**{kind: tuple(tokens) for kind, tokens in kinds.items()})


def segmentation(first: Studied, second: Studied, text: Text) -> Segmentation:
    """Split the words of a text by both."""
    same_notation = first.encoder.notation == second.encoder.notation
    # Words of one count come as in the text.
    chosen = nlargest(MOST_WORDS, text.words.items(), key=lambda item: item[1])
    types = running = tokens_first = tokens_second = unknown_first = unknown_second = 0
    changed = []
    for word, count in chosen:
        one, one_lost = tokens_of(first, word)
        other, other_lost = tokens_of(second, word)
        tokens_first += len(one) * count
        tokens_second += len(other) * count
        unknown_first += one_lost * count
        unknown_second += other_lost * count
        differs = one != other
        if differs and not same_notation:
            differs = cuts_of(first.encoder, word) != cuts_of(second.encoder, word)
        if differs:
            types += 1
            running += count
            changed.append(ChangedWord(word, count, one, other))
    changed.sort(
        key=lambda each: (-abs(len(each.first) - len(each.second)) * each.count, -each.count)
    )
    return Segmentation(
        source=text.source,
        types=types,
        all_types=len(chosen),
        words=running,
        all_words=sum(count for _, count in chosen),
        first=tokens_first,
        second=tokens_second,
        unknown_first=unknown_first,
        unknown_second=unknown_second,
        changed=tuple(changed[:CHANGED]),
        left_out=len(text.words) - len(chosen),
    )


def tokens_of(studied: Studied, word: str) -> tuple[tuple[str, ...], bool]:
    """The tokens of a word, and whether it is unknown; for byte-level BPE behind a space."""
    encoder = studied.encoder
    text = f" {word}" if studied.model == "byte-bpe" else word
    encoding = encoder.encode(text)
    unknown = any(unknown_in(encoder, text, encoding)) or bool(encoder.dropped(text))
    return tuple(encoding.tokens), unknown
