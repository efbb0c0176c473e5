"""Whether a tokenizer does what `tokenizers` does: same fields, same vocabulary and merges.

A check that fails names the first stage that differs (normalization, pre-tokenization, model,
post-processing) and the shortest text that shows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wordpiece.analysis.hostile import hostile_texts
from wordpiece.api import Tokenizer
from wordpiece.errors import FormatError, InputError
from wordpiece.formats import tokenizer_json
from wordpiece.models.bpe import BPE
from wordpiece.text.normalize import NoNormalizer, Normalized
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
) -> list[ParityCheck]:
    """Encode words, lines and a fixed set of hostile strings in both libraries, all fields.

    The reference is `tokenizers`, given the tokenizer.json that we write.
    """
    if isinstance(words, str) or isinstance(lines, str):
        raise InputError("words and lines must be lists of str, not one str")
    judge = reference_for(tokenizer)
    hostile = hostile_texts(HOSTILE_TEXTS, seed=1)
    kinds = (("words", words), ("lines", lines), ("hostile strings", hostile))
    checks = [encoding_check(f"{name}: {kind}", tokenizer, judge, texts) for kind, texts in kinds]
    pairs = zip(hostile[::2], hostile[1::2], strict=True)
    return [*checks, pair_check(f"{name}: pairs of them", tokenizer, judge, pairs)]


def reference_for(tokenizer: Tokenizer) -> Any:
    """The same tokenizer in `tokenizers`."""
    import tokenizers

    try:
        return tokenizers.Tokenizer.from_str(tokenizer_json.dump(tokenizer.parts))
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
        if not same(tokenizer, judge, text):
            shortest = shrunk(text, lambda t: not same(tokenizer, judge, t))
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
        ours, theirs = tokenizer.encode(first, second), judge.encode(first, second)
        for field in FIELDS:
            both = [getattr(encoding, field) for encoding in (ours, theirs)]
            if both[0] != both[1]:
                stage, text = f"post-processing of a pair ({field})", f"{first} / {second}"
                difference = Discrepancy(stage, text, *map(repr, both))
                return ParityCheck(check, reference_name(), False, compared, difference)
    return ParityCheck(check, reference_name(), True, compared)


def same(tokenizer: Tokenizer, judge: Any, text: str) -> bool:
    """Whether all fields agree."""
    ours, theirs = tokenizer.encode(text), judge.encode(text)
    return all(getattr(ours, field) == getattr(theirs, field) for field in FIELDS)


def shrunk(text: str, fails: Callable[[str], bool]) -> str:
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
    for stage, ours, theirs in stages(tokenizer, judge, text):
        if ours != theirs:
            return Discrepancy(stage, text, repr(ours), repr(theirs))
    ours_all, theirs_all = tokenizer.encode(text), judge.encode(text)
    field = next(f for f in FIELDS if getattr(ours_all, f) != getattr(theirs_all, f))
    return Discrepancy(
        f"post-processing ({field})",
        text,
        repr(getattr(ours_all, field)),
        repr(getattr(theirs_all, field)),
    )


def stages(tokenizer: Tokenizer, judge: Any, text: str) -> Iterable[tuple[str, object, object]]:
    """Each stage's name, with what the two libraries make of the text up to it."""
    parts = tokenizer.parts
    normalized = parts.normalizer.normalize(text)
    if not isinstance(parts.normalizer, NoNormalizer):
        yield "normalization", normalized, judge.normalizer.normalize_str(text)
    found = parts.pre_tokenizer.split_aligned(Normalized(normalized, range(len(normalized))))
    words = [(word, (origins[0], origins[-1] + 1)) for word, origins in found]
    yield "pre-tokenization", words, judge.pre_tokenizer.pre_tokenize_str(normalized)
    for word, _ in words:
        yield "model", parts.model.ids(word), [token.id for token in judge.model.tokenize(word)]


# ---------------------------------------------------------------- training


def check_training(trained: Trained, lines: Sequence[str]) -> ParityCheck:
    """Train `tokenizers`' BpeTrainer on the same lines; vocabulary, ids and merges must be
    equal."""
    model = trained.tokenizer.parts.model
    assert isinstance(model, BPE)
    judge = trained_bpe(trained, lines)
    document = json.loads(judge.to_str())["model"]
    merges = [tuple(merge) for merge in document["merges"]]
    difference = None
    for step, (ours, theirs) in enumerate(zip(model.merges, merges, strict=False), start=1):
        if ours != theirs:
            difference = Discrepancy(f"merge {step}", "", " ".join(ours), " ".join(theirs))
            break
    else:
        if dict(model.vocab) != document["vocab"] or len(merges) != len(model.merges):
            sizes = [f"{len(v):,} tokens" for v in (model.vocab, document["vocab"])]
            difference = Discrepancy("vocabulary", "", *sizes)
    check = f"{trained.options.model}: training (vocabulary and merges)"
    return ParityCheck(check, reference_name(), difference is None, len(merges), difference)


def trained_bpe(trained: Trained, lines: Sequence[str]) -> Any:
    """Hugging Face's tokenizer of the same kind, trained on the same lines with the same
    options."""
    from tokenizers import pre_tokenizers, trainers

    judge = reference_for(trained.tokenizer)
    untrained = type(judge)(type(judge.model)(unk_token=judge.model.unk_token))
    if judge.normalizer is not None:
        untrained.normalizer = judge.normalizer
    untrained.pre_tokenizer = judge.pre_tokenizer
    options = trained.options
    alphabet = pre_tokenizers.ByteLevel.alphabet() if options.model == "byte-bpe" else []
    trainer = trainers.BpeTrainer(
        vocab_size=options.vocab_size,
        min_frequency=options.min_frequency,
        special_tokens=list(options.special_tokens),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    untrained.train_from_iterator(lines, trainer)
    return untrained


@dataclass(frozen=True)
class WordPieceTrainerRuns:
    """How the vocabulary of `tokenizers`' WordPieceTrainer compares with ours, over several runs.

    It maximizes pair counts, not likelihood, and its ids follow a hash map: so it is no reference,
    and this is no check. `differing` is how many of our tokens the first run lacks.
    """

    runs: int
    distinct: int
    differing: int
    vocab_size: int


def wordpiece_trainer_runs(
    trained: Trained, lines: Sequence[str], *, runs: int = 3
) -> WordPieceTrainerRuns:
    """Train Hugging Face's WordPieceTrainer several times on the same lines."""
    ours = set(trained.tokenizer.get_vocab())
    found = [trained_wordpiece(trained, lines) for _ in range(runs)]
    distinct = len({tuple(sorted(vocab)) for vocab in found})
    return WordPieceTrainerRuns(runs, distinct, len(ours - found[0]), len(ours))


def trained_wordpiece(trained: Trained, lines: Sequence[str]) -> set[str]:
    """The tokens of one run of WordPieceTrainer."""
    from tokenizers import Tokenizer as Judge
    from tokenizers import models, trainers

    judge = reference_for(trained.tokenizer)
    untrained = Judge(models.WordPiece(unk_token="[UNK]"))
    untrained.normalizer = judge.normalizer
    untrained.pre_tokenizer = judge.pre_tokenizer
    trainer = trainers.WordPieceTrainer(
        vocab_size=trained.options.vocab_size,
        min_frequency=trained.options.min_frequency,
        special_tokens=list(trained.options.special_tokens),
        show_progress=False,
    )
    untrained.train_from_iterator(lines, trainer)
    return set(untrained.get_vocab())
