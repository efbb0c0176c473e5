"""Vectors of texts and tokens, from any layer of a model."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import torch

from wordpiece.bert.batches import Batch, Special, in_batches, rows_of
from wordpiece.bert.extra import check_installed
from wordpiece.bert.models import Vocabulary, accepted, load, longest_input, tensors
from wordpiece.bert.options import Layers, VectorKind
from wordpiece.errors import OptionError
from wordpiece.formats.atomic import new_file
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.training.trainers import check_choice
from wordpiece.types import Progress, ProgressListener

BATCH_SIZE = 32


@dataclass(frozen=True)
class Vectors:
    """Vectors as 32-bit floats.

    `values` has the shape `[texts, hidden]`, or of tokens `[texts, length, hidden]`, with zeros
    where a text has no token; with all layers there is an axis `layers` before the last. `tokens`
    are those of each text, special ones included, so that their number says where zeros begin.
    """

    values: np.ndarray[Any, np.dtype[np.float32]]
    tokens: tuple[tuple[str, ...], ...]
    kind: VectorKind
    layers: Layers

    @property
    def axes(self) -> tuple[str, ...]:
        """What each axis of the shape counts."""
        found = ["texts", *(["length"] if self.kind == "tokens" else [])]
        return (*found, *(["layers"] if self.layers == "all" else []), "hidden")

    @property
    def shape_text(self) -> str:
        """The shape with its names: `[texts 2, hidden 128]`."""
        named = zip(self.axes, self.values.shape, strict=True)
        return f"[{', '.join(f'{name} {number:,}' for name, number in named)}]"

    def save(self, path: StrPath) -> None:
        """Write a .npy with the values, or a .parquet with a row for each text.

        Raises `OptionError` for another ending, `OutputError` for a place that cannot be written.
        """
        name = str(path)
        if name.endswith(".npy"):
            with new_file(name) as file:
                np.save(file, self.values)
        elif name.endswith(".parquet"):
            with new_file(name) as file:
                file.write(parquet(self))
        else:
            raise OptionError(f"--output {name}: must end in .npy or .parquet")


def embed(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    model: StrPath | Any,
    *,
    kind: VectorKind = "cls",
    layers: Layers = -1,
    max_length: int | None = None,
    progress: ProgressListener | None = None,
) -> Vectors:
    """The vectors of texts, by a model of `transformers` or the folder or name of one.

    `"cls"` is the vector of the first token, `"mean"` the mean of the tokens that are neither
    special nor padding (of all, where there is no other), `"pooled"` what BERT makes of `[CLS]` for
    its next-sentence task, `"tokens"` every token. A text that is too long is cut. Nothing is
    drawn at random: the same texts give the same vectors, whatever stands beside them, but for
    rounding.

    Raises `OptionError` for a layer or a kind that the model does not have.
    """
    check_choice("--vectors", kind, get_args(VectorKind))
    if isinstance(model, torch.nn.Module):
        own: Any = model
    else:
        own = load("AutoModel", model, Vocabulary.of(tokenizer), pooled=kind == "pooled")
    check_layers(own, kind, layers)
    length = longest_input(own, max_length, tokenizer)
    rows = rows_of(tokenizer, texts, max_length=length)
    special = Special.of(tokenizer)
    found: list[Any] = [None] * len(rows)
    own.eval()
    done = 0
    with torch.inference_mode():
        for chosen, batch in in_batches(rows, special, BATCH_SIZE):
            for at, values in zip(chosen, vectors(own, batch, kind, layers), strict=True):
                found[at] = values
            done += len(chosen)
            if progress:
                progress(Progress("vectors", done, len(rows), "texts"))
    names = tuple(tuple(tokenizer.id_to_token(id) or "" for id in row.ids) for row in rows)
    return Vectors(stacked(found, kind, layers, own), names, kind, layers)


def vectors(model: Any, batch: Batch, kind: VectorKind, layers: Layers) -> list[Any]:
    """The vectors of a batch, one array a text."""
    output = model(
        **accepted(model, tensors(batch.inputs())), output_hidden_states=True, return_dict=True
    )
    if kind == "pooled":
        return list(output.pooler_output.numpy())
    states = output.hidden_states
    hidden = torch.stack(states, dim=2) if layers == "all" else states[layers]
    if kind == "cls":
        return list(hidden[:, 0].numpy())
    found = []
    for row in range(len(batch)):
        number = sum(batch.attention_mask[row])
        if kind == "tokens":
            found.append(hidden[row, :number].numpy())
        else:
            places = batch.maskable(row) or list(range(number))
            found.append(hidden[row, places].mean(0).numpy())
    return found


def stacked(
    found: Sequence[Any], kind: VectorKind, layers: Layers, model: Any
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The arrays of all texts in one, filled with zeros to the longest."""
    if not found:
        number = (1,) * (kind == "tokens") + (
            (model.config.num_hidden_layers + 1,) if layers == "all" else ()
        )
        return np.zeros((0, *number, model.config.hidden_size), dtype=np.float32)
    if kind != "tokens":
        return np.stack(found).astype(np.float32)
    length = max(len(each) for each in found)
    values = np.zeros((len(found), length, *found[0].shape[1:]), dtype=np.float32)
    for at, each in enumerate(found):
        values[at, : len(each)] = each
    return values


def check_layers(model: Any, kind: VectorKind, layers: Layers) -> None:
    """Raise `OptionError` for a layer that a model does not have."""
    number = int(model.config.num_hidden_layers)
    if kind == "pooled":
        if layers != -1:
            raise OptionError("--layer: the pooled vector is of the last layer; leave --layer out")
        if getattr(model, "pooler", None) is None:
            raise OptionError("--vectors pooled: the model has no pooler; use cls or mean")
    elif layers != "all" and not -number - 1 <= layers <= number:
        raise OptionError(
            f"--layer {layers}: must be all, or from 0 (the embedding) to {number}, or from -1 "
            f"(the last) to {-number - 1}"
        )


def parquet(vectors: Vectors) -> bytes:
    """A row for each text: its tokens, and its vector or vectors in lists."""
    check_installed(what=".parquet", libraries=("pyarrow",), extra="parquet")
    import pyarrow
    import pyarrow.parquet as writer

    per_text = [
        values[: len(tokens)] if vectors.kind == "tokens" else values
        for values, tokens in zip(vectors.values, vectors.tokens, strict=True)
    ]
    table = pyarrow.table(
        {
            "tokens": pyarrow.array(
                list(map(list, vectors.tokens)), pyarrow.list_(pyarrow.string())
            ),
            "vectors": pyarrow.array(
                [each.tolist() for each in per_text], nested(vectors, pyarrow)
            ),
        }
    )
    buffer = io.BytesIO()
    writer.write_table(table, buffer)
    return buffer.getvalue()


def nested(vectors: Vectors, pyarrow: Any) -> Any:
    """The Arrow type of a text's vectors."""
    kind = pyarrow.float32()
    wrap: Callable[[Any], Any] = pyarrow.list_
    for _ in range(vectors.values.ndim - 1):
        kind = wrap(kind)
    return kind
