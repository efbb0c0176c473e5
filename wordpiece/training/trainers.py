"""From word counts to a vocabulary: options checked, alphabet built, merges learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from wordpiece.collector import collector_paused
from wordpiece.errors import OptionError, no_word
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.training import engine
from wordpiece.training.alphabet import Alphabet, WordSegments, build_alphabet
from wordpiece.training.recorder import Recorder
from wordpiece.training.scores import SCORES, ScoreName
from wordpiece.training.segments import StopReason, Task
from wordpiece.types import Merge, MergeDetail, Progress, ProgressListener, WordCounts

ModelName = Literal["wordpiece", "bpe", "byte-bpe"]

UNKNOWN = "[UNK]"
#: What every character that does not begin a word has before it.
PREFIXES: dict[ModelName, str] = {"wordpiece": "##", "bpe": "", "byte-bpe": ""}
DEFAULT_SCORES: dict[ModelName, ScoreName] = {
    "wordpiece": "likelihood",
    "bpe": "frequency",
    "byte-bpe": "frequency",
}
#: How many merges pass between two reports of progress.
REPORT_EVERY = 64

Trainer = Callable[..., Generator[Merge, None, StopReason]]


@dataclass(frozen=True)
class TrainingOptions:
    """What decides a vocabulary, given the word counts.

    `vocab_size` is the size to reach, special tokens and alphabet included. Pairs seen fewer than
    `min_frequency` times are passed over, as are those whose token would have more than
    `max_token_length` characters. `limit_alphabet` keeps the most frequent characters;
    `full_alphabet` takes both forms, `c` and `##c`, of every character. `fuse_unk` is of the
    tokenizer that comes out: one `[UNK]` for a run of unknown characters.

    >>> TrainingOptions(vocab_size=70).score
    'likelihood'
    >>> TrainingOptions(vocab_size=70, min_frequency=0)
    Traceback (most recent call last):
    ...
    wordpiece.errors.OptionError: --min-frequency 0: must be at least 1, which takes every pair
    """

    vocab_size: int
    model: ModelName = "wordpiece"
    score: ScoreName = "likelihood"
    min_frequency: int = 1
    limit_alphabet: int | None = None
    full_alphabet: bool = False
    max_token_length: int | None = None
    special_tokens: tuple[str, ...] = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    fuse_unk: bool = False

    def __post_init__(self) -> None:
        check_choice("--model", self.model, get_args(ModelName))
        check_choice("--score", self.score, get_args(ScoreName))
        check_least("--vocab-size", self.vocab_size, 1, "try 30000, BERT's size")
        check_least("--min-frequency", self.min_frequency, 1, "which takes every pair")
        if self.limit_alphabet is not None:
            hint = "BERT's own was trained with 1000"
            check_least("--limit-alphabet", self.limit_alphabet, 1, hint)
        if self.max_token_length is not None:
            hint = "the length in characters, without ##"
            check_least("--max-token-length", self.max_token_length, 1, hint)
        check_flag("--full-alphabet", self.full_alphabet)
        check_flag("--fuse-unk", self.fuse_unk)
        if UNKNOWN not in self.special_tokens and self.model != "byte-bpe":
            raise OptionError(
                f"--special-token: {UNKNOWN} must be among them, for words that cannot be split"
            )
        if len(set(self.special_tokens)) < len(self.special_tokens):
            raise OptionError(f"--special-token: one is given twice in {self.special_tokens!r}")
        for token in self.special_tokens:
            check_token(token)
        self._check_model()

    def _check_model(self) -> None:
        """Raise `OptionError` for what is not for this model."""
        if self.fuse_unk and self.model != "bpe":
            raise OptionError(f"--fuse-unk: is for --model bpe; {self.model} has no runs of [UNK]")
        if self.model == "wordpiece":
            return
        if self.score != "frequency":
            raise OptionError(
                f"--score {self.score}: --model {self.model} has only frequency; "
                "the other scores are for wordpiece"
            )
        if self.full_alphabet:
            raise OptionError(f"--full-alphabet: is for wordpiece, {self.model} has no ## forms")
        if self.model == "byte-bpe" and self.limit_alphabet is not None:
            raise OptionError("--limit-alphabet: is not for byte-bpe, whose alphabet is 256 bytes")

    @property
    def prefix(self) -> str:
        """What marks a character that does not begin a word."""
        return PREFIXES[self.model]


def check_token(token: object) -> None:
    """Raise `OptionError` for a special token that a vocabulary file could not hold."""
    problem = ""
    if not isinstance(token, str) or not token:
        problem = "must be a non-empty str"
    elif token != token.strip() or "\n" in token or "\r" in token:
        problem = "must not begin or end with white space, nor hold a line end"
    elif any(0xD800 <= ord(char) <= 0xDFFF for char in token):
        problem = "must be text, not bytes that are no UTF-8"
    if problem:
        raise OptionError(f"--special-token {token!a}: {problem}")


def check_choice(option: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise `OptionError` for a value that is none of the choices."""
    if value not in choices:
        raise OptionError(f"{option} {value!r}: must be one of {', '.join(choices)}")


def check_least(option: str, value: int, least: int, hint: str) -> None:
    """Raise `OptionError` for a number that is too small, or no int."""
    if type(value) is not int:
        raise OptionError(f"{option} {value!r}: must be an int, at least {least}, {hint}")
    if value < least:
        raise OptionError(f"{option} {value!r}: must be at least {least}, {hint}")


