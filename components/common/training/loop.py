"""One training, whatever it trains: resume, draw the batch of a step, take the step, average, log, checkpoint.

A trainer is a subclass of `Training`: it brings its networks, the batch of a step and the loss. All that is random in a
step follows from (seed, step), so a resumed training ends in the same bytes as an unbroken one.
"""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from components.common.machine.interruption import deferred
from components.common.parent_death import die_with_parent
from components.common.progress import track
from components.common.tracker import NullTracker, Tracker
from components.common.training.checkpoint import Checkpoint, pack_optimizer, pack_parts, unpack_optimizer, unpack_part
from components.common.training.ema import Ema
from components.common.training.step_log import write_steps

FLOOR = 0.03  # of the learning rate at the end of its cosine
BatchT = TypeVar("BatchT")
Figures = Mapping[str, Tensor]  # scalars


@dataclass(frozen=True)
class Pace:
    """steps: optimizer steps of the whole training; log_every, checkpoint_every: steps between two rows, two saves."""

    steps: int
    log_every: int
    checkpoint_every: int

    def is_due(self, every: int, step: int) -> bool:
        """Whether something that comes every so many steps, and after the last, comes after `step` of them."""
        return step % every == 0 or step == self.steps


class Training(ABC, Generic[BatchT]):
    """Networks, their optimizers and moving averages, the step, a row of figures for every logged step.

    modules, optimizers, averages: by name; an optimizer and an average are named as the module that they belong to.
    networks: the modules as `accelerate` prepared them. Losses go through these, state through `modules`.
    """

    label: ClassVar[str]  # of the progress
    prefix: ClassVar[str] = ""  # of the figures' names in the tracker

    def __init__(
        self,
        pace: Pace,
        modules: Mapping[str, nn.Module],
        optimizers: Mapping[str, torch.optim.Optimizer],
        averages: Mapping[str, Ema],
        device: torch.device,
    ) -> None:
        self.pace = pace
        self.modules, self.averages = dict(modules), dict(averages)
        # Without its arguments an environment variable would decide on precision.
        self.accelerator = Accelerator(cpu=device.type == "cpu", mixed_precision="no")
        self.device: torch.device = self.accelerator.device
        self.networks: dict[str, Any] = {name: self.accelerator.prepare(module) for name, module in modules.items()}
        self.optimizers: dict[str, Any] = {name: self.accelerator.prepare(each) for name, each in optimizers.items()}
        self._rates = {name: [group["lr"] for group in each.param_groups] for name, each in self.optimizers.items()}
        self.step = 0  # steps taken
        self.rows: list[dict[str, float]] = []
        self.recent: list[Mapping[str, Tensor | float]] = []  # of the steps since the last row

    @abstractmethod
    def draw_batch(self, number: int) -> BatchT:
        """The batch of a number, on the CPU; it follows from the seed and this number alone."""

    @abstractmethod
    def train_step(self, batch: BatchT) -> Figures:
        """One optimizer step of each network; returns scalars. `self.step` is the number of steps before this one."""

    def summarize(self, recent: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """A row from the figures of each step since the row before: their means, for one batch says little."""
        return {name: float(np.mean([figures[name] for figures in recent])) for name in recent[0]}

    def minimize(self, name: str, loss: Tensor, rate: float = 1.0, largest_norm: float | None = None) -> None:
        """One step of optimizer `name`. rate: factor of its learning rates; largest_norm: of its module's gradient."""
        optimizer = self.optimizers[name]
        for group, peak in zip(optimizer.param_groups, self._rates[name], strict=True):
            group["lr"] = peak * rate
        optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        if largest_norm is not None:
            self.accelerator.clip_grad_norm_(self.modules[name].parameters(), largest_norm)
        optimizer.step()

    def run(
        self,
        checkpoint: Checkpoint | None = None,
        tracker: Tracker | None = None,
        plots: Path | None = None,
        workers: int = 0,
    ) -> None:
        """Take the remaining steps, going on from `checkpoint` where it holds state.

        plots: CSV of the rows so far, written while the training runs. workers: processes that draw batches ahead.
        The checkpoint also keeps the finished state, so that a stage killed later does not train again; the caller
        clears it when its stage has ended. An interruption (`machine.interruption`) waits for the end of the step, and
        the state is saved first.
        """
        tracker = tracker or NullTracker()
        if checkpoint is not None:
            self.resume(checkpoint)
        if plots is not None and self.rows:
            write_steps(plots, self.rows)  # DVC has removed the killed stage's file
        batches: Any = self.accelerator.prepare(self.loader(workers, self.accelerator.num_processes))
        with deferred() as wish:  # within a step the state is neither the old nor the new one
            for batch in track(batches, self.label, self.pace.steps - self.step):
                self._advance(batch)
                if self.pace.is_due(self.pace.log_every, self.step):
                    self._log(tracker, plots)
                if checkpoint is not None and (wish.number or self.pace.is_due(self.pace.checkpoint_every, self.step)):
                    self.save(checkpoint)
                wish.fulfil()

    def averaged(self, name: str) -> Any:
        """A copy of a module with its averaged values, for evaluation."""
        module = copy.deepcopy(self.modules[name])
        module.load_state_dict(self.averages[name].values)
        return module.eval()

    def loader(self, workers: int = 0, processes: int = 1) -> DataLoader[BatchT]:
        """Batches of the remaining steps, as many for each as there are processes to deal them to."""
        return DataLoader(
            _Batches(self, processes),
            batch_size=1,
            collate_fn=_only,
            num_workers=workers,
            worker_init_fn=_start_worker,
            generator=torch.Generator(),  # else the loader draws from the global one
        )

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the whole state."""
        if self.accelerator.is_main_process:
            optimizers = {f"optimizer/{name}": pack_optimizer(each) for name, each in self.optimizers.items()}
            tensors = {**self._weights(), **pack_parts(optimizers)}
            checkpoint.save(tensors, {"step": self.step, "rows": self.rows, "recent": _as_numbers(self.recent)})

    def resume(self, checkpoint: Checkpoint) -> None:
        """Take up the saved state, if there is one."""
        stored = checkpoint.load(self._weights())
        if stored is None:
            return
        tensors, numbers = stored
        for name, module in self.modules.items():
            module.load_state_dict(unpack_part(tensors, f"module/{name}"))
        for name, average in self.averages.items():
            average.load(unpack_part(tensors, f"average/{name}"))
        for name, optimizer in self.optimizers.items():
            unpack_optimizer(optimizer, unpack_part(tensors, f"optimizer/{name}"))
        self.step, self.rows, self.recent = int(numbers["step"]), list(numbers["rows"]), list(numbers["recent"])

    def _weights(self) -> dict[str, Tensor]:
        modules = {f"module/{name}": module.state_dict() for name, module in self.modules.items()}
        averages = {f"average/{name}": average.values for name, average in self.averages.items()}
        return pack_parts({**modules, **averages})

    def _advance(self, batch: BatchT) -> None:
        for module in self.modules.values():
            module.train()
        figures = self.train_step(batch)
        self.step += 1
        for name, average in self.averages.items():
            average.update(self.modules[name], self.step)
        # Numbers are read off only for a row: reading each step's would let a GPU wait.
        self.recent.append({name: figure.detach() for name, figure in figures.items()})

    def _log(self, tracker: Tracker, plots: Path | None) -> None:
        figures = self.summarize(_as_numbers(self.recent))
        self.recent.clear()
        self.rows.append({"step": self.step, **figures})
        if not self.accelerator.is_main_process:
            return
        if plots is not None:
            write_steps(plots, self.rows)
        tracker.log_metrics({f"{self.prefix}{name}": value for name, value in figures.items()}, step=self.step)


def warmup_cosine(step: int, steps: int, warmup: int) -> float:
    """Factor of the learning rate at `step` (0 to steps - 1): a linear warm-up times half a cosine.

    The warm-up (Goyal et al. 2017) rises from 1 / warmup to 1 over the first `warmup` steps; the cosine (Loshchilov &
    Hutter 2017, eq. 5, without restarts) falls from 1 to `FLOOR` over all of them.
    """
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return min(1.0, (step + 1) / warmup) * (FLOOR + (1 - FLOOR) * cosine)


class _Batches(Dataset[BatchT], Sized):
    """Item n is the batch of the n-th step from now."""

    def __init__(self, training: Training[BatchT], processes: int) -> None:
        self._draw = training.draw_batch
        self._first, self._end = training.step * processes, training.pace.steps * processes

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, index: int) -> BatchT:
        return self._draw(self._first + index)


def _only(batches: Sequence[BatchT]) -> BatchT:
    (batch,) = batches
    return batch


def _start_worker(number: int) -> None:
    die_with_parent()


def _as_numbers(recent: Sequence[Mapping[str, Tensor | float]]) -> list[dict[str, float]]:
    return [{name: float(figure) for name, figure in figures.items()} for figures in recent]
