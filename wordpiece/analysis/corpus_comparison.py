"""Train several tokenizers on one corpus, for a comparison on lines that none of them has seen."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

import wordpiece
from wordpiece.analysis.compare import Comparison, compare
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.morphology import Gold
from wordpiece.analysis.parity import (
    ParityCheck,
    Trained,
    check_parity,
    check_training,
    wordpiece_trainer_runs,
)
from wordpiece.api import train
from wordpiece.errors import OutputError, WordpieceError, no_word
from wordpiece.formats.atomic import write_file
from wordpiece.presets import BERT_SPECIAL_TOKENS, GPT2_SPECIAL_TOKENS
from wordpiece.pretrained import Tokenizer
from wordpiece.text.corpora import expanded
from wordpiece.text.counts import WordCounter
from wordpiece.text.reading import AS_IT_IS, Faults, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sources import Source
from wordpiece.training.scores import ScoreName
from wordpiece.training.trainers import (
    DEFAULT_SCORES,
    ModelName,
    TrainingOptions,
    check_least,
)
from wordpiece.types import Progress, ProgressListener

#: Of the lines, one in so many is kept from training.
HELD_OUT = 10
#: No more documents than this are measured, evenly spaced over the held-out lines.
MOST_DOCUMENTS = 5000
#: How many lines are counted at a time.
LINES_AT_ONCE = 10_000
#: What byte-level BPE needs beside its special tokens.
BYTES = 256

MODELS: dict[str, tuple[ModelName, ScoreName]] = {
    model: (model, DEFAULT_SCORES[model]) for model in ("wordpiece", "bpe", "byte-bpe")
}
SCORES: dict[str, tuple[ModelName, ScoreName]] = {
    score: ("wordpiece", score) for score in ("likelihood", "gain", "frequency")
}
CACHE_KEY = "comparison.json"
BERT_CASED = TextRules()


@dataclass(frozen=True)
class CorpusSetup:
    """What is trained, and on what: files, size, and the options that the models share.

    `special_tokens` are those of WordPiece and BPE, `byte_special_tokens` of byte-level BPE.
    `wordpiece_score` is the score of WordPiece where the models are compared; with `scores`,
    WordPiece is compared under all three instead.
    """

    corpus: tuple[str, ...]
    vocab_size: int
    rules: TextRules = BERT_CASED
    min_frequency: int = 1
    limit_alphabet: int | None = None
    full_alphabet: bool = False
    max_token_length: int | None = None
    special_tokens: tuple[str, ...] = BERT_SPECIAL_TOKENS
    byte_special_tokens: tuple[str, ...] = GPT2_SPECIAL_TOKENS
    fuse_unk: bool = False
    reading: Reading = AS_IT_IS
    wordpiece_score: ScoreName = "likelihood"
    scores: bool = False
    eval_file: str | None = None

    def variants(self) -> dict[str, TrainingOptions]:
        """The trainings, by the name that each has in tables."""
        chosen = SCORES if self.scores else MODELS
        check_least("--vocab-size", self.vocab_size, 1, "special tokens and alphabet included")
        least = BYTES + len(self.byte_special_tokens)
        found = {}
        for name, (model, score) in chosen.items():
            byte_level = model == "byte-bpe"
            found[name] = TrainingOptions(
                vocab_size=max(self.vocab_size, least) if byte_level else self.vocab_size,
                model=model,
                score=self.wordpiece_score if name == "wordpiece" else score,
                min_frequency=self.min_frequency,
                limit_alphabet=None if byte_level else self.limit_alphabet,
                full_alphabet=self.full_alphabet and model == "wordpiece",
                max_token_length=self.max_token_length,
                special_tokens=self.byte_special_tokens if byte_level else self.special_tokens,
                fuse_unk=self.fuse_unk and model == "bpe",
            )
        return found


@dataclass(frozen=True)
class Lines:
    """The lines to train on and the lines kept from training, with their line ends, or records.

    `held_out` is False where there were none to spare, and the measuring is done on the training
    lines.
    """

    training: list[str]
    kept: list[str]
    held_out: bool

    @property
    def number(self) -> int:
        """How many there were to be measured."""
        return len(with_text(self.kept))

    @property
    def documents(self) -> list[str]:
        """What is measured: the lines kept, or if they are many, some of them."""
        return [line.removesuffix("\n") for line in spaced(self.kept)]


def read_lines(setup: CorpusSetup) -> Lines:
    """Divide a corpus: every tenth line is held out, or a file of its own is.

    A corpus of fewer than ten lines has none to spare, and is measured on itself.
    """
    return divided(setup.corpus, setup.reading, setup.eval_file)


def divided(corpus: Sequence[str], reading: Reading, eval_file: str | None) -> Lines:
    """The lines of files, every tenth held out, or those of a file of its own.

    Raises `InputError` where there is no word.
    """
    lines = with_words(corpus, reading)
    if eval_file is not None:
        return Lines(lines, with_words((eval_file,), reading), held_out=True)
    kept = lines[HELD_OUT - 1 :: HELD_OUT]
    training = [line for at, line in enumerate(lines) if at % HELD_OUT != HELD_OUT - 1]
    if not all(any(line.strip() for line in part) for part in (kept, training)):
        return Lines(lines, lines, held_out=False)
    return Lines(training, kept, held_out=True)


def with_words(names: Sequence[str], reading: Reading) -> list[str]:
    """The lines of files. Raises `InputError` where all are empty or white space."""
    lines = file_lines(names, reading)
    if not any(line.strip() for line in lines):
        raise no_word(", ".join(names))
    return lines


def file_lines(names: Sequence[str], reading: Reading) -> list[str]:
    """The lines of files, with their line ends, or the texts of their records."""
    faults = Faults(reading.on_error)
    sources = [Source(name, reading) for name in expanded(names)]
    return [text for source in sources for text in source.texts(faults)]


def spaced(lines: Sequence[str]) -> list[str]:
    """Not too many of the lines, evenly spaced; empty ones are left out.

    >>> spaced(["a", " ", "b"])
    ['a', 'b']
    """
    full = with_text(lines)
    step = -(-len(full) // MOST_DOCUMENTS) or 1
    return full[::step]


def with_text(lines: Sequence[str]) -> list[str]:
    """The lines that are neither empty nor white space."""
    return [line for line in lines if line.strip()]


def distinct_words(lines: Sequence[str]) -> list[str]:
    """Every distinct word of BERT's split, in order of first occurrence."""
    counter = WordCounter(TextRules())
    for at in range(0, len(lines), LINES_AT_ONCE):
        counter.add_lines("".join(map(ended, lines[at : at + LINES_AT_ONCE])))
    return list(counter.counts())


