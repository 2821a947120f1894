"""Primitives of brushes: each does to a picture what its name says, at every resolution alike."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from components.style_a.art import strokes


def test_smear_follows_its_direction() -> None:
    noise = strokes.noise(96, 96, 0, 3)[..., None].copy()
    across = (np.ones((96, 96), np.float32), np.zeros((96, 96), np.float32))
    smeared = strokes.smear(noise, across, 8)[..., 0]
    along = np.abs(np.diff(smeared, axis=1)).mean()
    assert np.abs(np.diff(smeared, axis=0)).mean() > 3 * along


def test_kuwahara_keeps_a_step_sharp_where_blur_does_not() -> None:
    step = np.zeros((64, 64, 3), np.float32)
    step[:, 32:] = 1
    flat = strokes.kuwahara(step, 16)
    assert flat[32, 31].max() == 0
    assert flat[32, 32].min() == 1


def test_noise_is_the_same_pattern_at_twice_the_size() -> None:
    small, large = strokes.noise(256, 256, 3, 5), strokes.noise(512, 512, 3, 5)
    assert small.std() == pytest.approx(1, abs=1e-4)
    at_small = cv2.resize(large, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), at_small.ravel())[0, 1] > 0.99
    assert np.abs(small - strokes.noise(256, 256, 3, 6)).mean() > 0.5


def test_strokes_run_along_edges() -> None:
    luma = np.zeros((128, 128), np.float32)
    luma[:, 64:] = 1  # a vertical edge
    x, y = strokes.stroke_direction(luma)
    assert np.abs(y[64, 64]) > 0.99
    np.testing.assert_allclose(np.hypot(x, y), 1, atol=1e-5)


def test_guided_smoothing_keeps_edges_and_flattens_noise() -> None:
    rng = np.random.default_rng(0)
    luma = np.zeros((96, 96), np.float32)
    luma[:, 48:] = 1
    noisy = (luma + rng.normal(0, 0.03, luma.shape)).astype(np.float32)
    smooth = strokes.guided(np.dstack([noisy] * 3), noisy, 4, 0.1)[..., 1]
    assert smooth[:, :40].std() < 0.5 * noisy[:, :40].std()
    assert (smooth[:, 49] - smooth[:, 46]).mean() > 0.9


def test_lines_are_found_beside_dark_lines() -> None:
    luma = np.full((96, 96), 0.8, np.float32)
    luma[:, 47:49] = 0.1
    response = strokes.line_response(luma, 1.0)
    assert response[48, 47] > 5 * abs(response[48, 20])
    assert strokes.local_contrast(luma, 2)[48, 48] > 10 * strokes.local_contrast(luma, 2)[48, 10]


def test_ramp_is_smooth_between_its_bounds() -> None:
    x = np.array([-1.0, 0.2, 0.5, 0.8, 2.0], np.float32)
    np.testing.assert_allclose(strokes.ramp(x, 0.2, 0.8), [0, 0, 0.5, 1, 1], atol=1e-6)


def test_a_stroke_pixel_is_a_256th_of_the_shorter_side() -> None:
    assert strokes.stroke_scale(512, 900) == 2
    rows, columns = strokes.coordinates(4, 512)
    assert rows[3, 0] == pytest.approx(3 * 64)
    assert columns[0, 511] == pytest.approx(511 * 64)
