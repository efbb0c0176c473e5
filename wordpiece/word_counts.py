"""Word counts as files: count text into one, add up several, load one to train from it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from wordpiece.api import text_rules
from wordpiece.errors import OptionError
from wordpiece.formats import counts_file
from wordpiece.formats.counts_file import CountsFile, Header
from wordpiece.pretrained import StrPath
from wordpiece.text.corpora import expanded, files_of, given_names
from wordpiece.text.counting import count_files
from wordpiece.text.counts import BoundedCounter, WordCounter
from wordpiece.text.reading import DecodingErrors, Format, OnError, Reading
from wordpiece.text.rules import TextRules
from wordpiece.text.sorted_runs import SortedRuns, by_count
from wordpiece.tokenizer import checked
from wordpiece.training.trainers import ModelName
from wordpiece.types import Progress, ProgressListener

#: Of the memory that is allowed, what the rows take that are sorted at a time.
SORTING_PART = 4
#: How much is allowed where the machine does not say what it has.
SOME_MEMORY = 1 << 30
LEAST_MEMORY = 1_000_000
#: How many records are counted together.
RECORDS_AT_ONCE = 1000
#: How many words pass between two reports of progress.
REPORT_EVERY = 100_000


def count_words(
    corpus: StrPath | Iterable[StrPath],
    output: StrPath,
    *,
    model: ModelName = "wordpiece",
    lowercase: bool = False,
    strip_accents: bool | None = None,
    cjk_spacing: bool = True,
    format: Format = "auto",
    field: str | None = None,
    column: str | None = None,
    errors: DecodingErrors = "strict",
    on_error: OnError = "stop",
    workers: int | None = None,
    memory: int | None = None,
    progress: ProgressListener | None = None,
) -> Header:
    """Count the words of files, folders or patterns into a counts file; return its header.

        wordpiece.count_words("corpus/*.jsonl.zst", "counts.tsv.zst", lowercase=True)

    The words are in the order of their first occurrence, so training from the file equals training
    from the text. `model` and the text options say how words are cut; the options from `format` to
    `on_error` are those of `train`. A table of words that outgrows `memory` (bytes; default: half
    of what the machine has free) goes to disk in part, and the result is the same. Raises
    `OptionError`, `InputError`, and `OutputError` for an output that cannot be written.
    """
    rules = text_rules(model, lowercase, strip_accents, cjk_spacing)
    reading = Reading(format, field, column, errors, on_error)
    memory = checked_memory(memory)
    counts_file.check_output(str(output))
    with BoundedCounter(rules, memory=memory) as counter:
        found = count_files(
            given_names(corpus),
            counter,
            reading=reading,
            outputs=[str(output)],
            workers=workers,
            memory=memory,
            progress=progress,
        )
        header = Header(
            rules.resolved(),
            skipped=found.skipped,
            corpus=found.files,
            first_skipped=found.first_skipped,
        )
        return counts_file.write(str(output), header, counter.in_order())


def merge_counts(
    inputs: StrPath | Iterable[StrPath],
    output: StrPath,
    *,
    memory: int | None = None,
    progress: ProgressListener | None = None,
) -> Header:
    """Add up counts files into one, the most frequent words first; return its header.

    A folder or a pattern stands for its files, but for the output of an earlier run. Words that are
    equally frequent are in the order of their code points. All inputs must have been counted by the
    same rules. About `memory` bytes are held, however many words there are. Raises `OptionError`,
    `InputError`, `FormatError` and `OutputError`.
    """
    part = checked_memory(memory) // SORTING_PART
    counts_file.check_output(str(output))
    headers: list[Header] = []
    with SortedRuns(part) as runs:
        names = expanded(given_names(inputs), outputs=[str(output)])
        for name in names:
            with counts_file.reading(name) as (header, rows, _):
                check_same_rules(headers, header, names)
                headers.append(header)
                runs.extend((word, 0, n) for word, n in reported(rows, progress))
        merged = Header(
            headers[0].rules,
            "count",
            skipped=sum(header.skipped for header in headers),
            corpus=tuple(file for header in headers for file in header.corpus),
        )
        return counts_file.write(str(output), merged, by_count(runs, memory=part))


def load_counts(path: StrPath) -> CountsFile:
    """Read a counts file, to train from it.

        wordpiece.train(wordpiece.load_counts("counts.tsv"), vocab_size=30_000)

    A folder stands for the shards in it, in the order of their names. Raises `InputError`, and
    `FormatError` with the line that is wrong.
    """
    if Path(path).is_dir():
        return counts_file.read_shards(str(path), files_of(str(path)))
    return counts_file.read(str(path))


def count_partition(
    records: Iterable[str],
    *,
    model: ModelName = "wordpiece",
    lowercase: bool = False,
    strip_accents: bool | None = None,
    cjk_spacing: bool = True,
) -> Iterator[tuple[str, int]]:
    """The words of some texts and how often each occurs: what a machine of a cluster does.

    >>> list(count_partition(["to be or", "not to be"]))
    [('to', 2), ('be', 2), ('or', 1), ('not', 1)]

    The sums over all partitions are the counts of the whole text, by the rules that the options
    name. Raises `OptionError`, and `InputError` for a record that is no text.
    """
    yield from counted(records, text_rules(model, lowercase, strip_accents, cjk_spacing))


def counted(records: Iterable[str], rules: TextRules) -> Iterator[tuple[str, int]]:
    """The words of some texts by some rules, and how often each occurs."""
    counter = WordCounter(rules)
    remaining = iter(records)
    while some := list(islice(remaining, RECORDS_AT_ONCE)):
        counter.add_texts(list(map(checked, some)))
    yield from counter.take().items()


def check_same_rules(headers: Sequence[Header], header: Header, names: Sequence[str]) -> None:
    """Raise `OptionError`, with both values, for counts that do not belong together."""
    different = headers[0].rules.differing(header.rules) if headers else []
    if different:
        here, first = (counts_file.shown(h.rules, different) for h in (header, headers[0]))
        raise OptionError(
            f"{names[len(headers)]}: was counted with {here}, and {names[0]} with {first}: only "
            "counts of the same rules can be added up"
        )


def reported(
    rows: Iterable[tuple[str, int]], progress: ProgressListener | None
) -> Iterator[tuple[str, int]]:
    """The rows, saying now and then how many there were."""
    for number, row in enumerate(rows, start=1):
        yield row
        if progress and number % REPORT_EVERY == 0:
            progress(Progress("reading", number, None, "words"))


def checked_memory(memory: int | None) -> int:
    """How many bytes may be held: as said, or half of what the machine has free."""
    if memory is None:
        return max(free_memory() // 2, LEAST_MEMORY)
    if type(memory) is not int or memory < LEAST_MEMORY:
        raise OptionError(f"--memory {memory}: must be at least 1M, one megabyte")
    return memory


def free_memory() -> int:
    """How many bytes the machine could still give, without taking any from the disk."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return SOME_MEMORY
