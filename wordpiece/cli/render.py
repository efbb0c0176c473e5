"""Everything that is shown in a terminal; with render_*.py the only place that imports rich.

Tokens are always `Text`: rich's markup would eat `[unused1]`, and its highlighter would color
numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from wordpiece.text.visible import visible

if TYPE_CHECKING:  # what is only shown need not be there at the start
    from rich.progress import Progress, TaskID

    from wordpiece.analysis.bootstrap import Difference
    from wordpiece.analysis.compare import ComparedText, Comparison
    from wordpiece.analysis.diff import ChangedWord
    from wordpiece.analysis.morphology import GoldCoverage, Morphology
    from wordpiece.analysis.parity import ParityCheck, WordPieceTrainerRuns
    from wordpiece.api import TrainingResult
    from wordpiece.bulk import EncodedCorpus
    from wordpiece.formats.counts_file import Header
    from wordpiece.types import Progress as Step
    from wordpiece.types import ProgressListener


#: A terminal width that no table reaches.
UNBOUNDED = 10_000
#: Down to this width text in a table may be folded.
LEAST_WIDTH = 8


class Output(Console):
    """Where things are printed: rich's console without emoji codes and without colors for numbers.

    When nobody reads it any more, rich would end the process with 1. That is `main`'s to decide;
    what was to be said on stderr is lost.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(emoji=False, highlight=False, stderr=stderr)

    def on_broken_pipe(self) -> None:
        """Raise the error again, or be silent from now on."""
        if not self.stderr:
            raise BrokenPipeError
        self.quiet = True


def show(table: Table) -> None:
    """A table on stdout, without padding at line ends where no terminal reads it."""
    console = Output()
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as capture:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def plain_table(labels: Sequence[str], numbers: Sequence[str], *, least: int = 0) -> Table:
    """A table without lines: columns of text that may fold, then columns of numbers.

    `least` is the width down to which the last of the texts may be folded.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in labels:
        table.add_column(name, overflow="fold", min_width=least if name == labels[-1] else None)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def show_fitting(table: Table, *, labels: int = 1) -> None:
    """A table, or where the terminal is too narrow for it, its columns one after the other."""
    for part in fitting(table, Output(), labels=labels):
        show(part)


def fitting(table: Table, console: Console, *, labels: int = 1) -> list[Table]:
    """A table as it is if it fits, else one for each of its columns, beside the first `labels`."""
    gaps = 2 * (len(table.columns) - 1)
    if sum(least_width(column, console) for column in table.columns) + gaps <= console.width:
        return [table]
    parts = []
    for column in table.columns[labels:]:
        part = Table(box=None, pad_edge=False, header_style="bold")
        for label in table.columns[:labels]:
            part.add_column(label.header, overflow="fold")
        part.add_column(column.header, justify=column.justify, overflow="fold")
        shown = [*table.columns[:labels], column]
        for cells in zip(*(each.cells for each in shown), strict=True):
            part.add_row(*cells)
        parts.append(part)
    return parts


def least_width(column: Column, console: Console) -> int:
    """How narrow a column may be made: if it folds, to `LEAST_WIDTH`, or to its `min_width`."""
    unbounded = console.options.update_width(UNBOUNDED)
    cells = (column.header, *column.cells)
    widest = max(Measurement.get(console, unbounded, cell).maximum for cell in cells)
    folded = widest if column.no_wrap else min(widest, LEAST_WIDTH)
    return max(folded, column.min_width or 0)


def print_warnings(warnings: Sequence[str]) -> None:
    """Warnings on a terminal that is stderr, wrapped between words."""
    console = Output(stderr=True)
    for warning in warnings:
        console.print(Text("warning: ", style="bold yellow") + Text(visible(warning)))


# ---------------------------------------------------------------- progress


def amount(number: float, unit: str, *, of: int | None = None) -> str:
    """A number with its unit.

    >>> amount(31_200_000, "bytes"), amount(4100, "tokens", of=30_000)
    ('31.2 MB', '4,100 of 30,000 tokens')
    """
    numbers = [number] if of is None else [number, of]
    if unit == "bytes":
        return " of ".join(f"{number / 1e6:.1f}" for number in numbers) + " MB"
    return " of ".join(f"{number:,.0f}" for number in numbers) + f" {unit}"


@contextmanager
def progress() -> Iterator[ProgressListener]:
    """A listener that draws a bar a phase on stderr."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}", table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", style="dim", table_column=Column(no_wrap=True)),
        TimeRemainingColumn(),
    )
    console = Output(stderr=True)
    with Progress(*columns, console=console, transient=True) as bars:
        yield Listener(bars)


