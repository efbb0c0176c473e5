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
    from wordpiece.analysis.compare import Comparison, compare
    from wordpiece.analysis.morphology import Gold, read_gold
    from wordpiece.analysis.parity import ParityCheck, check_parity
    from wordpiece.api import TrainingResult, train
    from wordpiece.bulk import EncodedCorpus, encode_corpus
    from wordpiece.encoding import Encoding
    from wordpiece.errors import FormatError, InputError, OptionError, OutputError, WordpieceError
    from wordpiece.formats.counts_file import CountsFile
    from wordpiece.pretrained import Tokenizer
    from wordpiece.types import Merge, Piece, Progress, Span, Word, WordCounts
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
    "ParityCheck": "analysis.parity",
    "check_parity": "analysis.parity",
    "Encoding": "encoding",
    "FormatError": "errors",
    "InputError": "errors",
    "OptionError": "errors",
    "OutputError": "errors",
    "WordpieceError": "errors",
    "Merge": "types",
    "Piece": "types",
    "Progress": "types",
    "Span": "types",
    "Word": "types",
    "WordCounts": "types",
}

__all__ = [
    "Comparison",
    "CountsFile",
    "EncodedCorpus",
    "Encoding",
    "FormatError",
    "Gold",
    "InputError",
    "Merge",
    "OptionError",
    "OutputError",
    "ParityCheck",
    "Piece",
    "Progress",
    "Span",
    "Tokenizer",
    "TrainingResult",
    "Word",
    "WordCounts",
    "WordpieceError",
    "__version__",
    "check_parity",
    "compare",
    "count_partition",
    "count_words",
    "encode_corpus",
    "load_counts",
    "merge_counts",
    "read_gold",
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
