"""Rendered heads: a view for the basis, motion frames with true coefficients, one basis of all."""

from __future__ import annotations

import numpy as np

from components.coefficients.rendered_heads import RenderedHead, basis_of
from components.common.arkit import INDEX
from components.face.landmark_basis import LandmarkBasis


def test_views_see_the_face_open_its_mouth(heads: list[RenderedHead]) -> None:
    assert len(heads) == 3
    for head in heads:
        assert head.view is not None
        gaps = [np.linalg.norm(points[13] - points[14]) for points in (head.view.rest, head.view.opened)]
        assert gaps[1] > gaps[0] + 0.5 * head.pixels_per_cm
        on_skin = (head.view.vertices >= 0).all(1)
        assert on_skin.mean() > 0.8
        np.testing.assert_allclose(head.view.shares[on_skin].sum(1), 1, atol=1e-5)


def test_people_and_frames_differ(heads: list[RenderedHead]) -> None:
    assert len({head.group.identity for head in heads}) == 3
    for head in heads:
        group = head.group
        assert len(group) == 4
        assert group.images.shape == (4, 256, 256, 3)
        assert np.abs(np.diff(group.coefficients, axis=0)).max(1).min() > 0.05
    assert np.abs(heads[0].group.images[0].astype(int) - heads[1].group.images[0]).mean() > 5


def test_coefficients_are_those_of_the_picture(heads: list[RenderedHead]) -> None:
    """Where the jaw is open the lips stand apart, and the eye corners lie where the pose says."""
    groups = [head.group for head in heads]
    rows = [pair for group in groups for pair in zip(group.coefficients, group.landmarks, strict=True)]
    jaws = [float(row[INDEX["jawOpen"]]) for row, _ in rows]
    gaps = [float(np.linalg.norm(points[13, :2] - points[14, :2])) for _, points in rows]
    assert np.corrcoef(jaws, gaps)[0, 1] > 0.6
    apart = [np.linalg.norm(points[33, :2] - points[263, :2]) / 256 for _, points in rows]
    scales = [row[INDEX["scale"]] * np.cos(row[INDEX["yaw"]]) for row, _ in rows]
    np.testing.assert_allclose(apart, scales, rtol=0.12)


def test_a_head_without_a_face_is_left_out(heads: list[RenderedHead], basis: LandmarkBasis) -> None:
    blind = RenderedHead(None, heads[0].group, heads[0].pixels_per_cm)
    again = basis_of([*heads[:2], blind])
    assert again.canonical.shape == basis.canonical.shape
    np.testing.assert_array_equal(again.canonical, basis_of([*heads[:2], blind]).canonical)