def check_flag(option: str, value: object) -> None:
    """Raise `OptionError` for what is neither True nor False; it would be written into files."""
    if type(value) is not bool:
        raise OptionError(f"{option} {value!r}: must be True or False")


@dataclass(frozen=True)
class Learned:
    """What a training found: tokens in id order, the merges, the alphabet, and why it ended.

    `details` say what some of the merges were chosen against, by step.
    """

    tokens: tuple[str, ...]
    merges: tuple[Merge, ...]
    alphabet: Alphabet
    stopped: StopReason
    details: Mapping[int, MergeDetail]


def learn(
    counts: WordCounts,
    options: TrainingOptions,
    *,
    trainer: Trainer = engine.merges,
    record: bool = False,
    done: Sequence[Merge] = (),
    done_details: Mapping[int, MergeDetail] | None = None,
    keep: Callable[[Sequence[Merge], Mapping[int, MergeDetail]], None] | None = None,
    workers: int = 1,
    progress: ProgressListener | None = None,
) -> Learned:
    """Learn a vocabulary from word counts.

    >>> counts = WordCounts({"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5})
    >>> learned = learn(counts, TrainingOptions(vocab_size=13))
    >>> learned.tokens[5:]
    ('##g', '##n', '##s', '##u', 'b', 'h', 'p', '##gs')

    With `record` it is kept what merges were chosen against. `done` are the merges of this training
    that were made before it was cut off, `done_details` what was recorded of them; `keep` is called
    with all merges and details so far now and then. Raises `InputError` when there is no word,
    `OptionError` when the alphabet alone does not fit.
    """
    if not counts:
        raise no_word()
    task, alphabet = prepare(counts, options)
    task = replace(task, workers=workers)
    merges = list(done)
    vocab = dict.fromkeys([*task.tokens, *(merge.new for merge in merges)])
    recorder = Recorder(task, done_details) if record else None
    details = recorder.details if recorder else {}
    steps = trainer(task, done, recorder) if done or recorder else trainer(task)
    if keep:
        keep(merges, details)
    with collector_paused():
        while True:
            try:
                merge = next(steps)
            except StopIteration as end:
                break_reason: StopReason = end.value
                break
            merges.append(merge)
            vocab[merge.new] = None
            if len(merges) % REPORT_EVERY == 0:
                if progress:
                    progress(Progress("merging", len(vocab), options.vocab_size, "tokens"))
                if keep:
                    keep(merges, details)
    if progress:
        progress(Progress("merging", len(vocab), len(vocab), "tokens"))
    return Learned(tuple(vocab), tuple(merges), alphabet, break_reason, details)


def prepare(counts: WordCounts, options: TrainingOptions) -> tuple[Task, Alphabet]:
    """The alphabet of a corpus, and the training that starts from it."""
    alphabet = build_alphabet(
        counts,
        order="characters first" if options.score == "frequency" else "sorted forms",
        limit=options.limit_alphabet,
        full=options.full_alphabet,
        prefix=options.prefix,
        initial=byte_characters() if options.model == "byte-bpe" else "",
    )
    tokens = tuple(dict.fromkeys((*options.special_tokens, *alphabet.forms)))
    if len(tokens) > options.vocab_size:
        raise too_small(options, alphabet, len(tokens))
    ids = {token: id for id, token in enumerate(tokens)}
    task = Task(
        WordSegments(counts, ids, prefix=options.prefix),
        tokens,
        SCORES[options.score],
        options.vocab_size,
        options.prefix,
        options.min_frequency,
        options.max_token_length,
        rare_from(counts, options),
    )
    return task, alphabet


def rare_from(counts: WordCounts, options: TrainingOptions) -> int:
    """Pairs below this count will hardly ever be merged; 1 where that cannot be said.

    As long as a word that occurs f times is not one token, it holds a pair that occurs f times or
    more. So, if there are enough words for a vocabulary of N tokens, a training by frequency ends
    before it comes to pairs that are rarer than the N-th most frequent word. In English, Korean and
    Chinese texts it ends at twice that count or above. The gain of a pair is at most its count
    times a little more than ln n; in the same texts a training by gain ends above what pairs of two
    thirds of that count can have.

    >>> counts = WordCounts({"hug": 10, "pug": 5, "pun": 12, "bun": 4})
    >>> rare_from(counts, TrainingOptions(vocab_size=3, score="frequency"))
    10
    """
    left = options.vocab_size
    if options.score == "likelihood":
        return 1
    for count, words in sorted(Counter(counts.values()).items(), reverse=True):
        left -= words
        if left <= 0:
            return 2 * count if options.score == "frequency" else max(2 * count // 3, 1)
    return 1


def too_small(options: TrainingOptions, alphabet: Alphabet, needed: int) -> OptionError:
    """The error for a size that the alphabet alone exceeds, with the arithmetic."""
    start = (
        f"--vocab-size {options.vocab_size}: at least {needed} are needed, "
        f"for {len(options.special_tokens)} special tokens"
    )
    if options.model == "byte-bpe":
        return OptionError(f"{start} and 256 bytes")
    characters = sorted(alphabet.kept)
    continuing = len(alphabet.forms) - sum(char in alphabet.forms for char in characters)
    parts = f"{start}, {len(alphabet.forms) - continuing} characters"
    if options.prefix:
        parts += f" and {continuing} {options.prefix} forms"
    return OptionError(f"{parts}; --limit-alphabet N keeps fewer characters")
