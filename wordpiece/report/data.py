"""What the script of a page needs, as small as it can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from wordpiece.analysis.lineage import replacements
from wordpiece.analysis.reachability import Reach
from wordpiece.analysis.studied import Studied
from wordpiece.analysis.wording import shown
from wordpiece.analysis.words import rules_of
from wordpiece.formats.trace import Trace
from wordpiece.report.gather import Report
from wordpiece.text import unicode_tables
from wordpiece.text.byte_alphabet import byte_characters
from wordpiece.types import MOST_TIED, Merge, MergeDetail


def data_of(report: Report) -> dict[str, Any]:
    """What the script needs, as small as it can be: tokens by place, and what follows left out.

    A likelihood and a count follow from the counts; the number of symbols from the merge before; a
    witness is nearly always the longest beginning of a word and the token.
    """
    studied, found = report.studied, report.inspection
    vocab = studied.encoder.vocab
    place = {token: at for at, token in enumerate(vocab)}
    trace = studied.trace or Trace()
    use = found.use
    ids = list(vocab.values())
    return {
        "model": studied.model,
        "score": studied.score or "",
        "prefix": studied.prefix,
        "unk": shown(studied.encoder.unk_token or ""),
        "longest": getattr(studied.tokenizer.parts.model, "max_input_chars_per_word", None),
        "begun": report.replay.frame(0).vocab_size if report.replay else 0,
        "tokens": [shown(token) for token in vocab],
        "ids": None if ids == list(range(len(ids))) else ids,
        "merges": [merge_data(merge, place, studied.score) for merge in trace.merges],
        "symbols": trace.merges[0].n if trace.merges else 0,
        "overlapping": overlapping(trace),
        "details": {step: detail_data(detail, place) for step, detail in trace.details.items()},
        "counts": use and [use.counts[id] for id in ids],
        "unreachable": {
            place[each.token]: each.stage for each in found.reach if each.reachable is False
        },
        "most_tied": MOST_TIED,
        "undecided": [place[each.token] for each in found.undecided],
        "splitting": splitting_of(studied),
        **witness_data(found.reach, place, studied.prefix),
        "words": [
            [shown(e.word), [[s.step, list(map(shown, s.tokens))] for s in e.stages]]
            for e in (report.replay.pinned if report.replay else ())
        ],
        "sizes": [[each.vocab_size, rounded(each.fertility)] for each in report.sizes],
    }


def splitting_of(studied: Studied) -> dict[str, Any]:
    """How a text that is typed in becomes words, as far as a script can do it."""
    parts = studied.tokenizer.parts
    rules = rules_of(parts)
    return {
        "kind": rules.splitting if rules else "",
        "lowercase": parts.normalizer.lowercase,
        "strips": parts.normalizer.strips_accents,
        "cjk": parts.normalizer.cjk_spacing,
        "clean": getattr(parts.normalizer, "clean_text", False),
        "ideographs": script_class(unicode_tables.CJK),
        "bytes": byte_characters() if rules and rules.splitting == "byte-level" else "",
    }


def script_class(ranges: str) -> str:
    r"""The inside of a character class, for a regular expression of a script.

    >>> script_class("3400-4dbf 20000-2a6df")
    '\\u{3400}-\\u{4dbf}\\u{20000}-\\u{2a6df}'
    """
    return "".join("-".join(f"\\u{{{end}}}" for end in each.split("-")) for each in ranges.split())


def merge_data(merge: Merge, place: Mapping[str, int], score: str | None) -> list[Any]:
    """Places of the three tokens, the three counts, and a score that does not follow from them."""
    found = [place[token] for token in (merge.left, merge.right, merge.new)]
    found += [merge.f_ab, merge.f_a, merge.f_b]
    return found if score in ("likelihood", "frequency") else [*found, rounded(merge.score)]


def overlapping(trace: Trace) -> dict[int, int | None]:
    """Steps that replaced fewer occurrences than f(ab), and how many."""
    each = zip(trace.merges, replacements(trace), strict=True)
    return {merge.step: made for merge, made in each if made not in (merge.f_ab, None)}


def witness_data(reach: Sequence[Reach], place: Mapping[str, int], prefix: str) -> dict[str, Any]:
    """What most tokens that go on a word stand behind in their witness, and the other witnesses."""
    found = {}
    befores: Counter[str] = Counter()
    for each in reach:
        if each.witness is None or each.witness == each.token:
            continue
        found[each.token] = each.witness
        bare = each.token.removeprefix(prefix)
        if prefix and each.token.startswith(prefix):
            befores[each.witness.removesuffix(bare)] += 1
    usual = befores.most_common(1)[0][0] if befores else ""
    return {
        "before": shown(usual),
        "witness": {
            place[token]: shown(witness)
            for token, witness in found.items()
            if not prefix or witness != usual + token.removeprefix(prefix)
        },
    }


def detail_data(detail: MergeDetail, place: Mapping[str, int]) -> list[Any]:
    """A recorded step: ties, rank by frequency, margin, rivals."""
    rivals = [
        [place[r.left], place[r.right], r.f_ab, r.f_a, r.f_b, rounded(r.score)]
        for r in detail.rivals
    ]
    return [detail.n_tied, detail.frequency_rank, rounded(detail.margin), rivals]


def rounded(value: float | None) -> float | None:
    """A number with seven digits, which is more than the page shows."""
    if value is None or isinstance(value, int):
        return value
    return float(f"{value:.7g}")
