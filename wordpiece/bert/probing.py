"""`wp probe`: which tokenizer serves a task, by bags of tokens and by small BERTs."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal, NamedTuple

import torch

import wordpiece
from wordpiece.analysis.encoders import AnyEncoder, load
from wordpiece.bert.bags import Bag, bag_probe
from wordpiece.bert.frames import frame
from wordpiece.bert.labelled import Labelled
from wordpiece.bert.options import Budget
from wordpiece.bert.small_bert import Run, run
from wordpiece.bert.verdict import Scores, interval, percent, share_interval, verdict
from wordpiece.errors import InputError, OptionError
from wordpiece.formats.atomic import check_writable, write_file
from wordpiece.processes import checked_workers
from wordpiece.types import Progress, ProgressListener

#: Accuracy of bags of tokens; bits per byte and accuracy of small BERTs.
Figure = Literal["bags", "bits_per_byte", "accuracy"]
#: A longer text of the corpus is read in pieces, so that no text fills a step by itself.
LONGEST = 2000


class Tried(NamedTuple):
    """A tokenizer to be tried: what it is called, where it is, and how a bare vocab.txt is read."""

    name: str
    path: str
    options: tuple[tuple[str, bool | None], ...] = ()

    def load(self) -> AnyEncoder:
        """The tokenizer itself."""
        return load(self.path, name=self.name, **dict(self.options))


class BertProbe(NamedTuple):
    """What small BERTs gave, by tokenizer and seed, and what each of them was given."""

    runs: tuple[Run, ...]
    held_out: Labelled
    budget: Budget
    corpus_bytes: int

    def of(self, name: str) -> list[Run]:
        """The runs of a tokenizer, by seed."""
        return [each for each in self.runs if each.name == name]


@dataclass(frozen=True)
class Probe:
    """What was found: bags of tokens, and if it was asked for, small BERTs."""

    training: Labelled
    sizes: Mapping[str, int]
    bags: tuple[Bag, ...]
    bert: BertProbe | None = None

    @property
    def names(self) -> list[str]:
        """The tokenizers."""
        return list(self.sizes)

    def scores(self, figure: Figure) -> list[Scores]:
        """A figure of each tokenizer, by seed and text."""
        if figure == "bags":
            return [Scores(bag.name, [list(map(float, bag.right))]) for bag in self.bags]
        assert self.bert is not None
        values = per_text if figure == "bits_per_byte" else right
        return [Scores(name, list(map(values, self.bert.of(name)))) for name in self.names]

    @property
    def seen(self) -> int:
        """How many of the held-out texts stand in the training texts too, word for word."""
        known = set(self.training.texts)
        return sum(text in known for text in self.bert.held_out.texts) if self.bert else 0

    def verdicts(self) -> list[str]:
        """A sentence for each figure, the one that answers for the task last."""
        found = [
            verdict("accuracy of bags of tokens", self.scores("bags"), higher=True, form=percent),
        ]
        if self.bert is not None:
            bits, right = self.scores("bits_per_byte"), self.scores("accuracy")
            form = "{:.3f}".format
            found += [
                verdict("bits per byte", bits, higher=False, form=form, trained=True),
                verdict("accuracy of small BERTs", right, higher=True, form=percent, trained=True),
            ]
        return [*found[:-1], f"for this task, by {found[-1]}"]


def document(found: Probe) -> dict[str, Any]:
    """What `wp probe --json` prints."""
    bert = found.bert
    return {
        "file": found.training.file,
        "texts": len(found.training),
        "classes": found.training.names,
        "majority": found.training.majority,
        "tokenizers": [
            {"name": bag.name, "vocab_size": found.sizes[bag.name], **figures(found, bag)}
            for bag in found.bags
        ],
        "budget": None if bert is None else asdict(bert.budget),
        "held_out": None if bert is None else len(bert.held_out),
        "held_out_seen": None if bert is None else found.seen,
        "held_out_majority": None if bert is None else bert.held_out.majority,
        "verdicts": found.verdicts(),
    }


def figures(found: Probe, bag: Bag) -> dict[str, Any]:
    """The figures of one tokenizer."""
    accuracy = share_interval(bag.right)
    own: dict[str, Any] = {
        "bags": {**accuracy._asdict(), "folds": bag.folds, "seconds": bag.seconds}
    }
    if found.bert is None:
        return own
    chosen: tuple[Figure, ...] = ("bits_per_byte", "accuracy")
    for figure in chosen:
        scores = next(each for each in found.scores(figure) if each.name == bag.name)
        own[figure] = {**interval(scores.values)._asdict(), "spread": scores.spread}
    return {**own, "runs": list(map(run_figures, found.bert.of(bag.name)))}


def run_figures(each: Run) -> dict[str, Any]:
    """The figures of one run, without those of each text."""
    left_out = ("bits", "bytes", "right", "name")
    fields = {key: value for key, value in each._asdict().items() if key not in left_out}
    return {**fields, "bits_per_byte": each.bits_per_byte, "accuracy": each.accuracy}


def right(each: Run) -> list[float]:
    """1 for each held-out text whose class was found, else 0."""
    return list(map(float, each.right))


def per_text(each: Run) -> list[float]:
    """The bits of each text over the mean bytes of a text, so that their mean is bits per byte."""
    mean = sum(each.bytes) / len(each.bytes)
    return [own / mean for own in each.bits]


def probe(
    tried: Sequence[Tried],
    training: Labelled,
    *,
    held_out: Labelled | None = None,
    corpus: Sequence[str] | None = None,
    budget: Budget | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    workers: int | None = None,
    keep: Path | None = None,
    progress: ProgressListener | None = None,
) -> Probe:
    """Try tokenizers on labelled texts: by bags of tokens, and with a `budget` by small BERTs too.

    The BERTs are pre-trained on `corpus` (None: the texts of `training`), fine-tuned on
    `training` and measured on `held_out`, which they must not have seen. Each of `workers`
    processes computes with one thread; their number never changes the result. `keep` names a folder
    where each run is kept when it is done, so that a probe that was cut off goes on.

    Raises `OptionError` for no tokenizer or a name twice, `InputError` for labels that cannot be
    learned from.
    """
    names = [each.name for each in tried]
    if not tried or len(set(names)) < len(names):
        raise OptionError("--tokenizer: name at least one, each under a name of its own")
    encoders = {each.name: each.load() for each in tried}
    bags = []
    for number, encoder in enumerate(encoders.values()):
        report(progress, "bags of tokens", number, len(encoders), "tokenizers")
        bags.append(bag_probe(encoder, training))
    report(progress, "bags of tokens", len(encoders), len(encoders), "tokenizers")
    sizes = {name: encoder.vocab_size for name, encoder in encoders.items()}
    if budget is None:
        return Probe(training, sizes, tuple(bags))
    if held_out is None or not len(held_out):
        raise OptionError("--bert: needs held-out texts: name them with --test")
    texts = tuple(pieces_of(training.texts if corpus is None else corpus))
    if not texts:
        raise InputError("--corpus: holds no text to pre-train on")
    jobs = [Job(each, texts, training, held_out, budget, seed) for seed in seeds for each in tried]
    found = carry_out(jobs, encoders, workers=workers, keep=keep, progress=progress)
    runs = tuple(sorted(found, key=lambda each: (names.index(each.name), each.seed)))
    read = sum(len(text.encode()) for text in texts)
    return Probe(training, sizes, tuple(bags), BertProbe(runs, held_out, budget, read))


# ---------------------------------------------------------------- runs


class Job(NamedTuple):
    """One run to be done."""

    tried: Tried
    corpus: tuple[str, ...]
    training: Labelled
    held_out: Labelled
    budget: Budget
    seed: int

    def key(self, encoder: AnyEncoder) -> str:
        """What the result hangs on, in a name for a file; `encoder` is the tokenizer."""
        digest = hashlib.sha256()
        document = {
            "version": wordpiece.__version__,
            "torch": torch.__version__,
            "vocab": encoder.vocab,
            "probe": [encoder.encode(text).ids for text in self.held_out.texts[:100]],
            "labels": [self.training.labels, self.held_out.labels],
            "budget": asdict(self.budget),
            "seed": self.seed,
        }
        digest.update(json.dumps(document, sort_keys=True).encode())
        for texts in (self.corpus, self.training.texts, self.held_out.texts):
            digest.update("\n".join(texts).encode())
        return f"{self.tried.name.replace(os.sep, '_')[-40:]}-{self.seed}-{digest.hexdigest()[:16]}"


def carry_out(
    jobs: Sequence[Job],
    encoders: Mapping[str, AnyEncoder],
    *,
    workers: int | None,
    keep: Path | None,
    progress: ProgressListener | None,
) -> list[Run]:
    """Do what was not done before, in processes of one thread each, and keep it when it is done."""
    done: list[Run] = []
    left: dict[Job, Path | None] = {}
    for job in jobs:
        file = None if keep is None else keep / f"{job.key(encoders[job.tried.name])}.json"
        known = None if file is None else kept(file)
        if known is None:
            left[job] = file
        else:
            done.append(known._replace(name=job.tried.name))
    if keep is not None:
        check_writable(keep)
    number = min(checked_workers(workers), len(left))
    report(progress, "small BERTs", len(done), len(jobs), "runs")
    try:
        for job, found in results(list(left), number, progress):
            done.append(found)
            if (file := left[job]) is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                write_file(file, json.dumps(found._asdict()) + "\n")
            report(progress, "small BERTs", len(done), len(jobs), "runs")
    except KeyboardInterrupt as interruption:
        if keep is not None:
            runs = f"{len(done)} run{'s' * (len(done) != 1)}"
            interruption.add_note(f"the same command goes on; {keep} has {runs}")
        raise
    return done


def results(
    jobs: Sequence[Job], workers: int, progress: ProgressListener | None
) -> Iterator[tuple[Job, Run]]:
    """Jobs with their results, in the order in which they are done."""
    if workers < 2:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield from ((job, do(job, progress)) for job in jobs)
        finally:
            torch.set_num_threads(before)
        return
    others = set(active_children())
    pool = ProcessPoolExecutor(workers, get_context("spawn"), ignore_interrupt)
    try:
        futures = {pool.submit(do_apart, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool:
        raise InputError(
            "a worker process ended early: there may be too little memory; try fewer --workers"
        ) from None
    finally:
        for process in set(active_children()) - others:  # which would work on for minutes
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def ignore_interrupt() -> None:
    """Leave Ctrl-C to the process that asked, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def do_apart(job: Job) -> Run:
    """One run in a process of its own."""
    torch.set_num_threads(1)
    return do(job, None)


def do(job: Job, progress: ProgressListener | None) -> Run:
    """One run."""
    own = frame(job.tried.load())
    return run(
        own,
        job.corpus,
        job.training,
        job.held_out,
        job.budget,
        seed=job.seed,
        progress=progress,
    )


def kept(path: Path) -> Run | None:
    """The result of a run that was done before. Raises `InputError` for a file that is damaged."""
    if not path.exists():
        return None
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in ("bits", "bytes", "right"):
            document[name] = tuple(document[name])
        return Run(**document)
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{path}: is no result of a run: delete it") from None


def pieces_of(texts: Iterable[str]) -> Iterator[str]:
    """Texts that hold something; long ones in pieces, cut at white space alike for all tokenizers.

    >>> [len(piece) for piece in pieces_of(["a " * 2500, " "])]
    [1999, 1999, 999]
    """
    for text in filter(str.strip, texts):
        if len(text) <= LONGEST:
            yield text
        else:
            yield from wrap(text, LONGEST, break_on_hyphens=False)


def report(progress: ProgressListener | None, phase: str, done: int, total: int, unit: str) -> None:
    """Say how far the work has come, if somebody listens."""
    if progress:
        progress(Progress(phase, done, total, unit))
