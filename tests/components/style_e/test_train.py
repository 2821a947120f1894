"""Training: it learns, repeats, and resumes to the same bytes."""

from dataclasses import replace

import pytest
import torch

from components.common.checkpoint import Checkpoint
from components.common.tracker import NullTracker
from components.style_e.quality import motion_figures
from components.style_e.train import learning_rate, train


class Killed(Exception):
    pass


class Killer(NullTracker):
    """Ends the training at a step, as a lost machine would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def log_metrics(self, metrics, step=None) -> None:
        if step is not None and step >= self.step:
            raise Killed


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns(trainer):
    first, last = trainer.rows[0], trainer.rows[-1]
    assert last["step"] == 40
    assert last["loss"] < 0.92 * first["loss"]
    assert last["val_loss_synthetic"] < first["val_loss_synthetic"]
    assert [row["step"] for row in trainer.rows] == list(range(4, 41, 4))


def test_the_same_training_gives_the_same_bytes(tiny, trainer, tmp_path):
    again = tiny.trainer()
    train(again, plots=tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "step,loss,val_loss_synthetic"  # no tracked clips to validate on
    assert len(lines) == 1 + len(trainer.rows)
    assert same(again.average, trainer.average)
    assert again.rows == trainer.rows
    other = replace(tiny, params=tiny.params.model_copy(update={"steps": 2})).trainer(seed=1)
    train(other)
    assert not same(other.average, trainer.average)


@pytest.mark.parametrize("kill_at", [12, 28])
def test_a_killed_training_ends_in_the_same_bytes(tiny, trainer, tmp_path, kill_at):
    # Checkpoints come every 10 steps and rows every 4, so a checkpoint falls between two rows.
    checkpoint = Checkpoint(tmp_path, "key")
    with pytest.raises(Killed):
        train(tiny.trainer(), checkpoint, Killer(kill_at))
    resumed = tiny.trainer()
    resumed.resume(checkpoint)
    assert resumed.step == kill_at // 10 * 10
    train(resumed, checkpoint)
    assert same(resumed.average, trainer.average)
    assert same(resumed.nets.state_dict(), trainer.nets.state_dict())
    assert resumed.rows == trainer.rows


def test_learning_rate_warms_up_and_ends_near_zero(tiny):
    params = tiny.params.model_copy(update={"steps": 1000, "lr": 1.0})
    assert learning_rate(0, params) == pytest.approx(1.01 / 30)
    assert learning_rate(30, params) > 0.99
    assert learning_rate(500, params) == pytest.approx(0.51)
    assert learning_rate(999, params) < 0.011


def test_the_draft_is_not_taught_by_the_denoiser(tiny):
    trainer = tiny.trainer()
    batch = trainer.sampler.batch(0)
    torch.nn.init.normal_(trainer.nets["denoiser"].leave.weight)
    _, denoised = trainer.nets(batch, trainer.alphas)
    trainer.loss(denoised, batch.clean, batch.valid).backward()
    assert all(p.grad is None for p in trainer.nets["regressor"].parameters())
    assert all(p.grad is not None for p in trainer.nets["audio_encoder"].parameters())


def test_figures_of_the_kinds_that_exist(tiny, pipeline):
    figures = motion_figures(pipeline, tiny.data)
    assert set(figures) == {"r_jaw_val_synthetic"}
    assert -1 <= figures["r_jaw_val_synthetic"] <= 1
