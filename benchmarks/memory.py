"""Peak memory of a training, on a text and on the same text twice over.

    python benchmarks/memory.py corpus.txt --vocab-size 30000 --runs 3

The resident memory of the whole process tree is looked at every 20 ms, beside that of Hugging
Face's trainer.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from sides import Run, in_turns, machine, write_json
from train import sides_of


def main() -> None:
    """Alternate the sides, on both texts, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path, help="a plain text file")
    parser.add_argument("--vocab-size", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        twice = Path(folder) / "twice.txt"
        with twice.open("wb") as target:
            for _ in range(2):
                with options.corpus.open("rb") as source:
                    shutil.copyfileobj(source, target)
        once = sides_of("wordpiece", options.corpus, options.vocab_size, folder)
        again = sides_of("wordpiece", twice, options.vocab_size, folder)
        names = [name for name in once if "--trace" not in name]
        sides = {name: once[name] for name in names}
        sides |= {f"{name}, twice": again[name] for name in names}
        found = in_turns(sides, options.runs)
    print(f"{options.corpus.name}, {options.vocab_size:,} tokens; {machine()}\n")
    print("| side | peak memory, MB | on the text twice | more |\n|---|---|---|---|")
    for name in names:
        before, after = peak(found[name]), peak(found[f"{name}, twice"])
        print(f"| {name} | {before:.0f} | {after:.0f} | {after / before - 1:.1%} |")
    write_json(options.json, found)


def peak(runs: list[Run]) -> float:
    """The median of the peaks, in MB."""
    return statistics.median(run.megabytes for run in runs)


if __name__ == "__main__":
    main()
