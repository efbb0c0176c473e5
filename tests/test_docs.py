"""The pages in docs: the tests that they name exist, and so do the options and files."""

from __future__ import annotations

import ast
import re

from tests.command import REPOSITORY

DOCS = REPOSITORY / "docs"


def test_every_fault_in_the_table_names_a_test_that_exists() -> None:
    text = (DOCS / "reliability.md").read_text(encoding="utf-8")
    text = text[: text.index("## Fuzzing")]
    rows = [line for line in text.splitlines() if re.match(r"\| (?!what |---)", line)]
    rows = [row for row in rows if not row.startswith("|---")]
    assert len(rows) >= 40
    for row in rows:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert len(cells) == 3, row
        found = re.fullmatch(r"`((?:bert/)?test_\w+\.py)::(test_\w+)`", cells[2])
        assert found, row
        tree = ast.parse((REPOSITORY / "tests" / found[1]).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert found[2] in names, row


def test_every_option_on_the_pages_is_one() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (REPOSITORY / "wordpiece/cli").glob("*.py")
    )
    declared = set(re.findall(r'(?<=["/])--[a-z][a-z-]+', sources))
    own = {"--master", "--py-files", "--conf", "--no-deps"}  # of spark-submit and pip
    for page in DOCS.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - own:
            assert option in declared, f"{page.name}: {option}"
