"""The tables say what `tokenizers` does today; the script that measured them says so again."""

from __future__ import annotations

import subprocess
import sys

import pytest
import tokenizers

from tests.command import REPOSITORY
from wordpiece.text import unicode_tables


def test_the_committed_tables_are_what_the_script_measures() -> None:
    if f"tokenizers {tokenizers.__version__}" != unicode_tables.MEASURED_WITH:
        pytest.skip("another version of tokenizers may have other tables")
    script = REPOSITORY / "tools" / "make_unicode_tables.py"
    run = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "unicode_tables.py: as measured\n")
