"""The same input and options give the same bytes, whatever the hash seed, the workers, the run."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from tests.command import WP, contents, environment


def trained(output: Path, corpus: Path, *options: str, seed: str) -> dict[str, bytes]:
    """What `wp train` writes under a hash seed."""
    command = [*WP, "train", corpus, "-o", output, "-q", *options]
    seeded = environment(PYTHONHASHSEED=seed)
    subprocess.run(command, check=True, env=seeded, capture_output=True)
    return contents(output)


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
