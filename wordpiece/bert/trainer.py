"""The `Trainer` of `transformers`, given batches that are settled beforehand.

What is in each step, and which tokens are hidden there, hangs on the seed and the number of the
step alone: a training that is gone on with sees what it would have seen.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint

from wordpiece.bert.models import quiet
from wordpiece.errors import InputError, OutputError
from wordpiece.types import Progress, ProgressListener

Inputs = dict[str, torch.Tensor]
#: Items of about the same size are batched together out of so many batches, to pad little.
POOL = 20
#: What a checkpoint consists of.
CHECKPOINT = (
    *("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"),
    "trainer_state.json",
)
GO_ON = "the same command with --resume goes on from the last checkpoint"


class Loss(NamedTuple):
    """The mean loss, in nats, of the steps up to one."""

    step: int
    loss: float


@dataclass(frozen=True)
class Schedule:
    """How to train: Adam with weight decay; the rate rises, then falls linearly to 0.

    `warmup` is the share of the steps in which it rises; `save_every` steps a checkpoint is kept.
    """

    learning_rate: float
    warmup: float = 0.1
    weight_decay: float = 0.01
    seed: int = 0
    log_every: int = 50
    save_every: int | None = None


def batched(
    sizes: Sequence[int], *, batch_size: int, epochs: float, seed: int
) -> list[tuple[int, ...]]:
    """Which items are in each step: all in every epoch, shuffled, those alike in size together.

    There is one step at least.

    >>> steps = batched([5, 1, 9, 3], batch_size=2, epochs=1.5, seed=0)
    >>> len(steps), sorted(steps[0] + steps[1])
    (3, [0, 1, 2, 3])
    """
    draw = random.Random(seed)
    per_epoch = -(-len(sizes) // batch_size)
    number = max(1, round(epochs * per_epoch))
    steps: list[tuple[int, ...]] = []
    while len(steps) < number:
        order = list(range(len(sizes)))
        draw.shuffle(order)
        found = []
        for start in range(0, len(order), POOL * batch_size):
            pool = sorted(order[start : start + POOL * batch_size], key=lambda at: -sizes[at])
            found += [tuple(pool[at : at + batch_size]) for at in range(0, len(pool), batch_size)]
        draw.shuffle(found)
        steps += found
    return steps[:number]


class Steps(torch.utils.data.Dataset[Inputs]):  # type: ignore[misc]
    """What each step is given, made when it is asked for."""

    def __init__(
        self, plan: Sequence[tuple[int, ...]], make: Callable[[int, tuple[int, ...]], Inputs]
    ) -> None:
        self._plan, self._make = plan, make

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, step: int) -> Inputs:
        return self._make(step, self._plan[step])


class StepTrainer(Trainer):  # type: ignore[misc]
    """A trainer that is given whole steps, and whose loss a function may say."""

    def __init__(self, *, loss: Callable[[Any, Inputs], torch.Tensor] | None, **options: Any):
        super().__init__(**options)
        self._loss = loss

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **options: Any) -> Any:
        """The loss of a step."""
        if self._loss is None:
            return super().compute_loss(model, inputs, *args, **options)
        return self._loss(model, inputs)

    def _save_checkpoint(self, *args: Any, **options: Any) -> None:
        """Keep a checkpoint; what goes wrong here is the disk's fault, not a checkpoint's."""
        try:
            super()._save_checkpoint(*args, **options)
        except (OSError, RuntimeError, SafetensorError) as error:
            said = str(error).splitlines()[0]
            raise OutputError(f"{self.args.output_dir}: {said}: make room; {GO_ON}") from None


class Watch(TrainerCallback):  # type: ignore[misc]
    """Tells a listener how far the training has come."""

    def __init__(self, phase: str, progress: ProgressListener) -> None:
        self._phase, self._progress = phase, progress

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """After each step."""
        self._progress(Progress(self._phase, state.global_step, state.max_steps, "steps"))


def fit(
    model: Any,
    steps: Steps,
    schedule: Schedule,
    *,
    loss: Callable[[Any, Inputs], torch.Tensor] | None = None,
    phase: str = "training",
    folder: Path | None = None,
    resume: bool = False,
    progress: ProgressListener | None = None,
) -> list[Loss]:
    """Train a model in place; the losses come with the steps at which they were noted.

    With a `folder`, checkpoints are kept there, and `resume` goes on from the last one, if there is
    any. Raises `InputError` for a checkpoint that is damaged, `OutputError` for a full disk.
    """
    place: Any = tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder))
    with place as output, quiet():
        trainer = StepTrainer(
            loss=loss,
            model=model,
            args=arguments(output, len(steps), schedule, keep=folder is not None),
            train_dataset=steps,
            data_collator=lambda items: items[0],
            callbacks=[] if progress is None else [Watch(phase, progress)],
        )
        trainer.remove_callback(PrinterCallback)
        last = last_checkpoint(output) if resume else None
        try:
            trainer.train(resume_from_checkpoint=last)
        except KeyboardInterrupt as interruption:
            if folder is not None:
                interruption.add_note(GO_ON)
            raise
        except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, EOFError) as error:
            if last is None:
                raise
            said = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise damaged(last, said) from None
    model.to("cpu")  # where everything else is done
    history = trainer.state.log_history  # with what was noted before a checkpoint
    return [Loss(each["step"], float(each["loss"])) for each in history if "loss" in each]


def last_checkpoint(folder: str) -> str | None:
    """The last checkpoint in a folder, if there is any. Raises `InputError` for half of one.

    Without one of its files `transformers` would go on too, and end with other weights.
    """
    if not Path(folder).exists():
        return None
    last: str | None = get_last_checkpoint(folder)
    if last is not None:
        for name in CHECKPOINT:
            if not (Path(last) / name).exists():
                raise damaged(last, f"there is no {name} in it")
    return last


def damaged(checkpoint: str, said: str) -> InputError:
    """The error for a checkpoint that cannot be gone on with."""
    folder = Path(checkpoint).parent
    return InputError(
        f"{checkpoint}: is damaged ({said}): delete {folder} and start anew without --resume"
    )


def arguments(output: str, steps: int, schedule: Schedule, *, keep: bool) -> TrainingArguments:
    """What the trainer is told; one item of the dataset is a whole step."""
    logged = min(schedule.log_every, max(1, steps // 10))
    return TrainingArguments(
        output_dir=output,
        max_steps=steps,
        per_device_train_batch_size=1,
        train_sampling_strategy="sequential",
        learning_rate=schedule.learning_rate,
        weight_decay=schedule.weight_decay,
        warmup_steps=round(schedule.warmup * steps),
        lr_scheduler_type="linear",
        optim="adamw_torch_fused",
        seed=schedule.seed,
        logging_strategy="steps",
        logging_steps=logged,
        save_strategy="steps" if keep else "no",
        # after as many steps as are logged together: a training that goes on logs the same
        save_steps=schedule.save_every or -(-max(1, steps // 10) // logged) * logged,
        save_total_limit=1,
        disable_tqdm=True,
        report_to="none",
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
