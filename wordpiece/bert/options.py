"""How models are made and trained, as plain values: checked before anything heavy is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from wordpiece.bert.masking import Rule
from wordpiece.errors import OptionError
from wordpiece.training.trainers import check_choice

#: BERT's sizes (Devlin et al., 2019) and its miniatures (Turc et al., 2019).
SizeName = Literal["tiny", "mini", "small", "medium", "base"]
#: Masked tokens alone, or with next-sentence prediction as BERT has it.
Objective = Literal["mlm", "mlm+nsp"]
#: Logistic regression on the `[CLS]` vectors of a model that stays as it is, or all of it trained.
Recipe = Literal["frozen", "finetune"]
#: The vector of `[CLS]`, the mean of a text's tokens, BERT's pooled output, or all tokens.
VectorKind = Literal["cls", "mean", "pooled", "tokens"]
#: Layers are numbered as in `hidden_states`: 0 is the embedding, the last is -1.
Layers = int | Literal["all"]
#: What generators of random numbers take.
HIGHEST_SEED = 2**32 - 1


class Size(NamedTuple):
    """How large a model is, apart from its embeddings; a head has 64 numbers."""

    layers: int
    hidden: int


SIZES: dict[SizeName, Size] = {
    "tiny": Size(2, 128),
    "mini": Size(4, 256),
    "small": Size(4, 512),
    "medium": Size(8, 512),
    "base": Size(12, 768),
}


@dataclass(frozen=True)
class TrainingOptions:
    """What all trainings have: `size` is that of a fresh model, `max_length` counts tokens.

    A `learning_rate` of None goes by the size of the model.
    """

    size: SizeName = "tiny"
    max_length: int | None = None
    batch_size: int = 32
    epochs: float = 1
    learning_rate: float | None = None
    seed: int = 0

    def check(self) -> None:
        """Raise `OptionError` for what cannot be."""
        check_choice("--size", self.size, get_args(SizeName))
        if not 0 <= self.seed <= HIGHEST_SEED:
            raise OptionError(f"--seed {self.seed}: must be from 0 to {HIGHEST_SEED:,}")
        if self.batch_size < 1 or not 0 < self.epochs < float("inf"):
            raise OptionError(
                f"--batch-size {self.batch_size}, --epochs {self.epochs:g}: must be above 0"
            )
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise OptionError(f"--learning-rate {self.learning_rate}: must be above 0, below 1")


@dataclass(frozen=True)
class PretrainingOptions(TrainingOptions):
    """How to pre-train, and by which rule tokens are hidden (see `mask_tokens`)."""

    objective: Objective = "mlm"
    probability: float = 0.15
    rule: Rule = "80-10-10"
    whole_word: bool = False

    def check(self) -> None:
        """Raise `OptionError` for what cannot be."""
        super().check()
        check_choice("--objective", self.objective, get_args(Objective))
        if not 0 < self.probability < 1:
            raise OptionError(f"--probability {self.probability}: must be above 0, below 1")


@dataclass(frozen=True)
class ClassifierOptions(TrainingOptions):
    """How to train a classifier."""

    epochs: float = 3
    recipe: Recipe = "finetune"

    def check(self) -> None:
        """Raise `OptionError` for what cannot be."""
        super().check()
        check_choice("--recipe", self.recipe, get_args(Recipe))


@dataclass(frozen=True)
class Budget:
    """What the probe gives every tokenizer: the same texts in the same order, and the same model.

    `text_bytes` are read in pre-training, the corpus over and over if it is smaller (bytes of
    UTF-8); `epochs` are those of fine-tuning. `max_length` counts tokens, the batches count texts.
    Rates are those of Adam. What stands here gave the lowest loss in a minute or two on one thread;
    pre-training is without dropout, since so little text is read so few times.
    """

    text_bytes: int = 3_500_000
    epochs: float = 3
    size: Size = SIZES["tiny"]
    max_length: int = 128
    pretraining_batch: int = 16
    pretraining_rate: float = 1e-3
    probability: float = 0.15
    batch: int = 32
    rate: float = 5e-4
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name, value in (
            ("--bytes", self.text_bytes),
            ("--epochs", self.epochs),
            ("--layers", self.size.layers),
            ("--hidden", self.size.hidden),
        ):
            if not 0 < value < float("inf"):
                raise OptionError(f"{name} {value}: must be above 0")