class Listener:
    """Keeps one bar for each phase."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._phases: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        """Move the bar of a phase."""
        state = amount(step.done, step.unit, of=step.total)
        if step.phase not in self._phases:
            self._phases[step.phase] = self._bars.add_task(
                step.phase, total=step.total, state=state, rate=""
            )
        phase = self._phases[step.phase]
        task = next(task for task in self._bars.tasks if task.id == phase)
        rate = speed(task.finished_speed or task.speed, step.unit)
        self._bars.update(phase, completed=step.done, total=step.total, state=state, rate=rate)


def speed(rate: float | None, unit: str) -> str:
    """How many units a second; of what, the amount beside it says.

    >>> speed(31_200_000, "bytes"), speed(4100.4, "tokens"), speed(None, "tokens")
    ('31.2 MB/s', '4,100/s', '')
    """
    if not rate:
        return ""
    return f"{amount(rate, unit)}/s" if unit == "bytes" else f"{rate:,.0f}/s"


# ---------------------------------------------------------------- training


def training_summary(result: TrainingResult, output: str, seconds: float) -> None:
    """What was learned, in a few lines."""
    options = result.options
    vocabulary = f"{result.tokenizer.get_vocab_size():,} tokens, {len(result.merges):,} merges"
    facts = {
        "vocabulary": f"{vocabulary} ({options.model}, {options.score})",
        "corpus": f"{result.words:,} words, {result.word_types:,} distinct",
    }
    if result.merges:
        facts["first"] = " ".join(visible(merge.new) for merge in result.merges[:10])
        facts["last"] = " ".join(visible(merge.new) for merge in result.merges[-10:])
    show_facts(facts, output, seconds)


def counts_summary(header: Header, output: str, seconds: float) -> None:
    """What was counted, in a few lines."""
    facts = {
        "words": f"{header.words or 0:,}, {header.word_types or 0:,} distinct",
        "order": f"by {header.order}",
    }
    if header.skipped:
        facts["passed over"] = f"{header.skipped:,} records"
    show_facts(facts, output, seconds)


def encoded_summary(encoded: EncodedCorpus, seconds: float) -> None:
    """What was encoded, in a few lines."""
    facts = {"documents": f"{encoded.documents:,}"}
    if encoded.resumed:
        facts["resumed"] = f"{encoded.resumed:,} were there from before"
    facts["ids"] = f"{encoded.ids:,}"
    show_facts(facts, encoded.output, seconds)


def show_facts(found: Mapping[str, str], output: str, seconds: float) -> None:
    """Facts by name, how long it took, and where the result is."""
    show(facts([*found.items(), ("time", f"{seconds:.1f} s"), ("written to", visible(output))]))


def facts(rows: Sequence[tuple[str, str]]) -> Table:
    """Names and values, a row each; text as it stands, not markup."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(value))
    return table


def changed_words(changed: Sequence[ChangedWord], names: tuple[str, str, str, str]) -> Table:
    """Words, how often they occur, and their tokens by one tokenizer and by another."""
    from wordpiece.analysis.wording import tokens_text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(names):
        right = at == 1
        table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for each in changed:
        splits = map(tokens_text, (each.first, each.second))
        table.add_row(*map(Text, (visible(each.word), f"{each.count:,}", *splits)))
    return table


# ---------------------------------------------------------------- comparison

#: How many tokens are listed where two vocabularies differ; `--json` has them all.
LISTED = 30
#: The widest that names stand beside splits.
MOST_NAME = 24


