"""What happens when something breaks: processes that are killed, full disks, pipes that close.

Each is tried for real, on the command as users run it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import wordpiece
from tests.command import WP, contents, remains
from wordpiece import Tokenizer
from wordpiece.formats import atomic
from wordpiece.formats.checkpoint import MERGES

NOTHING_LEFT = "wp: interrupted; nothing was left half-written\n"


@pytest.fixture
def corpus() -> Path:
    """Some megabytes, so that there is time to interfere."""
    rng = random.Random(2)
    words = ["".join(rng.choices("abcdefghij", k=rng.randrange(2, 9))) for _ in range(3000)]
    block = "".join(" ".join(rng.choices(words, k=12)) + "\n" for _ in range(2000))
    path = Path("corpus.txt")
    path.write_text(block * 80)
    return path


@pytest.fixture
def large(corpus: Path) -> Path:
    """So much that no run ends before it is disturbed."""
    path = Path("large.txt")
    path.write_bytes(corpus.read_bytes() * 8)
    return path


@pytest.fixture
def trained(corpus: Path) -> Path:
    """A tokenizer in its folder, which nothing may harm."""
    Path("small.txt").write_text("low lower lowest newest widest\n" * 9)
    run("train", "small.txt", "-v", "40", "-q")
    return Path("tokenizer")


def run(*arguments: str, code: int = 0) -> str:
    """Run the command to its end; return what it said on stderr."""
    found = subprocess.run([*WP, *arguments], capture_output=True, text=True, timeout=120)
    assert found.returncode == code, found.stderr
    return found.stderr


def one_line(said: str) -> str:
    """What was said, which must be one line of ours."""
    assert said.startswith("wp: "), said
    assert said.count("\n") == 1, said
    return said


def children(pid: int) -> list[int]:
    """The processes that a process has started (Linux)."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return list(map(int, found.read_text().split())) if found.exists() else []


def wait_for(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


# ---------------------------------------------------------------- killed


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (("train", "corpus.txt", "-v", "900", "-o", "tokenizer"), "tokenizer"),
        (("count", "corpus.txt", "-o", "counts.tsv"), "counts.tsv"),
        (("merge-counts", "a.tsv", "b.tsv", "-o", "counts.tsv"), "counts.tsv"),
    ],
)
def test_a_kill_at_any_moment_leaves_the_old_output_or_the_new(
    trained: Path, arguments: tuple[str, ...], output: str
) -> None:
    rng = random.Random(4)
    for name in ("a.tsv", "b.tsv", "counts.tsv"):
        wordpiece.count_words("small.txt", name)
    started = time.monotonic()
    run(*arguments[:-1], "reference", "-q")
    seconds = time.monotonic() - started
    for _ in range(12):
        process = subprocess.Popen([*WP, *arguments, "-q"])
        time.sleep(seconds * rng.random())
        process.kill()
        process.wait()
        if output == "tokenizer":
            Tokenizer.from_file("tokenizer").encode("low")
        else:
            assert wordpiece.load_counts("counts.tsv").counts
    run(*arguments, "-q")
    assert remains() == [], "the next run takes away what the killed ones left"
    new = contents(Path("tokenizer")) if output == "tokenizer" else Path(output).read_bytes()
    old = Path("reference")
    assert new == (contents(old) if old.is_dir() else old.read_bytes())