def ended(line: str) -> str:
    """A line with a line end."""
    return line if line.endswith("\n") else f"{line}\n"


def compare_corpus(
    setup: CorpusSetup,
    *,
    texts: Sequence[str] = (),
    cache: Path | None = None,
    parity: bool = True,
    gold: Gold | None = None,
    progress: ProgressListener | None = None,
) -> Comparison:
    """Train the models on a corpus and compare them; `cache` is a folder to keep them in.

    The parity checks hold each against `tokenizers`: encoding on every distinct word of the corpus,
    on the documents, on as many lines of the training text, and on hostile strings; training where
    `tokenizers` has one that is no matter of chance: of the BPE models, and of `frequency`.
    """
    lines = read_lines(setup)
    trained = train_all(setup, lines, cache, progress)
    comparison = compare_trained(trained, lines, texts=texts, gold=gold)
    if not parity:
        return comparison
    note(progress, "WordPieceTrainer, three runs")
    ours = {name: each for name, each in trained.items() if each.options.model == "wordpiece"}
    runs = wordpiece_trainer_runs(ours, lines.training)
    checks, unchecked = parity_checks(trained, lines, progress)
    return replace(comparison, parity=tuple(checks), unchecked=tuple(unchecked), trainer_runs=runs)


def compare_trained(
    trained: dict[str, Trained],
    lines: Lines,
    *,
    texts: Sequence[str] = (),
    gold: Gold | None = None,
) -> Comparison:
    """Compare what was trained on some lines, on those that were kept."""
    encoders = [OurEncoder(name, each.tokenizer) for name, each in trained.items()]
    counts = [training_counts(each.tokenizer, lines.training) for each in trained.values()]
    shown = texts or [document[:200] for document in lines.documents[:3]]
    comparison = compare(encoders, lines.documents, texts=shown, training_counts=counts, gold=gold)
    return replace(comparison, held_out=lines.held_out, lines=lines.number)


def training_counts(tokenizer: Tokenizer, lines: Sequence[str]) -> Counter[int]:
    """How often each id occurs in the training text, without line ends, as documents are."""
    texts = (line.removesuffix("\n") for line in lines if line.strip())
    return Counter(chain.from_iterable(tokenizer.encode_ids(texts)))


