"""Encode whole corpora into files: as a stream, with several processes, to be resumed if cut off.

What is done is written beside the output as it comes, and a journal says how far it is. When the
same command is run again after it was interrupted, it goes on from there, and the result is the
same, byte for byte.
"""

from __future__ import annotations

import json
import os
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from wordpiece import encode_worker
from wordpiece.collector import collector_paused
from wordpiece.encode_worker import CODE, Form
from wordpiece.errors import OptionError, OutputError
from wordpiece.formats import tokenizer_json
from wordpiece.formats.atomic import new_file, new_text_file, open_stream, trouble_in_words
from wordpiece.formats.partial import Partial
from wordpiece.packing import BYTES, IdType, narrowest, unpacked
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.processes import Workers, checked_workers
from wordpiece.quick_ids import batches
from wordpiece.text.corpora import given_names
from wordpiece.text.reading import DecodingErrors, Faults, Format, OnError, Reading
from wordpiece.text.sources import sources_of
from wordpiece.text.streams import STDIN, state_of
from wordpiece.types import Progress, ProgressListener

#: Endings of outputs whose form they say; the others are lines.
BINARY = (".bin", ".npy")
ENDINGS = (*BINARY, ".jsonl", ".parquet")
#: What is written for an output: itself, what says where its documents are, what is not done yet.
OUTPUT_ENDINGS = ("", ".json", ".partial", ".partial.lengths", ".partial.journal")
#: Less text than this is encoded before a worker has started.
WORTH_WORKERS = 1 << 22
#: How often what is done is made sure of.
SECONDS = 2.0
#: The room of the header of a .npy file, which comes when the number of ids is known.
NPY_HEADER = 128
#: How many documents a row group of a .parquet file has.
ROWS = 10_000
LINES: tuple[Form, ...] = ("ids", "tokens")


@dataclass(frozen=True)
class EncodedCorpus:
    """What was written: how many documents and ids, how wide an id is, what was passed over.

    `resumed` is how many of the documents were there from an earlier run that was cut off.
    """

    output: str
    documents: int
    ids: int
    dtype: str
    skipped: int
    first_skipped: str
    resumed: int
    tokenizer_hash: str


def encode_corpus(
    tokenizer: Tokenizer,
    corpus: StrPath | Sequence[StrPath],
    output: StrPath,
    *,
    lines: Form = "ids",
    add_special_tokens: bool = False,
    format: Format = "auto",
    field: str | None = None,
    column: str | None = None,
    errors: DecodingErrors = "strict",
    on_error: OnError = "stop",
    workers: int | None = None,
    progress: ProgressListener | None = None,
) -> EncodedCorpus:
    """Encode every document (line or record) of a corpus into a file, whose ending says its form.

    `.bin` is all ids one after the other, as little-endian uint16 where the vocabulary allows it,
    else uint32, with a JSON file beside it (`ids.bin.json`: dtype, count, the offsets of the
    documents in ids, the hash of the tokenizer); `.npy` is the same for `numpy.load`. `.jsonl` has
    `{"ids": [...]}` a document, `.parquet` a column `ids` of lists. Any other ending gives a line a
    document, of ids or of tokens, as `lines` says.

        encode_corpus(tokenizer, "corpus/*.jsonl", "ids.bin")
        ids = numpy.memmap("ids.bin", dtype="<u2")

    If it is cut off, the same call goes on where it was, and ends with the same bytes. Raises
    `InputError`, `OptionError` and `OutputError`.
    """
    reading = Reading(format, field, column, errors, on_error)
    names = given_names(corpus)
    job = Job(
        tokenizer,
        names,
        str(output),
        lines=lines,
        add_special_tokens=add_special_tokens,
        reading=reading,
        workers=workers,
    )
    return job.run(progress)


