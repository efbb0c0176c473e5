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

from wordpiece.bert.extra import check_installed

if TYPE_CHECKING:
    from wordpiece.bert.batches import Batch
    from wordpiece.bert.classification import Classifier, load_classifier, train_classifier
    from wordpiece.bert.embedding import Vectors, embed
    from wordpiece.bert.labelled import Labelled, read_labelled
    from wordpiece.bert.masking import Masked, mask_tokens
    from wordpiece.bert.options import Budget, ClassifierOptions, PretrainingOptions
    from wordpiece.bert.pairs import SentencePair, sentence_pairs
    from wordpiece.bert.pretraining import Pretrained, pretrain
    from wordpiece.bert.probing import Probe, Tried, probe
    from wordpiece.bert.resizing import resize

_HOMES = {
    "Batch": "batches",
    "Budget": "options",
    "Classifier": "classification",
    "ClassifierOptions": "options",
    "Labelled": "labelled",
    "Masked": "masking",
    "Pretrained": "pretraining",
    "PretrainingOptions": "options",
    "Probe": "probing",
    "SentencePair": "pairs",
    "Tried": "probing",
    "Vectors": "embedding",
    "embed": "embedding",
    "load_classifier": "classification",
    "mask_tokens": "masking",
    "pretrain": "pretraining",
    "probe": "probing",
    "read_labelled": "labelled",
    "resize": "resizing",
    "sentence_pairs": "pairs",
    "train_classifier": "classification",
}
#: What is plain Python.
_PLAIN = ("batches", "labelled", "masking", "options", "pairs")

__all__ = [
    "Batch",
    "Budget",
    "Classifier",
    "ClassifierOptions",
    "Labelled",
    "Masked",
    "Pretrained",
    "PretrainingOptions",
    "Probe",
    "SentencePair",
    "Tried",
    "Vectors",
    "embed",
    "load_classifier",
    "mask_tokens",
    "pretrain",
    "probe",
    "read_labelled",
    "resize",
    "sentence_pairs",
    "train_classifier",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    if home not in _PLAIN:
        check_installed(what=f"wordpiece.bert.{name}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
