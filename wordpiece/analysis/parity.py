"""Whether a tokenizer does what `tokenizers` does: same fields, same vocabulary and merges.

A check that fails names the first stage that differs (normalization, pre-tokenization, model,
post-processing) and the shortest text that shows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile, zip_longest
from typing import Any

from wordpiece.analysis.hostile import hostile_texts
from wordpiece.errors import FormatError, InputError
from wordpiece.formats import tokenizer_json
from wordpiece.formats.tokenizer_json import Json
from wordpiece.models.bpe import BPE
from wordpiece.pretrained import Tokenizer
from wordpiece.text.normalize import Normalized
from wordpiece.training.trainers import TrainingOptions

FIELDS = (
    "ids",
    "tokens",
    "offsets",
    "type_ids",
    "attention_mask",
    "special_tokens_mask",
    "word_ids",
)
HOSTILE_TEXTS = 2000
#: What stands for an encoding that a library refuses to make.
REFUSED = "refused"


@dataclass(frozen=True)
class Trained:
    """A tokenizer and the options it was trained by."""

    options: TrainingOptions
    tokenizer: Tokenizer


@dataclass(frozen=True)
class Discrepancy:
    """Where two libraries part: the stage, the shortest text found, and what each made of it."""

    stage: str
    text: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class ParityCheck:
    """One check against a reference: how many were compared, and what differs first."""

    check: str
    reference: str
    passed: bool
    compared: int
    first_difference: Discrepancy | None = None


def check_parity(
    tokenizer: Tokenizer,
    *,
    words: Iterable[str] = (),
    lines: Iterable[str] = (),
    name: str = "tokenizer",
    reference: Any = None,
) -> list[ParityCheck]:
    """Encode words, lines and a fixed set of hostile strings in both libraries, all fields.

    `reference` is a `tokenizers.Tokenizer`; without one it is made of the tokenizer.json that we
    write. For a file of somebody else's, give what `tokenizers` reads from it, or an error of our
    reading would not be seen. Raises `InputError` for one str where there must be a list.
    """
    if isinstance(words, str) or isinstance(lines, str):
        raise InputError("words and lines must be lists of str, not one str")
    judge = reference_for(tokenizer) if reference is None else reference
    hostile = hostile_texts(HOSTILE_TEXTS, seed=1)
    kinds = (("words", words), ("lines", lines), ("hostile strings", hostile))
    checks = [encoding_check(f"{name}: {kind}", tokenizer, judge, texts) for kind, texts in kinds]
    pairs = zip(hostile[::2], hostile[1::2], strict=True)
    return [*checks, pair_check(f"{name}: pairs of them", tokenizer, judge, pairs)]


def reference_for(tokenizer: Tokenizer) -> Any:
    """The same tokenizer in `tokenizers`. Raises `FormatError` where it cannot be."""
    import tokenizers

    document = tokenizer_json.dump(tokenizer.parts)
    try:
        return tokenizers.Tokenizer.from_str(document)
    except Exception as error:  # the library raises nothing more specific
        raise FormatError(f"tokenizers refuses this tokenizer: {error}") from None


def reference_name() -> str:
    """What we compare with, with its version."""
    import tokenizers

    return f"tokenizers {tokenizers.__version__}"


def encoding_check(
    check: str, tokenizer: Tokenizer, judge: Any, texts: Iterable[str]
) -> ParityCheck:
    """Compare the encodings of texts; stop at the first that differs."""
    compared = 0
    for text in texts:
        compared += 1
        if differing_field(tokenizer, judge, text):
            shortest = shrunk(text, partial(differing_field, tokenizer, judge))
            difference = discrepancy(tokenizer, judge, shortest)
            return ParityCheck(check, reference_name(), False, compared, difference)
    return ParityCheck(check, reference_name(), True, compared)


def pair_check(
    check: str, tokenizer: Tokenizer, judge: Any, pairs: Iterable[tuple[str, str]]
) -> ParityCheck:
    """Compare the encodings of sentence pairs, which only the template joins."""
    compared = 0
    for first, second in pairs:
        compared += 1
        if differing_field(tokenizer, judge, first, second):
            first = shrunk(first, partial(differing_field, tokenizer, judge, pair=second))
            second = shrunk(second, partial(differing_field, tokenizer, judge, first))
            field = differing_field(tokenizer, judge, first, second)
            encodings = [outcome(each, first, second) for each in (tokenizer, judge)]
            both = [repr(field_of(encoding, field)) for encoding in encodings]
            stage = f"post-processing of a pair ({field})"
            difference = Discrepancy(stage, f"{first} / {second}", *both)
            return ParityCheck(check, reference_name(), False, compared, difference)
    return ParityCheck(check, reference_name(), True, compared)


def differing_field(tokenizer: Tokenizer, judge: Any, text: str, pair: str | None = None) -> str:
    """The first field in which two encodings differ, "" when all agree.

    A word for which both libraries miss the unknown token is no difference.
    """
    ours, theirs = outcome(tokenizer, text, pair), outcome(judge, text, pair)
    return next((name for name in FIELDS if field_of(ours, name) != field_of(theirs, name)), "")


def outcome(tokenizer: Any, text: str, pair: str | None = None) -> Any:
    """An encoding, or None when it is refused."""
    try:
        return tokenizer.encode(text, pair)
    except Exception:  # tokenizers raises nothing more specific
        return None


def field_of(encoding: Any, name: str) -> object:
    """A field of an encoding, or of none."""
    return REFUSED if encoding is None else getattr(encoding, name)


def shrunk(text: str, fails: Callable[[str], object]) -> str:
    """A text that still fails and from which nothing can be taken: ever smaller pieces are left
    out.

    >>> shrunk("some text with a # in it", lambda text: "#" in text)
    '#'
    """
    size = max(len(text) // 2, 1)
    while True:
        at = 0
        while at < len(text):
            shorter = text[:at] + text[at + size :]
            if shorter != text and fails(shorter):
                text = shorter
            else:
                at += size
        if size == 1:
            return text
        size = max(size // 2, 1)


def discrepancy(tokenizer: Tokenizer, judge: Any, text: str) -> Discrepancy:
    """The first stage at which the two part."""
    encodings = [outcome(each, text) for each in (tokenizer, judge)]
    if None in encodings:  # one of them lacks a token that it needs
        both = [REFUSED if each is None else repr(each.tokens) for each in encodings]
        return Discrepancy("model", text, *both)
    for stage, ours, theirs in stages(tokenizer, judge, text):
        if ours != theirs:
            return Discrepancy(stage, text, repr(ours), repr(theirs))
    field = differing_field(tokenizer, judge, text)
    both = [repr(getattr(each, field)) for each in encodings]
    bare = [each.encode(text, add_special_tokens=False).ids for each in (tokenizer, judge)]
    stage = "post-processing" if bare[0] == bare[1] else "added tokens"
    return Discrepancy(f"{stage} ({field})", text, *both)


def stages(tokenizer: Tokenizer, judge: Any, text: str) -> Iterable[tuple[str, object, object]]:
    """Each stage's name, with what the two libraries make of the text up to it."""
    parts = tokenizer.parts
    normalized = parts.normalizer.normalize(text)
    theirs = text if judge.normalizer is None else judge.normalizer.normalize_str(text)
    yield "normalization", normalized, theirs
    found = parts.pre_tokenizer.split_aligned(Normalized(normalized, range(len(normalized))))
    words = [(word, (origins[0], origins[-1] + 1)) for word, origins in found]
    if judge.pre_tokenizer is None:
        yield "pre-tokenization", words, [(normalized, (0, len(normalized)))]
        return
    yield "pre-tokenization", words, judge.pre_tokenizer.pre_tokenize_str(normalized)
    for word, _ in words:
        yield "model", parts.model.ids(word), [token.id for token in judge.model.tokenize(word)]


