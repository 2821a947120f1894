"""Motion training: learns, is reproducible, and resumes to the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from components.common.params import StyleAMotion, TrainStyleA
from components.common.tracker import NullTracker
from components.common.training.checkpoint import Checkpoint
from components.face.frame_groups import FrameGroup
from components.style_a.losses import FrozenFeatures
from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.prior import NoPrior
from components.style_a.motion.quality import measure_motion
from components.style_a.motion.train import LOSS_WEIGHTS, MotionTraining, motion_losses

CPU = torch.device("cpu")


def settings(steps: int, prior: str = "mesh", every: int = 100) -> TrainStyleA:
    motion = StyleAMotion(steps=steps, batch_size=2, crop=32, prior=prior, styled_fraction=0.3)
    return TrainStyleA(size=64, checkpoint_every=every, log_every=2, motion=motion)


def train(sampler: PairSampler, params: TrainStyleA, folder: Path) -> MotionTraining:
    training = MotionTraining(params, sampler, 5, CPU)
    training.run(Checkpoint(folder, "motion"), plots=folder / "motion.csv")
    return training


class Killed(Exception):
    pass


class KilledTracker(NullTracker):
    """Stops the training at a step, as a power cut would."""

    def log_metrics(self, metrics: object, step: int | None = None) -> None:
        if step == 6:
            raise Killed


def test_resumed_training_ends_in_the_same_weights(sampler: PairSampler, tmp_path: Path) -> None:
    params = settings(8, every=5)  # between two rows
    whole = train(sampler, params, tmp_path / "whole")
    cut = Checkpoint(tmp_path / "cut", "motion")
    with pytest.raises(Killed):
        MotionTraining(params, sampler, 5, CPU).run(cut, KilledTracker(), tmp_path / "cut.csv")
    resumed = train(sampler, params, tmp_path / "cut")
    for name, tensor in whole.averages["network"].values.items():
        assert torch.equal(tensor, resumed.averages["network"].values[name]), name
    assert whole.rows == resumed.rows
    assert [row["step"] for row in whole.rows] == [2, 4, 6, 8]


def test_training_beats_the_prior_on_what_it_saw(sampler: PairSampler, tmp_path: Path) -> None:
    training = train(sampler, settings(60), tmp_path)
    figures, sheet = measure_motion(training.averaged("network"), sampler, 4, CPU)
    assert figures["motion_gain_over_prior"] > 0.1
    assert figures["motion_gain"] > 0.5
    assert sheet.shape == (6 * 64, 4 * 64, 3)


def test_training_works_without_a_prior(small_groups: list[FrameGroup], tmp_path: Path) -> None:
    training = train(PairSampler(small_groups, NoPrior(), 64, 32, 1), settings(3, prior="none"), tmp_path)
    config = training.averaged("network").config
    assert config.prior == "none"
    assert config.reach > 0.1
    assert np.isfinite(training.rows[-1]["loss"])


def test_the_loss_is_the_weighted_sum_of_its_terms(sampler: PairSampler) -> None:
    training = MotionTraining(settings(1000), sampler, 5, CPU)
    batch = training.draw_batch(0)
    with torch.no_grad():
        output = training.modules["network"](batch.portrait, batch.motion, batch.crop)
        terms = motion_losses(output, batch, FrozenFeatures())
    figures = training.train_step(batch)
    assert list(figures) == ["loss", *LOSS_WEIGHTS]
    assert float(figures["loss"].detach()) == pytest.approx(float(sum(terms.values())), rel=1e-4)
    # Untrained, the picture is the warp: nothing is repainted, no flow corrected.
    assert terms["residual"] == 0
    assert terms["change"] == pytest.approx(0, abs=1e-6)
    assert terms["warp"] == pytest.approx(LOSS_WEIGHTS["warp"] * float(terms["picture"]), rel=1e-3)


def test_learning_rate_rises_then_falls(sampler: PairSampler) -> None:
    training = MotionTraining(settings(1000).model_copy(), sampler, 5, CPU)
    batch, rates = training.draw_batch(0), []
    for step in (0, 29, 500, 999):
        training.step = step
        training.train_step(batch)
        rates.append(training.optimizers["network"].param_groups[0]["lr"] / training.motion.lr)
    assert rates[0] < 0.1
    assert rates[1] > 0.95
    assert rates[1] > rates[2] > rates[3] > 0.02
