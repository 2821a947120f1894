"""Groups of frames: empty ones, and the same arrays back from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.errors import UserError
from components.face.frame_groups import FrameGroup, frame_group


def test_a_group_may_be_empty() -> None:
    group = frame_group("head 0", "somebody", [], [], [], 64)
    assert len(group) == 0
    assert group.images.shape == (0, 64, 64, 3)
    assert group.landmarks.shape == (0, LANDMARKS, 3)
    assert group.coefficients.shape == (0, COEFFICIENTS)


@pytest.mark.parametrize("count", [0, 3])
def test_saved_and_loaded(tmp_path: Path, count: int) -> None:
    rng = np.random.default_rng(0)
    images = list(rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8))
    group = frame_group(
        "clip", "somebody", images, rng.normal(size=(count, LANDMARKS, 3)), rng.normal(size=(count, COEFFICIENTS)), 8
    )
    group.save(tmp_path / "group.safetensors")
    again = FrameGroup.load(tmp_path / "group.safetensors")
    assert (again.name, again.identity) == ("clip", "somebody")
    for name in ("images", "landmarks", "coefficients", "styled"):
        np.testing.assert_array_equal(getattr(again, name), getattr(group, name))


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        FrameGroup.load(tmp_path / "group.safetensors")
