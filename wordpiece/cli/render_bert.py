"""What models and probes show in a terminal; beside render.py, it knows rich."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from wordpiece.alignment import IGNORED
from wordpiece.cli.render import print_line, show, show_facts, show_fitting
from wordpiece.text.visible import visible

if TYPE_CHECKING:
    from wordpiece.bert.classification import Classifier
    from wordpiece.bert.pretraining import Pretrained
    from wordpiece.bert.probing import BertProbe, Probe
    from wordpiece.bert.trainer import Loss

BLOCKS = "▁▂▃▄▅▆▇█"
#: A curve is drawn with so many blocks.
CURVE = 40


def masked_table(tokens: Sequence[str], masked: Sequence[str], labels: Sequence[int]) -> None:
    """Each token beside what the model is shown; what it is to say is marked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("token", "shown", "to say"):
        table.add_column(name, overflow="fold")
    for token, seen, label in zip(tokens, masked, labels, strict=True):
        wanted = label != IGNORED
        style = "bold" if wanted else ""
        table.add_row(
            Text(visible(token)),
            Text(visible(seen), style=style),
            Text(visible(token) if wanted else "", style=style),
        )
    show(table)
    print_line("")
    print_line(f"text   {' '.join(tokens)}")
    print_line(f"shown  {' '.join(masked)}")


