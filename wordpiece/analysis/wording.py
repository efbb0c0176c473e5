"""Findings in words: the same in a terminal and on a page.

Every string is ready to be shown: hidden characters are visible in it. Rows are a name and a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from wordpiece.analysis.biography import Biography
from wordpiece.analysis.composition import Composition
from wordpiece.analysis.diff import OnlyIn
from wordpiece.analysis.explain import ExplainedWord
from wordpiece.analysis.inspection import Inspection
from wordpiece.analysis.lineage import Consumption
from wordpiece.analysis.use import Use
from wordpiece.text.visible import visible
from wordpiece.types import MOST_TIED, Merge, MergeDetail

#: Of a longer text so many characters are shown.
MOST_SHOWN = 200
#: A name and what there is to say of it.
Fact = tuple[str, str]


def tokens_text(tokens: Sequence[str], *, most: int = 40) -> str:
    """Tokens in a line; of very many the first, and how many more.

    >>> tokens_text(["a", "##b"]), tokens_text(["a"] * 50, most=2)
    ('a ##b', 'a a ... (48 more)')
    """
    more = f" ... ({len(tokens) - most:,} more)" if len(tokens) > most else ""
    return " ".join(map(shown, tokens[:most])) + more


def times(count: int) -> str:
    """How often, in words.

    >>> times(0), times(1), times(2000)
    ('never', 'once', '2,000 times')
    """
    if not count:
        return "never"
    return "once" if count == 1 else f"{count:,} times"


def shown(text: str, *, most: int = MOST_SHOWN) -> str:
    """A text with its hidden characters made visible, and the rest of a very long one left out.

    >>> shown("a\u200bb"), shown("a" * 5000, most=4)
    ('a<U+200B>b', 'aaaa...(5,000 characters)')
    """
    if len(text) > most:
        return f"{visible(text[:most])}...({len(text):,} characters)"
    return visible(text)


def several(count: int, what: str) -> str:
    """How many of something, in the singular or the plural.

    >>> several(1, "word"), several(0, "word"), several(2000, "word")
    ('1 word', 'no words', '2,000 words')
    """
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what}s" if count else f"no {what}s"


def chain_text(chain: Sequence[str], most: int = 12) -> str:
    """Tokens that each went into the next; of a long chain the first and the last.

    >>> chain_text(["a", "ab"]), chain_text(list("abcdef"), most=3)
    ('a > ab', 'a > b ... 3 more ... > f')
    """
    names = [shown(token, most=60) for token in chain]
    if len(names) <= most:
        return " > ".join(names)
    return f"{' > '.join(names[: most - 1])} ... {len(names) - most} more ... > {names[-1]}"


def counted(tokens: Sequence[str], *, most: int) -> str:
    """How many, and the first of them."""
    return f"{len(tokens):,}: {tokens_text(tokens, most=most)}" if tokens else "none"


def score(merge: Merge) -> str:
    """A score with the numbers that it is made of, if it is the likelihood; a count is an int.

    >>> from wordpiece.types import MOST_TIED, Merge
    >>> score(Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2))
    '2 / (5 x 2) = 0.2'
    """
    if type(merge.score) is float and merge.score == merge.f_ab / (merge.f_a * merge.f_b):
        return f"{merge.f_ab:,} / ({merge.f_a:,} x {merge.f_b:,}) = {merge.score:.6g}"
    return score_text(merge.score)


def score_text(score: float, digits: int = 6) -> str:
    """A score in so many digits; one that is a count in all of them.

    >>> score_text(1234567), score_text(56270.93), score_text(0.00123456, 4)
    ('1,234,567', '56,270.9', '0.001235')
    """
    return f"{score:,}" if isinstance(score, int) else f"{score:,.{digits}g}"


def pmi(merge: Merge) -> float:
    """Pointwise mutual information of a pair, in bits: log2 of n · f(ab) / (f(a) · f(b)).

    Within one step it has the order of the likelihood score; across steps n differs.

    >>> from wordpiece.types import MOST_TIED, Merge
    >>> round(pmi(Merge(1, "a", "##b", "ab", 44, f_ab=2, f_a=5, f_b=2, n=171, score=0.2)), 3)
    5.096
    """
    return log2(merge.n * merge.f_ab / (merge.f_a * merge.f_b))


def how_chosen(detail: MergeDetail) -> str:
    """What decided, and what the merge changed."""
    tied = f"{detail.n_tied}{'+' if detail.n_tied >= MOST_TIED else ''} pairs had this score"
    how = "alone with the highest score" if detail.n_tied == 1 else f"{tied}: {detail.chosen_by}"
    rank = f"rank {detail.frequency_rank:,} by frequency"
    return f"chosen: {how}; {rank}; {several(detail.words_touched, 'distinct word')} changed"


def share(part: float) -> str:
    """A share in per cent, which is only 0 % if there is nothing.

    >>> share(0), share(0.00001), share(0.25)
    ('0.00%', '<0.01%', '25.00%')
    """
    return "<0.01%" if 0 < part < 0.0001 else f"{part:.2%}"


def span_of(rejected: Sequence[str]) -> str:
    """From the first to the last of the candidates, and how many there are.

    >>> span_of(["unaff", "unaf"]), span_of(["unaf"]), span_of([])
    ('unaff ... unaf (2)', 'unaf', 'none')
    """
    if len(rejected) < 2:
        return visible(rejected[0]) if rejected else "none"
    return f"{visible(rejected[0])} ... {visible(rejected[-1])} ({len(rejected)})"


def conclusions(word: ExplainedWord) -> list[Fact]:
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


def unknown_facts(word: ExplainedWord) -> list[Fact]:
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


def composition_facts(found: Inspection) -> list[Fact]:
    """Kinds, scripts, lengths."""
    kinds = found.composition
    rows = [
        ("vocabulary", f"{found.vocab_size:,} tokens ({found.model})"),
        ("special", f"{kinds.special:,}: {tokens_text(found.special_tokens)}"),
    ]
    if kinds.unused:
        rows.append(("[unusedN]", f"{kinds.unused:,}"))
    rows.append(("regular", f"{kinds.regular:,}: {places(kinds)}"))
    counted = [(f"{getattr(kinds, kind):,}", kind) for kind in KINDS if getattr(kinds, kind)]
    rows.append(("of these", ", ".join(f"{count} {KINDS[kind]}" for count, kind in counted)))
    if kinds.scripts:
        scripts = [f"{name.lower()} {count:,}" for name, count in kinds.scripts.items()]
        rows.append(("scripts", ", ".join(scripts[:8]) + (" ..." if len(scripts) > 8 else "")))
    lengths = [f"{length}: {count:,}" for length, count in kinds.lengths.items()]
    rows.append(("lengths", "  ".join(lengths[:20]) + (" ..." if len(lengths) > 20 else "")))
    rows.append(("longest", tokens_text([token for token, _ in found.longest], most=6)))
    return rows


KINDS = {
    "single": "of one character",
    "letters": "of letters",
    "digits": "of digits",
    "punctuation": "of punctuation",
    "mixed": "mixed",
    "partial": "parts of characters",
}


def places(kinds: Composition) -> str:
    """Where in a word tokens stand."""
    if not kinds.continuing:
        return "which stand anywhere in a word"
    return f"{kinds.beginning:,} begin a word, {kinds.continuing:,} go on one"


def health_facts(found: Inspection) -> list[Fact]:
    """What is wrong with a vocabulary, by itself and by its trace."""
    rows = [("unreachable", unreachable_text(found))]
    if found.undecided:
        undecided = [each.token for each in found.undecided]
        rows.append(("undecided", f"{len(undecided):,}: {tokens_text(undecided, most=8)}"))
    if found.one_form is not None:
        for name, chars in (
            ("no ## form", found.one_form.beginning_only),
            ("only ## form", found.one_form.continuing_only),
        ):
            rows.append((name, counted(chars, most=16)))
    if found.chains:
        chains = "; ".join(chain_text(chain) for chain in found.chains[:3])
        rows.append(("only steps", f"{several(len(found.chains), 'chain')}: {chains}"))
    groups = ["=".join(map(visible, group)) for group in found.near_duplicates[:6]]
    number = len(found.near_duplicates)
    rows.append(("alike", f"{several(number, 'group')}: {' '.join(groups)}" if number else "none"))
    odd = [f"{visible(each.token)} ({each.reason})" for each in found.suspects[:4]]
    number = len(found.suspects)
    rows.append(("odd", f"{number:,}: {', '.join(odd)}" if number else "none"))
    return rows


def unreachable_text(found: Inspection) -> str:
    """How many tokens no text produces, by the stage that forbids them."""
    stages: dict[str, list[str]] = {}
    for each in found.unreachable:
        stages.setdefault(str(each.stage), []).append(each.token)
    whole = f"{len(found.unreachable):,} of {found.composition.regular:,}"
    parts = [f"{stage} {counted(tokens, most=4)}" for stage, tokens in stages.items()]
    return f"{whole}; {'; '.join(parts)}" if parts else whole


def use_facts(found: Inspection, use: Use) -> list[Fact]:
    """What the vocabulary does on a text."""
    vocab = found.composition.regular
    top = [f"{shown(token)} {count:,}" for token, count in top_tokens(found, use)]
    dead = [
        shown(each.token) + (f" (in {shown(each.consumed_by)})" if each.consumed_by else "")
        for each in use.dead[:6]
    ]
    share = f"{len(use.dead) / vocab:.1%}" if vocab else "none"
    unknown = several(use.unknown_words, "unknown word")
    rows = [
        ("text", f"{use.source}: {use.words:,} words, {use.types:,} distinct"),
        ("fertility", f"{use.fertility:.3f} tokens a word; {unknown}"),
        ("most used", "  ".join(top)),
        ("never used", f"{len(use.dead):,} ({share}){': ' if dead else ''}{', '.join(dead)}"),
    ]
    mismatch = use.mismatch
    if mismatch is not None:
        types, words = mismatch.types, mismatch.words
        of_types = types / mismatch.all_types if mismatch.all_types else 0
        of_words = words / mismatch.all_words if mismatch.all_words else 0
        rows.append(
            (
                "not as trained",
                f"{types:,} distinct words ({of_types:.1%}), {words:,} running ({of_words:.1%})",
            )
        )
        for word, count, greedy, trained in mismatch.examples[:3]:
            rows.append(
                (
                    "",
                    f"{shown(word)} {count:,}: {tokens_text(greedy)}; was {tokens_text(trained)}",
                )
            )
    return rows


def top_tokens(found: Inspection, use: Use) -> list[tuple[str, int]]:
    """The tokens that occur most."""
    names = found.tokens
    most = sorted(use.counts.items(), key=lambda item: (-item[1], item[0]))[:8]
    return [(names.get(id, f"id {id}"), count) for id, count in most]


def life_facts(found: Biography) -> list[Fact]:
    """What there is to say in a line each."""
    rows = [("token", f"{shown(found.token)}, id {found.id} ({found.kind})")]
    merge = found.merge
    if merge is not None:
        seen = times(merge.f_ab)
        born = f"at step {merge.step:,}, seen {seen}, score {score(merge)}, PMI {pmi(merge):.2f}"
        rows.append(("born", born))
    if found.left_at_end is not None:
        rows.append(("at the end", f"{found.left_at_end:,} left in the training's own split"))
    if found.consumptions:
        rows.append(("taken by", taken_text(found.consumptions)))
    if found.emitted is not None:
        rows.append(("used", f"{times(found.emitted)} on {found.source}"))
    if found.words:
        words = ", ".join(f"{shown(word)} {count:,}" for word, count in found.words)
        rows.append(("in words", words))
    if found.reach is not None:
        rows.append(("reached", reached_text(found)))
    rows.append(("beside it", tokens_text(found.neighbors)))
    if found.extensions:
        rows.append(("longer", tokens_text(found.extensions)))
    return rows


def reached_text(found: Biography) -> str:
    """A text that produces the token, or why there is none."""
    assert found.reach is not None
    if found.reach.witness is not None:
        return f'by "{shown(found.reach.witness)}"'
    if found.reach.stage is not None:
        return f"by no text: {REASONS[found.reach.stage]}"
    return "not known: no text was found, and no proof that there is none"


REASONS = {
    "normalizer": "the normalizer changes it",
    "pre-tokenizer": "the pre-tokenizer cuts it from what stands around it",
    "length": "a word with it is over the length limit",
    "shadowed": "other tokens are always taken in its place",
    "bytes": "no UTF-8 text has these bytes",
}


def taken_text(consumptions: Sequence[Consumption]) -> str:
    """Which merges took a token's occurrences."""
    parts = [f"{shown(each.merge.new)} {each.taken:,}" for each in consumptions[:6]]
    return ", ".join(parts) + (" ..." if len(consumptions) > 6 else "")


def only_facts(name: str, only: OnlyIn) -> list[Fact]:
    """The tokens of one side, a row a kind."""
    rows = [(name, f"{only.number:,} tokens")]
    for kind in ("special", "single", "beginning", "continuing"):
        tokens: tuple[str, ...] = getattr(only, kind)
        if tokens:
            rows.append((f"  {kind}", f"{len(tokens):,}: {tokens_text(tokens, most=10)}"))
    return rows
