"""The same input and options give the same bytes, whatever the hash seed, the workers, the run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


def trained(output: Path, corpus: Path, *options: str, seed: str) -> dict[str, bytes]:
    """What `wp train` writes under a hash seed."""
    command = [sys.executable, "-m", "wordpiece", "train", corpus, "-o", output, "-q", *options]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return {path.name: path.read_bytes() for path in output.iterdir()}


@pytest.mark.parametrize("score", ["likelihood", "gain", "frequency"])
def test_hash_seeds_and_workers_change_no_byte(tmp_path: Path, score: str) -> None:
    rng = random.Random(3)
    words = ["".join(rng.choices("abcdeé", k=rng.randint(1, 9))) for _ in range(2000)]
    corpus = tmp_path / "corpus.txt"
    corpus.write_text(" ".join(rng.choices(words, k=20_000)), encoding="utf-8")
    options = ("--vocab-size", "400", "--score", score, "--limit-alphabet", "5")
    first = trained(tmp_path / "a", corpus, *options, "--workers", "1", seed="0")
    second = trained(tmp_path / "b", corpus, *options, "--workers", "2", seed="12345")
    assert first == second
    assert len(first) == 5