def sparkline(losses: Sequence[Loss]) -> str:
    """The losses as blocks, the highest being the tallest.

    >>> from types import SimpleNamespace as Each
    >>> sparkline([Each(loss=9.0), Each(loss=5.0), Each(loss=2.0)])
    '█▄▁'
    """
    values = [each.loss for each in losses]
    if len(values) > CURVE:
        values = [values[at * len(values) // CURVE] for at in range(CURVE - 1)] + values[-1:]
    low, high = min(values), max(values)
    step = (high - low) / (len(BLOCKS) - 1) or 1
    return "".join(BLOCKS[int((value - low) / step)] for value in values)


def pretraining_summary(found: Pretrained, output: str, seconds: float) -> None:
    """What a pre-training did, in a few lines."""
    config = found.model.config
    number = sum(each.numel() for each in found.model.parameters())
    size = f"{config.num_hidden_layers} layers of {config.hidden_size}, {number:,} parameters"
    first, last = found.losses[0].loss, found.losses[-1].loss
    facts = {
        "model": f"{size}, {config.vocab_size:,} tokens",
        "read": f"{found.texts:,} texts in {found.steps:,} steps",
        "loss": f"{sparkline(found.losses)}  {first:.3f} to {last:.3f}",
    }
    show_facts(facts, output, seconds)


def quality_summary(
    found: Classifier, training: int, empty: int, output: str, seconds: float
) -> None:
    """What a classifier learned, in a few lines."""
    quality = found.quality
    assert quality is not None
    of = f" of {visible(found.names[1])}" if len(found.names) == 2 else ", mean of the classes"
    facts = {
        "classes": ", ".join(map(visible, found.names)),
        "trained on": f"{training:,} texts ({found.recipe})",
        "held out": f"{quality.texts:,} texts",
        **({"left out": f"{empty:,} without a text"} if empty else {}),
        "accuracy": f"{quality.accuracy:.4f} (the majority class {quality.majority:.4f})",
        "precision": f"{quality.precision:.4f}{of}",
        "recall": f"{quality.recall:.4f}{of}",
        "F1": f"{quality.f1:.4f}{of}",
    }
    show_facts(facts, output, seconds)


def predictions_table(texts: Sequence[str], found: Sequence[tuple[str, float]]) -> None:
    """A class a text."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class", overflow="fold")
    table.add_column("probability", justify="right", no_wrap=True)
    table.add_column("text", overflow="fold")
    for text, (name, probability) in zip(texts, found, strict=True):
        table.add_row(Text(visible(name)), f"{probability:.4f}", Text(visible(text)))
    show(table)


# ---------------------------------------------------------------- probe


def probe_tables(found: Probe, seconds: float) -> None:
    """Bags of tokens, small BERTs, and the answer."""
    from wordpiece.bert.verdict import percent

    print_line(
        f"{found.training.file}: {len(found.training):,} texts, majority class "
        f"{percent(found.training.majority)}"
    )
    print_line("")
    show_fitting(bags_table(found))
    if found.bert is not None:
        print_line("")
        show_fitting(berts_table(found, found.bert))
        print_line("")
        print_line(budget_text(found.bert, found.seen))
    print_line(f"time {seconds:.0f} s")
    print_line("")
    for sentence in found.verdicts():
        print_line(sentence[0].upper() + sentence[1:] + ".")


def bags_table(found: Probe) -> Table:
    """A row a tokenizer: how well its bags of tokens tell the classes apart."""
    from wordpiece.bert.verdict import percent, share_interval

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("bags of tokens", overflow="fold")
    for name in ("vocabulary", "accuracy", "95 %", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    for bag in found.bags:
        each = share_interval(bag.right)
        table.add_row(
            Text(bag.name),
            f"{found.sizes[bag.name]:,}",
            percent(each.value),
            f"{percent(each.low or 0)} to {percent(each.high or 0)}",
            f"{bag.seconds:.0f}",
        )
    return table


def berts_table(found: Probe, berts: BertProbe) -> Table:
    """A row a tokenizer: what small BERTs made of it, means over the seeds with their spread."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("small BERTs", overflow="fold")
    for name in ("bits per byte", "accuracy", "loss", "tokens/s", "kB/s"):
        table.add_column(name, justify="right", no_wrap=True)
    bits = {each.name: each for each in found.scores("bits_per_byte")}
    right = {each.name: each for each in found.scores("accuracy")}
    for name in found.names:
        runs = berts.of(name)
        table.add_row(
            Text(name),
            with_spread(bits[name].mean, bits[name].spread, "{:.3f}"),
            with_spread(100 * right[name].mean, times(right[name].spread, 100), "{:.1f}", " %"),
            f"{fmean(r.first for r in runs):.2f} to {fmean(r.last for r in runs):.2f}",
            f"{fmean(r.tokens_per_second for r in runs):,.0f}",
            f"{fmean(r.bytes_per_second for r in runs) / 1000:,.0f}",
        )
    return table


def with_spread(value: float, spread: float | None, form: str, unit: str = "") -> str:
    """A mean and the standard deviation between seeds."""
    return f"{form.format(value)}{'' if spread is None else f' ± {form.format(spread)}'}{unit}"


def times(value: float | None, factor: float) -> float | None:
    """A product, or None."""
    return None if value is None else value * factor


def budget_text(found: BertProbe, seen: int) -> str:
    """What every tokenizer was given; `seen` held-out texts stand in the training texts too."""
    from wordpiece.bert.verdict import percent

    runs, held_out, budget, corpus_bytes = found
    seeds = len({each.seed for each in runs})
    outside = runs[0].parameters - runs[0].embeddings
    numbers = sorted({each.parameters for each in runs})
    parameters = " to ".join(f"{number:,}" for number in dict.fromkeys((numbers[0], numbers[-1])))
    cut = max(runs, key=lambda each: each.cut_off)
    more = f"; {seen:,} of them stand in the training texts too" if seen else ""
    if cut.cut_off >= 0.0005:  # what would be shown as 0.0 % is not worth a word
        more += f"; the classifier of {cut.name} did not read {percent(cut.cut_off)} of its tokens"
    return (
        f"{seeds} seed{'s' * (seeds > 1)}; pre-training on {budget.text_bytes:,} bytes in whole "
        f"steps (corpus {corpus_bytes:,}), fine-tuning for {budget.epochs:g} "
        f"epoch{'s' * (budget.epochs != 1)}; "
        f"{budget.size.layers} layers of {budget.size.hidden}, {parameters} parameters, about "
        f"{outside:,} of them outside the embedding; {len(held_out):,} held-out texts, majority "
        f"class {percent(held_out.majority)}{more}"
    )
