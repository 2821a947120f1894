"""Pearson's r against NumPy's and SciPy's, PSNR against its formula; both at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from components.common.agreement import MOST_DB, is_constant, pearson, psnr


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), frames=st.integers(3, 60), shared=st.floats(-2, 2), scale=st.floats(1e-3, 1e3))
def test_r_is_numpys_and_scipys(seed: int, frames: int, shared: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=frames)
    y = scale * (shared * x + rng.normal(size=frames)) + 7
    assert pearson(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
    assert pearson(x, y) == pearson(y, x)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_r_of_a_constant_is_undefined(value: float) -> None:
    moving = np.random.default_rng(0).normal(size=50).astype(np.float32)
    still = np.full(50, value, np.float32)
    assert np.isnan(pearson(moving, still))
    assert np.isnan(pearson(still, moving))
    assert np.isnan(pearson(still, still))


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_rounding_is_no_motion_and_little_motion_is(size: float) -> None:
    noise = np.random.default_rng(0).normal(size=200)
    assert is_constant((size * np.exp(1) * (1 + np.finfo(np.float32).eps * noise)).astype(np.float32))
    assert not is_constant(size + 1e-5 * max(size, 1.0) * noise)


def test_series_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="5 and 4"):
        pearson(np.arange(5.0), np.arange(4.0))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), offset=st.integers(1, 100))
def test_psnr_is_its_formula(seed: int, offset: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 256, (2, 6, 5, 3), dtype=np.uint8)
    expected = 20 * np.log10(255) - 10 * np.log10(((a.astype(float) - b.astype(float)) ** 2).mean())
    assert psnr(a, b, 255) == pytest.approx(expected, abs=1e-6)
    dark = np.full((4, 4, 3), 100, np.uint8)
    assert psnr(dark, dark + np.uint8(offset), 255) == pytest.approx(20 * np.log10(255 / offset), abs=1e-6)


def test_psnr_does_not_depend_on_the_unit() -> None:
    a, b = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    signed = [picture.astype(np.float32) / 127.5 - 1 for picture in (a, b)]
    assert psnr(signed[0], signed[1], 2) == pytest.approx(psnr(a, b, 255), abs=1e-4)


def test_psnr_of_equal_pictures_is_the_most_there_is() -> None:
    a = np.full((300, 300, 3), 100, np.uint8)
    almost = a.copy()
    almost[0, 0, 0] += 1  # 102 dB by the formula
    assert psnr(a, a, 255) == MOST_DB
    assert psnr(a, almost, 255) == MOST_DB
    with pytest.raises(ValueError, match="shape"):
        psnr(a, a[:10], 255)
