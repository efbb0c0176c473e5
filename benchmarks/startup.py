"""Time how long a command takes to start, beside an interpreter that does nothing.

python benchmarks/startup.py --runs 20
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from sides import Side, in_turns, print_table, python

import wordpiece


def main() -> None:
    """Alternate the commands and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    wp = [str(Path(sys.executable).with_name("wp"))]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(__file__).parents[1] / "corpora" / "course.txt"
        wordpiece.train(corpus, vocab_size=70).save(f"{folder}/tokenizer")
        os.chdir(folder)
        sides = {
            "python -c pass": Side(python("pass")),
            "wp --help": Side([*wp, "--help"]),
            'wp encode "a b"': Side([*wp, "encode", "a b"]),
        }
        print_table("start", in_turns(sides, options.runs))


if __name__ == "__main__":
    main()
