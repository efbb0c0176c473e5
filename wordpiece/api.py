"""Training as one call: `train`, and what it returns."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, get_args

import wordpiece
from wordpiece import presets
from wordpiece.errors import InputError, OptionError, no_word
from wordpiece.formats import model_dir
from wordpiece.formats import trace as trace_file
from wordpiece.formats.atomic import check_writable, write_folder
from wordpiece.formats.checkpoint import Checkpoint, let_go, noted, open_checkpoint
from wordpiece.formats.counts_file import CountsFile
from wordpiece.formats.tokenizer_json import Json
from wordpiece.formats.trace import Trace, TraceMode
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.processes import checked_workers
from wordpiece.text import unicode_tables
from wordpiece.text.corpora import CorpusName, expanded
from wordpiece.text.counting import Files, count_files
from wordpiece.text.counts import WordCounter
from wordpiece.text.reading import DecodingErrors, Format, OnError, Reading, skip_warnings
from wordpiece.text.rules import TextRules
from wordpiece.text.streams import STDIN, CorpusFile, is_stream, state_of
from wordpiece.tokenizer import Parts
from wordpiece.training import advice
from wordpiece.training.recorder import tie_rule
from wordpiece.training.scores import SCORES, ScoreName
from wordpiece.training.segments import StopReason
from wordpiece.training.trainers import (
    DEFAULT_SCORES,
    Learned,
    ModelName,
    TrainingOptions,
    check_choice,
    check_flag,
    learn,
)
from wordpiece.types import Merge, MergeDetail, ProgressListener, WordCounts

#: What `train` learns from: a path, several paths, text, or word counts.
CorpusInput = StrPath | Iterable[str] | Iterable[PathLike[str]] | WordCounts | CountsFile


@dataclass(frozen=True)
class TrainingResult:
    """What a training gave: the tokenizer, every merge, and how it came about.

    `words` counts occurrences, `word_types` distinct words, `skipped` records that could not be
    read and were passed over. `stopped` says why training ended:
    `"size"`, `"no pair left"` or `"no gain left"`. `warnings` are what to look at before a model is
    trained on it. `details` say of the first 500 steps, and of one in so many of the others, what
    the merge was chosen against; `trace` is what `save` writes of it all.
    """

    tokenizer: Tokenizer
    merges: tuple[Merge, ...]
    options: TrainingOptions
    rules: TextRules
    corpus: tuple[CorpusFile, ...]
    reading: Reading
    skipped: int
    words: int
    word_types: int
    stopped: StopReason
    warnings: tuple[str, ...]
    details: Mapping[int, MergeDetail] = field(default_factory=dict, repr=False)
    trace: TraceMode = "full"
    counts_file: CountsFile | None = None
    checkpoint: Checkpoint | None = field(default=None, repr=False, compare=False)

    def save(self, folder: StrPath) -> None:
        """Write the tokenizer, the signature of the training and its merges, all at once.

        The same input and options write the same bytes. Other files in the folder stay. Raises
        `OutputError`. A checkpoint of the training is taken away then.
        """
        files = {**model_dir.files(self.tokenizer.parts), model_dir.SIGNATURE: self.signature()}
        if self.trace != "none":
            files[model_dir.TRACE] = trace_file.dump(
                self.merges, self.details, fractions=self.options.score == "likelihood"
            )
        with noted(self.checkpoint):
            write_folder(Path(folder), files, ours=model_dir.OURS)
            if self.checkpoint:
                self.checkpoint.remove()

    def signature(self) -> str:
        """The text of training.json: what was trained from what, by which rules; no times."""
        counts = {"counts": self.counts_file.summary()} if self.counts_file else {}
        document = {
            "format": 1,
            "package": f"wordpiece-lab {wordpiece.__version__}",
            "unicode_tables": unicode_tables.MEASURED_WITH,
            "options": {
                **asdict(self.options),
                **self.rules._asdict(),
                **self.reading._asdict(),
            },
            "ties": tie_rule(SCORES[self.options.score]),
            "trace": self.trace,
            "corpus": [file._replace(name=as_text(file.name))._asdict() for file in self.corpus],
            **counts,
            "result": {
                "vocab_size": self.tokenizer.get_vocab_size(),
                "merges": len(self.merges),
                "words": self.words,
                "word_types": self.word_types,
                "skipped": self.skipped,
                "stopped": self.stopped,
            },
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def train(
    corpus: CorpusInput,
    *,
    vocab_size: int,
    model: ModelName = "wordpiece",
    score: ScoreName | None = None,
    min_frequency: int = 1,
    lowercase: bool = False,
    strip_accents: bool | None = None,
    cjk_spacing: bool = True,
    limit_alphabet: int | None = None,
    full_alphabet: bool = False,
    max_token_length: int | None = None,
    special_tokens: Iterable[str] | None = None,
    fuse_unk: bool = False,
    format: Format = "auto",
    field: str | None = None,
    column: str | None = None,
    errors: DecodingErrors = "strict",
    on_error: OnError = "stop",
    workers: int | None = None,
    checkpoint: StrPath | None = None,
    resume: bool = False,
    trace: TraceMode = "full",
    progress: ProgressListener | None = None,
) -> TrainingResult:
    """Train on a path (one str is a path), several paths, an iterable of str, or word counts.

    >>> result = train(["low lower lowest", "low low"], vocab_size=18)
    >>> [merge.new for merge in result.merges]
    ['##st', '##er', '##est', 'lo', 'low', 'lower']
    >>> result.tokenizer.encode("lowest", add_special_tokens=False).tokens
    ['low', '##est']

    `model` is `"wordpiece"`, `"bpe"` or `"byte-bpe"`; `score`, for WordPiece, is `"likelihood"`
    (the default), `"gain"` or `"frequency"`. `strip_accents=None` means "as `lowercase` says".
    `fuse_unk` makes a run of unknown characters one `[UNK]` for `"bpe"`.

    A path may be a folder or a pattern, compressed, or remote where `fsspec` is installed. `format`
    says what files are whose names do not: `"text"`, `"jsonl"` (the text is under `field`, default
    `"text"`), `"csv"`, `"tsv"`, `"parquet"` or `"arrow"` (in `column`, by name, or by number from 1
    on). `errors="replace"` reads bytes that are not UTF-8 as U+FFFD, `on_error="skip"` passes over
    records that cannot be read and says in a warning how many.

    Word counts are `WordCounts`, or what `load_counts` read from a file, whose words must have been
    cut by the rules that the options ask for.

    `checkpoint` names a folder where what was done is kept every minute, until the result is saved;
    with `resume` the training goes on from what is there, if anything is, and ends with the same
    bytes. A checkpoint of other options or another corpus is refused.

    `trace` says what is recorded of how the merges were chosen: `"full"` (rivals, ties, words
    changed), `"merges"` (the merges and their counts), or `"none"`, which writes no merges.jsonl.

    `workers` never changes the result. `progress` is called with a `Progress` now and then. Raises
    `OptionError`, and `InputError` for a corpus that cannot be read or is empty.
    """
    options = TrainingOptions(
        vocab_size=vocab_size,
        model=model,
        score=score or DEFAULT_SCORES.get(model, "likelihood"),
        min_frequency=min_frequency,
        limit_alphabet=limit_alphabet,
        full_alphabet=full_alphabet,
        max_token_length=max_token_length,
        special_tokens=chosen_special_tokens(special_tokens, model),
        fuse_unk=fuse_unk,
    )
    rules = text_rules(model, lowercase, strip_accents, cjk_spacing)
    reading = Reading(format, field, column, errors, on_error)
    check_choice("--trace", trace, get_args(TraceMode))
    return carry_out(
        *(corpus, options, rules, reading),
        workers=workers,
        checkpoint=checkpoint,
        resume=resume,
        trace=trace,
        progress=progress,
    )


def carry_out(
    corpus: CorpusInput,
    options: TrainingOptions,
    rules: TextRules,
    reading: Reading,
    *,
    workers: int | None,
    checkpoint: StrPath | None,
    resume: bool,
    trace: TraceMode,
    progress: ProgressListener | None,
) -> TrainingResult:
    """Count the words, or take them from a checkpoint, and learn."""
    kept = None
    if checkpoint is not None:
        key = training_key(corpus, options, rules, reading, trace)
        kept = open_checkpoint(Path(checkpoint), key, resume=resume)
    elif resume:
        raise OptionError("--resume: needs a checkpoint to go on with: name its folder")
    with let_go(kept):
        if kept is not None and resume and kept.is_there():
            counts, files, done = kept.load()
        else:
            counts, files = count_corpus(
                corpus, rules, reading=reading, workers=workers, progress=progress
            )
            done = Trace()
        keep = partial(kept.keep, counts, files, rules.resolved()) if kept else None
        learned = learn(
            *(counts, options),
            record=trace == "full",
            done=done.merges,
            done_details=done.details,
            keep=keep,
            workers=checked_workers(workers),
            progress=progress,
        )
        result = trained(counts, files, learned, options, rules, reading=reading, checkpoint=kept)
        result = replace(result, trace=trace)
    return replace(result, counts_file=corpus) if isinstance(corpus, CountsFile) else result


def training_key(
    corpus: CorpusInput,
    options: TrainingOptions,
    rules: TextRules,
    reading: Reading,
    trace: TraceMode,
) -> Json:
    """What must be the same for a checkpoint to be of use. Raises `OptionError` for mere text."""
    if isinstance(corpus, CountsFile):
        files: list[Any] = [list(corpus.file)]
    elif isinstance(corpus, str | PathLike):
        files = states([os.fspath(corpus)])
    elif isinstance(corpus, list | tuple) and all(isinstance(item, PathLike) for item in corpus):
        files = states(map(os.fspath, corpus))
    else:
        raise OptionError("--checkpoint: is for files, which can be looked at again")
    return {
        "version": wordpiece.__version__,
        "options": asdict(options),
        "trace": trace,
        "rules": rules.resolved()._asdict(),
        "reading": reading._asdict(),
        "corpus": files,
    }


def states(names: Iterable[str]) -> list[Any]:
    """The files that names stand for, each with its size and time."""
    found = expanded(names)
    for name in filter(is_stream, found):
        what = "standard input" if name == STDIN else name
        raise OptionError(f"--checkpoint: {what} cannot be read again: name a file")
    return [[name, state_of(name)] for name in found]


def trained(
    counts: WordCounts,
    files: Files,
    learned: Learned,
    options: TrainingOptions,
    rules: TextRules,
    *,
    reading: Reading,
    checkpoint: Checkpoint | None,
) -> TrainingResult:
    """What was learned, with the pipeline put together."""
    problem = checkpoint.problem if checkpoint else ""
    return TrainingResult(
        tokenizer=Tokenizer(assembled(learned, options, rules)),
        merges=learned.merges,
        details=learned.details,
        options=options,
        rules=rules,
        corpus=files.files,
        reading=reading,
        skipped=files.skipped,
        words=counts.total,
        word_types=len(counts),
        stopped=learned.stopped,
        warnings=(
            *skip_warnings(files.skipped, files.first_skipped),
            *advice.warnings(learned, options, rules),
            *([f"no checkpoint was kept: {problem}"] if problem else []),
        ),
        checkpoint=checkpoint,
    )


def as_text(name: str) -> str:
    """A file name that may hold bytes which are no UTF-8, in text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def chosen_special_tokens(named: Iterable[str] | None, model: ModelName) -> tuple[str, ...]:
    """The special tokens that were named, or those that a model has when none are."""
    if named is None:
        return presets.GPT2_SPECIAL_TOKENS if model == "byte-bpe" else presets.BERT_SPECIAL_TOKENS
    unordered = isinstance(named, str | bytes | set | frozenset)
    if unordered or not isinstance(named, Iterable):
        raise OptionError(f"special_tokens {named!r}: must be a list of str, in the order of ids")
    return tuple(named)


