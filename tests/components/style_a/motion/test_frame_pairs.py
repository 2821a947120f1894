"""Pairs to train on: they follow from seed and step, stress mouth and lids, and recolor both sides alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from components.face.frame_groups import FrameGroup
from components.style_a.motion.frame_pairs import (
    BASE_WEIGHT,
    MOUTH_WEIGHT,
    PairSampler,
    importance,
    to_motion,
    to_picture,
)
from components.style_a.motion.prior import NoPrior, PriorFrame
from components.style_a.motion.warp import identity_flow


def test_batches_follow_from_seed_and_step(sampler: PairSampler) -> None:
    first, again, other = sampler.batch(3, 2, 0.5), sampler.batch(3, 2, 0.5), sampler.batch(4, 2, 0.5)
    assert torch.equal(first.portrait, again.portrait)
    assert torch.equal(first.motion.grid, again.motion.grid)
    assert not torch.equal(first.portrait, other.portrait)
    assert first.crop.side == 32


@pytest.mark.parametrize(("pairs", "portraits"), [(4, 2), (3, 3), (1, 1)])
def test_a_portrait_serves_two_frames_where_it_can(sampler: PairSampler, pairs: int, portraits: int) -> None:
    batch = sampler.batch(0, pairs, 0.0)
    assert batch.portrait.shape == (portraits, 3, 64, 64)
    assert batch.target.shape == (pairs, 3, 64, 64)
    assert batch.weight.shape == (pairs, 1, 64, 64)
    assert batch.motion.condition.shape == (pairs, 110)
    assert len(batch.crop.tops) == pairs


def test_source_and_target_are_frames_of_one_group_and_change_color_together(small_groups: list[FrameGroup]) -> None:
    sampler = PairSampler(small_groups[:1], NoPrior(), 64, 32, 1)
    plain, jittered = sampler.batch(0, 2, 0.0, jitter=False), sampler.batch(0, 2, 0.0)
    frames = to_picture(small_groups[0].images)
    for picture in (*plain.portrait, *plain.target):
        assert (frames == picture).flatten(1).all(1).any()
    # One gain and offset for all pictures of the pair: what was equal stays equal, the rest keeps its order.
    before = torch.cat([plain.portrait, plain.target])[:, 0].flatten()
    after = torch.cat([jittered.portrait, jittered.target])[:, 0].flatten()
    assert (after[before.argsort()].diff() >= 0).all()
    assert not torch.equal(before, after)


def test_mouth_and_lids_weigh_most(portrait: Any) -> None:
    weight = importance(portrait.face.points, 256)
    assert weight.shape == (256, 256)
    mouth = portrait.face.points[[13, 14], :2].mean(0).astype(int)
    lid = portrait.face.points[159, :2].astype(int)
    assert weight[mouth[1], mouth[0]] > MOUTH_WEIGHT
    assert weight[lid[1], lid[0]] > 1.5
    assert weight[0, 0] == pytest.approx(BASE_WEIGHT, abs=1e-3)


def test_prior_frames_become_the_networks_input() -> None:
    mouth = np.zeros((8, 8, 4), np.float32)
    mouth[2, 3] = (1.0, 0.5, 0.0, 0.5)
    classes = np.full((8, 8), 2, np.int32)
    motion = to_motion([PriorFrame(identity_flow(8, 32), classes, mouth)], [np.zeros(110, np.float32)], 32)
    assert motion.grid[0, :, 0, 0].tolist() == [-0.875, -0.875]  # the first cell's center, x and y
    assert motion.grid[0, :, 0, 7].tolist() == [0.875, -0.875]
    assert motion.classes[0, :, 4, 4].tolist() == [0, 0, 1, 0]
    assert motion.mouth[0, :, 2, 3].tolist() == [0.5, 0, -0.5, 0.5]  # color in [-1, 1] times alpha, alpha


def test_pictures_run_from_minus_one_to_one() -> None:
    image = np.zeros((1, 2, 2, 3), np.uint8)
    image[0, 0, 1] = 255
    tensor = to_picture(image)
    assert tensor[0, :, 0, 1].tolist() == [1, 1, 1]
    assert tensor.min() == -1
    assert tensor.is_contiguous(memory_format=torch.channels_last)
