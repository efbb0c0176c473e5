"""What the template is filled with: text and numbers, with every hidden character made visible."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import wordpiece
from wordpiece.analysis.compare import Comparison
from wordpiece.analysis.composition import OneForm
from wordpiece.analysis.explain import ExplainedWord, Explanation
from wordpiece.analysis.use import Mismatch
from wordpiece.analysis.wording import (
    chain_text,
    composition_facts,
    conclusions,
    health_facts,
    how_chosen,
    score,
    score_text,
    several,
    share,
    shown,
    times,
    tokens_text,
    use_facts,
)
from wordpiece.report.gather import Report
from wordpiece.report.plots import bar_plot, line_plot
from wordpiece.types import MOST_TIED, Merge, MergeDetail

#: No list in the page is longer; the command prints all with --json.
MOST_LISTED = 300
#: Of a text that is no token, so many characters are shown.
LONG = 1000
#: Of a word's merges, so many are told.
MOST_ROUNDS = 12

COLUMNS = (
    ("step", "step", "n"),
    ("pair", "merge", ""),
    ("score", "score", "n"),
    ("tied", "tie", "n"),
    ("margin", "margin", "n"),
    ("rank", "BPE's rank", "n"),
    ("rival", "best rival", ""),
)


def context(report: Report, title: str) -> dict[str, Any]:
    """What the template is filled with."""
    found = report.inspection
    merges = merges_context(report)
    sections = [("summary", "Summary"), ("samples", "Splits")]
    if report.comparison is not None and report.comparison.rows:
        sections.append(("metrics", "Metrics"))
    if merges:
        sections += [("merges", "Merges"), ("replay", "Replay"), ("sizes", "Sizes")]
    sections += [("health", "Health"), ("tokens", "Look up")]
    return {
        "title": shown(title or f"Tokenizer {found.name}"),
        "subtitle": subtitle(report),
        "package": f"wordpiece {wordpiece.__version__}",
        "sections": sections,
        "summary": summary_facts(report),
        "missing": [shown(reason, most=LONG) for reason in report.missing],
        "signature": signature_facts(report.studied.signature),
        "compared": compared_note(report),
        "samples": [sample_context(report, sample) for sample in report.samples],
        "metrics": metrics_context(report.comparison),
        "merges": merges,
        "replay": replay_context(report),
        "sizes": sizes_context(report),
        "composition": composition_facts(found),
        "length_plot": bar_plot(
            "Token lengths",
            "how many tokens there are of each length",
            list(found.composition.lengths.items()),
            ("characters, without ##", "tokens"),
        ),
        "health": health_facts(found),
        "use": use_context(report),
        "lists": lists(report),
    }


def subtitle(report: Report) -> str:
    """Model, score and size in a line."""
    trained = f", score {report.studied.score}" if report.studied.score else ""
    return f"{report.studied.model}{trained}, {report.inspection.vocab_size:,} tokens"


def summary_facts(report: Report) -> list[tuple[str, str]]:
    """The page in a few lines."""
    found, use = report.inspection, report.inspection.use
    rows = [("vocabulary", f"{found.vocab_size:,} tokens ({found.model})")]
    merges = report.studied.trace.merges if report.studied.trace else ()
    if merges:
        rows.append(("merges", f"{len(merges):,}; the first {tokens_text(first_tokens(merges))}"))
    if use is not None:
        rows.append(("text", f"{shown(use.source)}: {use.words:,} words, {use.types:,} distinct"))
        unknown = f"{times(use.unknown_words)} a word is unknown" if use.unknown_words else ""
        rows.append(
            ("fertility", f"{use.fertility:.3f} tokens a word; {unknown or 'no word is unknown'}")
        )
        rows.append(("never used there", f"{len(use.dead):,} of {found.composition.regular:,}"))
    rows.append(("unreachable", f"{len(found.unreachable):,} of {found.composition.regular:,}"))
    return rows


def first_tokens(merges: Sequence[Merge]) -> list[str]:
    """The tokens of the first merges."""
    return [merge.new for merge in merges[:10]]


def signature_facts(signature: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What training.json says, one value a row."""
    rows = []
    for name, value in signature.items():
        if isinstance(value, dict):
            rows += [(f"{name}, {key}", shown_long(written(each))) for key, each in value.items()]
        elif isinstance(value, list):
            rows += [(name, shown_long(written(each))) for each in value]
        else:
            rows.append((name, shown_long(written(value))))
    return rows


