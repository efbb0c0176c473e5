"""Models of `transformers`: small and fresh, or from a folder or the cache, checked to fit."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
import transformers
from safetensors import SafetensorError
from transformers import BertConfig

from wordpiece.analysis.encoders import known_to_transformers
from wordpiece.bert.batches import MOST_TOKENS, Special
from wordpiece.bert.options import SIZES, Size, SizeName, TrainingOptions
from wordpiece.errors import FormatError, InputError, OptionError, OutputError
from wordpiece.formats import model_dir
from wordpiece.formats.atomic import write_folder
from wordpiece.formats.model_dir import MODEL_CONFIG
from wordpiece.pretrained import StrPath, Tokenizer
from wordpiece.training.trainers import check_choice

POSITIONS_BEHIND_PADDING = ("roberta", "xlm-roberta", "camembert", "mpnet")


class Vocabulary(NamedTuple):
    """What a model must know of the vocabulary: how many ids there are, and which one pads."""

    size: int
    pad: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Vocabulary:
        """That of a tokenizer: ids run from 0 to the highest."""
        return cls(max(tokenizer.get_vocab().values()) + 1, Special.of(tokenizer).pad or 0)


def fresh(
    kind: str,
    vocabulary: Vocabulary,
    *,
    size: SizeName | Size = "tiny",
    max_length: int = MOST_TOKENS,
    dropout: float = 0.1,
    seed: int = 0,
    **settings: Any,
) -> Any:
    """A model with random weights, of a class of `transformers` such as `BertForMaskedLM`.

    The same seed gives the same weights, and outside the embedding of tokens and the bias of the
    output the same whatever the vocabulary. Raises `OptionError` for a size that is none.
    """
    if isinstance(size, str):
        check_choice("--size", size, tuple(SIZES))
        size = SIZES[size]
    shape: dict[str, Any] = dict(
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=heads(size.hidden),
        intermediate_size=4 * size.hidden,
        max_position_embeddings=max_length,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        **settings,
    )
    make = getattr(transformers, kind)
    transformers.set_seed(seed)
    small = make(BertConfig(vocab_size=2, pad_token_id=0, **shape)).state_dict()
    model = make(BertConfig(vocab_size=vocabulary.size, pad_token_id=vocabulary.pad, **shape))
    own = model.state_dict()
    model.load_state_dict(
        {name: small[name] if small[name].shape == own[name].shape else own[name] for name in own}
    )
    return model


def made(
    kind: str,
    any_kind: str,
    name: StrPath | None,
    vocabulary: Vocabulary,
    options: TrainingOptions,
    **settings: Any,
) -> Any:
    """A model to be trained: a fresh one of a class of BERT's, or a named one of any kind."""
    if name is None:
        return fresh(kind, vocabulary, size=options.size, seed=options.seed, **settings)
    return load(any_kind, name, vocabulary, seed=options.seed, **settings)