# ---------------------------------------------------------------- training


def check_training(trained: Trained, lines: Sequence[str], *, name: str = "") -> ParityCheck:
    """Train the trainer of `tokenizers` on the same lines with the same options.

    For BPE the reference is BpeTrainer, and vocabulary, ids and merges must be equal. For WordPiece
    with `frequency` it is WordPieceTrainer with all characters and `##` forms as special tokens,
    without which its ids are random; vocabulary and ids must be equal.
    """
    model = trained.tokenizer.parts.model
    if isinstance(model, BPE):
        theirs = json.loads(trained_bpe(trained, lines).to_str())["model"]
        vocab, merges = theirs["vocab"], [tuple(merge) for merge in theirs["merges"]]
        what, compared = "vocabulary and merges", len(merges)
        difference = merges_difference(model.merges, merges)
    else:
        vocab = wordpiece_trainer_vocab(trained, lines, seeds=alphabet_of(trained))
        what, compared, difference = "vocabulary", len(vocab), None
    difference = difference or vocabulary_difference(model.vocab, vocab)
    check = f"{name or trained.options.model}: training ({what})"
    return ParityCheck(check, reference_name(), difference is None, compared, difference)


def merges_difference(
    ours: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, ...]]
) -> Discrepancy | None:
    """The first merge that differs, if any."""
    for step, (own, other) in enumerate(zip_longest(ours, theirs, fillvalue=("none",)), start=1):
        if own != other:
            return Discrepancy(f"merge {step}", "", " ".join(own), " ".join(other))
    return None


