"""Time `wp train` beside Hugging Face's WordPieceTrainer, in turns, a process each.

    python benchmarks/train.py corpus.txt --vocab-size 30000 --runs 3

Prints the median of each side and the ratio of the medians, and the peak memory of the whole
process tree. Whole processes are timed: start, reading, training and writing.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

PEER = """
import sys, tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
corpus, size, output = sys.argv[1:]
t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
t.normalizer = normalizers.BertNormalizer(lowercase=False)
t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
trainer = trainers.WordPieceTrainer(
    vocab_size=int(size), show_progress=False,
    special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
t.train([corpus], trainer)
t.save(output)
"""


class Run(NamedTuple):
    """One run of one side: wall seconds, and the greatest sum of resident memory in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    """Alternate the sides and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, help="a plain text file")
    parser.add_argument("--vocab-size", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scores", nargs="+", default=["likelihood", "gain", "frequency"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sides = {"tokenizers WordPieceTrainer": peer(options.corpus, options.vocab_size, folder)}
        for score in options.scores:
            sides[f"wp train --score {score}"] = ours(
                options.corpus, options.vocab_size, score, folder
            )
        runs: dict[str, list[Run]] = {name: [] for name in sides}
        for _ in range(options.runs):
            for name, command in sides.items():
                runs[name].append(measured(command))
    print_table(runs, options.corpus, options.vocab_size)


def peer(corpus: Path, size: int, folder: str) -> list[str]:
    """Hugging Face's trainer, on all processors."""
    return [sys.executable, "-c", PEER, str(corpus), str(size), f"{folder}/peer.json"]


def ours(corpus: Path, size: int, score: str, folder: str) -> list[str]:
    """Our command."""
    options = ["--vocab-size", str(size), "--score", score, "--quiet", "-o", f"{folder}/{score}"]
    return [sys.executable, "-m", "wordpiece", "train", str(corpus), *options]


def measured(command: list[str]) -> Run:
    """Run a command, looking at the memory of its process tree every 20 ms."""
    peak = 0.0
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, tree_megabytes(process.pid))
            time.sleep(0.02)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return Run(seconds, peak)


def tree_megabytes(root: int) -> float:
    """Resident memory of a process and all below it (Linux's /proc)."""
    pages = 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except (OSError, IndexError):
            continue
        waiting += map(int, children)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def print_table(runs: dict[str, list[Run]], corpus: Path, size: int) -> None:
    """Medians, and ratios against the first side."""
    versions = f"Python {platform.python_version()}, {os.cpu_count()} processors"
    print(f"{corpus.name}, {corpus.stat().st_size / 1e6:.1f} MB, {size:,} tokens; {versions}\n")
    print("| side | seconds (median) | min to max | times faster | peak memory, MB |")
    print("|---|---|---|---|---|")
    base = statistics.median(run.seconds for run in next(iter(runs.values())))
    for name, measured_runs in runs.items():
        seconds = [run.seconds for run in measured_runs]
        median = statistics.median(seconds)
        memory = statistics.median(run.megabytes for run in measured_runs)
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        print(f"| {name} | {median:.2f} | {spread} | {base / median:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
