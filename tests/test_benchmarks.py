"""The benchmarks run, on a text that says nothing of speed; what they measure is not looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COURSE = str(ROOT / "corpora" / "course.txt")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a tokenizer that was trained on the text."""
    folder = tmp_path_factory.mktemp("tokenizer") / "tokenizer"
    train = ["train", COURSE, "--vocab-size", "70", "--quiet", "-o", str(folder)]
    subprocess.run([sys.executable, "-m", "wordpiece", *train], check=True)
    return str(folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "arguments", "rows"),
    [
        ("train", [COURSE, "--vocab-size", "300", "--runs", "1"], 13),
        ("encode", [COURSE, "{tokenizer}", "--runs", "1"], 8),
        ("memory", [COURSE, "--vocab-size", "70", "--runs", "1"], 4),
        ("reference", [COURSE, "--merges", "20"], None),
        ("startup", ["--runs", "1"], 3),
    ],
)
def test_a_benchmark_prints_a_row_a_side_and_writes_json(
    script: str, arguments: list[str], rows: int | None, tokenizer: str, tmp_path: Path
) -> None:
    filled = [argument.format(tokenizer=tokenizer) for argument in arguments]
    ran = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / f"{script}.py", *filled, "--json", "found.json"],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "found.json").read_text())
    if rows is not None:
        table = [line for line in ran.stdout.splitlines() if line.startswith("| ")]
        heads = sum("---" in line for line in ran.stdout.splitlines())
        assert len(table) == rows + heads
