"""Motion training: learns, is reproducible, and resumes to the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from components.common.checkpoint import Checkpoint
from components.common.params import StyleAMotion, TrainStyleA
from components.common.tracker import NullTracker
from components.style_a.frames import FrameGroup, add_styles
from components.style_a.motion.basis import LandmarkBasis
from components.style_a.motion.frame_pairs import PairSampler
from components.style_a.motion.prior import MeshPrior, NoPrior
from components.style_a.motion.quality import measure_motion
from components.style_a.motion.train import MotionTraining, learning_rate, train_motion

CPU = torch.device("cpu")


def settings(steps: int, prior: str = "mesh", every: int = 100) -> TrainStyleA:
    motion = StyleAMotion(steps=steps, batch_size=2, crop=32, prior=prior, styled_fraction=0.3)
    return TrainStyleA(size=64, checkpoint_every=every, log_every=2, motion=motion)


def train(sampler: PairSampler, params: TrainStyleA, folder: Path) -> MotionTraining:
    return train_motion(params, sampler, 5, NullTracker(), Checkpoint(folder, "motion"), CPU, folder / "motion.csv")


class Killed(Exception):
    pass


class KilledTracker(NullTracker):
    """Stops the training at a step, as a power cut would."""

    def log_metrics(self, metrics: object, step: int | None = None) -> None:
        if step == 6:
            raise Killed


@pytest.fixture(scope="module")
def sampler(small_groups: list[FrameGroup], basis: LandmarkBasis) -> PairSampler:
    inverted = {"inverted": lambda image, seed: np.asarray(255 - image, np.uint8)}
    return PairSampler(add_styles(small_groups, inverted, 0.5, 0), MeshPrior(basis), 64, 32, 1)


def test_batches_follow_from_seed_and_step(sampler: PairSampler) -> None:
    first, again, other = sampler.batch(3, 2, 0.5), sampler.batch(3, 2, 0.5), sampler.batch(4, 2, 0.5)
    assert torch.equal(first.portrait, again.portrait)
    assert torch.equal(first.motion.grid, again.motion.grid)
    assert not torch.equal(first.portrait, other.portrait)
    assert first.crop.side == 32


def test_resumed_training_ends_in_the_same_weights(sampler: PairSampler, tmp_path: Path) -> None:
    params = settings(8, every=5)  # between two rows
    whole = train(sampler, params, tmp_path / "whole")
    cut = Checkpoint(tmp_path / "cut", "motion")
    with pytest.raises(Killed):
        train_motion(params, sampler, 5, KilledTracker(), cut, CPU, tmp_path / "cut.csv")
    resumed = train(sampler, params, tmp_path / "cut")
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.state_dict()[name]), name
    assert whole.rows == resumed.rows
    assert [row["step"] for row in whole.rows] == [2, 4, 6, 8]


def test_training_beats_the_prior_on_what_it_saw(sampler: PairSampler, tmp_path: Path) -> None:
    training = train(sampler, settings(60), tmp_path)
    figures, sheet = measure_motion(training.network, sampler, 4, CPU)
    assert figures["motion_gain_over_prior"] > 0.1
    assert figures["motion_gain"] > 0.5
    assert sheet.shape == (6 * 64, 4 * 64, 3)


def test_training_works_without_a_prior(small_groups: list[FrameGroup], tmp_path: Path) -> None:
    training = train(PairSampler(small_groups, NoPrior(), 64, 32, 1), settings(3, prior="none"), tmp_path)
    assert training.network.config.prior == "none"
    assert training.network.config.reach > 0.1
    assert np.isfinite(training.rows[-1]["loss"])


def test_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(step, 1000, 1.0) for step in (0, 29, 500, 999)]
    assert rates[0] < 0.1
    assert rates[1] > 0.95
    assert rates[1] > rates[2] > rates[3] > 0.02
