"""The landmark basis: built from rendered heads, stored, refused when damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.common.arkit import INDEX
from components.common.artifacts import save_arrays
from components.common.errors import UserError
from components.style_a.motion.basis import FILE, LandmarkBasis
from components.style_a.motion.basis_fit import inside_polygon
from components.style_a.motion.triangles import EYE_CORNERS, LEFT_EYE, MOUTH, OVAL, RIGHT_EYE


def test_canonical_face_is_symmetric_and_in_cm(basis: LandmarkBasis) -> None:
    assert basis.canonical[33] == pytest.approx(basis.canonical[263] * [-1, 1, 1], abs=1e-9)
    assert basis.canonical[list(EYE_CORNERS), 2].mean() == pytest.approx(7.0, abs=0.3)
    width = basis.canonical[454, 0] - basis.canonical[234, 0]
    assert 10 < width < 15


def test_jaw_moves_the_lower_lip_only(basis: LandmarkBasis) -> None:
    jaw = basis.expression[INDEX["jawOpen"]]
    assert jaw[14, 1] < -1.5
    assert abs(jaw[13, 1]) < 0.3
    assert abs(jaw[10, 1]) < 0.1
    assert basis.jaw[INDEX["jawOpen"], 1] < -1


def test_left_weights_move_the_left_side(basis: LandmarkBasis) -> None:
    smile = np.linalg.norm(basis.expression[INDEX["mouthSmileLeft"]], axis=1)
    assert smile[291] > 3 * smile[61]  # 291 is the left corner of the mouth


def test_mesh_leaves_mouth_and_eyes_open(basis: LandmarkBasis) -> None:
    flat = basis.canonical[:, :2].copy()
    middles = flat[basis.triangles].mean(1)
    for eye in (LEFT_EYE, RIGHT_EYE):
        assert not inside_polygon(middles, flat[list(eye)]).any()
    assert not np.isin(basis.triangles, MOUTH).all(1).any()
    assert np.isin(OVAL, basis.triangles).all()


def test_saved_and_loaded(basis: LandmarkBasis, tmp_path: Path) -> None:
    basis.save(tmp_path)
    again = LandmarkBasis.load(tmp_path)
    assert np.allclose(again.expression, basis.expression, atol=1e-5)
    assert np.array_equal(again.triangles, basis.triangles)


def test_damaged_files_are_refused_in_one_line(basis: LandmarkBasis, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        LandmarkBasis.load(tmp_path)
    arrays: dict[str, Any] = {"canonical": np.zeros((3, 3)), "expression": basis.expression, "jaw": basis.jaw}
    save_arrays(tmp_path / FILE, {**arrays, "triangles": basis.triangles})
    with pytest.raises(UserError, match="canonical"):
        LandmarkBasis.load(tmp_path)
