"""The landmark basis: built from rendered heads, stored, refused when damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.path import Path as Outline

from components.common.arkit import INDEX
from components.common.artifacts import save_arrays
from components.common.errors import UserError
from components.face.landmark_basis import FILE, LandmarkBasis
from components.face.mesh import (
    EYE_CORNERS,
    EYES,
    FACE_OVAL,
    FACE_SIDES,
    FACE_TOP,
    LEFT_EYE,
    LOWER_LIP_MIDDLE,
    MOUTH_CORNERS,
    MOUTH_OPENING,
    RIGHT_EYE,
    UPPER_LIP_MIDDLE,
)


def test_canonical_face_is_symmetric_and_in_cm(basis: LandmarkBasis) -> None:
    assert basis.canonical[RIGHT_EYE.outer] == pytest.approx(basis.canonical[LEFT_EYE.outer] * [-1, 1, 1], abs=1e-9)
    assert basis.canonical[list(EYE_CORNERS), 2].mean() == pytest.approx(7.0, abs=0.3)
    right, left = basis.canonical[list(FACE_SIDES), 0]
    assert 10 < left - right < 15


def test_jaw_moves_the_lower_lip_only(basis: LandmarkBasis) -> None:
    jaw = basis.expression[INDEX["jawOpen"]]
    assert jaw[LOWER_LIP_MIDDLE, 1] < -1.5
    assert abs(jaw[UPPER_LIP_MIDDLE, 1]) < 0.3
    assert abs(jaw[FACE_TOP, 1]) < 0.1
    assert basis.jaw[INDEX["jawOpen"], 1] < -1


def test_left_weights_move_the_left_side(basis: LandmarkBasis) -> None:
    smile = np.linalg.norm(basis.expression[INDEX["mouthSmileLeft"]], axis=1)
    right, left = smile[list(MOUTH_CORNERS)]
    assert left > 3 * right


def test_mesh_leaves_mouth_and_eyes_open(basis: LandmarkBasis) -> None:
    flat = basis.canonical[:, :2].copy()
    middles = flat[basis.triangles].mean(1)
    for eye in EYES:
        assert not Outline(flat[list(eye.opening)]).contains_points(middles).any()
    assert not np.isin(basis.triangles, MOUTH_OPENING).all(1).any()
    assert np.isin(FACE_OVAL, basis.triangles).all()


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
