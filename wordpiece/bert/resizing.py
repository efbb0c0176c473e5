"""A model whose vocabulary was extended or pruned: its embedding follows, nothing else changes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
import transformers

from wordpiece.bert.models import POSITIONS_BEHIND_PADDING, load_as_it_is, tokenizer_for
from wordpiece.errors import FormatError, InputError, OptionError
from wordpiece.formats.model_dir import EXTENSION, ID_MAP, vocab_sha256
from wordpiece.pretrained import StrPath, Tokenizer

Read = TypeVar("Read")


def resize(model: StrPath, folder: StrPath) -> tuple[Any, Tokenizer]:
    """The model of a folder or a name, for the vocabulary in a folder of `wp extend` or `wp prune`.

    Raises `InputError` where the folder says nothing of what was changed, `OptionError` when the
    model is not of the vocabulary that was changed, `FormatError` for what is damaged.
    """
    place = Path(folder)
    tokenizer = Tokenizer.from_file(folder)
    rows = max(tokenizer.get_vocab().values()) + 1
    if (place / EXTENSION).exists():
        extension = read(place / EXTENSION, extension_of, rows)
        own = load_as_it_is(model)
        check_vocabulary(model, own, extension.base)
        return extended(own, extension.tokens, rows), tokenizer
    if (place / ID_MAP).exists():
        pruning = read(place / ID_MAP, pruning_of, rows)
        own = load_as_it_is(model)
        check_vocabulary(model, own, pruning.base)
        return pruned(own, pruning.kept), tokenizer
    raise InputError(
        f"{folder}: has neither {EXTENSION} nor {ID_MAP}: name a folder that wp extend or wp prune "
        "wrote"
    )


class Base(NamedTuple):
    """The vocabulary that was changed: how many tokens it had, and its hash."""

    size: int
    sha256: str


class Extended(NamedTuple):
    """New ids with the old ones that their text had."""

    base: Base
    tokens: list[tuple[int, list[int]]]


class Pruned(NamedTuple):
    """The old ids of the new ones."""

    base: Base
    kept: list[int]


def extension_of(document: dict[str, Any], rows: int) -> Extended:
    """What extension.json says. Raises `ValueError` for what cannot be."""
    base = Base(int(document["base"]["vocab_size"]), str(document["base"]["vocab_sha256"]))
    tokens = [(int(each["id"]), list(map(int, each["pieces"]))) for each in document["tokens"]]
    for id, pieces in tokens:
        within(id, rows)
        for piece in pieces:
            within(piece, base.size)
    if int(document["vocab_size"]) != rows:
        raise ValueError
    return Extended(base, tokens)


def pruning_of(document: dict[str, Any], rows: int) -> Pruned:
    """What id_map.json says. Raises `ValueError` for what cannot be."""
    base = Base(int(document["old_vocab_size"]), str(document["old_vocab_sha256"]))
    kept = [within(id, base.size) for id in map(int, document["kept"])]
    if len(kept) != rows or kept != sorted(set(kept)):
        raise ValueError
    return Pruned(base, kept)


def within(id: int, size: int) -> int:
    """An id that there is. Raises `ValueError` for any other."""
    if not 0 <= id < size:
        raise ValueError
    return id


def read(path: Path, parse: Callable[[dict[str, Any], int], Read], rows: int) -> Read:
    """What was changed, as it stands beside a vocabulary of so many ids. Raises `FormatError`."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")), rows)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FormatError(
            f"{path}: is damaged, or not of the tokenizer beside it: make it again"
        ) from None


def check_vocabulary(name: StrPath, model: Any, base: Base) -> None:
    """Raise `OptionError` when a model has another vocabulary than the one that was changed."""
    own = model.get_input_embeddings().weight.shape[0]
    if own != base.size:
        raise OptionError(
            f"{name}: has {own:,} rows, and the vocabulary that was changed {base.size:,} tokens"
        )
    beside = tokenizer_for(os.fspath(name), None)
    if beside is not None and vocab_sha256(Tokenizer.from_file(beside).get_vocab()) != base.sha256:
        raise OptionError(f"{name}: has another vocabulary than the one that was changed")


def extended(model: Any, tokens: Iterable[tuple[int, Sequence[int]]], size: int) -> Any:
    """A model whose vocabulary was extended, in place: rows for so many ids, the new ones begun.

    `tokens` are new ids with the old ones that their text had before (see `Extension.tokens`): the
    embedding of each begins as the mean of those, which is closer to what the model expects than
    a random one. So do the rows and the biases of the output layer, a bias without old ids as the
    mean of all: with 0, where others are ln p, the new tokens would take nearly all probability.
    """
    transformers.set_seed(0)  # for the rows of texts that were unknown
    old = model.get_input_embeddings().weight.shape[0]
    with_rows(model, size)
    weight = model.get_input_embeddings().weight
    output = model.get_output_embeddings()
    every = [weight]
    if output is not None and output.weight is not weight:
        every.append(output.weight)
    bias = None if output is None else output.bias
    with torch.no_grad():
        rows = [each.clone() for each in every]
        biases = None if bias is None else bias.clone()
        for id, pieces in tokens:
            if pieces:
                for each, before in zip(every, rows, strict=True):
                    each[id] = before[list(pieces)].mean(0)
            if bias is not None and biases is not None:
                bias[id] = biases[list(pieces) if pieces else slice(old)].mean()
    return model


def pruned(model: Any, kept: Sequence[int]) -> Any:
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
    renumber(model, kept)
    with_rows(model, len(kept))
    return model


def with_rows(model: Any, size: int) -> None:
    """Give a model so many rows; an output layer of its own keeps a bias of its own."""
    model.resize_token_embeddings(size, mean_resizing=False)
    output = model.get_output_embeddings()
    if output is not None and output.bias is not None and not model.config.tie_word_embeddings:
        output.bias = torch.nn.Parameter(output.bias.detach().clone())


def renumber(model: Any, kept: Sequence[int]) -> None:
    """Give the special tokens of a configuration their new ids; what was taken out has none.

    Raises `OptionError` where positions are counted from the padding token on, and it moves.
    """
    new = {old: id for id, old in enumerate(kept)}
    pad = model.config.pad_token_id
    if model.config.model_type in POSITIONS_BEHIND_PADDING and new.get(pad) != pad:
        raise OptionError(
            f"a {model.config.model_type} counts positions from its padding token on, whose id "
            "would change: keep the tokens before it, or prune without them"
        )
    for config in (model.config, getattr(model, "generation_config", None)):
        for name, value in list(vars(config).items() if config is not None else ()):
            if not name.endswith("_token_id"):
                continue
            if isinstance(value, list):
                setattr(config, name, [new[id] for id in value if id in new])
            elif value is not None:
                setattr(config, name, new.get(value))