def text_rules(
    model: ModelName, lowercase: bool, strip_accents: bool | None, cjk_spacing: bool
) -> TextRules:
    """What is done to text before a model.

    Raises `OptionError` for a model or a value that is none, and for what byte-bpe does not do.
    """
    check_choice("--model", model, get_args(ModelName))
    check_flag("--lowercase", lowercase)
    check_flag("--cjk-spacing", cjk_spacing)
    if strip_accents is not None:
        check_flag("--strip-accents", strip_accents)
    if model != "byte-bpe":
        return TextRules(strip_accents=strip_accents, lowercase=lowercase, cjk_spacing=cjk_spacing)
    if lowercase or strip_accents or not cjk_spacing:
        raise OptionError(
            "--lowercase, --strip-accents, --no-cjk-spacing: byte-bpe takes text as it is, "
            "so that it can be decoded without loss; use --model bpe"
        )
    return TextRules("byte-level", False, False, False, False)


def assembled(learned: Learned, options: TrainingOptions, rules: TextRules) -> Parts:
    """The pipeline over a vocabulary that was just learned."""
    special_tokens = options.special_tokens
    merges = tuple({(merge.left, merge.right): None for merge in learned.merges})
    if options.model == "byte-bpe":
        return presets.byte_bpe(learned.tokens, merges, special_tokens=special_tokens)
    make = (
        presets.wordpiece
        if options.model == "wordpiece"
        else partial(presets.bpe, merges=merges, fuse_unk=options.fuse_unk)
    )
    return make(
        learned.tokens,
        lowercase=rules.lowercase,
        strip_accents=rules.strip_accents,
        cjk_spacing=rules.cjk_spacing,
        special_tokens=special_tokens,
    )


