"""A model whose vocabulary was extended or pruned: its embedding follows, nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from wordpiece.bert.models import load_as_it_is
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.formats.model_dir import EXTENSION, ID_MAP
from wordpiece.pretrained import StrPath


def resize(model: StrPath, folder: StrPath) -> Any:
    """The model of a folder or a name, for the vocabulary in a folder of `wp extend` or `wp prune`.

    Raises `InputError` where the folder says nothing of what was changed, `OptionError` when the
    model is not of the vocabulary that was changed.
    """
    place = Path(folder)
    if (place / EXTENSION).exists():
        document = read(place / EXTENSION)
        own = load_as_it_is(model)
        check_size(model, own, int(document["base"]["vocab_size"]))
        tokens = [(int(each["id"]), each["pieces"]) for each in document["tokens"]]
        return resized(own, tokens, int(document["vocab_size"]))
    if (place / ID_MAP).exists():
        document = read(place / ID_MAP)
        own = load_as_it_is(model)
        check_size(model, own, int(document["old_vocab_size"]))
        return cut(own, document["kept"])
    raise InputError(
        f"{folder}: has neither {EXTENSION} nor {ID_MAP}: name a folder that wp extend or wp prune "
        "wrote"
    )


def read(path: Path) -> dict[str, Any]:
    """What was changed. Raises `FormatError` for a file that is damaged."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if path.name == EXTENSION:
            _ = [(each["id"], each["pieces"]) for each in document["tokens"]]
            _ = document["base"]["vocab_size"], document["vocab_size"]
        else:
            _ = list(document["kept"]), document["old_vocab_size"]
    except (ValueError, KeyError, TypeError):
        raise FormatError(f"{path}: is damaged: make it again") from None
    return document


def check_size(name: StrPath, model: Any, size: int) -> None:
    """Raise `OptionError` when a model has another vocabulary than the one that was changed."""
    own = model.get_input_embeddings().weight.shape[0]
    if own != size:
        raise OptionError(
            f"--model {name}: has {own:,} rows, and the vocabulary that was changed {size:,} tokens"
        )


def resized(model: Any, tokens: Iterable[tuple[int, Sequence[int]]], size: int) -> Any:
    """A model whose vocabulary was extended, in place: rows for so many ids, the new ones begun.

    `tokens` are new ids with the old ones that their text had before (see `Extension.tokens`): the
    embedding of each begins as the mean of those, which is closer to what the model expects than
    a random one. The output layer follows where it is tied to the embedding.
    """
    transformers.set_seed(0)  # for the rows of texts that were unknown
    model.resize_token_embeddings(size, mean_resizing=False)
    weight = model.get_input_embeddings().weight
    with torch.no_grad():
        before = weight.clone()
        for id, pieces in tokens:
            if pieces:
                weight[id] = before[list(pieces)].mean(0)
    return model


def cut(model: Any, kept: Sequence[int]) -> Any:
    """A model whose vocabulary was pruned, in place: the rows of the ids that were kept."""
    rows = torch.tensor(kept)
    output = model.get_output_embeddings()
    with torch.no_grad():
        weight = model.get_input_embeddings().weight
        weight[: len(kept)] = weight[rows]
        if output is not None:
            if output.weight is not weight:
                output.weight[: len(kept)] = output.weight[rows]
            if output.bias is not None:
                output.bias[: len(kept)] = output.bias[rows]
    pad = model.config.pad_token_id
    model.resize_token_embeddings(len(kept), mean_resizing=False)
    if pad is not None:
        model.config.pad_token_id = list(kept).index(pad) if pad in kept else None
    return model