def comparison(found: Comparison, *, quiet: bool) -> None:
    """Splits, metrics, differences, overlaps and parity, one after the other.

    With `quiet` nothing but the checks that failed.
    """
    if not quiet:
        measurements(found)
    for check in found.parity:
        if check.first_difference:
            show_discrepancy(check)
    if quiet:
        return
    for reason in found.unchecked:
        print_line(f"not checked: {reason}")
    if found.trainer_runs:
        show_trainer_runs(found.trainer_runs)


def measurements(found: Comparison) -> None:
    """What was measured, table after table."""
    for text in found.texts:
        show(splits_table(text))
        print_line("")
    if found.rows:
        show_fitting(metrics_table(found))
        print_line("")
        for note in notes(found):
            print_line(note)
            print_line("")
    if found.differences:
        show_fitting(differences_table(found))
        print_line("")
    if found.overlaps:
        show_fitting(overlaps_table(found))
        print_line("")
    if found.morphology:
        print_line(coverage_text(found.morphology.gold))
        print_line("")
        show_fitting(morphology_table(found.morphology))
        print_line("")
    if found.parity:
        show_fitting(parity_table(found.parity))


def notes(found: Comparison) -> Iterator[str]:
    """What has to be known to read the numbers."""
    if found.lines is not None and found.lines > found.documents:
        yield lines_measured(found.documents, found.lines)
    if len({row.vocab_size for row in found.rows}) > 1 and found.held_out is not None:
        yield "Vocabularies differ in size: byte-bpe needs 257, and a small text ends early."
    if found.held_out is False:
        yield "The corpus has too few lines to hold any out: measured on the training text."
    if not found.probabilities_from_training_text:
        yield "bits_per_byte: with the probabilities of this text itself, which flatters."
    if found.differences and found.documents == 1:
        yield "One document: there is nothing to draw again, so no intervals."
    if any(each.by_surface for each in found.overlaps):
        yield "Tokens of bpe do not say where a word begins: compared with others by surface alone."


def lines_measured(documents: int, lines: int) -> str:
    """How many lines were measured, of how many."""
    return f"Measured on {documents:,} of {lines:,} lines, evenly spaced."


def show_trainer_runs(runs: WordPieceTrainerRuns) -> None:
    """In words, since it is no reference: where Hugging Face's WordPieceTrainer differs."""
    print_line("")
    print_line(
        "Hugging Face's WordPieceTrainer maximizes pair counts, not likelihood. Different "
        f"vocabularies in {runs.runs} runs of it: {runs.distinct}. Beside the first of them:"
    )
    for each in runs.differences:
        print_line(
            f"{each.name} ({each.score}): {len(each.ours_only):,} of its tokens are not there"
        )
        print_line(f"  only here   {listed(each.ours_only) or 'none'}")
        print_line(f"  only there  {listed(each.theirs_only) or 'none'}")


def listed(tokens: Sequence[str]) -> str:
    """Not too many tokens, and how many more there are.

    >>> listed(["a"] * 32)[-13:]
    ' ... (2 more)'
    """
    more = f" ... ({len(tokens) - LISTED:,} more)" if len(tokens) > LISTED else ""
    return " ".join(map(visible, tokens[:LISTED])) + more


def print_line(text: str) -> None:
    """A line of plain text on stdout."""
    console = Output()
    console.print(Text(visible(text)), soft_wrap=not console.is_terminal)


def splits_table(text: ComparedText) -> Table:
    """One row a tokenizer; tokens stand apart, an unknown one over its source text."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold", max_width=MOST_NAME)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", min_width=16)
    table.add_row(*(Text(cell, style="bold") for cell in ("text", "", visible(text.text))))
    for name, split in text.splits.items():
        shown = [
            f"{visible(token)}={visible(source)}" if unknown else visible(token)
            for token, source, unknown in zip(
                split.tokens, split.sources, split.unknown, strict=True
            )
        ]
        table.add_row(Text(name), Text(str(len(shown))), Text(" ".join(shown)))
    return table


def metrics_table(found: Comparison) -> Table:
    """One row a metric, one column a tokenizer."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"lines: {found.documents:,}"), no_wrap=True)
    for row in found.rows:
        table.add_column(Text(row.name), justify="right", no_wrap=True)
    table.add_row("vocabulary", *(f"{row.vocab_size:,}" for row in found.rows))
    for field in fields(found.rows[0].metrics):
        values = (getattr(row.metrics, field.name) for row in found.rows)
        table.add_row(field.name, *(map(metric_text, values)))
    return table