class Job:
    """One corpus to be encoded into one file, or, if it has no name, into a stream."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        names: Sequence[str],
        output: str = "",
        *,
        lines: Form = "ids",
        add_special_tokens: bool = False,
        reading: Reading,
        workers: int | None = None,
    ) -> None:
        if lines not in LINES:
            raise OptionError(f"lines {lines!r}: must be one of {', '.join(LINES)}")
        self.tokenizer, self.output, self.reading = tokenizer, output, reading
        outputs = [f"{output}{ending}" for ending in OUTPUT_ENDINGS] if output else []
        self.sources = sources_of(names, reading, outputs=outputs)
        self.ending = ending_of(output)
        if self.ending == ".parquet":
            parquet_library(output)
        self.document = tokenizer_json.dump(tokenizer.parts)
        self.dtype = narrowest(tokenizer.get_vocab())
        self.form: Form = lines
        if self.ending:
            self.form = "jsonl" if self.ending == ".jsonl" else self.dtype
        self.add_special_tokens = add_special_tokens
        self.faults = Faults(reading.on_error)
        self.workers = checked_workers(workers)
        sizes = [source.file.size for source in self.sources]
        self.total = None if None in sizes else sum(size or 0 for size in sizes)

    @property
    def hash(self) -> str:
        """The tokenizer in a few characters."""
        return sha256(self.document.encode()).hexdigest()

    def state(self) -> str:
        """What must be the same for what was done to be of use, as one line."""
        files = [(source.name, source.kind, state_of(source.name)) for source in self.sources]
        settings = [self.hash, self.add_special_tokens, self.form, *self.reading]
        return json.dumps({"output": self.ending, "files": files, "settings": settings})

    def can_resume(self) -> bool:
        """Whether the input can be read again, and be seen to be the same: only files are."""
        return all(each.name != STDIN and state_of(each.name) for each in self.sources)

    def stream(self) -> Iterator[bytes]:
        """The lines, batch by batch."""
        with collector_paused():
            for data, _ in self.answers(self.texts()):
                yield data
            self.check_unchanged()

    def check_unchanged(self) -> None:
        """Raise `InputError` if an input changed while it was read."""
        for source in self.sources:
            source.file.record()

    def run(self, progress: ProgressListener | None) -> EncodedCorpus:
        """Encode what is not done yet, and put everything in its place."""
        if is_special(self.output):
            raise OptionError(f"--output {self.output}: must be a file, not a device or a pipe")
        before = NPY_HEADER if self.ending == ".npy" else 0
        state = self.state() if self.can_resume() else None
        target = os.path.realpath(self.output)  # a link stays, and may lead to another disk
        with Partial(target, state, header_bytes=before) as partial, collector_paused():
            resumed = partial.done.documents
            texts = islice(self.texts(), resumed, None)
            checked = time.monotonic()
            for data, lengths in self.answers(texts):
                partial.add(data, array(CODE, lengths))
                self.report(progress)
                if time.monotonic() - checked > SECONDS:
                    partial.check_in()
                    checked = time.monotonic()
            self.check_unchanged()
            self.finish(partial)
            done = partial.done
        return EncodedCorpus(
            self.output,
            done.documents,
            done.ids,
            self.dtype,
            self.faults.number,
            self.faults.first,
            resumed,
            self.hash,
        )

    def texts(self) -> Iterator[str]:
        """The documents, without line ends."""
        for source in self.sources:
            for text in source.texts(self.faults):
                yield text.removesuffix("\n") if source.kind == "text" else text

    def answers(self, texts: Iterator[str]) -> Iterator[tuple[bytes, bytes]]:
        """The ids of documents, batch by batch, in order."""
        alone = self.workers == 1 or (self.total is not None and self.total < WORTH_WORKERS)
        with ExitStack() as stack:
            special = self.add_special_tokens
            if alone:
                encode = encode_worker.encoder(
                    self.tokenizer, self.form, add_special_tokens=special
                )
                yield from map(encode, batches(texts))
            else:
                settings = encode_worker.settings_for(
                    self.tokenizer.parts, self.form, add_special_tokens=special
                )
                pool = Workers(self.workers, encode_worker.MODULE, settings)
                yield from stack.enter_context(pool).in_order(batches(texts))

    def report(self, progress: ProgressListener | None) -> None:
        """Say how far the reading is."""
        if progress:
            done = sum(source.file.bytes_read for source in self.sources)
            progress(Progress("encoding", done, self.total, "bytes"))

    # ---------------------------------------------------------------- what is made of it

    def finish(self, partial: Partial) -> None:
        """Make the output of what was collected, and put it in its place."""
        if self.ending == ".parquet":
            write_parquet(partial, self.output, self.dtype)
            return
        if self.ending == ".npy":
            partial.write_header(npy_header(partial.done.ids, self.dtype))
        if self.ending in BINARY:
            with new_text_file(f"{self.output}.json") as file:
                file.writelines(self.sidecar(partial))
        partial.take_place()

    def sidecar(self, partial: Partial) -> Iterator[str]:
        """The JSON beside ids, piece by piece, for there may be very many documents."""
        head = {
            "dtype": self.dtype,
            "byte_order": "little",
            "count": partial.done.ids,
            "documents": partial.done.documents,
            "tokenizer_hash": self.hash,
        }
        yield json.dumps(head)[:-1] + ', "offsets": [0'
        yield from (f", {end}" for end in accumulate(partial.lengths()))
        yield "]}\n"


def ending_of(output: str) -> str:
    """The ending of an output that says its form, or nothing."""
    ending = Path(output).suffix.lower()
    return ending if ending in ENDINGS else ""


def is_special(output: str) -> bool:
    """Whether an output is something that has no neighbor on the disk."""
    return open_stream(output) is not None or (Path(output).exists() and not Path(output).is_file())


def npy_header(count: int, dtype: IdType) -> bytes:
    """The header of a .npy file, version 1.0, always equally long.

    >>> npy_header(5, "uint16")[10:65]
    b"{'descr': '<u2', 'fortran_order': False, 'shape': (5,)}"
    """
    text = f"{{'descr': '<u{BYTES[dtype]}', 'fortran_order': False, 'shape': ({count},)}}"
    room = NPY_HEADER - 10
    start = b"\x93NUMPY\x01\x00" + room.to_bytes(2, "little")
    return start + text.encode().ljust(room - 1) + b"\n"


def parquet_library(output: str) -> tuple[Any, Any]:
    """The library and its part for Parquet. Raises `OutputError` where it is missing."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise OutputError(
            f'{output}: Parquet needs a library: pip install "wordpiece-lab[parquet]"'
        ) from None


def write_parquet(partial: Partial, output: str, dtype: IdType) -> None:
    """Write a column `ids`, a list a document."""
    pyarrow, parquet = parquet_library(output)
    kind = pyarrow.list_(getattr(pyarrow, dtype)())
    schema = pyarrow.schema([("ids", kind)])
    lengths = partial.lengths()
    with (
        new_file(output) as file,
        partial.data() as data,
        trouble_in_words(output),
        parquet.ParquetWriter(file, schema) as writer,
    ):
        while some := list(islice(lengths, ROWS)):
            ids = unpacked(data.read(sum(some) * BYTES[dtype]), dtype)
            offsets = pyarrow.array([0, *accumulate(some)], pyarrow.int32())
            values = pyarrow.array(ids, getattr(pyarrow, dtype)())
            column = pyarrow.ListArray.from_arrays(offsets, values)
            writer.write_table(pyarrow.table([column], schema=schema))
    partial.remove()
