"""Train, run and explain subword tokenizers: WordPiece with its exact likelihood score.

    import wordpiece

    result = wordpiece.train("corpus.txt", vocab_size=30_000)
    result.save("tokenizer/")
    tok = wordpiece.Tokenizer.from_file("tokenizer/")
    tok.encode("I love Paris").tokens

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wordpiece.alignment import align_labels, span_to_tokens
    from wordpiece.analysis.biography import Biography, biography
    from wordpiece.analysis.compare import Comparison, compare
    from wordpiece.analysis.diff import Diff, diff
    from wordpiece.analysis.explain import Explanation, explain
    from wordpiece.analysis.inspection import Inspection, inspect
    from wordpiece.analysis.morphology import Gold, read_gold
    from wordpiece.analysis.parity import ParityCheck, check_parity
    from wordpiece.analysis.studied import Studied, study
    from wordpiece.api import TrainingResult, train
    from wordpiece.bulk import EncodedCorpus, encode_corpus
    from wordpiece.encoding import Encoding
    from wordpiece.errors import FormatError, InputError, OptionError, OutputError, WordpieceError
    from wordpiece.formats.counts_file import CountsFile
    from wordpiece.pretrained import Tokenizer
    from wordpiece.revision.extend import Extension, ExtensionOptions, extend
    from wordpiece.revision.prune import Pruning, prune
    from wordpiece.types import (
        Example,
        Merge,
        MergeDetail,
        Piece,
        Progress,
        Rival,
        Span,
        Word,
        WordCounts,
    )
    from wordpiece.word_counts import count_partition, count_words, load_counts, merge_counts

__version__ = "0.1.0"

_HOMES = {
    "Tokenizer": "pretrained",
    "TrainingResult": "api",
    "train": "api",
    "EncodedCorpus": "bulk",
    "encode_corpus": "bulk",
    "CountsFile": "formats.counts_file",
    "count_words": "word_counts",
    "merge_counts": "word_counts",
    "load_counts": "word_counts",
    "count_partition": "word_counts",
    "Comparison": "analysis.compare",
    "compare": "analysis.compare",
    "Gold": "analysis.morphology",
    "read_gold": "analysis.morphology",
    "align_labels": "alignment",
    "span_to_tokens": "alignment",
    "Biography": "analysis.biography",
    "biography": "analysis.biography",
    "Diff": "analysis.diff",
    "diff": "analysis.diff",
    "Explanation": "analysis.explain",
    "explain": "analysis.explain",
    "Inspection": "analysis.inspection",
    "inspect": "analysis.inspection",
    "Studied": "analysis.studied",
    "study": "analysis.studied",
    "ParityCheck": "analysis.parity",
    "check_parity": "analysis.parity",
    "Extension": "revision.extend",
    "ExtensionOptions": "revision.extend",
    "extend": "revision.extend",
    "Pruning": "revision.prune",
    "prune": "revision.prune",
    "Encoding": "encoding",
    "FormatError": "errors",
    "InputError": "errors",
    "OptionError": "errors",
    "OutputError": "errors",
    "WordpieceError": "errors",
    "Example": "types",
    "Merge": "types",
    "MergeDetail": "types",
    "Rival": "types",
    "Piece": "types",
    "Progress": "types",
    "Span": "types",
    "Word": "types",
    "WordCounts": "types",
}

__all__ = [
    "Biography",
    "Comparison",
    "CountsFile",
    "Diff",
    "EncodedCorpus",
    "Encoding",
    "Example",
    "Explanation",
    "Extension",
    "ExtensionOptions",
    "FormatError",
    "Gold",
    "InputError",
    "Inspection",
    "Merge",
    "MergeDetail",
    "OptionError",
    "OutputError",
    "ParityCheck",
    "Piece",
    "Progress",
    "Pruning",
    "Rival",
    "Span",
    "Studied",
    "Tokenizer",
    "TrainingResult",
    "Word",
    "WordCounts",
    "WordpieceError",
    "__version__",
    "align_labels",
    "biography",
    "check_parity",
    "compare",
    "count_partition",
    "count_words",
    "diff",
    "encode_corpus",
    "explain",
    "extend",
    "inspect",
    "load_counts",
    "merge_counts",
    "prune",
    "read_gold",
    "span_to_tokens",
    "study",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
