"""Equal pictures, boxes and their edges, sharpness; the formulas themselves are checked in `test_registry`."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.agreement import MOST_DB
from evaluation.metrics import image


def pictures(seed: int, size: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 256, (size, size + 3, 3), dtype=np.uint8)
    b = np.clip(a.astype(int) + rng.integers(-40, 41, a.shape), 0, 255).astype(np.uint8)
    return a, b


def test_equal_pictures() -> None:
    a, _ = pictures(0)
    assert image.ssim(a, a) == pytest.approx(1.0)
    assert image.psnr(a, a) == MOST_DB


def test_ssim_falls_with_noise_and_is_symmetric() -> None:
    a, b = pictures(0)
    assert image.ssim(a, b) == pytest.approx(image.ssim(b, a))
    assert image.ssim(a, b) < 0.99


def test_psnr_counts_only_the_box() -> None:
    a = np.full((20, 20, 3), 100, np.uint8)
    b = a.copy()
    b[:5, :5] = 0
    assert image.psnr(a, b, (5, 5, 20, 20)) == MOST_DB
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
