"""Texture numbers tell rough from smooth and dark lines from light ones, and little else."""

from __future__ import annotations

import numpy as np

from components.style_a.art.measure.texture import SIDE, texture_numbers


def gap(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(texture_numbers(one) - texture_numbers(other)).mean())


def test_numbers_see_strokes_and_their_kind() -> None:
    rng = np.random.default_rng(0)
    flat = np.full((SIDE, SIDE), 60, np.float32)
    rough = flat + rng.normal(0, 8, flat.shape).astype(np.float32)
    again = flat + rng.normal(0, 8, flat.shape).astype(np.float32)
    dark, light = flat.copy(), flat.copy()
    dark[:, ::12], light[:, ::12] = 20, 100
    assert gap(rough, again) < 0.1 * gap(rough, flat)
    assert gap(dark, light) > 3 * gap(dark, np.roll(dark, 4, 1))
