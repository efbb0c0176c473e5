"""Text classification, by the two recipes that are taught: frozen vectors, and fine-tuning."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

import wordpiece
from wordpiece.bert import models
from wordpiece.bert.batches import Batch, Special, in_batches, rows_of
from wordpiece.bert.embedding import embed
from wordpiece.bert.labelled import Labelled
from wordpiece.bert.models import (
    Vocabulary,
    accepted,
    load,
    longest_input,
    made,
    tensors,
)
from wordpiece.bert.options import ClassifierOptions, Recipe
from wordpiece.bert.trainer import Inputs, Schedule, Steps, batched, fit
from wordpiece.errors import FormatError, InputError
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.types import ProgressListener

CLASSIFIER = "classifier.json"
BATCH_SIZE = 64


@dataclass(frozen=True)
class Quality:
    """How good predictions are; of two classes, precision, recall and F1 are those of the second.

    With more classes they are means over the classes (macro). `majority` is the accuracy of always
    saying the most frequent class.
    """

    texts: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    majority: float


@dataclass(frozen=True)
class Classifier:
    """A model that tells classes apart; for the frozen recipe with the regression on top of it."""

    tokenizer: Tokenizer
    model: Any
    names: tuple[str, ...]
    recipe: Recipe
    max_length: int
    regression: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None = None
    options: ClassifierOptions | None = None
    quality: Quality | None = None

    def probabilities(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        """The probability of each class, of shape `[texts, classes]`."""
        if self.regression is None:
            return softmax(self._logits(texts))
        vectors = embed(self.tokenizer, texts, self.model, max_length=self.max_length)
        weights, bias = self.regression
        return softmax(vectors.values.astype(np.float64) @ weights.T + bias)

    def predict(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """The most likely class of each text, and its probability."""
        found = self.probabilities(texts)
        best = found.argmax(-1) if len(found) else []
        return [(self.names[at], float(row[at])) for at, row in zip(best, found, strict=True)]

    def measure(self, labelled: Labelled) -> Quality:
        """How good it is on texts whose classes are known.

        Raises `InputError` for a class that is none of its own.
        """
        own = labelled.numbered(self.names)
        found = self.probabilities(labelled.texts).argmax(-1)
        return quality(own, found)

    def _logits(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        rows = rows_of(self.tokenizer, texts, max_length=self.max_length)
        special = Special.of(self.tokenizer)
        found = np.zeros((len(rows), len(self.names)))
        self.model.eval()
        for chosen, batch in in_batches(rows, special, BATCH_SIZE):
            inputs = accepted(self.model, tensors(batch.inputs()))
            with torch.inference_mode():
                found[chosen] = self.model(**inputs).logits.numpy()
        return found

    def save(self, folder: StrPath) -> None:
        """Write the model, its tokenizer, and how it was made, all at once.

        What was fine-tuned works with `pipeline("text-classification", model=folder)`. Raises
        `OutputError`.
        """
        document = {
            "package": f"wordpiece-lab {wordpiece.__version__}",
            "recipe": self.recipe,
            "classes": self.names,
            "max_length": self.max_length,
            "options": None if self.options is None else asdict(self.options),
            "quality": None if self.quality is None else asdict(self.quality),
        }
        if self.regression is not None:
            weights, bias = self.regression
            document["weights"], document["bias"] = weights.tolist(), bias.tolist()
        models.save(
            self.model,
            self.tokenizer,
            folder,
            {CLASSIFIER: json.dumps(document, ensure_ascii=False, indent=1) + "\n"},
        )


def train_classifier(
    tokenizer: Tokenizer,
    training: Labelled,
    options: ClassifierOptions | None = None,
    *,
    model: StrPath | None = None,
    held_out: Labelled | None = None,
    progress: ProgressListener | None = None,
) -> Classifier:
    """Train a classifier on top of a model (a folder or a name), or of a fresh small one.

    `"frozen"` takes the `[CLS]` vectors of the last layer and lets logistic regression tell them
    apart; the model stays as it is. `"finetune"` trains all of it. The result hangs on the options
    and the texts alone. `held_out` texts say how good it is.

    Raises `OptionError` for options that cannot be, and a model that does not fit the tokenizer,
    `InputError` when a class has no text.
    """
    options = options or ClassifierOptions()
    options.check()
    for number, name in enumerate(training.names):
        if number not in training.labels:
            raise InputError(f"{training.file}: no text to train on has the label {name!r}")
    make = frozen if options.recipe == "frozen" else finetuned
    found = make(tokenizer, training, options, model, progress)
    return found if held_out is None else replace(found, quality=found.measure(held_out))


def frozen(
    tokenizer: Tokenizer,
    training: Labelled,
    options: ClassifierOptions,
    model: StrPath | None,
    progress: ProgressListener | None,
) -> Classifier:
    """Logistic regression on the `[CLS]` vectors of the last layer."""
    vocabulary = Vocabulary.of(tokenizer)
    own = made("BertModel", "AutoModel", model, vocabulary, options)
    length = longest_input(own, options.max_length, tokenizer)
    vectors = embed(tokenizer, training.texts, own, max_length=length, progress=progress)
    regression = LogisticRegression(max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough after 1,000 rounds
        regression.fit(vectors.values.astype(np.float64), np.array(training.labels))
    weights, bias = regression.coef_, regression.intercept_
    if len(weights) == 1:  # of two classes it keeps one row, whose opposite is the other
        weights, bias = np.vstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    return Classifier(
        tokenizer=tokenizer,
        model=own,
        names=training.names,
        recipe="frozen",
        max_length=length,
        regression=(weights, bias),
        options=options,
    )


def finetuned(
    tokenizer: Tokenizer,
    training: Labelled,
    options: ClassifierOptions,
    model: StrPath | None,
    progress: ProgressListener | None,
) -> Classifier:
    """All of a model trained to tell the classes apart."""
    vocabulary = Vocabulary.of(tokenizer)
    settings: dict[str, Any] = {
        "num_labels": len(training.names),
        "id2label": dict(enumerate(training.names)),
        "label2id": {name: number for number, name in enumerate(training.names)},
    }
    kind, any_kind = "BertForSequenceClassification", "AutoModelForSequenceClassification"
    own = made(kind, any_kind, model, vocabulary, options, **settings)
    length = longest_input(own, options.max_length, tokenizer)
    rows = rows_of(tokenizer, training.texts, max_length=length)
    special = Special.of(tokenizer)

    def make(_: int, chosen: tuple[int, ...]) -> Inputs:
        batch = Batch.of_rows([rows[text] for text in chosen], special)
        labels = torch.tensor([training.labels[text] for text in chosen])
        return {**accepted(own, tensors(batch.inputs())), "labels": labels}

    plan = batched(
        [len(row.ids) for row in rows],
        batch_size=options.batch_size,
        epochs=options.epochs,
        seed=options.seed,
    )
    rate = options.learning_rate or fine_tuning_rate(own)
    schedule = Schedule(rate, seed=options.seed)
    fit(own, Steps(plan, make), schedule, phase="fine-tuning", progress=progress)
    return Classifier(tokenizer, own, training.names, "finetune", length, options=options)


def fine_tuning_rate(model: Any) -> float:
    """2e-5, as published for BERT's own size; smaller models bear more (Turc et al., 2019)."""
    hidden = int(model.config.hidden_size)
    return 2e-5 if hidden >= 768 else 1e-4 if hidden >= 512 else 3e-4