def metric_text(value: float) -> str:
    """A count with commas, a ratio with four digits after the point."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def coverage_text(gold: GoldCoverage) -> str:
    """How much of a list of segmented words is used, and why the rest is not."""
    return (
        f"{gold.file}: {gold.words:,} of {gold.lines:,} lines are used "
        f"(coverage {gold.coverage:.4f}); in {gold.unspelled:,} the morphs do not spell the word, "
        f"{gold.repeated:,} repeat a word"
    )


def morphology_table(found: Morphology) -> Table:
    """One row a figure, one column a tokenizer; without a row where both conventions are one."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cuts against gold", no_wrap=True)
    for each in found.tokenizers:
        table.add_column(Text(each.name), justify="right", no_wrap=True)
    labels = {"vocab_size": "vocabulary", "words": "words scored", "unknown": "unknown, left out"}
    for field, label in {**labels, "whole": "left whole"}.items():
        table.add_row(label, *(f"{getattr(each, field):,}" for each in found.tokenizers))
    table.add_row("precision", *(share_text(e.whole_included.precision) for e in found.tokenizers))
    for figure in ("recall", "f1", "exact"):
        label = "F1" if figure == "f1" else figure
        included = (getattr(each.whole_included, figure) for each in found.tokenizers)
        table.add_row(f"{label}, whole included", *map(share_text, included))
        excluded = (getattr(each.whole_excluded, figure) for each in found.tokenizers)
        table.add_row(f"{label}, whole excluded", *map(share_text, excluded))
    return table


def share_text(value: float | None) -> str:
    """A share with four digits after the point; in words where there is none."""
    return "none" if value is None else metric_text(value)


def differences_table(found: Comparison) -> Table:
    """The differences from the first tokenizer, with their intervals; `--json` has all pairs."""
    baseline = found.rows[0].name
    shown = [each for each in found.differences if each.baseline == baseline]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"minus {baseline}, 95 %"), no_wrap=True)
    for row in found.rows[1:]:
        table.add_column(Text(row.name), justify="right", no_wrap=True)
    for metric in dict.fromkeys(each.metric for each in shown):
        cells = (difference_text(each) for each in shown if each.metric == metric)
        table.add_row(metric, *map(Text, cells))
    return table


def difference_text(found: Difference) -> str:
    """A difference and its interval, in whole numbers for a count."""
    digits = 0 if found.metric == "tokens" else 4
    text = f"{found.difference:+,.{digits}f}"
    if found.low is None or found.high is None:
        return text
    return f"{text} [{found.low:+,.{digits}f}, {found.high:+,.{digits}f}]"


def overlaps_table(found: Comparison) -> Table:
    """What each two tokenizers have in common."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("in common", no_wrap=True)
    for name in ("tokens", "Jaccard", "of the smaller", "cuts, F1", "same splits"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.overlaps:
        table.add_row(
            Text(f"{each.first}, {each.second}"),
            f"{each.shared:,}",
            f"{each.jaccard:.3f}",
            f"{each.smaller:.3f}",
            "none" if each.boundary_f1 is None else f"{each.boundary_f1:.3f}",
            "none" if each.same_splits is None else f"{each.same_splits:.3f}",
        )
    return table


def parity_table(checks: Sequence[ParityCheck]) -> Table:
    """One row a check."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(Text(f"parity with {checks[0].reference}"), no_wrap=True)
    table.add_column("compared", justify="right", no_wrap=True)
    table.add_column("result", no_wrap=True)
    for check in checks:
        result = Text("same") if check.passed else Text("DIFFERENT", style="bold red")
        table.add_row(Text(check.check), f"{check.compared:,}", result)
    return table


def show_discrepancy(check: ParityCheck) -> None:
    """The first difference of a check that failed."""
    found = check.first_difference
    assert found is not None
    print_line(f"{check.check}: differs in {found.stage} for {found.text!a}")
    print_line(f"  ours   {found.ours}")
    print_line(f"  theirs {found.theirs}")
