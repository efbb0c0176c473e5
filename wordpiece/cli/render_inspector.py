"""What the inspector shows in a terminal. Tokens are always `Text`, made visible first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from wordpiece.cli.render import print_line, show
from wordpiece.text.visible import visible

if TYPE_CHECKING:
    from wordpiece.analysis.explain import ExplainedWord, Explanation, Round

#: So many merges of a word are listed; `--json` has them all.
ROUNDS = 12
#: So many of the shorter tokens and of the rivals are listed.
LISTED = 4


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """Names and values, a row each."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    return table


def tokens_text(tokens: Sequence[str], *, most: int = 40) -> str:
    """Tokens in a line; of very many the first, and how many more.

    >>> tokens_text(["a", "##b"]), tokens_text(["a"] * 50, most=2)
    ('a ##b', 'a a ... (48 more)')
    """
    more = f" ... ({len(tokens) - most:,} more)" if len(tokens) > most else ""
    return " ".join(map(visible, tokens[:most])) + more


# ---------------------------------------------------------------- explain


def explanation(found: Explanation) -> None:
    """A text, what normalizing made of it, and word after word."""
    if found.normalized != found.text and len(found.words) > 1:
        show(facts([("normalized", visible(found.normalized))]))
        print_line("")
    if not found.words:
        print_line("no word: the text is empty or all white space")
    for number, word in enumerate(found.words):
        if number:
            print_line("")
        explained_word(word)


def explanations(found: Sequence[Explanation]) -> None:
    """Several models side by side: first the splits, then each one's reasons."""
    rows = []
    for each in found:
        tokens = [piece.token for word in each.words for piece in word.pieces]
        rows.append((each.name, f"{len(tokens)}  {tokens_text(tokens)}"))
    show(facts(rows))
    for each in found:
        print_line("")
        print_line(f"---- {each.name}")
        explanation(each)


def explained_word(word: ExplainedWord) -> None:
    """One word: its tokens with the candidates, then what is to be said of the whole."""
    changed = f", normalized {visible(word.normalized)}" if word.normalized != word.text else ""
    print_line(f"{visible(word.text)}  {word.start}-{word.end}{changed}")
    if word.added:
        print_line(f"  is token {word.pieces[0].id}, recognized before the text is split")
        return
    show(pieces_table(word))
    if word.rounds:
        show(rounds_table(word.rounds))
        if len(word.rounds) > ROUNDS:
            print_line(f"  ... and {len(word.rounds) - ROUNDS} more merges")
    show(facts(conclusions(word)))


def pieces_table(word: ExplainedWord) -> Table:
    """One row a token; for WordPiece with what else was tried."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("at", justify="right", no_wrap=True)
    table.add_column("token", overflow="fold")
    table.add_column("id", justify="right", no_wrap=True)
    greedy = any(piece.rejected or piece.shorter for piece in word.pieces)
    if greedy:
        table.add_column("longer, absent", overflow="fold")
        table.add_column("shorter, there", overflow="fold")
    for piece in word.pieces:
        cells = [str(piece.start), visible(piece.token), str(piece.id)]
        if greedy:
            cells += [span_of(piece.rejected), tokens_text(piece.shorter, most=LISTED) or "none"]
        table.add_row(*map(Text, cells))
    return table


def span_of(rejected: Sequence[str]) -> str:
    """From the first to the last of the candidates, and how many there are.

    >>> span_of(["unaff", "unaf"]), span_of(["unaf"]), span_of([])
    ('unaff ... unaf (2)', 'unaf', 'none')
    """
    if len(rejected) < 2:
        return visible(rejected[0]) if rejected else "none"
    return f"{visible(rejected[0])} ... {visible(rejected[-1])} ({len(rejected)})"


def rounds_table(rounds: Sequence[Round]) -> Table:
    """One row a merge."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("rank", justify="right", no_wrap=True)
    table.add_column("merge", overflow="fold")
    table.add_column("later ones that were possible", overflow="fold")
    for each in rounds[:ROUNDS]:
        rivals = [f"{visible(left)}+{visible(right)} {rank}" for left, right, rank in each.rivals]
        more = " ..." if len(rivals) > LISTED else ""
        merge = f"{visible(each.left)} + {visible(each.right)}"
        table.add_row(
            str(each.rank), Text(merge), Text(", ".join(rivals[:LISTED]) + more or "none")
        )
    return table


def conclusions(word: ExplainedWord) -> list[tuple[str, str]]:
    """What is to be said of the whole word."""
    if word.unknown is not None:
        return unknown_facts(word)
    rows = []
    if word.fewest is not None:
        same = len(word.fewest) == len(word.pieces)
        how = "no fewer are possible" if same else f"possible: {tokens_text(word.fewest)}"
        rows.append(("fewest", f"{len(word.fewest)}, {how}"))
    if word.merge_order is not None:
        rows.append(("merge order", tokens_text(word.merge_order)))
    parts = word.divergence
    if parts is not None:
        after = f"after token {parts.equal}" if parts.equal else "at the start"
        rows.append(
            (
                "they part",
                f"{after}: the longest match is {visible(parts.greedy)}, "
                f"the merges had made {visible(parts.trained)}",
            )
        )
    return rows


def unknown_facts(word: ExplainedWord) -> list[tuple[str, str]]:
    """Why a word is lost, and what would mend it."""
    unknown = word.unknown
    assert unknown is not None
    if unknown.reason == "length":
        return [("unknown", visible(unknown.cure))]
    where = f"nothing fits at character {unknown.position}"
    if unknown.matched:
        where += f", after {tokens_text(unknown.matched)}"
    return [
        ("unknown", where),
        ("missing", tokens_text(unknown.missing)),
        ("cure", visible(unknown.cure)),
    ]