def shown_long(text: str) -> str:
    """A text of which more is shown than of a token."""
    return shown(text, most=LONG)


def written(value: object) -> str:
    """A value of JSON in a row."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def compared_note(report: Report) -> str:
    """What the other rows are."""
    found = report.comparison
    if found is None or found.held_out is None:
        return ""
    lines = "all lines but every tenth" if found.held_out else "all lines"
    return (
        "The rows below it are trained for the comparison, with the options of this training, on "
        f"{lines} of its text."
    )


def sample_context(report: Report, sample: str) -> dict[str, Any]:
    """A text with its split by each tokenizer."""
    first, *others = report.explanations[sample]
    rows = [row_context(first, " (this one)" if others else ""), *map(row_context, others)]
    return {"text": shown(sample, most=LONG), "rows": rows}


def row_context(explanation: Explanation, mark: str = "") -> dict[str, Any]:
    """A text through one tokenizer: its tokens with their reasons, and each word's."""
    chips = [
        chip(word, place, at)
        for at, (word, place) in enumerate(
            (word, place) for word in explanation.words for place in range(len(word.pieces))
        )
    ]
    words = [
        {"text": shown(word.text), "reasons": reasons(word)}
        for word in explanation.words
        if not word.added
    ]
    number = len(chips)
    return {
        "name": shown(explanation.name) + mark,
        "number": number,
        "chips": chips,
        "words": words,
        "summary": f"why {'this token' if number == 1 else f'these {number} tokens'}",
    }


def chip(word: ExplainedWord, place: int, at: int) -> dict[str, str]:
    """A token as a box, and why it is there."""
    piece = word.pieces[place]
    unknown = is_unknown(word, place)
    return {
        "text": shown(piece.token),
        "kind": f"c{at % 4}{' unk' if unknown else ''}",
        "why": why(word, place),
    }


def is_unknown(word: ExplainedWord, place: int) -> bool:
    """Whether a token stands for what the vocabulary lacks: its text is not what it spells."""
    piece = word.pieces[place]
    return word.unknown is not None and piece.token == word.unknown.token


def why(word: ExplainedWord, place: int) -> str:
    """The reason for one token, in a line.

    >>> from wordpiece.analysis.explain import ExplainedPiece
    >>> piece = ExplainedPiece("una", 14477, 0, 3, ("unaff", "unaf"), ("un", "u"))
    >>> why(ExplainedWord("unaff", 0, 5, "unaff", (piece,)), 0)
    'una, id 14477, characters 0 to 3: 2 longer are absent (unaff, unaf); shorter ones: un, u'
    """
    piece = word.pieces[place]
    text = f"{shown(piece.token)}, id {piece.id}, characters {piece.start} to {piece.end}"
    if word.unknown is not None and is_unknown(word, place):
        return f"{text}: {shown(word.unknown.cure)}"
    parts = []
    if piece.rejected:
        listed = ", ".join(map(shown, piece.rejected[:12]))
        more = ", ..." if len(piece.rejected) > 12 else ""
        parts.append(f"{len(piece.rejected)} longer are absent ({listed}{more})")
    if piece.shorter:
        parts.append(f"shorter ones: {', '.join(map(shown, piece.shorter))}")
    return f"{text}: {'; '.join(parts)}" if parts else text


def reasons(word: ExplainedWord) -> list[str]:
    """Everything about a word, a line each."""
    lines = [why(word, place) for place in range(len(word.pieces))]
    for each in word.rounds[:MOST_ROUNDS]:
        rivals = ", ".join(f"{shown(a)} {shown(b)} ({rank})" for a, b, rank in each.rivals[:4])
        later = f"; later: {rivals}" if rivals else ""
        lines.append(f"merge {each.rank}: {shown(each.left)} {shown(each.right)}{later}")
    if len(word.rounds) > MOST_ROUNDS:
        lines.append(f"and {len(word.rounds) - MOST_ROUNDS} merges more")
    return lines + [f"{name}: {text}" for name, text in conclusions(word)]