def load_classifier(folder: StrPath) -> Classifier:
    """A classifier that was saved. Raises `InputError` and `FormatError`."""
    path = Path(folder) / CLASSIFIER
    if not path.exists():
        raise InputError(
            f"--model {folder}: holds no classifier: make one with wp bert classify train"
        )
    tokenizer = Tokenizer.from_file(folder)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        names, recipe = tuple(map(str, document["classes"])), document["recipe"]
        length = int(document["max_length"])
        regression = None
        if recipe == "frozen":
            regression = np.array(document["weights"]), np.array(document["bias"])
    except (ValueError, KeyError, TypeError):
        raise FormatError(f"{path}: is damaged: make it again") from None
    kind = "AutoModel" if recipe == "frozen" else "AutoModelForSequenceClassification"
    model = load(kind, folder, Vocabulary.of(tokenizer))
    return Classifier(tokenizer, model, names, recipe, length, regression)


def quality(labelled: Labelled, found: Sequence[int]) -> Quality:
    """How good some predictions are."""
    labels = list(labelled.labels)
    average: dict[str, Any] = (
        {"average": "binary", "pos_label": 1} if len(labelled.names) == 2 else {"average": "macro"}
    )
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, found, zero_division=0, **average
    )
    return Quality(
        texts=len(labelled),
        accuracy=float(accuracy_score(labels, found)),
        precision=float(precision),
        recall=float(recall),
        f1=float(f1),
        majority=labelled.majority,
    )


def softmax(logits: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers to probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    found: np.ndarray[Any, Any] = powers / powers.sum(-1, keepdims=True)
    return found
