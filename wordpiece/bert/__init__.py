"""From tokens to BERT: inputs, masking, pre-training, vectors, classification, and the probe.

    from wordpiece import bert

    batch = bert.Batch.of(tokenizer, ["I love Paris"])
    masked = bert.mask_tokens(batch, whole_word=True, seed=0)

Inputs and masking are plain Python. Everything that runs a model needs PyTorch, `transformers` and
scikit-learn: `pip install "wordpiece-lab[bert]"`. Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wordpiece.bert.batches import Batch
    from wordpiece.bert.masking import Masked, mask_tokens
    from wordpiece.bert.pairs import SentencePair, sentence_pairs

_HOMES = {
    "Batch": "batches",
    "Masked": "masking",
    "mask_tokens": "masking",
    "SentencePair": "pairs",
    "sentence_pairs": "pairs",
}

__all__ = ["Batch", "Masked", "SentencePair", "mask_tokens", "sentence_pairs"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
