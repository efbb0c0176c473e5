"""Time how long a command takes to start, beside an interpreter that does nothing.

python benchmarks/startup.py --runs 20
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from sides import Side, in_turns, print_table, python, write_json

import wordpiece


def main() -> None:
    """Alternate the commands and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", metavar="FILE", help="write what was measured there too")
    options = parser.parse_args()
    wp = [str(Path(sys.executable).with_name("wp"))]
    with tempfile.TemporaryDirectory() as folder:
        output = options.json and Path(options.json).resolve()
        corpus = Path(__file__).resolve().parents[1] / "corpora" / "course.txt"
        wordpiece.train(corpus, vocab_size=70).save(f"{folder}/tokenizer")
        os.chdir(folder)
        sides = {
            "python -c pass": Side(python("pass")),
            "wp --help": Side([*wp, "--help"]),
            'wp encode "a b"': Side([*wp, "encode", "a b"]),
        }
        found = in_turns(sides, options.runs)
        print_table("start", found)
        write_json(output, found)


if __name__ == "__main__":
    main()