def metrics_context(found: Comparison | None) -> dict[str, Any] | None:
    """The table of metrics, and that of differences."""
    if found is None or not found.rows:
        return None
    names = [shown(row.name) for row in found.rows]
    rows = [("vocabulary", [f"{row.vocab_size:,}" for row in found.rows])]
    for field in fields(found.rows[0].metrics):
        values = [getattr(row.metrics, field.name) for row in found.rows]
        rows.append((field.name, [f"{v:,}" if isinstance(v, int) else f"{v:.4f}" for v in values]))
    baseline = found.rows[0].name
    compared = [each for each in found.differences if each.baseline == baseline]
    differences = [
        (metric, [interval(each) for each in compared if each.metric == metric])
        for metric in dict.fromkeys(each.metric for each in compared)
    ]
    held_out = {
        True: "Measured on lines that no training saw.",
        False: "Measured on the training text, which was too short to keep lines from.",
        None: "",
    }[found.held_out]
    return {
        "names": names,
        "rows": rows,
        "differences": differences if len(names) > 1 else [],
        "caption": f"{found.documents:,} documents",
        "note": f"{held_out} No length says anything without the unknown rates beside it: [UNK] "
        "makes a text shorter by losing it.".strip(),
    }


def interval(found: Any) -> str:
    """A difference with its interval."""
    digits = 0 if found.metric == "tokens" else 4
    text = f"{found.difference:+,.{digits}f}"
    if found.low is None:
        return text
    return f"{text} [{found.low:+,.{digits}f}, {found.high:+,.{digits}f}]"


def merges_context(report: Report) -> dict[str, Any] | None:
    """The curve of scores, the curve of counts, and the steps that were recorded."""
    trace = report.studied.trace
    if trace is None or not trace.merges:
        return None
    name = report.studied.score or "score"
    scores = [(merge.step, merge.score) for merge in trace.merges]
    counts = [(merge.step, merge.f_ab) for merge in trace.merges]
    recorded = [merge for merge in trace.merges if merge.step in trace.details]
    return {
        "number": len(trace.merges),
        "note": f"{several(len(trace.merges), 'merge')}, each of the pair that had the highest "
        "score of those that the options allow.",
        "score_plot": line_plot(
            f"Score ({name})", "at each step", scores, ("step", name), log_y=True
        ),
        "count_plot": line_plot("f(ab)", "at each step", counts, ("step", "f(ab)"), log_y=True),
        "plot_note": curve_note(name),
        "columns": COLUMNS,
        "caption": recorded_note(len(recorded)),
        "rows": [merge_row(merge, trace.details[merge.step]) for merge in recorded],
    }


def recorded_note(number: int) -> str:
    """Of which steps the rivals are known."""
    if not number:
        return "No rivals were recorded: wp train --trace full does"
    return f"The rivals of {several(number, 'step')} were recorded: the first 500, and some others"


def curve_note(name: str) -> str:
    """Why a curve of scores is as it is."""
    if name == "frequency":
        return "Counts hardly ever rise: a merge takes occurrences away from other pairs."
    return (
        "The score does not only fall: a merge makes its two parts rarer, so the scores of other "
        "pairs with them rise."
    )


def merge_row(merge: Merge, detail: MergeDetail) -> dict[str, Any]:
    """One recorded step."""
    rival = detail.rivals[0] if detail.rivals else None
    many = "+" if detail.n_tied >= MOST_TIED else ""
    beside = ""
    if rival is not None:
        beside = f"{shown(rival.left)} {shown(rival.right)} {score_text(rival.score, 4)}"
    return {
        "step": f"{merge.step:,}",
        "pair": [shown(merge.left), shown(merge.right)],
        "new": shown(merge.new),
        "score": score(merge),
        "tied": f"tie of {detail.n_tied}{many}" if detail.n_tied > 1 else "",
        "margin": "" if detail.margin is None else score_text(detail.margin, 4),
        "rank": f"{detail.frequency_rank:,}",
        "rival": beside,
        "chosen": how_chosen(detail),
    }


def replay_context(report: Report) -> dict[str, Any]:
    """The watched words, with each step that changed them."""
    watched = report.replay.pinned if report.replay else ()
    return {
        "words": [
            {
                "text": shown(each.word),
                "stages": [(f"{s.step:,}", list(map(shown, s.tokens))) for s in each.stages],
            }
            for each in watched
        ]
    }


