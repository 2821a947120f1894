"""Lattices, ellipsoids and ribbons: counts, shapes, and faces that look outward."""

from __future__ import annotations

import numpy as np
import pytest

from components.synthetic.geometry.anatomy import EYE, EYE_RADIUS, LID_RADIUS, SIDES, side
from components.synthetic.head.parts import LASH, SKIN, SOCK_ROWS, Part, facing_out, grid, ribbon, sphere
from components.synthetic.head.template import HeadTemplate


@pytest.mark.parametrize("wrap", [False, True])
def test_a_lattice_covers_each_cell_with_two_triangles(wrap: bool) -> None:
    triangles = grid(4, 5, wrap)
    cells = 3 * (5 if wrap else 4)
    assert triangles.shape == (2 * cells, 3)
    assert set(triangles.ravel()) == set(range(20))
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    # Open edges: both rows' ends, and the two columns where nothing joins them.
    assert (counts == 1).sum() == (2 * 5 if wrap else 2 * 4 + 2 * 3)


def test_an_ellipsoid_lies_on_its_radii() -> None:
    points, triangles = sphere((1, 2, 3), (2.0, 3.0, 4.0), 12, 9)
    np.testing.assert_allclose((((points - [1, 2, 3]) / [2, 3, 4]) ** 2).sum(1), 1)
    assert triangles.max() == len(points) - 1
    half, _ = sphere((0, 0, 0), (1, 1, 1), 12, 9, cap=np.pi / 2)
    assert half[:, 2].min() == pytest.approx(0, abs=1e-9)


def test_a_ribbon_extends_along_its_offset() -> None:
    line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
    points, triangles = ribbon(line, np.tile([0.0, 1, 0], (3, 1)), [0, 0.5, 1])
    np.testing.assert_allclose(points.reshape(3, 3, 3)[2], line + np.array([0, 1, 0]))
    assert len(triangles) == 8


def test_faces_look_outward() -> None:
    ball = Part("ball", *sphere((5, 0, 0), (1, 1, 1), 12, 9), SKIN)
    strip = Part(
        "strip", *ribbon(np.array([[-1.0, 5, 0], [0, 5, 0], [1, 5, 0]]), np.array([[0.0, 0, 1]] * 3), [0, 1]), LASH
    )
    for part, center in ((ball, [5, 0, 0]), (strip, [0, 0, 0])):
        for triangles in (part.triangles, part.triangles[:, ::-1]):
            turned = facing_out(Part(part.name, part.vertices, triangles, part.material))
            corners = turned.vertices[turned.triangles]
            normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            assert (normals * (corners.mean(1) - center)).sum() > 0


def test_the_parts_of_the_head_are_where_they_belong(template: HeadTemplate) -> None:
    middle = {name: template.vertices[part].mean(0) for name, part in template.parts.items()}
    assert middle["teeth_upper"][1] > middle["teeth_lower"][1] > middle["tongue"][1] - 1
    for name, sign in SIDES:
        ball = template.vertices[template.parts[f"eye_{name}"]]
        np.testing.assert_allclose(np.linalg.norm(ball - side(EYE, sign), axis=1), EYE_RADIUS, atol=1e-3)
        assert middle[f"brow_{name}"][1] > middle[f"lash_{name}"][1] > middle[f"eye_{name}"][1] - LID_RADIUS
        assert sign * middle[f"ear_{name}"][0] > 6
    sock = template.parts["sock"]
    assert (sock.stop - sock.start - 1) % SOCK_ROWS == 0
    # The lining starts at the lips and runs backwards, closed at its end.
    rows = template.vertices[sock][:-1].reshape(SOCK_ROWS, -1, 3)[..., 2].mean(1)
    assert (np.diff(rows) < 0).all()
