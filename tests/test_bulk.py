"""Whole corpora into files: the forms, the order, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from array import array
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple
from itertools import count, pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy
import pyarrow.parquet
import pytest

import wordpiece
from tests.command import Wp, killed_until_done, notes_of, remains
from wordpiece import InputError, OptionError, OutputError, Tokenizer, bulk, presets
from wordpiece.formats.partial import GOES_ON, Partial

VOCAB = ["[UNK]", "[CLS]", "[SEP]", *"abcde", *(f"##{char}" for char in "abcde"), "ab", "##cd"]


@pytest.fixture
def wp(wp: Wp) -> Wp:
    """The command, with a tokenizer in its place."""
    Tokenizer(presets.wordpiece(VOCAB)).save_pretrained("tokenizer")
    return wp


@pytest.fixture
def lines() -> list[str]:
    rng = random.Random(5)
    found = ["".join(rng.choices("abcde  x", k=rng.randrange(60))) for _ in range(3000)]
    Path("corpus.txt").write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
    return found


def expected(lines: list[str], **options: bool) -> list[list[int]]:
    return Tokenizer(presets.wordpiece(VOCAB)).encode_ids(lines, **options)


def leftovers() -> list[str]:
    return [path.name for path in Path().iterdir() if ".partial" in path.name] + remains()


def rows(name: str) -> list[str]:
    return Path(name).read_text(encoding="utf-8").split("\n")[:-1]


# ---------------------------------------------------------------- the forms


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("special", [False, True])
def test_every_form_holds_the_same_ids(
    wp: Wp, lines: list[str], workers: str, special: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "WORTH_WORKERS", 0)
    monkeypatch.setattr(bulk, "ROWS", 700)
    flags = ["--special-tokens"] * special
    ids = expected(lines, add_special_tokens=special)
    flat = [id for own in ids for id in own]
    for name in ("ids.bin", "ids.npy", "ids.jsonl", "ids.parquet", "ids.txt"):
        form = ["--ids"] * name.endswith("txt")
        wp("encode", "--input", "corpus.txt", "--output", name, "-w", workers, *form, *flags)
    sidecar = json.loads(Path("ids.bin.json").read_text())
    assert (sidecar["dtype"], sidecar["count"]) == ("uint16", len(flat))
    assert sidecar["documents"] == len(lines)
    memory = numpy.memmap("ids.bin", dtype=sidecar["dtype"])
    assert memory.tolist() == numpy.load("ids.npy").tolist() == flat
    offsets = sidecar["offsets"]
    assert [memory[a:b].tolist() for a, b in pairwise(offsets)] == ids
    assert [json.loads(line)["ids"] for line in rows("ids.jsonl")] == ids
    assert pyarrow.parquet.read_table("ids.parquet")["ids"].to_pylist() == ids
    assert [list(map(int, line.split())) for line in rows("ids.txt")] == ids
    assert leftovers() == []


def test_a_large_vocabulary_takes_wider_numbers(lines: list[str]) -> None:
    vocab = [*VOCAB, *(f"token{number}" for number in range(70_000))]
    tokenizer = Tokenizer(presets.wordpiece(vocab))
    encoded = wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin")
    assert encoded.dtype == json.loads(Path("ids.bin.json").read_text())["dtype"] == "uint32"
    ids = expected(lines)
    assert array("I", Path("ids.bin").read_bytes()).tolist() == [id for own in ids for id in own]


def test_records_and_lines_are_documents(wp: Wp) -> None:
    Path("a.jsonl").write_text('{"body": "ab\\ncd"}\n{"body": 5}\n{"body": ""}\n')
    Path("b.txt").write_text("a\n\nb")
    inputs = ("--input", "a.jsonl", "--input", "b.txt")
    out = wp("encode", *inputs, "--tokens", "--field", "body", "--on-error", "skip")
    assert out == "ab c ##d\n\na\n\nb\n"
    said = wp(
        "encode", *inputs, "--output", "x.bin", "--json", "--field", "body", "--on-error", "skip"
    )
    document = json.loads(said)
    assert (document["documents"], document["ids"], document["skipped"]) == (5, 5, 1)
    assert "1 record was passed over; the first: a.jsonl: line 2: the text is number" in wp.err


def test_an_empty_corpus_gives_empty_files(wp: Wp) -> None:
    Path("empty.txt").write_bytes(b"")
    for name in ("a.bin", "a.npy", "a.jsonl", "a.parquet", "a.txt"):
        wp("encode", "--input", "empty.txt", "--output", name)
    assert numpy.load("a.npy").tolist() == []
    assert json.loads(Path("a.bin.json").read_text())["offsets"] == [0]
    assert pyarrow.parquet.read_table("a.parquet").num_rows == 0
    assert Path("a.txt").read_bytes() == Path("a.bin").read_bytes() == b""
    assert leftovers() == []


def test_standard_input_is_encoded_too(wp: Wp, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    for name in ("a.bin", "a.jsonl"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"ab\nc\n")))
        wp("encode", "--input", "-", "--output", name)
    assert Path("a.jsonl").read_text() == '{"ids": [13]}\n{"ids": [5]}\n'
    assert array("H", Path("a.bin").read_bytes()).tolist() == [13, 5]
    assert leftovers() == []


# ---------------------------------------------------------------- interruptions


class Stop(Exception):
    """What an interruption raises here."""


@pytest.mark.parametrize("name", ["ids.bin", "ids.npy", "ids.jsonl", "ids.parquet", "ids.txt"])
@pytest.mark.parametrize("after", [1, 2])
def test_what_was_done_is_gone_on_with(
    lines: list[str], name: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    wordpiece.encode_corpus(tokenizer, "corpus.txt", f"whole_{name}", lines="tokens")
    heard = 0

    def stop(_: object) -> None:
        nonlocal heard
        heard += 1
        if heard > after:
            raise Stop

    with pytest.raises(Stop):
        wordpiece.encode_corpus(tokenizer, "corpus.txt", name, lines="tokens", progress=stop)
    assert not Path(name).exists()
    with Path(f"{name}.partial").open("ab") as file:
        file.write(b"what a kill in the middle of a write leaves")
    encoded = wordpiece.encode_corpus(tokenizer, "corpus.txt", name, lines="tokens")
    assert encoded.resumed == 1000 * (after + 1)
    assert encoded.documents == 3000
    assert Path(name).read_bytes() == Path(f"whole_{name}").read_bytes()
    assert leftovers() == []


def test_a_pipe_with_a_name_begins_anew() -> None:
    """What comes from it another time may be something else, which nobody can see beforehand."""
    os.mkfifo("pipe")
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))

    def stop(_: object) -> None:
        raise Stop

    with ThreadPoolExecutor() as pool:
        pool.submit(Path("pipe").write_bytes, b"a\n" * 3000)
        with pytest.raises(Stop):
            wordpiece.encode_corpus(tokenizer, "pipe", "ids.jsonl", progress=stop)
        assert leftovers() == []
        pool.submit(Path("pipe").write_bytes, b"b\n" * 3000)
        assert wordpiece.encode_corpus(tokenizer, "pipe", "ids.jsonl").resumed == 0
    assert rows("ids.jsonl") == [json.dumps({"ids": ids}) for ids in expected(["b"] * 3000)]


def test_an_interruption_at_any_line_leaves_what_belongs_together() -> None:
    """The documents, ids and bytes that the journal vouches for are those of one moment."""
    line = 1
    while interrupted_at(line, f"{line}.bin"):
        with Partial(f"{line}.bin", "state") as partial:
            assert astuple(partial.done) in [(2, 30, 3), (4, 60, 6)]
        line += 1
    assert line > 10


@pytest.mark.parametrize("short", ["ids.bin.partial", "ids.bin.partial.lengths"])
def test_a_moment_of_which_data_is_missing_is_not_gone_on_from(short: str) -> None:
    """As after a power cut, where the journal was on the disk before the data."""
    with suppress(KeyboardInterrupt), Partial("ids.bin", "state") as partial:
        for data in (b"abc", b"def"):
            partial.add(data, array("I", [10]))
            partial.check_in()
        raise KeyboardInterrupt
    file = Path(short)
    file.write_bytes(file.read_bytes()[:-1])
    with Partial("ids.bin", "state") as partial:
        assert astuple(partial.done)[0] == 1
        assert Path("ids.bin.partial").read_bytes() == b"abc"


def interrupted_at(line: int, output: str) -> bool:
    """Add twice and check in, with an interruption of the second; whether there is such a line."""
    met = count(1)

    def trace(frame: FrameType, event: str, _: object) -> Any:
        ours = frame.f_code in (Partial.add.__code__, Partial.check_in.__code__)
        if ours and event == "line" and next(met) == line:
            raise KeyboardInterrupt
        return trace if ours else None

    before = sys.gettrace()
    try:
        with Partial(output, "state") as partial:
            partial.add(b"abc", array("I", [10, 20]))
            sys.settrace(trace)
            partial.add(b"def", array("I", [10, 20]))
            partial.check_in()
            sys.settrace(before)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_another_tokenizer_or_corpus_begins_anew(lines: list[str]) -> None:
    def stop(_: object) -> None:
        raise Stop

    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    other = Tokenizer(presets.wordpiece(VOCAB, lowercase=True))

    def interrupt() -> None:
        with pytest.raises(Stop):
            wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin", progress=stop)
        assert leftovers()

    interrupt()
    assert wordpiece.encode_corpus(other, "corpus.txt", "ids.bin").resumed == 0
    interrupt()
    special = wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin", add_special_tokens=True)
    assert special.resumed == 0
    interrupt()
    replacing = wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin", errors="replace")
    assert replacing.resumed == 0
    interrupt()
    os.utime("corpus.txt", (1, 1))
    assert wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin").resumed == 0
    interrupt()
    with Path("ids.bin.partial.journal").open("a") as journal:
        journal.write('\0\0\n{"documents": "x"}\n[1]\n')  # of a disk that failed
    assert wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin").resumed == 1000
    interrupt()
    Path("ids.bin.partial.journal").write_text('{"output": ".bin"}\nrubbish')
    assert wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin").resumed == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_process_that_is_killed_at_any_moment_is_gone_on_with(
    wp: Wp, workers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(7)
    block = "".join("".join(rng.choices("abcde  ", k=80)) + "\n" for _ in range(20_000))
    Path("corpus.txt").write_text(block * 10)
    wp("encode", "--input", "corpus.txt", "--output", "whole.bin", "-q")
    program = (
        "import wordpiece.bulk as bulk; bulk.SECONDS = 0; bulk.WORTH_WORKERS = 0\n"
        "from wordpiece.cli.main import main\n"
        f"main(['encode', '--input', 'corpus.txt', '--output', 'ids.bin', '-w', '{workers}'])"
    )
    done = Path("ids.bin").exists
    if not killed_until_done(program, rng, longest=0.5, times=50, done=done):
        subprocess.run([sys.executable, "-c", program], check=True)
    for ending in ("bin", "bin.json"):
        assert Path(f"ids.{ending}").read_bytes() == Path(f"whole.{ending}").read_bytes()
    assert leftovers() == []


def test_bad_input_leaves_nothing_but_what_was_there(lines: list[str]) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    Path("ids.bin").write_bytes(b"old")
    with Path("corpus.txt").open("ab") as file:
        file.write(b"\xff\n")
    with pytest.raises(InputError, match="is not UTF-8"):
        wordpiece.encode_corpus(tokenizer, "corpus.txt", "ids.bin")
    assert Path("ids.bin").read_bytes() == b"old"
    assert leftovers() == []


def test_an_interruption_has_a_note_where_something_can_be_taken_up() -> None:
    """Not before anything is done, not of what cannot be read again, not when all is done."""

    def interrupt(state: str | None, *, added: bool, placed: bool = False) -> None:
        with Partial("ids.bin", state) as partial:
            if added:
                partial.add(b"ab", array("I", [1]))
                partial.check_in()
            if placed:
                partial.take_place()
            raise KeyboardInterrupt

    assert notes_of(lambda: interrupt("state", added=False)) == []
    assert notes_of(lambda: interrupt(None, added=True)) == []
    assert leftovers() == []
    assert notes_of(lambda: interrupt("state", added=True)) == [GOES_ON]
    assert notes_of(lambda: interrupt("state", added=False)) == [GOES_ON], "of an earlier run"
    assert notes_of(lambda: interrupt("state", added=True, placed=True)) == []


def test_two_processes_do_not_write_one_file() -> None:
    with (
        Partial("ids.bin", "one"),
        pytest.raises(OutputError, match="another process is writing it"),
        Partial("ids.bin", "one"),
    ):
        pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--input corpus.txt --output nowhere/ids.bin", "nowhere/ids.bin: cannot be written"),
        ("--input missing --output ids.bin", "missing: no such file"),
        ("--input corpus.txt --output ids.bin --workers 0", "--workers 0: must be a whole num"),
        ("--input corpus.txt --json", "--json only with --output"),
        ("a --field x", "--format, --field, --column, --errors, --on-error, --workers: are for"),
    ],
)
def test_mistakes_are_one_line(wp: Wp, lines: list[str], arguments: str, message: str) -> None:
    wp("encode", *arguments.split(), code=2)
    assert message in wp.err
    assert leftovers() == []


def test_a_form_of_lines_that_is_none_is_refused(lines: list[str]) -> None:
    tokenizer = Tokenizer(presets.wordpiece(VOCAB))
    with pytest.raises(OptionError, match="lines 'jsonl': must be one of ids, tokens"):
        wordpiece.encode_corpus(tokenizer, "corpus.txt", "x.txt", lines="jsonl")
