"""A training that can be gone on with: its word counts, and the merges that were made so far.

A folder with three files: `checkpoint.json` (what the training is of), `checkpoint-counts.tsv.gz`
(a counts file) and `checkpoint-merges.jsonl` (a merge a line, appended). Each is whole before the
next says so. A lock keeps a second training away.
"""

from __future__ import annotations

import json
import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from wordpiece.errors import FormatError, OptionError, OutputError, WordpieceError
from wordpiece.formats import counts_file, trace
from wordpiece.formats.atomic import remove_remains, trouble_in_words, write_file
from wordpiece.formats.counts_file import Header
from wordpiece.formats.partial import lock
from wordpiece.formats.tokenizer_json import Json
from wordpiece.formats.trace import Trace
from wordpiece.text.counting import Files
from wordpiece.text.rules import ResolvedRules
from wordpiece.types import Merge, MergeDetail, WordCounts

KEY, COUNTS, MERGES = "checkpoint.json", "checkpoint-counts.tsv.gz", "checkpoint-merges.jsonl"
LOCK = "checkpoint.lock"
#: The key first: without it the rest is nothing.
NAMES = (KEY, COUNTS, MERGES, LOCK)
#: How often the merges are written.
SECONDS = 60.0


class Found(NamedTuple):
    """What a checkpoint holds: the word counts, the files that they are of, and the merges made."""

    counts: WordCounts
    files: Files
    trace: Trace


class Checkpoint:
    """A checkpoint that may be there, or come to be when a minute has passed.

    `key` is a JSON object that says what the training is of, part by part.
    """

    def __init__(self, folder: Path, key: Json) -> None:
        self.folder = folder
        self._key = json.loads(json.dumps(key))
        self._last = time.monotonic()
        self._written = 0  # merges in the file
        self._begun = False
        #: Lets other trainings have the folder.
        self.unlock: Callable[[], object] = bool  # nothing as yet
        #: Why nothing is kept any more; a training does not end for want of a checkpoint.
        self.problem = ""

    def is_there(self) -> bool:
        """Whether there is something to go on with."""
        return (self.folder / KEY).exists()

    def is_ours(self) -> bool:
        """Whether it is there, and this training wrote it or goes on with it."""
        return self._begun and self.is_there()

    def load(self) -> Found:
        """What was done. Raises `OptionError` if it is of another training."""
        self._take_lock()  # before the merges are read, to which a training that lives adds
        try:
            document = json.loads((self.folder / KEY).read_text(encoding="utf-8"))
            other = differences(document["key"], self._key)
            if other:
                raise OptionError(
                    f"--resume: the checkpoint in {self.folder} is of a training with other "
                    f"{', '.join(other)}: give the same command, or remove the folder"
                )
            found = counts_file.read(str(self.folder / COUNTS))
            done = read_trace(self.folder / MERGES)
            header, first_skipped = found.header, str(document["first_skipped"])
        except OptionError:
            raise
        except (OSError, ValueError, KeyError, TypeError, RecursionError, WordpieceError) as error:
            raise FormatError(
                f"{self.folder}: the checkpoint is damaged ({error}): remove the folder and train "
                "anew"
            ) from None
        self._begun, self._written = True, len(done.merges)
        return Found(found.counts, Files(header.corpus, header.skipped, first_skipped), done)

    def keep(
        self,
        counts: WordCounts,
        files: Files,
        rules: ResolvedRules,
        merges: Sequence[Merge] = (),
        details: Mapping[int, MergeDetail] | None = None,
    ) -> None:
        """Write what is done, if it is time."""
        if self.problem or time.monotonic() - self._last < SECONDS:
            return
        try:
            if not self._begun:
                self._begin(counts, files, rules)
            self._append(merges[self._written :], details)
        except OutputError as error:
            self.problem = str(error)
        self._written = len(merges)
        self._last = time.monotonic()

    def _append(self, merges: Sequence[Merge], details: Mapping[int, MergeDetail] | None) -> None:
        with trouble_in_words(self.folder), (self.folder / MERGES).open("ab") as file:
            file.write(trace.dump(merges, details).encode())
            file.flush()
            os.fsync(file.fileno())

    def _begin(self, counts: WordCounts, files: Files, rules: ResolvedRules) -> None:
        """Write what does not change."""
        with trouble_in_words(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        with trouble_in_words(self.folder):
            (self.folder / MERGES).unlink(missing_ok=True)  # of one that was cut off at its start
        header = Header(rules, skipped=files.skipped, corpus=files.files)
        counts_file.write(str(self.folder / COUNTS), header, counts.items())
        document = {"key": self._key, "first_skipped": files.first_skipped}
        write_file(self.folder / KEY, json.dumps(document, indent=2) + "\n")
        self._begun, self._written = True, 0

    def _take_lock(self) -> None:
        """Keep other trainings away from the folder until this process ends, or is done."""
        with trouble_in_words(self.folder):
            file = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT)
        self.unlock = weakref.finalize(self, os.close, file)
        lock(file, self.folder)

    def remove(self) -> None:
        """Take away what this training wrote or went on with; what else is there stays."""
        if not self._begun or not self.folder.is_dir():
            return
        with trouble_in_words(self.folder):
            remove_remains(self.folder)
            for name in NAMES:
                (self.folder / name).unlink(missing_ok=True)
            if not any(self.folder.iterdir()):
                self.folder.rmdir()
        self.unlock()


@contextmanager
def let_go(checkpoint: Checkpoint | None) -> Iterator[None]:
    """Give the folder free when a training fails: who holds its error does not hold the folder."""
    try:
        with noted(checkpoint):
            yield
    except BaseException:
        if checkpoint:
            checkpoint.unlock()
        raise


@contextmanager
def noted(checkpoint: Checkpoint | None) -> Iterator[None]:
    """Note on an interruption how the training can be gone on with, if it can."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        if checkpoint and checkpoint.is_ours():
            interruption.add_note(
                f"the checkpoint in {checkpoint.folder} is kept, and the same command with "
                "--resume goes on from there"
            )
        raise


def open_checkpoint(folder: Path, key: Json, *, resume: bool) -> Checkpoint:
    """A checkpoint for a training. Raises `OptionError` if one is there and is not gone on with."""
    found = Checkpoint(folder, key)
    if found.is_there() and not resume:
        raise OptionError(
            f"{folder}: is the checkpoint of a training that was cut off: go on from it with "
            "--resume, or remove the folder"
        )
    return found


def differences(found: Any, expected: Json) -> list[str]:
    """The names of what differs between two keys."""
    if not isinstance(found, dict):
        raise TypeError("no key")
    names = sorted(found.keys() | expected.keys())
    return [name.replace("_", " ") for name in names if found.get(name) != expected.get(name)]


def read_trace(path: Path) -> Trace:
    """The merges of a file; a last line without its end was being written when it was cut off."""
    if not path.exists():
        return Trace()
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        os.truncate(path, len(whole))
    return trace.parse(whole, source=str(path))
