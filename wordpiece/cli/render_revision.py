"""What `wp extend` and `wp prune` show; beside render.py, it knows rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from wordpiece.cli.render import (
    changed_words,
    lines_measured,
    listed,
    metric_text,
    print_line,
    show,
    show_facts,
)

if TYPE_CHECKING:
    from wordpiece.analysis.diff import Segmentation
    from wordpiece.revision.measured import MeasuredExtension
    from wordpiece.revision.prune import Pruning

#: The metrics that say what an extension gains.
GAINS = (
    *("tokens", "fertility", "bytes_per_token", "unk_token_rate", "unk_word_rate"),
    *("unk_char_rate", "lossless_bytes_per_token"),
)
#: Words of old text that are shown, those that change most first.
SHOWN = 10
#: From this share of words on it is said that unknown ones flatter.
MANY_UNKNOWN = 0.01


def extension_summary(found: MeasuredExtension, output: str, seconds: float) -> None:
    """What was added, what it gains, what changes."""
    extension = found.extension
    before, after = extension.base.get_vocab_size(), extension.tokenizer.get_vocab_size()
    facts = {
        "vocabulary": f"{before:,} before, {after:,} now; every old id is what it was",
        "added": f"{len(extension.tokens):,} tokens: {extension.in_slots:,} in [unusedN] slots, "
        f"{extension.appended:,} behind",
    }
    if len(extension.tokens) < extension.options.add:
        facts["fewer"] = f"than --add {extension.options.add:,}: {extension.stopped}"
    idle = sum(not each.count for each in extension.tokens)
    if idle:
        facts["idle"] = f"{idle:,} of them are not used on the text itself"
    facts["first"] = listed([each.token for each in extension.tokens])
    show_facts(facts, output, seconds)
    print_line("")
    gains_table(found)
    if found.before.unk_word_rate > MANY_UNKNOWN:
        print_line(
            "An unknown word is one token, which flatters the fertility of before; "
            "lossless_bytes_per_token counts the bytes that it hides."
        )
    if found.lines > found.documents:
        print_line(lines_measured(found.documents, found.lines))
    if not found.held_out:
        print_line("The corpus has too few lines to hold any out: measured on the text itself.")
    if found.old is not None:
        print_line("")
        changes_table(found.old)


def gains_table(found: MeasuredExtension) -> None:
    """The metrics on held-out lines, before and after."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"lines: {found.documents:,}", no_wrap=True)
    for name in ("before", "after"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in GAINS:
        values = (getattr(each, name) for each in (found.before, found.after))
        table.add_row(name, *map(metric_text, values))
    show(table)


def changes_table(old: Segmentation) -> None:
    """The words of old text whose split changes."""
    print_line(
        f"{old.source}: {old.types:,} of {old.all_types:,} words are split otherwise, "
        f"{old.words:,} times; {old.first:,} tokens before, {old.second:,} now, "
        f"with {old.unknown_first:,} and {old.unknown_second:,} unknown words"
    )
    if old.changed:
        show(changed_words(old.changed[:SHOWN], ("word", "times", "before", "now")))


def pruning_summary(found: Pruning, output: str, seconds: float) -> None:
    """What was taken out, and what it does to the text."""
    before = len(found.kept) + len(found.removed)
    share = len(found.removed) / before
    same = found.tokens == found.tokens_before
    facts = {
        "vocabulary": f"{before:,} before, {len(found.kept):,} now ({100 * share:.1f} % less)",
        "taken out": listed(found.removed) or "nothing",
        "text": f"{found.tokens:,} tokens, as before"
        if same
        else f"{found.tokens_before:,} tokens before, {found.tokens:,} now",
    }
    show_facts(facts, output, seconds)