def unlike_theirs(options: TrainingOptions) -> str:
    """Why a training by frequency has no reference in Hugging Face's trainers; "" when it has."""
    if options.limit_alphabet is not None:
        return "--limit-alphabet: theirs merges across the characters that it drops"
    if options.max_token_length is not None:
        if options.model == "wordpiece":
            return "--max-token-length: theirs has no such option"
        if options.max_token_length == 1:
            return "--max-token-length 1: theirs has no such limit"
    return "--full-alphabet: theirs has no such option" if options.full_alphabet else ""


def parity_checks(
    trained: dict[str, Trained], lines: Lines, progress: ProgressListener | None
) -> tuple[list[ParityCheck], list[str]]:
    """Encoding for every tokenizer, training where there is a reference; and what has none."""
    unchecked = []
    words = distinct_words([*lines.training, *lines.kept])
    texts = [*lines.documents, *spaced(lines.training)]
    checks = []
    for name, each in trained.items():
        note(progress, f"parity of {name}")
        checks += check_parity(each.tokenizer, words=words, lines=texts, name=name)
        reason = unlike_theirs(each.options)
        if each.options.score == "frequency" and reason:
            unchecked.append(f"{name}, training: {reason}")
        elif each.options.score == "frequency":
            checks.append(check_training(each, lines.training, name=name))
    return checks, unchecked


def train_all(
    setup: CorpusSetup, lines: Lines, cache: Path | None, progress: ProgressListener | None
) -> dict[str, Trained]:
    """Train each variant, or take it from the cache when corpus and options are the same."""
    key = cache_key(setup, lines)
    variants = setup.variants()
    if cache is not None and cached_key(cache) == key:
        kept = cached(cache, variants)
        if kept is not None:
            return kept
    trained = {}
    for name, options in variants.items():
        note(progress, f"training {name}")
        trained[name] = train_one(options, setup.rules, lines.training)
    if cache is not None:
        keep(cache, key, trained)
    return trained


def cached(cache: Path, variants: dict[str, TrainingOptions]) -> dict[str, Trained] | None:
    """The tokenizers in a cache folder, or None when one of them cannot be read any more."""
    try:
        return {
            name: Trained(options, Tokenizer.from_file(cache / name))
            for name, options in variants.items()
        }
    except WordpieceError:
        return None


def keep(cache: Path, key: str, trained: dict[str, Trained]) -> None:
    """Keep tokenizers in a cache folder, if it can be written; the key comes last."""
    try:
        (cache / CACHE_KEY).unlink(missing_ok=True)
        for name, each in trained.items():
            each.tokenizer.save_pretrained(cache / name)
        write_file(cache / CACHE_KEY, key)
    except (OSError, OutputError):
        return  # it is kept only to save time


def train_one(options: TrainingOptions, rules: TextRules, lines: Sequence[str]) -> Trained:
    """Train one variant."""
    takes_text_options = options.model != "byte-bpe"
    result = train(
        lines,
        vocab_size=options.vocab_size,
        model=options.model,
        score=options.score,
        min_frequency=options.min_frequency,
        limit_alphabet=options.limit_alphabet,
        full_alphabet=options.full_alphabet,
        max_token_length=options.max_token_length,
        special_tokens=options.special_tokens,
        fuse_unk=options.fuse_unk,
        lowercase=takes_text_options and rules.lowercase,
        strip_accents=rules.strip_accents if takes_text_options else None,
        cjk_spacing=rules.cjk_spacing or not takes_text_options,
        trace="none",
    )
    return Trained(options, result.tokenizer)


def cache_key(setup: CorpusSetup, lines: Lines) -> str:
    """What the cached tokenizers were trained from, by which options and which version."""
    digest = hashlib.sha256()
    for line in lines.training:  # a file that ends without a line end is not joined to the next
        digest.update(ended(line).encode("utf-8"))
    options = {name: asdict(each) for name, each in setup.variants().items()}
    document = {
        "package": wordpiece.__version__,
        "text": digest.hexdigest(),
        "rules": setup.rules._asdict(),
        "trainings": options,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def cached_key(cache: Path) -> str | None:
    """The key of what is in a cache folder, None when there is none that can be read."""
    try:
        return (cache / CACHE_KEY).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def note(progress: ProgressListener | None, phase: str) -> None:
    """Say what is being done now."""
    if progress is not None:
        progress(Progress(phase, 0, None, "steps"))
