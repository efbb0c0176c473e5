"""A vocabulary extended on a corpus, and measured: what it gains, and what changes elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wordpiece.analysis.bootstrap import Difference
from wordpiece.analysis.compare import compare
from wordpiece.analysis.corpus_comparison import divided
from wordpiece.analysis.diff import Segmentation, segmentation
from wordpiece.analysis.encoders import OurEncoder
from wordpiece.analysis.inspection import raw_text_of
from wordpiece.analysis.metrics import Metrics
from wordpiece.analysis.studied import Studied
from wordpiece.pretrained import Tokenizer
from wordpiece.revision.extend import Extension, ExtensionOptions, extend
from wordpiece.text.reading import Reading
from wordpiece.types import ProgressListener

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class MeasuredExtension:
    """An extension, the metrics of both vocabularies on held-out lines, and old text's changes.

    Of `lines` lines `documents` were measured. `held_out` is False when the corpus has no line to
    spare, and they were measured on it.
    """

    extension: Extension
    before: Metrics
    after: Metrics
    differences: tuple[Difference, ...]
    documents: int
    lines: int
    held_out: bool
    old: Segmentation | None = None


def extend_on(
    base: Tokenizer,
    corpus: Sequence[str],
    options: ExtensionOptions,
    *,
    reading: Reading,
    eval_file: str | None = None,
    old: str | None = None,
    progress: ProgressListener | None = None,
) -> MeasuredExtension:
    """Extend a vocabulary on all lines of files but every tenth, and measure on those.

    With an `eval_file` all lines are learned from. `old` is a text to say of what changes. Raises
    `InputError` for a corpus without words.
    """
    lines = divided(corpus, reading, eval_file)
    extension = extend(base, lines.training, options, reading=reading, progress=progress)
    encoders = [OurEncoder(BEFORE, base), OurEncoder(AFTER, extension.tokenizer)]
    found = compare(encoders, lines.documents)
    changes = None
    if old is not None:
        first, second = (Studied(each.name, each.tokenizer) for each in encoders)
        text = raw_text_of([old], reading=reading, progress=progress)
        changes = segmentation(first, second, text)
    before, after = (row.metrics for row in found.rows)
    return MeasuredExtension(
        extension,
        before,
        after,
        found.differences,
        found.documents,
        lines.number,
        lines.held_out,
        changes,
    )
