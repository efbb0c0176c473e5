"""Time the fast trainer beside the plain one, which counts everything anew at every step.

    python benchmarks/reference.py corpus.txt --merges 2000

Both learn from the same word counts, and must make the same merges.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import islice
from pathlib import Path

from sides import write_json

from wordpiece.text.counting import count_files
from wordpiece.text.counts import WordCounter
from wordpiece.text.rules import TextRules
from wordpiece.training import engine, reference
from wordpiece.training.trainers import TrainingOptions, prepare


def main() -> None:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--merges", type=int, default=2000)
    parser.add_argument("--score", default="likelihood")
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    counter = WordCounter(TextRules())
    count_files([str(options.corpus)], counter)
    counts = counter.counts()
    seconds, found = {}, {}
    for name, trainer in (("engine", engine.merges), ("reference", reference.merges)):
        task, _ = prepare(counts, TrainingOptions(vocab_size=10**9, score=options.score))
        started = time.perf_counter()
        found[name] = list(islice(trainer(task), options.merges))
        seconds[name] = time.perf_counter() - started
        print(f"{name}: {seconds[name]:.2f} s for {len(found[name]):,} merges", flush=True)
    if found["engine"] != found["reference"]:
        sys.exit("the merges differ")
    print(f"the same merges, {seconds['reference'] / seconds['engine']:.0f} times faster")
    write_json(options.json, seconds)


if __name__ == "__main__":
    main()
