"""What the inspector shows in a terminal. Tokens are always `Text`, made visible first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from wordpiece.analysis.wording import (
    composition_facts,
    conclusions,
    health_facts,
    how_chosen,
    life_facts,
    only_facts,
    score,
    score_text,
    share,
    shown,
    span_of,
    tokens_text,
    use_facts,
)
from wordpiece.cli.keys import pressed_keys
from wordpiece.cli.render import (
    Output,
    changed_words,
    facts,
    fitting,
    plain_table,
    print_line,
    show,
    show_fitting,
)
from wordpiece.text.visible import visible

if TYPE_CHECKING:
    from wordpiece.analysis.biography import Biography, Node
    from wordpiece.analysis.diff import Diff, Parting, Segmentation
    from wordpiece.analysis.explain import ExplainedWord, Explanation, Round
    from wordpiece.analysis.inspection import Inspection
    from wordpiece.analysis.replay import Pinned, Replay, Size
    from wordpiece.types import Merge, MergeDetail, Rival

#: So many merges of a word are listed; `--json` has them all.
ROUNDS = 12
#: So many of the shorter tokens and of the rivals are listed.
LISTED = 4
#: The columns of what a merge was made by.
COUNTS = ("f(ab)", "f(a)", "f(b)", "score")


# ---------------------------------------------------------------- explain


def explanation(found: Explanation) -> None:
    """A text, what normalizing made of it, and word after word."""
    if found.normalized != found.text and len(found.words) > 1:
        show(facts([("normalized", visible(found.normalized))]))
        print_line("")
    if not found.words:
        print_line("no word: the text is empty or all white space")
    seen: set[str] = set()
    for number, word in enumerate(found.words):
        if number:
            print_line("")
        if word.normalized in seen and not word.added:
            print_line(f"{visible(word.text)}  {word.start}-{word.end}, as above")
        else:
            explained_word(word)
        seen.add(word.normalized)


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


# ---------------------------------------------------------------- inspect


def inspection(found: Inspection) -> None:
    """The vocabulary: what it is made of, its health, its use."""
    show(facts(composition_facts(found)))
    print_line("")
    show(facts(health_facts(found)))
    if found.use is not None:
        print_line("")
        show(facts(use_facts(found, found.use)))
    for reason in found.missing:
        print_line("")
        print_line(f"not shown: {reason}")


# ---------------------------------------------------------------- one token


def biography(found: Biography) -> None:
    """The life of a token."""
    show(facts(life_facts(found)))
    if found.tree is not None and found.merge is not None:
        print_line("")
        print_line("built by")
        for line in tree_lines(found.tree):
            print_line(line)
    if found.detail is not None and found.merge is not None:
        print_line("")
        show_fitting(rivals_table(found.merge, found.detail))
        print_line(how_chosen(found.detail))
        for example in found.detail.examples:
            before, after = tokens_text(example.before), tokens_text(example.after)
            print_line(f"  {shown(example.word)} {example.count:,}: {before} -> {after}")
    for reason in found.missing:
        print_line("")
        print_line(f"not shown: {reason}")


def tree_lines(node: Node, depth: int = 0) -> list[str]:
    """A token and under it, further in, what it was made of."""
    pad = "  " * (depth + 1)
    if node.merge is None or node.left is None or node.right is None:
        return [f"{pad}{shown(node.token, most=60)}"]
    head = f"{pad}{shown(node.token, most=60)}  step {node.merge.step:,}, {score(node.merge)}"
    return [head, *tree_lines(node.left, depth + 1), *tree_lines(node.right, depth + 1)]


def rivals_table(merge: Merge, detail: MergeDetail) -> Table:
    """The pair that was merged, and below it those that were not."""
    table = plain_table([f"at step {merge.step:,}"], COUNTS, least=12)
    pairs: list[Merge | Rival] = [merge, *detail.rivals]
    for pair in pairs:
        table.add_row(
            Text(f"{shown(pair.left, most=60)} {shown(pair.right, most=60)}"),
            *(f"{count:,}" for count in (pair.f_ab, pair.f_a, pair.f_b)),
            score_text(pair.score),
        )
    return table


# ---------------------------------------------------------------- replay

#: So many merges are listed around a step when no word is watched.
WINDOW = 10
KEYS = "arrows: left, right a step; up, down to the next change; home, end; q to leave"


def replayed_words(replay: Replay) -> None:
    """Each watched word, and every step that changed it."""
    merges = replay.trace.merges
    for number, each in enumerate(replay.pinned):
        if number:
            print_line("")
        print_line(visible(each.word))
        show(stages_table(each, [merges[stage.step - 1] for stage in each.stages[1:]]))


def stages_table(pinned: Pinned, merges: Sequence[Merge]) -> Table:
    """One row a step that changed a word."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("step", justify="right", no_wrap=True)
    table.add_column("made", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("the word then", overflow="fold")
    table.add_row("0", "", "", Text(tokens_text(pinned.stages[0].tokens)))
    for stage, merge in zip(pinned.stages[1:], merges, strict=True):
        table.add_row(
            f"{stage.step:,}",
            Text(visible(merge.new)),
            score_text(merge.score, 4),
            Text(tokens_text(stage.tokens)),
        )
    return table


def merges_around(replay: Replay, step: int) -> None:
    """The merges around a step, one row each."""
    first = max(1, step - WINDOW)
    table = plain_table(["step", "merge"], COUNTS, least=12)
    table.columns[0].justify = "right"
    for merge in replay.trace.merges[first - 1 : step + WINDOW]:
        pair = f"{visible(merge.left)} {visible(merge.right)} -> {visible(merge.new)}"
        table.add_row(
            f"{merge.step:,}",
            Text(pair, style="bold" if merge.step == step else ""),
            *(f"{count:,}" for count in (merge.f_ab, merge.f_a, merge.f_b)),
            score_text(merge.score, 4),
        )
    show_fitting(table, labels=2)


def first_merges(replay: Replay) -> None:
    """The first merges, and how many more there are."""
    merges_around(replay, 1)
    more = replay.last - (1 + WINDOW)
    if more > 0:
        print_line(f"... and {more:,} more: --step N shows the merges around one, --json has all")


def frame(replay: Replay, step: int) -> None:
    """One step."""
    for part in frame_parts(replay, step, Output()):
        show(part)


def frame_parts(replay: Replay, step: int, console: Output) -> list[Table]:
    """One step, as tables."""
    found = replay.frame(step)
    head = [
        ("step", f"{step:,} of {replay.last:,}"),
        ("vocabulary", f"{found.vocab_size:,} tokens"),
    ]
    merge = found.merge
    if merge is not None:
        made = f"{visible(merge.left)} + {visible(merge.right)} -> {visible(merge.new)}"
        head += [("merge", made), ("score", score(merge))]
    if merge is not None and found.detail is None:
        some = "not recorded at this step; at the first 500 and some others"
        none = "not recorded: wp train --trace full does"
        head.append(("rivals", some if replay.trace.details else none))
    if found.detail is not None:
        head.append(("chosen", how_chosen(found.detail).removeprefix("chosen: ")))
    for word, tokens in found.splits.items():
        mark = "  (changed)" if word in found.changed else ""
        head.append((visible(word), tokens_text(tokens) + mark))
    parts = [facts(head)]
    if merge is not None and found.detail is not None:
        parts += fitting(rivals_table(merge, found.detail), console)
    return parts


def sizes(found: Sequence[Size]) -> None:
    """One row a size, then the watched words at each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("tokens", justify="right", no_wrap=True)
    table.add_column("step", justify="right", no_wrap=True)
    measured = any(each.fertility is not None for each in found)
    if measured:
        table.add_column("fertility", justify="right", no_wrap=True)
        table.add_column("unknown words", justify="right", no_wrap=True)
    for each in found:
        cells = [f"{each.vocab_size:,}", f"{each.step:,}"]
        if each.fertility is not None and each.unknown_words is not None:
            cells += [f"{each.fertility:.3f}", share(each.unknown_words)]
        table.add_row(*cells)
    show(table)
    for word in found[0].splits if found else ():
        print_line("")
        splits = Table(box=None, pad_edge=False, header_style="bold")
        splits.add_column("tokens", justify="right", no_wrap=True)
        splits.add_column(Text(visible(word)), overflow="fold")
        for each in found:
            splits.add_row(f"{each.vocab_size:,}", Text(tokens_text(each.splits[word])))
        show(splits)


def watch(replay: Replay, step: int) -> None:
    """Show a step, and others as keys are pressed."""
    from rich.console import Group, RenderableType
    from rich.live import Live

    console = Output()
    with pressed_keys() as key, Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            shown: list[RenderableType] = [*frame_parts(replay, step, console)]
            live.update(Group(*shown, Text(KEYS, style="dim")), refresh=True)
            after = step_after(replay, step, key())
            if after is None:
                return
            step = after


def step_after(replay: Replay, step: int, key: str) -> int | None:
    """Where a key leads; None to leave."""
    changes = replay.changes()
    moves = {
        "\x1b[C": min(step + 1, replay.last),
        "\x1b[D": max(step - 1, 0),
        "\x1b[B": next((each for each in changes if each > step), step),
        "\x1b[A": next((each for each in reversed(changes) if each < step), 0),
        "\x1b[H": 0,
        "\x1b[F": replay.last,
    }
    names = {"l": "\x1b[C", "h": "\x1b[D", "j": "\x1b[B", "k": "\x1b[A", " ": "\x1b[C"}
    key = names.get(key.replace("\x1bO", "\x1b["), key.replace("\x1bO", "\x1b["))
    return None if key in ("q", "Q", "\x1b", "\x04", "") else moves.get(key, step)


# ---------------------------------------------------------------- diff


def difference(found: Diff) -> None:
    """Options, the first merge that differs, vocabularies, splits."""
    if found.same:
        beside = " in what could be looked at" if found.missing else ""
        print_line(f"no difference found{beside}")
    rows = [
        ("first", f"{visible(found.first)}, {found.sizes[0]:,} tokens"),
        ("second", f"{visible(found.second)}, {found.sizes[1]:,} tokens"),
    ]
    for name, (one, other) in found.options.items():
        rows.append((name, visible(f"{one} and {other}")))
    if found.same_corpus is not None:
        rows.append(("corpus", "the same" if found.same_corpus else "another"))
    if found.pipeline:
        rows.append(("other", ", ".join(found.pipeline)))
    show(facts(rows))
    if found.parting is not None:
        print_line("")
        show_parting(found.parting, found.equal_merges)
    elif not found.missing:
        print_line(f"merges: all {found.equal_merges:,} are the same")
    print_line("")
    moved = f"; {found.moved:,} of them under another id" if found.moved else ""
    rows = [("in both", f"{found.shared:,} tokens{moved}")]
    rows += only_facts("only first", found.only_first) + only_facts(
        "only second", found.only_second
    )
    show(facts(rows))
    if found.segmentation is not None:
        print_line("")
        show_segmentation(found.segmentation)
    for reason in found.missing:
        print_line("")
        print_line(f"not shown: {reason}")


def show_parting(parting: Parting, equal: int) -> None:
    """The first merge that differs, and what each training thought of the other's."""
    print_line(f"{equal:,} merges are the same; step {parting.step:,} differs")
    table = plain_table(["", "pair"], COUNTS, least=12)
    pairs: list[tuple[str, Merge | Rival | None, Merge | None]] = [
        ("first took", parting.first, parting.first),
        ("  and saw", parting.second_in_first, parting.second),
        ("second took", parting.second, parting.second),
        ("  and saw", parting.first_in_second, parting.first),
    ]
    for label, seen, named in pairs:
        if named is None:
            if label.endswith("took"):
                table.add_row(label, "nothing: it had ended", "", "", "", "")
            continue
        pair = Text(f"{visible(named.left)} {visible(named.right)}")
        if seen is None:
            table.add_row(label, pair, "?", "?", "?", "?")
            continue
        counts = (f"{count:,}" for count in (seen.f_ab, seen.f_a, seen.f_b))
        table.add_row(label, pair, *counts, score_text(seen.score))
    show_fitting(table, labels=2)
    for reason in parting.reasons:
        print_line(f"  {visible(reason)}")


def show_segmentation(found: Segmentation) -> None:
    """How many words change, and those that change most."""
    of_types = found.types / found.all_types if found.all_types else 0
    of_words = found.words / found.all_words if found.all_words else 0
    change = (found.second - found.first) / found.first if found.first else 0
    rows = [
        ("text", f"{visible(found.source)}: {found.all_words:,} words"),
        (
            "split otherwise",
            f"{found.types:,} distinct words ({of_types:.1%}), {found.words:,} running "
            f"({of_words:.1%})",
        ),
        ("tokens", f"{found.first:,} and {found.second:,} ({change:+.1%}), word by word"),
        ("unknown", f"{found.unknown_first:,} and {found.unknown_second:,} running words"),
    ]
    if found.left_out:
        rows.append(("left out", f"{found.left_out:,} rarer distinct words"))
    show(facts(rows))
    if not found.changed:
        return
    show(changed_words(found.changed[:10], ("changed most", "count", "first", "second")))