def vocabulary_difference(ours: Mapping[str, int], theirs: Mapping[str, int]) -> Discrepancy | None:
    """The first id whose tokens differ, if any."""
    by_id = [{id: token for token, id in vocab.items()} for vocab in (ours, theirs)]
    for id in range(max(map(len, by_id))):
        own, other = (tokens.get(id, "none") for tokens in by_id)
        if own != other:
            return Discrepancy(f"the token of id {id}", "", own, other)
    return None


def alphabet_of(trained: Trained) -> list[str]:
    """The characters and `##` forms that a WordPiece vocabulary starts with."""
    vocab = trained.tokenizer.parts.model.vocab
    learned = list(vocab)[len(trained.options.special_tokens) :]
    return list(takewhile(lambda token: len(token.removeprefix("##")) == 1, learned))


def trained_bpe(trained: Trained, lines: Sequence[str]) -> Any:
    """Hugging Face's BPE trained on the same lines with the same options."""
    from tokenizers import pre_tokenizers, trainers

    options = trained.options
    alphabet = pre_tokenizers.ByteLevel.alphabet() if options.model == "byte-bpe" else []
    longest = options.max_token_length  # theirs must not be reached
    limit: Json = {} if longest is None else {"max_token_length": longest + 1}
    trainer = trainers.BpeTrainer(
        vocab_size=options.vocab_size,
        min_frequency=options.min_frequency,
        special_tokens=list(options.special_tokens),
        initial_alphabet=alphabet,
        show_progress=False,
        **limit,
    )
    untrained = untrained_reference(trained)
    untrained.train_from_iterator(lines, trainer)
    return untrained


def untrained_reference(trained: Trained) -> Any:
    """The same tokenizer in `tokenizers`, with an empty model."""
    judge = reference_for(trained.tokenizer)
    untrained = type(judge)(type(judge.model)(unk_token=judge.model.unk_token))
    if judge.normalizer is not None:
        untrained.normalizer = judge.normalizer
    untrained.pre_tokenizer = judge.pre_tokenizer
    return untrained


def wordpiece_trainer_vocab(
    trained: Trained, lines: Sequence[str], *, seeds: Iterable[str] = ()
) -> dict[str, int]:
    """The vocabulary of one run of Hugging Face's WordPieceTrainer; seeds fix its order."""
    from tokenizers import trainers

    options = trained.options
    limit: Json = (
        {} if options.limit_alphabet is None else {"limit_alphabet": options.limit_alphabet}
    )
    trainer = trainers.WordPieceTrainer(
        vocab_size=options.vocab_size,
        min_frequency=options.min_frequency,
        special_tokens=[*options.special_tokens, *seeds],
        show_progress=False,
        **limit,
    )
    untrained = untrained_reference(trained)
    untrained.train_from_iterator(lines, trainer)
    vocab: dict[str, int] = untrained.get_vocab()
    return vocab


@dataclass(frozen=True)
class TrainerDifference:
    """The tokens of one of our vocabularies that WordPieceTrainer's lacks, and the other way.

    `ours_only` is in the order of our ids, `theirs_only` by code point, since its ids are random.
    """

    name: str
    score: str
    ours_only: tuple[str, ...]
    theirs_only: tuple[str, ...]


@dataclass(frozen=True)
class WordPieceTrainerRuns:
    """How the vocabulary of `tokenizers`' WordPieceTrainer compares with ours, over several runs.

    It maximizes pair counts, not likelihood, and its ids follow a hash map: so it is no reference,
    and this is no check. `differences` are from the first run; `distinct` is how many different
    vocabularies the runs gave, ids left aside.
    """

    runs: int
    distinct: int
    vocab_size: int
    differences: tuple[TrainerDifference, ...]


def wordpiece_trainer_runs(
    trained: Mapping[str, Trained], lines: Sequence[str], *, runs: int = 3
) -> WordPieceTrainerRuns:
    """Train Hugging Face's WordPieceTrainer several times on the lines that ours were trained on.

    `trained` are WordPiece tokenizers by name, alike in all options but the score.
    """
    first = next(iter(trained.values()))
    found = [set(wordpiece_trainer_vocab(first, lines)) for _ in range(runs)]
    differences = []
    for name, each in trained.items():
        vocab = each.tokenizer.get_vocab()
        ours_only = tuple(token for token in vocab if token not in found[0])
        theirs_only = tuple(sorted(found[0] - vocab.keys()))
        difference = TrainerDifference(name, each.options.score, ours_only, theirs_only)
        differences.append(difference)
    distinct = len({frozenset(vocab) for vocab in found})
    return WordPieceTrainerRuns(runs, distinct, len(found[0]), tuple(differences))