def heads(hidden: int) -> int:
    """How many heads: of 64 numbers each, or of a few more where that does not come out even.

    >>> heads(128), heads(200), heads(32)
    (2, 2, 1)
    """
    return next(number for number in range(max(1, hidden // 64), 0, -1) if hidden % number == 0)


def load(
    kind: str,
    name: StrPath,
    vocabulary: Vocabulary,
    *,
    pooled: bool = False,
    seed: int = 0,
    **settings: Any,
) -> Any:
    """A model from a folder, or of a name that is in the cache; nothing is asked of the network.

    `kind` is a class of `transformers`, such as `AutoModel`; what the weights lack of it, a new
    head for a task, is drawn by the seed, but with `pooled` the pooler must be there. Raises
    `InputError` and `FormatError` for what cannot be loaded or is of another configuration,
    `OptionError` when its vocabulary is not the tokenizer's.
    """
    name = os.fspath(name)
    transformers.set_seed(seed)
    try:
        with quiet():
            model, found = getattr(transformers, kind).from_pretrained(
                name,
                local_files_only=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # of a head; what else does not fit is refused below
                **settings,
            )
    except Exception as error:  # the library and those below it raise all sorts
        hint = "name a folder with a config.json, or leave it out for a small fresh model"
        raise no_model(name, error, hint) from None
    check_vocabulary(name, model.config, vocabulary)
    check_weights(name, found, pooled=pooled)
    model = model.float()  # weights may be stored in half the bits
    if model.config.pad_token_id is None:  # GPT-2 needs it to find the last token
        model.config.pad_token_id = vocabulary.pad
    return model


def load_as_it_is(name: StrPath) -> Any:
    """A model of the class that its configuration names, whatever its vocabulary.

    Raises `InputError` and `FormatError` as `load` does.
    """
    name = os.fspath(name)
    transformers.set_seed(0)
    try:
        with quiet():
            config = transformers.AutoConfig.from_pretrained(name, local_files_only=True)
            kind = getattr(transformers, (config.architectures or ["AutoModel"])[0])
            model, found = kind.from_pretrained(
                name, local_files_only=True, output_loading_info=True
            )
    except Exception as error:  # the library and those below it raise all sorts
        raise no_model(name, error, "name a folder with a config.json") from None
    for key in sorted(found["missing_keys"]):
        raise other_configuration(name, f"no {key}")
    return model


def no_model(name: str, error: Exception, hint: str) -> InputError | FormatError:
    """Why there is no model, in one line."""
    folder = Path(name)
    if not folder.exists():
        return InputError(
            f"--model {name}: no such folder, and transformers has no model of that name in its "
            f"cache: {hint}"
        )
    if not (folder / MODEL_CONFIG).exists():
        return InputError(f"--model {name}: holds no model: there is no {MODEL_CONFIG} in it")
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return FormatError(f"--model {name}: cannot be loaded: {said}")


def check_weights(name: str, found: dict[str, Any], *, pooled: bool) -> None:
    """Raise `FormatError` when the weights are not of the model that the configuration names."""
    missing, left_over = set(found["missing_keys"]), set(found["unexpected_keys"])
    for key, *_ in found["mismatched_keys"]:
        if ".layer." in key or "embeddings." in key:
            raise other_configuration(name, f"another size of {key}")
    for key in sorted(missing):
        if ".layer." in key or "embeddings." in key:
            raise other_configuration(name, f"no {key}")
        if pooled and "pooler." in key:
            raise OptionError("--vectors pooled: the model has no trained pooler; use cls or mean")
    for key in sorted(left_over):
        if ".layer." in key:
            raise other_configuration(name, f"{key} too")


def other_configuration(name: str, what: str) -> FormatError:
    """The weights beside a config.json are another model's."""
    return FormatError(
        f"--model {name}: its weights have {what}: they are of another configuration than its "
        f"{MODEL_CONFIG}"
    )


def check_vocabulary(name: str, config: Any, vocabulary: Vocabulary) -> None:
    """Raise `OptionError` when a model was made for another vocabulary."""
    if config.vocab_size != vocabulary.size:
        raise OptionError(
            f"--model {name}: is for {config.vocab_size:,} tokens, and the tokenizer has "
            f"{vocabulary.size:,}: name the tokenizer that the model was trained with"
        )


def tokenizer_for(model: str | None, tokenizer: str | None) -> str | None:
    """Where the tokenizer is: as named, or else beside the model; None for the usual place."""
    if tokenizer is not None or model is None:
        return tokenizer
    names = (model_dir.TOKENIZER, model_dir.VOCAB, model_dir.VOCAB_JSON)
    return model if any((Path(model) / name).exists() for name in names) else None


def cached_tokenizer(name: str, option: str) -> Tokenizer:
    """The tokenizer of a name that `transformers` has in its cache. Raises `InputError`."""
    with quiet():
        found = known_to_transformers(
            name, f"{option} {name}: no such path, and transformers has nothing of that name"
        )
    return Tokenizer.from_transformers(found)


def tensors(rows: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Lists of lists as tensors of the same names."""
    return {name: torch.tensor(value) for name, value in rows.items()}


def accepted(model: Any, inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs that a model takes: DistilBERT and RoBERTa have no type ids."""
    names = inspect.signature(model.forward).parameters
    with_types = getattr(model.config, "type_vocab_size", 2) > 1
    return {
        name: value
        for name, value in inputs.items()
        if name in names and (with_types or name != "token_type_ids")
    }


def longest_input(
    model: Any, asked: int | None, tokenizer: Tokenizer, *, pair: bool = False
) -> int:
    """How many tokens a text, or a pair of them, may have, with the special tokens around it.

    Raises `OptionError` for more than the model takes, and for so few that none of a text is left.

    RoBERTa and its like count positions from behind the number of the padding token on.
    """
    most = int(getattr(model.config, "max_position_embeddings", MOST_TOKENS))
    if model.config.model_type in POSITIONS_BEHIND_PADDING:
        most -= model.config.pad_token_id + 1
    if asked is not None and asked > most:
        raise OptionError(f"--max-length {asked}: the model takes at most {most} tokens")
    template = tokenizer.parts.template
    around = template.added(pair=pair) if template else 0
    least = around + 1 + pair
    if asked is not None and asked < least:
        raise OptionError(
            f"--max-length {asked}: must be at least {least}: {around} special tokens are around "
            f"{'two texts' if pair else 'a text'}"
        )
    return most if asked is None else asked


def parameters(model: Any) -> tuple[int, int]:
    """How many numbers a model has, and how many of them are embeddings of tokens."""
    total = sum(each.numel() for each in model.parameters())
    return total, int(model.get_input_embeddings().weight.numel())


def save(model: Any, tokenizer: Tokenizer, folder: StrPath, files: dict[str, str]) -> None:
    """Write a model and its tokenizer into a folder, all at once. Raises `OutputError`.

    `transformers` loads both from it, and so does `pipeline`.
    """

    def fill(place: Path) -> None:
        try:
            model.save_pretrained(place)
        except SafetensorError as error:
            raise OutputError(f"{folder}: cannot be written: {error}: make room") from None

    length = longest_input(model, None, tokenizer)
    habits = replace(tokenizer.parts.habits, max_length=length)
    parts = replace(tokenizer.parts, habits=habits)
    with quiet():
        write_folder(
            Path(folder),
            {**model_dir.files(parts), **files},
            ours=model_dir.OURS | model_dir.OF_MODELS,
            fill=fill,
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Without the bars and hints of `transformers`, which write to stderr."""
    verbosity = transformers.logging.get_verbosity()
    bars = transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(verbosity)
        if bars:
            transformers.logging.enable_progress_bar()
