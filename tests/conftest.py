"""What the tests share: the command, where real data may be, and how much hypothesis does."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.command import REPOSITORY, Wp

settings.register_profile("dev", max_examples=100, deadline=None)
settings.register_profile(
    "ci", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell that starts the tests in the background has them, and all they start, ignore SIGINT.

    What a process handles itself is back to its default in those that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real texts and vocabularies that $WORDPIECE_TEST_DATA names."""
    folder = os.environ.get("WORDPIECE_TEST_DATA")
    if not folder:
        pytest.skip("WORDPIECE_TEST_DATA is not set")
    return Path(folder)


@pytest.fixture
def course() -> Path:
    """The four sentences of the course."""
    return REPOSITORY / "corpora" / "course.txt"


@pytest.fixture
def wp(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wp:
    """The command, with nothing on standard input."""
    monkeypatch.setattr(sys, "stdin", None)
    return Wp(capsys)


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests write to a folder of their own, and see no tokenizer of the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WP_TOKENIZER", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
