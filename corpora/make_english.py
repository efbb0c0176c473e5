"""Make a few MB of real English out of the docstrings of Python's standard library.

    python corpora/make_english.py [OUTPUT]        # default: corpora/english.txt

Nothing is imported and nothing is downloaded: the files of this Python are parsed. Doctest lines
are left out. The text differs between Python versions; for one version it is always the same.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def main(arguments: list[str]) -> None:
    """Write the text and say how much of it there is."""
    output = Path(arguments[0]) if arguments else Path(__file__).with_name("english.txt")
    text = "".join(
        f"{line}\n" for file in library_files() for doc in docstrings(file) for line in prose(doc)
    )
    output.write_text(text, encoding="utf-8")
    print(f"{output}: {len(text.encode()) / 1e6:.1f} MB, {text.count(chr(10)):,} lines")


def library_files() -> list[Path]:
    """The standard library's source files, in order; installed packages are none of it."""
    library = Path(sysconfig.get_paths()["stdlib"])
    return sorted(path for path in library.rglob("*.py") if "site-packages" not in path.parts)


def docstrings(file: Path) -> Iterator[str]:
    """Every docstring of a file; a file that is no Python (test data) has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            yield ast.get_docstring(node) or ""


def prose(docstring: str) -> Iterator[str]:
    """The lines of a docstring that are text and not a session at the prompt."""
    for line in docstring.splitlines():
        stripped = line.strip()
        encodable = stripped.encode("utf-8", "ignore").decode()
        if stripped and encodable == stripped and not stripped.startswith((">>>", "...")):
            yield stripped


if __name__ == "__main__":
    main(sys.argv[1:])