def test_what_a_living_process_writes_is_not_taken_away(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    start = f"{atomic.PREFIX}{atomic.place()}"
    stale, living = Path(f"{start}-{gone.pid}-x"), Path(f"{start}-{os.getppid()}-x")
    elsewhere = Path(f"{atomic.PREFIX}00000000-{gone.pid}-x")
    for path in (stale, living, elsewhere):
        path.mkdir()
    atomic.write_file(Path("file"), "x")
    assert not stale.exists()
    assert living.exists()
    assert elsewhere.exists(), "another machine's processes are not ours to judge"


each_with_workers = pytest.mark.parametrize(
    "arguments",
    [
        ("train", "large.txt", "-v", "900", "-o", "out"),
        ("count", "large.txt", "-o", "out"),
        ("encode", "--input", "large.txt", "--output", "out"),
    ],
)


def with_workers(arguments: tuple[str, ...]) -> subprocess.Popen[str]:
    """A command at work, with both of its two workers started."""
    command = [*WP, *arguments, "-q", "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(children(process.pid)) == 2)
    return process


@each_with_workers
def test_a_worker_that_is_killed_is_told(
    trained: Path, large: Path, arguments: tuple[str, ...]
) -> None:
    process = with_workers(arguments)
    time.sleep(0.15)
    os.kill(children(process.pid)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "a worker process ended early, perhaps for want of memory: try --workers 1" in said
    one_line(said)
    assert not Path("out").exists()


@each_with_workers
def test_an_interruption_is_one_line_and_ends_the_workers(
    trained: Path, large: Path, arguments: tuple[str, ...]
) -> None:
    process = with_workers(arguments)
    workers = children(process.pid)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert one_line(said).startswith("wp: interrupted; ")
    assert arguments[0] == "encode" or said == NOTHING_LEFT
    assert not Path("out").exists()
    assert remains() == []
    wait_for(lambda: not any(map(atomic.lives, workers)))


def interrupted(command: list[str], when: Callable[[], bool]) -> str:
    """What a command says of an interruption that comes as soon as something is so."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for(when)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    return one_line(said)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_encoding_says_that_the_same_command_goes_on(
    trained: Path, corpus: Path, workers: str
) -> None:
    """And so it does, as often as it is interrupted, to the same bytes."""
    command = [*WP, "encode", "--input", "corpus.txt", "-w", workers, "--json", "--output"]
    partial = Path("ids.bin.partial")
    before = 0
    for _ in range(2):
        said = interrupted(
            [*command, "ids.bin"],
            lambda: partial.exists() and partial.stat().st_size > before + 100_000,  # noqa: B023
        )
        assert said == (
            "wp: interrupted; what was done is kept, and the same command goes on from there\n"
        )
        before = partial.stat().st_size
    encoded = json.loads(subprocess.check_output([*command, "ids.bin"]))
    assert 0 < encoded["resumed"] < encoded["documents"]
    subprocess.run([*command, "whole.bin"], check=True)
    assert Path("ids.bin").read_bytes() == Path("whole.bin").read_bytes()


def test_an_interrupted_encoding_of_standard_input_leaves_nothing_to_go_on_with(
    trained: Path, large: Path
) -> None:
    """It says so, for it cannot be read again."""
    before = sorted(path.name for path in Path().iterdir())
    command = [*WP, "encode", "--input", "-", "--output", "ids.bin", "-w", "1"]
    with large.open("rb") as file:
        process = subprocess.Popen(command, stdin=file, stderr=subprocess.PIPE, text=True)
        wait_for(lambda: os.lseek(file.fileno(), 0, os.SEEK_CUR) > 20_000_000)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, NOTHING_LEFT)
    assert sorted(path.name for path in Path().iterdir()) == before


def test_an_interrupted_training_says_that_resuming_goes_on(corpus: Path) -> None:
    """Once there is a checkpoint, and however often it is interrupted."""
    program = (
        "import wordpiece.formats.checkpoint as c; c.SECONDS = 0\n"
        "import wordpiece.training.trainers as t; t.REPORT_EVERY = 10\n"
        "from wordpiece.cli.main import main; main()"
    )
    options = ["train", "corpus.txt", "-v", "3000", "-q", "--checkpoint", "c", "-o"]
    command = [sys.executable, "-c", program, *options, "out"]
    merges = Path("c", MERGES)
    before = 0
    for resume in ([], ["--resume"]):
        said = interrupted(
            [*command, *resume],
            lambda: merges.exists() and merges.stat().st_size > before,  # noqa: B023
        )
        assert said == (
            "wp: interrupted; the checkpoint in c is kept, and the same command with --resume goes "
            "on from there\n"
        )
        before = merges.stat().st_size
    run(*options, "out", "--resume")
    run(*options[:-3], "-o", "whole")
    assert contents(Path("out")) == contents(Path("whole"))
    assert not Path("c").exists()


@pytest.mark.parametrize("seconds", [0.25, 0.35, 0.5])
def test_an_interruption_from_a_terminal_is_one_line_whenever_it_comes(
    trained: Path, large: Path, seconds: float
) -> None:
    """A terminal interrupts the whole group of processes, workers that begin to start too."""
    command = [*WP, "count", "large.txt", "-o", "out", "-q", "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert one_line(said).startswith("wp: interrupted; ")


# ---------------------------------------------------------------- no room, no permission


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "corpus.txt", "-v", "6000", "-o", "disk/out"),
        ("count", "varied.txt", "-o", "disk/out"),
        ("encode", "--input", "corpus.txt", "--output", "disk/out"),
        ("encode", "--input", "corpus.txt", "--output", "disk/out.bin"),
        ("encode", "--input", "corpus.txt", "--output", "disk/out.parquet"),
    ],
)
def test_a_full_disk_is_told_and_old_files_stay(
    trained: Path, small_disk: Path, arguments: tuple[str, ...]
) -> None:
    Path("varied.txt").write_text(" ".join(f"word{number}" for number in range(40_000)))
    shutil.copytree("tokenizer", small_disk / "tokenizer")
    before = contents(small_disk / "tokenizer")
    said = one_line(run(*arguments, "-q", code=2))
    assert "cannot be written: No space left on device: make room, then run the same" in said
    assert contents(small_disk / "tokenizer") == before
    assert remains(small_disk) == []
    assert not (small_disk / "out").exists()


def test_a_disk_that_is_full_once_does_not_spoil_the_next_run(
    trained: Path, small_disk: Path
) -> None:
    arguments = ("encode", "--input", "corpus.txt", "-q", "--output")
    run(*arguments, "whole.bin")
    run(*arguments, "disk/out.bin", code=2)
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    run(*arguments, "disk/out.bin")
    assert Path("disk/out.bin").read_bytes() == Path("whole.bin").read_bytes()
    assert sorted(path.name for path in small_disk.iterdir()) == ["out.bin", "out.bin.json"]


def test_a_full_disk_for_what_memory_does_not_hold_is_told(small_disk: Path) -> None:
    Path("varied.txt").write_text(" ".join(f"word{number}" for number in range(40_000)))
    command = [*WP, "count", "varied.txt", "-o", "c.tsv", "-q", "--memory", "1M"]
    environment = {**os.environ, "TMPDIR": str(small_disk)}
    found = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert found.returncode == 2
    said = one_line(found.stderr)
    assert "cannot hold what memory does not: No space left on device: make room there" in said
    assert not Path("c.tsv").exists()


def test_a_limit_on_the_size_of_files_is_told(trained: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    before = contents(trained)
    command = [*WP, "train", "corpus.txt", "-v", "3000", "-q"]
    found = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit)
    assert found.returncode == 2
    assert "tokenizer: cannot be written: File too large" in one_line(found.stderr)
    assert contents(trained) == before
    assert remains() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "small.txt", "-v", "40", "-o", "/proc/here"),
        ("count", "small.txt", "-o", "/proc/here"),
        ("encode", "--input", "small.txt", "--output", "/proc/here"),
        ("encode", "--input", "small.txt", "--output", "/proc/here.bin"),
    ],
)
def test_a_place_that_is_not_ours_to_write_is_told(
    trained: Path, arguments: tuple[str, ...]
) -> None:
    assert "cannot be written" in one_line(run(*arguments, "-q", code=2))


# ---------------------------------------------------------------- pipes


@pytest.mark.parametrize(
    "arguments",
    [
        "encode --input corpus.txt --ids",
        "inspect",
        "inspect --json",
        "diff tokenizer tokenizer",
        "explain 'some words to look at'",
        "mask 'some words to look at'",
        "compare abc -t tokenizer --no-parity",
    ],
)
def test_a_reader_that_has_seen_enough_is_no_error(trained: Path, arguments: str) -> None:
    command = f"{sys.executable} -m wordpiece {arguments}"
    with subprocess.Popen(
        shlex.split(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as found:
        assert found.stdout is not None
        assert found.stderr is not None
        found.stdout.close()  # it has seen enough before there was anything
        assert found.stderr.read() == b""
    assert found.returncode == 0


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_what_cannot_be_said_is_lost_and_the_work_is_done(trained: Path, stderr: str) -> None:
    wp = f"{sys.executable} -m wordpiece"
    for arguments, code in (
        ("train corpus.txt -v 40 -o other", 0),
        ("train corpus.txt -v 40 -q -o other", 0),
        ("inspect", 0),
        ("encode --input corpus.txt --output ids.bin", 0),
        ("encode abc -t nowhere", 2),
    ):
        found = subprocess.run(["bash", "-c", f"{wp} {arguments} {stderr}"], capture_output=True)
        assert found.returncode == code, arguments
    assert Path("other/vocab.txt").is_file()


def test_output_that_cannot_be_written_is_told(trained: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("w") as full:
        command = [*WP, "encode", "--input", "corpus.txt"]
        found = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert found.returncode == 2
    assert "No space left on device" in one_line(found.stderr)


def test_input_that_ends_early_is_told(trained: Path) -> None:
    import gzip

    Path("cut.txt.gz").write_bytes(gzip.compress(Path("corpus.txt").read_bytes())[:-500])
    for arguments in (
        ("train", "cut.txt.gz", "-v", "900", "-o", "out"),
        ("count", "cut.txt.gz", "-o", "out"),
        ("encode", "--input", "cut.txt.gz", "--output", "out"),
    ):
        assert "cut.txt.gz: cannot be decompressed" in one_line(run(*arguments, "-q", code=2))
        assert not Path("out").exists()
        assert remains() == []


def test_what_the_callers_own_texts_raise_is_the_callers(trained: Path) -> None:
    def texts() -> Iterator[str]:
        yield "low lower"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wordpiece.train(texts(), vocab_size=30)
    with pytest.raises(ZeroDivisionError):
        Tokenizer.from_file("tokenizer").encode_ids(texts())
