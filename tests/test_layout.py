"""House rules that a program can check: who imports whom, what is loaded when, short functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wordpiece
from tests.command import REPOSITORY

PACKAGE = REPOSITORY / "wordpiece"

#: From the top to the bottom: a module imports only from rows below its own, or from its own part
#: of its row.
ROWS = [
    {"__main__"},
    {"cli"},
    {"bert"},
    {"report"},
    {"revision"},
    {"analysis"},
    {"spark"},
    {"word_counts", "bulk"},
    {"api"},
    {"pretrained"},
    {"loading", "encode_worker"},
    {"presets"},
    {"training", "formats"},
    {"tokenizer"},
    {"postprocess", "places", "fitting", "alignment"},
    {"quick_ids"},
    {"models", "encoding", "decoding"},
    {"text"},
    {"types", "processes", "collector", "packing"},
    {"errors"},
]
#: What may be imported only there.
ONLY_IN = {
    "click": ("cli/",),
    "rich": ("cli/render",),
    "tokenizers": ("analysis/parity.py", "analysis/encoders.py"),
    "transformers": ("analysis/encoders.py", "bert/"),
    "jinja2": ("report/page.py",),
    "torch": ("bert/",),
    "sklearn": ("bert/",),
    "scipy": ("bert/",),
    "numpy": ("bert/",),
    "markupsafe": (),  # nowhere: what is markup says so itself
    "pyspark": ("spark.py",),
    "pyarrow": ("text/table_rows.py", "bulk.py", "bert/embedding.py"),
    "fsspec": ("text/streams.py",),
    "zstandard": ("text/streams.py", "formats/compressed.py"),
}
#: Whoever wants the version may have the package itself; it imports nothing when it is imported.
ROOT = "wordpiece"

modules = sorted(PACKAGE.rglob("*.py"))


def row_of(part: str) -> int:
    return next(number for number, row in enumerate(ROWS) if part in row)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)
            if node.module == ROOT or (node.module or "").count(".") == 1:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lower_rows(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # names what it offers, and loads it when it is asked for
    for name in imports(path):
        parts = name.split(".")
        known = len(parts) > 1 and any(parts[1] in row for row in ROWS)
        if parts[0] != ROOT or not known or parts[1] == part_of(path):
            continue
        assert row_of(parts[1]) > row_of(part_of(path)), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", modules, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_libraries_are_imported_only_where_they_belong(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    for name in imports(path):
        home = ONLY_IN.get(name.split(".")[0])
        assert home is None or place.startswith(home), f"{place} imports {name}"


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a piece of code loads, in an interpreter of its own."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return {name.split(".")[0] for name in run.stdout.split("\n")[-2].split()}


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import wordpiece", {"transformers", "tokenizers", "rich", "click"}),
        (
            "from wordpiece.cli import explain, inspect, replay, diff, report",
            {"transformers", "tokenizers", "jinja2"},
        ),
        ("import wordpiece; wordpiece.train", {"transformers", "tokenizers", "rich", "click"}),
        (
            "from wordpiece.cli.main import run\ntry: run(['--help'])\nexcept BaseException: pass",
            {"transformers", "tokenizers", "rich"},
        ),
        (
            "from wordpiece.cli.main import run\ntry: run(['train', '--help'])\n"
            "except BaseException: pass",
            {"transformers", "tokenizers", "rich"},
        ),
    ],
)
def test_heavy_libraries_are_not_loaded_without_need(code: str, forbidden: set[str]) -> None:
    assert not loaded_by(code) & forbidden


def test_the_public_names_are_there() -> None:
    assert set(wordpiece.__all__) == {*wordpiece._HOMES, "__version__"}
    for name in wordpiece.__all__:
        assert getattr(wordpiece, name) is not None
    assert set(wordpiece.__all__) <= set(dir(wordpiece))
    with pytest.raises(AttributeError, match="nope"):
        _ = wordpiece.nope


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the signature to the end, without the docstring."""
    whole = (node.end_lineno or 0) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        whole -= (first.end_lineno or 0) - first.lineno + 1
    return whole


def test_functions_are_short() -> None:
    lengths = {f"{p.name}:{f.name}": code_lines(f) for p in modules for f in functions(p)}
    assert {name: length for name, length in lengths.items() if length > 50} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 12
