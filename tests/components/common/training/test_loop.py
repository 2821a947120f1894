"""The step loop with real small networks: resuming, averaging, logging, two optimizers, batches drawn elsewhere."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from components.common.tracker import NullTracker
from components.common.training.checkpoint import Checkpoint
from components.common.training.ema import Ema
from components.common.training.loop import FLOOR, Figures, Pace, Training, warmup_cosine

CPU = torch.device("cpu")
PACE = Pace(steps=11, log_every=3, checkpoint_every=4)


class Killed(Exception):
    """A power cut."""


class Gan(Training[tuple[Tensor, Tensor]]):
    """Two networks, two optimizers, one of which has two groups; the generator has buffers, one of them an integer."""

    label = "test"
    prefix = "gan_"

    def __init__(self, pace: Pace = PACE, kill_at: int | None = None) -> None:
        torch.manual_seed(3)
        generator = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 2))
        discriminator = nn.Linear(2, 1)
        groups = [{"params": generator[:2].parameters()}, {"params": generator[2:].parameters(), "lr": 1e-3}]
        self.kill_at = kill_at
        self.numbers: list[int] = []
        super().__init__(
            pace,
            {"generator": generator, "discriminator": discriminator},
            {
                "generator": torch.optim.AdamW(groups, 1e-2),
                "discriminator": torch.optim.SGD(discriminator.parameters(), 0.1, momentum=0.9),
            },
            {"generator": Ema(generator, 0.9)},
            CPU,
        )

    def draw_batch(self, number: int) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(number)
        return torch.randn(6, 4, generator=generator), torch.randn(6, 2, generator=generator) + 1

    def train_step(self, batch: tuple[Tensor, Tensor]) -> Figures:
        if self.step == self.kill_at:
            raise Killed
        self.numbers.append(self.step)
        noise, real = batch
        discriminate = self.networks["discriminator"]
        fake = self.networks["generator"](noise)
        critic = nn.functional.softplus(-discriminate(real)).mean()
        critic = critic + nn.functional.softplus(discriminate(fake.detach())).mean()
        self.minimize("discriminator", critic)
        loss = nn.functional.softplus(-discriminate(fake)).mean()
        self.minimize("generator", loss, rate=1 / (1 + self.step), largest_norm=0.5)
        return {"loss": loss, "critic": critic}


class Listener(NullTracker):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.metrics: list[tuple[int | None, dict[str, float]]] = []

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.metrics.append((step, dict(metrics)))


def state(training: Gan) -> dict[str, Tensor]:
    tensors = {
        f"{name}.{key}": v for name, module in training.modules.items() for key, v in module.state_dict().items()
    }
    return {**tensors, **training.averages["generator"].values}


def is_same(first: Gan, second: Gan) -> bool:
    a, b = state(first), state(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a) and first.rows == second.rows


@pytest.fixture(scope="module")
def whole() -> Gan:
    """Never interrupted."""
    training = Gan()
    training.run()
    return training


# Checkpoints come after 4 and 8 steps, rows after 3, 6 and 9: state falls between two rows.
@pytest.mark.parametrize(("kill_at", "resumes_at"), [(3, 0), (5, 4), (8, 8), (10, 8)])
def test_a_killed_training_ends_in_the_same_bytes(whole: Gan, tmp_path: Path, kill_at: int, resumes_at: int) -> None:
    checkpoint, plots = Checkpoint(tmp_path, "key"), tmp_path / "rows.csv"
    with pytest.raises(Killed):
        Gan(kill_at=kill_at).run(checkpoint, plots=plots)
    resumed = Gan()
    resumed.run(checkpoint, plots=plots)
    assert resumed.numbers == list(range(resumes_at, 11))
    assert is_same(resumed, whole)
    whole_plots = tmp_path / "whole.csv"
    Gan().run(plots=whole_plots)
    assert plots.read_bytes() == whole_plots.read_bytes()


class Interrupted(Gan):
    """Somebody presses Ctrl-C in the middle of a step."""

    def train_step(self, batch: tuple[Tensor, Tensor]) -> Figures:
        if self.step == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return super().train_step(batch)


def test_an_interrupted_training_finishes_its_step_saves_and_ends_in_the_same_bytes(whole: Gan, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    first = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        first.run(checkpoint)
    assert first.numbers == list(range(6))
    second = Gan()
    second.run(checkpoint)
    assert second.numbers == list(range(6, PACE.steps))  # between two due checkpoints
    assert is_same(second, whole)


def test_a_finished_training_takes_no_step_and_writes_its_rows_again(whole: Gan, tmp_path: Path) -> None:
    """DVC removes the figures before it runs a stage again, whose last act may have failed."""
    checkpoint, plots = Checkpoint(tmp_path, "key"), tmp_path / "rows.csv"
    Gan().run(checkpoint, plots=plots)
    rows = plots.read_bytes()
    plots.unlink()
    again = Gan(kill_at=PACE.steps)
    again.run(checkpoint, plots=plots)
    assert again.numbers == []
    assert plots.read_bytes() == rows
    assert is_same(again, whole)


@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_checkpoint_starts_anew(
    whole: Gan, tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = Checkpoint(tmp_path, "key")
    with pytest.raises(Killed):
        Gan(kill_at=9).run(checkpoint)
    if damage == "cut":
        checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:200])
    else:
        checkpoint.save({"nets.weight": torch.zeros(2)}, {"step": 5})  # of an older version of this training
    anew = Gan()
    anew.run(checkpoint)
    assert "starts from the beginning" in capsys.readouterr().err
    assert anew.numbers == list(range(11))
    assert is_same(anew, whole)


def test_rows_are_means_since_the_row_before(whole: Gan, tmp_path: Path) -> None:
    tracker, plots = Listener(), tmp_path / "rows.csv"
    training = Gan()
    training.run(tracker=tracker, plots=plots)
    every = Gan(Pace(11, 1, 100))
    every.run()
    losses = [row["loss"] for row in every.rows]
    assert [row["step"] for row in training.rows] == [3, 6, 9, 11]
    for row, steps in zip(training.rows, (slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 11)), strict=True):
        assert row["loss"] == pytest.approx(np.mean(losses[steps]), rel=1e-12)
    assert tracker.metrics[0] == (3, {f"gan_{name}": v for name, v in training.rows[0].items() if name != "step"})
    lines = plots.read_text().splitlines()
    assert lines[0] == "step,loss,critic"
    assert lines[-1].startswith("11,")
    assert len(lines) == 5


def test_each_optimizer_keeps_its_own_rates() -> None:
    training = Gan(Pace(3, 1, 9))
    training.run()
    # 1 / (1 + step) at the last step, of the two groups' own rates; the discriminator's stays.
    assert [group["lr"] for group in training.optimizers["generator"].param_groups] == pytest.approx(
        [1e-2 / 3, 1e-3 / 3]
    )
    assert [group["lr"] for group in training.optimizers["discriminator"].param_groups] == [0.1]


def test_the_gradient_is_clipped() -> None:
    training = Gan()
    (batch, _) = training.draw_batch(0)
    training.minimize("generator", 1e4 * training.networks["generator"](batch).square().sum(), largest_norm=0.5)
    norms = [parameter.grad.norm() for parameter in training.modules["generator"].parameters()]
    assert torch.stack(norms).norm() == pytest.approx(0.5, rel=1e-4)


def test_the_average_takes_in_every_step() -> None:
    training = Gan(Pace(1, 1, 1))
    before = training.modules["generator"][3].weight.detach().clone()
    training.run()
    after = training.modules["generator"][3].weight.detach()
    # The first update's decay is 2/11.
    torch.testing.assert_close(training.averages["generator"].values["3.weight"], 2 / 11 * before + 9 / 11 * after)


def test_the_average_is_a_module_of_its_own(whole: Gan) -> None:
    average = whole.averaged("generator")
    assert not average.training
    assert int(average[1].num_batches_tracked) == 11  # buffers are part of it
    assert torch.equal(average[3].weight, whole.averages["generator"].values["3.weight"])
    assert not torch.equal(average[3].weight, whole.modules["generator"][3].weight)


def test_batches_drawn_in_another_process_are_the_same(whole: Gan) -> None:
    training = Gan()
    training.run(workers=1)
    assert is_same(training, whole)


def test_several_processes_share_the_batches() -> None:
    """Process k of P takes the batches of numbers P step + k; so the P-fold batch of a step follows from its number."""
    from accelerate.data_loader import prepare_data_loader

    training = Gan(Pace(5, 1, 9))
    training.step = 2
    training.draw_batch = lambda number: number
    numbers = [
        list(prepare_data_loader(training.loader(processes=2), num_processes=2, process_index=k)) for k in (0, 1)
    ]
    assert numbers == [[4, 6, 8], [5, 7, 9]]
    assert list(training.loader()) == [2, 3, 4]


def test_nothing_global_changes() -> None:
    """What decides bytes elsewhere in the process: random states, threads, determinism, precision."""

    def snapshot() -> list[Any]:
        return [
            torch.get_rng_state().tolist(),
            random.getstate(),
            np.random.get_state()[1].tolist(),  # noqa: NPY002
            torch.get_num_threads(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_default_dtype(),
            torch.get_float32_matmul_precision(),
            torch.backends.mkldnn.enabled,
            torch.is_grad_enabled(),
        ]

    training = Gan()
    before = snapshot()
    training.run()
    assert snapshot() == before


def test_the_learning_rate_rises_linearly_and_falls_as_a_cosine() -> None:
    rates = [warmup_cosine(step, 1000, 30) for step in range(1000)]
    assert rates[0] == pytest.approx(1 / 30)
    assert rates[14] == pytest.approx(0.5, abs=1e-3)  # of the warm-up
    assert rates[29] == max(rates) == pytest.approx(1, abs=3e-3)
    assert rates[500] == pytest.approx((1 + FLOOR) / 2)
    assert rates[999] == pytest.approx(FLOOR, abs=1e-4)
    assert sorted(rates[29:], reverse=True) == rates[29:]


def test_the_cosine_ends_at_its_floor_and_stays_there() -> None:
    assert warmup_cosine(100, 100, 1) == warmup_cosine(1000, 100, 1) == FLOOR
    assert warmup_cosine(0, 100, 1) == 1
