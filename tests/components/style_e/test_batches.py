"""Training windows: reproducible by step, rightly mixed, rightly aligned."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from components.style_e.batches import WindowCutter, WindowSampler, validation_batch
from components.style_e.channels import CHANNELS


@pytest.fixture
def cutter(trainer):
    return trainer.sampler.cutter


def sampler(tiny, cutter, groups, batch_size=32, **changes) -> WindowSampler:
    settings = {"seed": 3, "text_dropout": 0.12, "augmented": 0.5, **changes}
    return WindowSampler(groups, cutter, tiny.data.bank.vectors, batch_size=batch_size, **settings)


def test_a_batch_depends_on_seed_and_step_alone(tiny, cutter):
    first, second = (sampler(tiny, cutter, [(tiny.data.spoken, 1.0)]) for _ in range(2))
    first.batch(0)  # another history
    a, b = first.batch(5), second.batch(5)
    for name in vars(a):
        torch.testing.assert_close(getattr(a, name), getattr(b, name), rtol=0, atol=0)
    assert not torch.equal(a.clean, second.batch(6).clean)
    assert not torch.equal(a.clean, sampler(tiny, cutter, [(tiny.data.spoken, 1.0)], seed=4).batch(5).clean)


def test_windows_are_the_clips_own_frames_with_their_own_sound(tiny, cutter):
    clip = tiny.data.spoken[0]
    batch = sampler(tiny, cutter, [([clip], 1.0)], augmented=0.0).batch(0)
    motion = (clip.channels - cutter.motion_mean) / cutter.motion_std
    features = cutter.features(clip.mel)
    for clean, mel in zip(batch.clean.numpy(), batch.mel.numpy(), strict=True):
        start = int(np.argmin([np.abs(motion[s : s + 32] - clean).sum() for s in range(clip.frames - 31)]))
        np.testing.assert_allclose(motion[start : start + 32], clean, atol=1e-5)
        # Sound of the window's first frame comes after `context` frames.
        first = 4 * (cutter.window + start)
        np.testing.assert_allclose(mel[4 * cutter.context :][:4], features[first + 4 * cutter.context :][:4], atol=1e-5)
    silence = 4 * (cutter.window + cutter.context)
    assert features[:silence].std(0).max() < 1e-5
    assert features.shape[0] == 4 * clip.frames + 2 * silence


def test_groups_get_their_shares(tiny, cutter):
    few, many = tiny.data.spoken[:1], tiny.data.spoken[1:]
    mixed = sampler(tiny, cutter, [(few, 0.25), (many, 0.75), ([], 9.0)])
    assert mixed.chances[0] == pytest.approx(0.25)
    assert mixed.chances.sum() == pytest.approx(1)


def test_a_clip_shorter_than_the_window_counts_only_its_own_frames(tiny, cutter):
    clip = tiny.data.spoken[0]
    short = replace(clip, channels=clip.channels[:10], valid=clip.valid[:10].copy(), mel=clip.mel[:40])
    short.valid[4] = False
    batch = sampler(tiny, cutter, [([short], 1.0)], batch_size=3).batch(0)
    assert batch.mel.shape == (3, 4 * (32 + 2 * cutter.context), 16)
    expected = np.arange(32) < 10
    expected[4] = False
    np.testing.assert_array_equal(batch.valid[0, :, 0].numpy() > 0, expected)


def test_the_validation_batch_is_always_the_same(tiny, cutter):
    a, b = (validation_batch(tiny.data.spoken_val, cutter, tiny.data.bank.vectors) for _ in range(2))
    assert a.clean.shape == (4, 32, CHANNELS)  # two windows of each of two 75-frame clips
    for name in vars(a):
        torch.testing.assert_close(getattr(a, name), getattr(b, name), rtol=0, atol=0)
    assert isinstance(cutter, WindowCutter)
    assert bool(a.keep_text.all())
