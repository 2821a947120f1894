"""SSIM against a slow, literal reading of the paper; PSNR against its formula; boxes."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.metrics import image


def pictures(seed: int, size: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 256, (size, size + 3, 3), dtype=np.uint8)
    b = np.clip(a.astype(int) + rng.integers(-40, 41, a.shape), 0, 255).astype(np.uint8)
    return a, b


def slow_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Wang et al. 2004, eq. 13, one window at a time."""
    offsets = np.arange(11) - 5
    line = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(line, line)
    window /= window.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for channel in range(3):
        for y in range(a.shape[0] - 10):
            for x in range(a.shape[1] - 10):
                p = a[y : y + 11, x : x + 11, channel].astype(float)
                q = b[y : y + 11, x : x + 11, channel].astype(float)
                mp, mq = (window * p).sum(), (window * q).sum()
                vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
                cov = (window * (p - mp) * (q - mq)).sum()
                values.append((2 * mp * mq + c1) * (2 * cov + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2)))
    return float(np.mean(values))


def test_ssim_is_the_papers() -> None:
    a, b = pictures(0)
    assert image.ssim(a, b) == pytest.approx(slow_ssim(a, b), abs=1e-9)
    assert image.ssim(a, a) == pytest.approx(1.0)


def test_psnr() -> None:
    a = np.full((8, 8, 3), 100, np.uint8)
    assert image.psnr(a, a + 5) == pytest.approx(20 * np.log10(255 / 5), abs=1e-6)
    assert image.psnr(a, a) == image.IDENTICAL_DB


def test_psnr_counts_only_the_box() -> None:
    a = np.full((20, 20, 3), 100, np.uint8)
    b = a.copy()
    b[:5, :5] = 0
    assert image.psnr(a, b, (5, 5, 20, 20)) == image.IDENTICAL_DB
    assert image.psnr(a, b, (-3, -3, 5, 5)) == pytest.approx(20 * np.log10(255 / 100))


def test_bad_pictures_are_refused() -> None:
    a = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(ValueError, match="shape"):
        image.psnr(a, a[:10])
    with pytest.raises(ValueError, match="outside"):
        image.psnr(a, a, (30, 30, 40, 40))
    with pytest.raises(ValueError, match="at least 11"):
        image.ssim(a[:8], a[:8])


def test_sharpness_falls_with_blur() -> None:
    a, _ = pictures(1, 64)
    blurred = ((a.astype(int) + np.roll(a, 1, 0) + np.roll(a, 1, 1)) // 3).astype(np.uint8)
    assert image.sharpness(blurred) < 0.8 * image.sharpness(a)


def test_landmark_box_holds_the_points() -> None:
    box = image.landmark_box(np.array([(10.0, 20.0), (30.0, 24.0)]), 0.1)
    assert box == (8, 18, 33, 27)