def sizes_context(report: Report) -> dict[str, Any]:
    """What smaller vocabularies do."""
    measured = any(each.fertility is not None for each in report.sizes)
    use = report.inspection.use
    source = f", measured on {shown(use.source)}" if measured and use else ""
    begun = report.replay.frame(0).vocab_size if report.replay else 0
    return {
        "caption": f"Prefixes of the merges{source}",
        "measured": measured,
        "first": begun,
        "last": report.sizes[-1].vocab_size if report.sizes else 0,
        "words": [shown(word) for word in (report.sizes[0].splits if report.sizes else ())],
        "rows": [
            {
                "size": f"{each.vocab_size:,}",
                "step": f"{each.step:,}",
                "fertility": "" if each.fertility is None else f"{each.fertility:.3f}",
                "unknown": "" if each.unknown_words is None else share(each.unknown_words),
                "splits": [list(map(shown, tokens)) for tokens in each.splits.values()],
            }
            for each in report.sizes
        ],
    }


def use_context(report: Report) -> dict[str, Any] | None:
    """What the vocabulary does on a text."""
    use = report.inspection.use
    if use is None:
        return None
    ranked = sorted(use.counts.values(), reverse=True)
    plot = line_plot(
        "Counts by rank",
        "how often the most used token, the second and so on occur",
        enumerate(ranked, start=1),
        ("rank", "count"),
        log_x=True,
        log_y=True,
    )
    return {
        "source": shown(use.source),
        "rows": use_facts(report.inspection, use)[1:],
        "rank_plot": plot,
    }


def lists(report: Report) -> list[dict[str, Any]]:
    """The lists behind the figures, those that are not empty; long ones are cut."""
    found, use = report.inspection, report.inspection.use
    listed = [
        named(
            "Unreachable tokens",
            ("token", "id", "stage"),
            [(each.token, each.id, str(each.stage)) for each in found.unreachable],
        ),
        named(
            "Tokens never used on the text",
            ("token", "id", "taken by"),
            [(each.token, each.id, each.consumed_by or "") for each in (use.dead if use else ())],
        ),
        named(
            "Tokens that were only steps",
            ("chain",),
            [(chain_text(chain),) for chain in found.chains],
        ),
        named(
            "Tokens that are alike",
            ("tokens",),
            [(" = ".join(group),) for group in found.near_duplicates],
        ),
        named(
            "Odd tokens",
            ("token", "id", "what is odd"),
            [(each.token, each.id, each.reason) for each in found.suspects],
        ),
        one_form_list(found.one_form),
        mismatch_list(use.mismatch if use else None),
    ]
    return [each for each in listed if each["rows"]]


def one_form_list(forms: OneForm | None) -> dict[str, Any]:
    """Characters of which a word may be lost for want of the other form."""
    rows: list[tuple[object, ...]] = []
    if forms is not None:
        rows += [(char, "no ## form") for char in forms.beginning_only]
        rows += [(char, "only a ## form") for char in forms.continuing_only]
    return named("Characters with one form only", ("character", "there is"), rows)


def mismatch_list(mismatch: Mismatch | None) -> dict[str, Any]:
    """The most frequent words whose encoding is not the training's own split."""
    examples = mismatch.examples if mismatch else ()
    return named(
        "Words split otherwise than in training",
        ("word", "count", "in use", "in training"),
        [(word, count, " ".join(used), " ".join(own)) for word, count, used, own in examples],
        whole=mismatch.types if mismatch else 0,
    )


def named(
    title: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    *,
    whole: int | None = None,
) -> dict[str, Any]:
    """A list under a title with its length; `whole` is that of one that was cut before."""
    number = len(rows) if whole is None else whole
    cells = [
        [
            f"{cell:,}" if isinstance(cell, int) and column == "count" else shown(str(cell))
            for cell, column in zip(row, columns, strict=True)
        ]
        for row in rows[:MOST_LISTED]
    ]
    more = number - len(cells)
    return {
        "title": f"{title}: {number:,}",
        "columns": columns,
        "rows": cells,
        "more": f"and {more:,} more: wp inspect --json lists them all" if more else "",
    }
