"""Building the basis: from two heads on, in centimeters, whatever the order of the heads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from components.coefficients.landmark_basis_fit import BORDERS, HeadView, build_basis
from components.coefficients.rendered_heads import RenderedHead
from components.face.landmark_basis import LandmarkBasis
from components.synthetic.head.template import load_template


@pytest.fixture(scope="module")
def inputs(heads: list[RenderedHead]) -> dict[str, Any]:
    template = load_template()
    return {
        "views": [head.view for head in heads if head.view is not None],
        "expression": template.expression_basis,
        "shape": template.vertices,
        "borders": {name: template.loops[name] for _, name in BORDERS},
        "lower_teeth": np.ones((52, 3)),
        "pixels_per_cm": 10.0,
    }


def test_one_head_is_no_average(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="two heads"):
        build_basis(**{**inputs, "views": inputs["views"][:1]})


def test_lengths_are_centimeters_around_the_eye_corners(inputs: dict[str, Any], basis: LandmarkBasis) -> None:
    small = build_basis(**inputs)
    large = build_basis(**{**inputs, "pixels_per_cm": 5.0})
    origin = np.array([0, 0, 7.0])
    np.testing.assert_allclose((large.canonical - origin)[:, :2], 2 * (small.canonical - origin)[:, :2], atol=1e-6)
    np.testing.assert_allclose(small.jaw, 1)  # given, not fitted
    assert basis.canonical[:, 0].mean() == pytest.approx(0, abs=0.05)


def test_the_order_of_the_heads_sets_the_tilt_alone(inputs: dict[str, Any]) -> None:
    """The mean starts from the first face, whose pitch it keeps; its shape is that of all."""
    first, second = (build_basis(**{**inputs, "views": v}).canonical for v in (inputs["views"], inputs["views"][::-1]))
    distances = [np.linalg.norm(face[::9, None] - face[None, ::9], axis=-1) for face in (first, second)]
    assert np.abs(first - second).max() > 0.5
    np.testing.assert_allclose(distances[0], distances[1], atol=0.05)


def test_landmarks_off_the_head_move_like_their_neighbors(inputs: dict[str, Any]) -> None:
    views = []
    for view in inputs["views"]:
        vertices = view.vertices.copy()
        vertices[[10, 152]] = -1  # forehead and chin, hidden on every head
        views.append(HeadView(view.rest, view.opened, vertices, view.shares))
    motion = build_basis(**{**inputs, "views": views}).expression
    for point in (10, 152):
        others = np.delete(np.arange(468), [10, 152])
        distance = np.abs(motion[:, others] - motion[:, [point]]).sum((0, 2)).min()
        assert distance == 0
