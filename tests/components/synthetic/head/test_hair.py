"""Hair grows above its line, bodies below the chin."""

from __future__ import annotations

import numpy as np
import pytest

from components.synthetic.head.hair import (
    COLLAR_Y,
    FEMALE_STYLES,
    MALE_STYLES,
    STYLES,
    build_body,
    build_hair,
    hairline,
)
from components.synthetic.head.sdf import skull

FRONT, BACK = np.zeros(1), np.full(1, np.pi)


def test_every_listed_style_exists() -> None:
    assert set(FEMALE_STYLES) | set(MALE_STYLES) == set(STYLES)


@pytest.mark.parametrize("name", sorted(STYLES))
def test_hair_lies_outside_the_skull_above_its_line(name: str) -> None:
    style = STYLES[name]
    hair = build_hair(style, np.random.default_rng(0))
    assert hair.triangles.max() < len(hair.vertices) == len(hair.strands)
    assert np.isfinite(hair.vertices).all()
    crown = hair.vertices[hair.vertices[:, 1] > 8]
    assert (skull(crown) > 0).all() or style.bun  # which grows out of the skull
    assert (hair.vertices[:, 1].max() > 12) == (name in ("afro", "bun"))
    face = np.abs(np.arctan2(hair.vertices[:, 0], hair.vertices[:, 2])) < 0.3
    shown = np.unique(hair.triangles)
    in_face = shown[face[shown] & (hair.vertices[shown, 1] < 3) & (hair.vertices[shown, 2] > 3)]
    assert len(in_face) == 0


def test_the_hairline_drops_from_the_forehead_to_the_nape() -> None:
    for style in STYLES.values():
        forehead, nape = (float(hairline(style, azimuth, np.zeros(1))[0]) for azimuth in (FRONT, BACK))
        assert forehead == pytest.approx(style.front)
        assert nape == pytest.approx(min(style.low, -5.5))
    parted = STYLES["side"]
    left, right = (float(hairline(parted, FRONT, np.array([x]))[0]) for x in (5.0, -5.0))
    assert right - left == pytest.approx(2 * parted.parting)


def test_the_seed_moves_strands_only_a_little() -> None:
    one, same, other = (build_hair(STYLES["short"], np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.vertices, same.vertices)
    assert 0 < np.abs(one.vertices - other.vertices).max() < 0.25


def test_a_body_has_shoulders_and_looks_outward() -> None:
    slim, broad = (build_body(width) for width in (0.88, 1.02))
    vertices, triangles = broad
    assert np.ptp(vertices[:, 0]) == pytest.approx(1.02 / 0.88 * np.ptp(slim[0][:, 0]))
    neck, shoulders = vertices[vertices[:, 1] > COLLAR_Y], vertices[vertices[:, 1] < -20]
    assert np.ptp(neck[:, 0]) < 0.5 * np.ptp(shoulders[:, 0])
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals * (corners.mean(1) - [0, 0, -2.4]) * [1, 0, 1]).sum() > 0
