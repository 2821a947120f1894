"""Sampling over windows: against DDIM written by hand, in chunks, without seams."""

import math

import numpy as np
import pytest
import torch

from components.style_e.windows import WindowPlan, blend, make_scheduler, sample


def pull(target: float):
    """A stand-in denoiser with a closed form: halfway between its input and a target."""
    return lambda windows, noisy, step: 0.5 * noisy + 0.5 * target


def test_ddim_by_hand():
    # Song et al. 2021, eq. 12 with eta 0, cosine alphas of Nichol and Dhariwal with betas clipped at 0.999.
    def bar(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    betas = [min(1 - bar((i + 1) / 1000) / bar(i / 1000), 0.999) for i in range(1000)]
    alphas = np.cumprod([1 - beta for beta in betas])
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((32, 3)))
    x = noise.clone().numpy()
    for t, before in ((999, 799), (799, 599), (599, 399), (399, 199), (199, -1)):
        a, b = alphas[t], alphas[before] if before >= 0 else 1.0
        clean = 0.5 * x + 0.5 * 0.7
        direction = (x - math.sqrt(a) * clean) / math.sqrt(1 - a)
        x = math.sqrt(b) * clean + math.sqrt(1 - b) * direction
    ours = sample(pull(0.7), noise.float(), WindowPlan(32, 32), make_scheduler(), 5)
    np.testing.assert_allclose(ours.numpy(), x, atol=2e-4)


@pytest.mark.parametrize("frames", [1, 8, 31, 32, 33, 56, 57, 500])
def test_windows_cover_every_frame_and_agree_where_they_overlap(frames):
    plan = WindowPlan(frames, 32)
    assert plan.length >= frames
    assert plan.length - frames < plan.stride or plan.count == 1
    sequence = torch.arange(plan.length, dtype=torch.float32)[:, None]
    together = blend(plan, lambda numbers: plan.cut(sequence, numbers), 1)
    torch.testing.assert_close(together, sequence)


def test_chunks_equal_one_batch_and_use_no_large_batch():
    plan = WindowPlan(700, 32)
    noise = torch.randn(plan.length, 4, generator=torch.Generator().manual_seed(0))
    sizes = []

    def predict(windows, noisy, step):
        sizes.append(len(windows))
        return torch.tanh(noisy + noisy.mean(1, keepdim=True))

    at_once = sample(predict, noise, plan, make_scheduler(), 3, chunk=10_000)
    assert max(sizes) == plan.count
    sizes.clear()
    chunked = sample(predict, noise, plan, make_scheduler(), 3, chunk=4)
    assert max(sizes) == 4
    torch.testing.assert_close(chunked, at_once, atol=1e-6, rtol=0)


def test_disagreeing_windows_leave_no_seam():
    plan = WindowPlan(200, 32)

    def predict(windows, noisy, step):  # every window wants another level
        levels = torch.tensor([float(w % 2) for w in windows])[:, None, None]
        return levels.expand(len(windows), 32, 1)

    x = sample(predict, torch.zeros(plan.length, 1), plan, make_scheduler(), 5)
    assert float(x.max() - x.min()) > 0.9
    assert float(x.diff(dim=0).abs().max()) < 0.2  # a hard cut would step by 1


def test_the_callers_scheduler_is_left_as_it_was():
    scheduler = make_scheduler()
    before = scheduler.timesteps.clone()
    sample(pull(0.0), torch.zeros(32, 1), WindowPlan(32, 32), scheduler, 5)
    torch.testing.assert_close(scheduler.timesteps, before)
