"""Training: it learns, repeats, and resumes to the same bytes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from components.common.tracker import NullTracker
from components.common.training.checkpoint import Checkpoint
from components.common.training.loop import FLOOR
from components.style_e.quality import motion_figures
from components.style_e.texts import TEXT_LABELS
from components.style_e.train import PHRASES, STD_FLOOR, measure_statistics


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
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def average(trainer) -> dict[str, torch.Tensor]:
    return trainer.averages["nets"].values


def test_it_learns(trainer):
    first, last = trainer.rows[0], trainer.rows[-1]
    assert last["step"] == 40
    assert last["loss"] < 0.92 * first["loss"]
    assert last["val_loss_synthetic"] < first["val_loss_synthetic"]
    assert [row["step"] for row in trainer.rows] == list(range(4, 41, 4))


def test_the_same_training_gives_the_same_bytes(tiny, trainer, tmp_path):
    again = tiny.trainer()
    again.run(plots=tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "step,loss,val_loss_synthetic,val_error_synthetic"  # no tracked clips to validate on
    assert len(lines) == 1 + len(trainer.rows)
    assert same(average(again), average(trainer))
    assert again.rows == trainer.rows
    other = replace(tiny, params=tiny.params.model_copy(update={"steps": 2})).trainer(seed=1)
    other.run()
    assert not same(average(other), average(trainer))


@pytest.mark.parametrize("kill_at", [12, 28])
def test_a_killed_training_ends_in_the_same_bytes(tiny, trainer, tmp_path, kill_at):
    # Checkpoints come every 10 steps and rows every 4, so a checkpoint falls between two rows.
    checkpoint = Checkpoint(tmp_path, "key")
    with pytest.raises(Killed):
        tiny.trainer().run(checkpoint, Killer(kill_at))
    resumed = tiny.trainer()
    resumed.resume(checkpoint)
    assert resumed.step == kill_at // 10 * 10
    resumed.run(checkpoint)
    assert same(average(resumed), average(trainer))
    assert same(resumed.nets.state_dict(), trainer.nets.state_dict())
    assert resumed.rows == trainer.rows


def test_the_rate_warms_up_and_ends_at_the_floor(tiny):
    params = tiny.params.model_copy(update={"steps": 1000, "lr": 1.0})
    training = replace(tiny, params=params).trainer()
    batch = training.draw_batch(0)
    rates = {}
    for step in (0, 30, 500, 999):
        training.step = step
        training.train_step(batch)
        rates[step] = training.optimizers["nets"].param_groups[0]["lr"]
    assert rates[0] == pytest.approx(1 / 30, rel=1e-4)
    assert rates[30] > 0.99
    assert rates[500] == pytest.approx((1 + FLOOR) / 2)
    assert rates[999] == pytest.approx(FLOOR, abs=1e-4)


def test_the_draft_is_not_taught_by_the_denoiser(tiny):
    trainer = tiny.trainer()
    windows = trainer.sampler.batch(0)
    torch.nn.init.normal_(trainer.nets["denoiser"].leave.weight)
    _, denoised = trainer.nets.predict(windows, trainer.alphas)
    trainer.loss(denoised, windows.clean, windows.valid).backward()
    assert all(p.grad is None for p in trainer.nets["regressor"].parameters())
    assert all(p.grad is not None for p in trainer.nets["audio_encoder"].parameters())


def test_phrases_teach_the_text_branch_alone(tiny):
    trainer = tiny.trainer()
    batch = trainer.draw_batch(3)
    assert batch.phrases.shape == (PHRASES, tiny.encoder.size)
    assert torch.equal(batch.phrases, trainer.draw_batch(3).phrases)
    assert not torch.equal(batch.phrases, trainer.draw_batch(4).phrases)
    draft, denoised, logits = trainer.nets(batch, trainer.alphas)
    assert draft.shape == denoised.shape == batch.windows.clean.shape
    assert logits.shape == (PHRASES, TEXT_LABELS)
    torch.nn.functional.cross_entropy(logits, batch.labels).backward()
    learning = {name for name, net in trainer.nets.items() if any(p.grad is not None for p in net.parameters())}
    assert learning == {"conditioner"}


def test_statistics_are_those_of_the_training_clips(tiny):
    statistics = measure_statistics(tiny.data, tiny.params)
    frames = np.concatenate([clip.channels[clip.valid] for clip in tiny.data.train])
    np.testing.assert_allclose(statistics.motion_mean.numpy(), frames.mean(0), rtol=1e-5, atol=1e-6)
    expected = np.maximum(frames.std(0), STD_FLOOR)
    np.testing.assert_allclose(statistics.motion_std.numpy(), expected, rtol=1e-5)
    assert (frames.std(0) < STD_FLOOR).any()  # a channel that hardly moves is not blown up


def test_figures_of_the_kinds_that_exist(tiny, pipeline):
    figures = motion_figures(pipeline, tiny.data)
    assert set(figures) == {"r_jaw_val_synthetic"}
    assert -1 <= figures["r_jaw_val_synthetic"] <= 1