def count_corpus(
    corpus: CorpusInput,
    rules: TextRules,
    *,
    reading: Reading,
    workers: int | None,
    progress: ProgressListener | None,
) -> tuple[WordCounts, Files]:
    """The words of whatever `train` was given, and the files that they came from."""
    if isinstance(corpus, WordCounts):
        return corpus, Files()
    if isinstance(corpus, CountsFile):
        corpus.check(rules)
        if not corpus.counts:
            raise no_word(corpus.file.name)
        return corpus.counts, Files()
    counter = WordCounter(rules)
    if isinstance(corpus, str | PathLike):
        corpus = [CorpusName(os.fspath(corpus))]
    names: list[str] = []
    for item in checked_corpus(corpus):
        if isinstance(item, PathLike):
            names.append(os.fspath(item))
        else:
            counter.add(item)
    files = count_files(names, counter, reading=reading, workers=workers, progress=progress)
    counts = counter.counts()
    if not counts:
        raise no_word(", ".join(names))
    return counts, files


def checked_corpus(corpus: Iterable[str | PathLike[str]]) -> Iterable[str | PathLike[str]]:
    """The items of a corpus that is neither one path nor word counts.

    Raises `InputError` for what is none, has no order, or would lose its counts. Warns where all
    texts are names of files: it is not they that are read.
    """
    kind = type(corpus).__name__
    if isinstance(corpus, Mapping):
        raise InputError(f"a corpus must not be a {kind}: counts of words are WordCounts({kind})")
    if not isinstance(corpus, Iterable):
        raise InputError(f"a corpus must be a path, texts, or WordCounts, not {kind}")
    if isinstance(corpus, set | frozenset):
        raise InputError(f"a corpus must not be a {kind}, which has no order: give a list")
    if isinstance(corpus, list | tuple) and corpus and all(map(names_file, corpus)):
        warnings.warn(
            f"the text {corpus[0]!r} is the name of a file, and is taken for text: to read "
            f"files, give paths, as in [Path({corpus[0]!r})]",
            stacklevel=5,
        )
    return corpus


def names_file(item: object) -> bool:
    """Whether a text is the name of a file that is there."""
    return isinstance(item, str) and os.path.isfile(item)  # noqa: PTH113 - takes any text


__all__ = ["Tokenizer", "TrainingResult", "check_writable", "train"]
