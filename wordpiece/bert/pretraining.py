"""Pre-training a BERT: masked tokens, and whether a sentence follows another."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import wordpiece
from wordpiece.bert import models
from wordpiece.bert.batches import Row, Special
from wordpiece.bert.mlm import masked_loss, masking, start_at_unigrams
from wordpiece.bert.models import Vocabulary, longest_input, made
from wordpiece.bert.options import Objective, PretrainingOptions
from wordpiece.bert.pairs import sentence_pairs
from wordpiece.bert.trainer import Loss, Schedule, Steps, batched, fit
from wordpiece.errors import InputError, OptionError
from wordpiece.formats.atomic import write_file
from wordpiece.formats.model_dir import vocab_sha256
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.report.plots import line_plot
from wordpiece.tokenizer import TextInput
from wordpiece.types import ProgressListener

CLASSES: dict[Objective, str] = {"mlm": "BertForMaskedLM", "mlm+nsp": "BertForPreTraining"}
#: The classes of models to go on with: any for masked tokens, BERT's own for both tasks.
ANY_CLASSES: dict[Objective, str] = {**CLASSES, "mlm": "AutoModelForMaskedLM"}
LOSSES, CURVE, SIGNATURE = "losses.jsonl", "losses.svg", "pretraining.json"
#: What keeps a checkpoint from being gone on with by another training.
KEY = "wp-training.json"
#: How the curve is drawn: in gray and blue, which can be read on light and on dark.
STYLE = (
    "text{font:12px sans-serif;fill:#777;text-anchor:middle}.end{text-anchor:end}"
    ".grid{stroke:#999;stroke-opacity:.3;fill:none}.line{stroke:#47c;stroke-width:2;fill:none}"
)


@dataclass(frozen=True)
class Pretrained:
    """A model that was pre-trained, and how the loss fell (nats a hidden token; with NSP, both)."""

    model: Any
    tokenizer: Tokenizer
    options: PretrainingOptions
    losses: tuple[Loss, ...]
    texts: int
    steps: int
    checkpoints: Path | None = None

    def save(self, folder: StrPath) -> None:
        """Write the model, its tokenizer, and the losses, all at once; checkpoints go then.

        `AutoModel.from_pretrained(folder)` and `AutoTokenizer` load it. Raises `OutputError`.
        """
        signature = {
            "package": f"wordpiece-lab {wordpiece.__version__}",
            "options": asdict(self.options),
            "texts": self.texts,
            "steps": self.steps,
        }
        files = {
            LOSSES: "".join(json.dumps(each._asdict()) + "\n" for each in self.losses),
            CURVE: curve(self.losses),
            SIGNATURE: json.dumps(signature, indent=2) + "\n",
        }
        models.save(self.model, self.tokenizer, folder, files)
        if self.checkpoints is not None:
            shutil.rmtree(self.checkpoints, ignore_errors=True)


def pretrain(
    tokenizer: Tokenizer,
    documents: Sequence[Sequence[str]],
    options: PretrainingOptions | None = None,
    *,
    model: StrPath | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    progress: ProgressListener | None = None,
) -> Pretrained:
    """Pre-train on documents of sentences, or lines: a fresh small BERT, or one to go on with.

    For masked tokens alone each sentence is a text; one that is too long is cut into windows, so
    that nothing is lost. With next-sentence prediction the texts are pairs of sentences, cut to the
    length, the longer first. The result hangs on the options and the texts alone; a training that
    was cut off goes on from its last checkpoint with `resume`, and ends alike.

    Raises `OptionError` for options that cannot be, `InputError` for a corpus without text and for
    checkpoints of another training.
    """
    options = options or PretrainingOptions()
    options.check()
    kinds = CLASSES[options.objective], ANY_CLASSES[options.objective]
    own = made(*kinds, model, Vocabulary.of(tokenizer), options)
    texts, labels = texts_of(documents, options)
    length = longest_input(own, options.max_length, tokenizer, pair=labels is not None)
    rows = windows_of(tokenizer, texts, length)
    special = Special.of(tokenizer)
    if model is None:
        start_at_unigrams(own, rows, special)
    steps = Steps(
        batched(
            [len(row.ids) for (row,) in rows],
            batch_size=options.batch_size,
            epochs=options.epochs,
            seed=options.seed,
        ),
        masking(
            rows,
            special,
            seed=options.seed,
            probability=options.probability,
            rule=options.rule,
            whole_word=options.whole_word,
            labels=labels,
        ),
    )
    check_checkpoints(checkpoints, key_of(own, tokenizer, rows, options), resume=resume)
    with kept_if_begun(checkpoints):
        losses = fit(
            own,
            steps,
            Schedule(options.learning_rate or pretraining_rate(own), seed=options.seed),
            loss=masked_loss,
            phase="pre-training",
            folder=checkpoints,
            resume=resume,
            progress=progress,
        )
    return Pretrained(own, tokenizer, options, tuple(losses), len(texts), len(steps), checkpoints)


def texts_of(
    documents: Sequence[Sequence[str]], options: PretrainingOptions
) -> tuple[list[TextInput], list[int] | None]:
    """What is encoded, and the labels of next-sentence prediction. Raises `InputError`."""
    if options.objective == "mlm":
        texts: list[TextInput] = [text for document in documents for text in document]
        if not texts:
            raise InputError("the corpus holds no text to pre-train on")
        return texts, None
    pairs = sentence_pairs(documents, seed=options.seed)
    return [(pair.first, pair.second) for pair in pairs], [pair.label for pair in pairs]


def windows_of(tokenizer: Tokenizer, texts: Sequence[TextInput], length: int) -> list[tuple[Row]]:
    """All windows of each text, or of a pair the first, each apart, so that none fills a step."""
    encodings = tokenizer.encode_batch(texts, truncation=True, max_length=length)
    return [
        (Row.of(window),)
        for text, each in zip(texts, encodings, strict=True)
        for window in ([each] if isinstance(text, tuple) else [each, *each.overflowing])
    ]


def pretraining_rate(model: Any) -> float:
    """1e-3 for small models, 1e-4 from 512 numbers on."""
    return 1e-3 if model.config.hidden_size < 512 else 1e-4


# ---------------------------------------------------------------- checkpoints


def key_of(
    model: Any, tokenizer: Tokenizer, rows: Sequence[tuple[Row]], options: PretrainingOptions
) -> str:
    """What must be the same for a checkpoint to be of use."""
    digest = hashlib.sha256()
    for (row,) in rows:
        digest.update(bytes(row.ids))
    for values in model.state_dict().values():  # what it goes on from
        digest.update(values.numpy().tobytes())
    document = {
        "version": wordpiece.__version__,
        "options": asdict(options),
        "vocab": vocab_sha256(tokenizer.get_vocab()),
        "model": {**model.config.to_dict(), "_name_or_path": None},
        "ids_and_weights": digest.hexdigest(),
    }
    return json.dumps(document, indent=2) + "\n"


def check_checkpoints(folder: Path | None, key: str, *, resume: bool) -> None:
    """Note what a training is of, before it begins. Raises `InputError`, `OptionError`.

    Checkpoints of another training are refused, and those of this one are not begun over.
    """
    if folder is None:
        if resume:
            raise OptionError("--resume: needs a folder of checkpoints to go on with")
        return
    file = folder / KEY
    if file.exists():
        if not resume:
            raise OptionError(
                f"{folder}: holds checkpoints of a training that was cut off: go on with --resume, "
                "or delete it"
            )
        if file.read_text(encoding="utf-8") != key:
            raise InputError(
                f"{folder}: holds checkpoints of other options, another corpus or another "
                "configuration: name the same again, or delete it"
            )
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OptionError(
            f"{folder}: is where checkpoints would be kept, and holds something else: move it, or "
            "name another output"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_file(file, key)


@contextmanager
def kept_if_begun(folder: Path | None) -> Iterator[None]:
    """Remove a folder of checkpoints after an error, if it holds none: nothing is lost with it."""
    try:
        yield
    except Exception:
        if folder is not None and [each.name for each in folder.iterdir()] == [KEY]:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def curve(losses: Sequence[Loss]) -> str:
    """The losses by steps, as an SVG that stands alone."""
    points = [(each.step, each.loss) for each in losses]
    first, last = losses[0].loss, losses[-1].loss
    drawn = line_plot("Loss", f"from {first:.3f} to {last:.3f} nats", points, ("steps", "nats"))
    start = '<svg xmlns="http://www.w3.org/2000/svg" '
    return str(drawn).replace("<svg ", start, 1).replace(">", f"><style>{STYLE}</style>", 1) + "\n"
