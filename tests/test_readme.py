"""The README shows what the commands print, and its Python runs."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.command import REPOSITORY, WP, environment

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d s\b", "0.0 s", text)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the corpora in it, as a reader's checkout has."""
    (tmp_path / "corpora").symlink_to(REPOSITORY / "corpora")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_console_blocks_show_what_the_commands_print(checkout: Path) -> None:
    sessions = re.findall(r"^\$ wp (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks("console")), re.M)
    assert len(sessions) == 9
    narrow = environment(COLUMNS="80")
    for command, shown in sessions:
        arguments = [*WP, *shlex.split(command)]
        run = subprocess.run(
            arguments, env=narrow, capture_output=True, check=True, encoding="utf-8"
        )
        assert without_times(run.stdout) == without_times(shown)


def test_python_blocks_run(checkout: Path) -> None:
    for block in blocks("python"):
        parsed = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
        runner = doctest.DocTestRunner()
        runner.run(parsed)
        assert runner.summarize(verbose=False).failed == 0


def test_the_quick_start_is_the_first_two_blocks() -> None:
    first, second = blocks("sh")[:2]
    train = 'wp train corpora/course.txt --vocab-size 70\nwp encode "This is the Hugging Face'
    assert train in first
    assert train in second
    assert "pytest" in second
    assert README.index("## Quick start") < README.index("```sh")


def test_every_file_in_the_picture_exists() -> None:
    picture = blocks("text")[0]
    for name in re.findall(r"^  (\S+)", picture, re.MULTILINE):
        assert (REPOSITORY / "wordpiece" / name).exists(), name
    for name in re.findall(r"^(\S+/)", picture, re.MULTILINE):
        assert (REPOSITORY / name).is_dir(), name
