"""Closed lips meet on the dark line that the picture shows, and nowhere else."""

import numpy as np
import pytest

from components.face.mesh import (
    INNER_LOWER_LIP,
    INNER_MOUTH_CORNERS,
    INNER_UPPER_LIP,
    LOWER_LIP_ROWS,
    OUTER_EYE_CORNERS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP_ROWS,
)
from components.style_a.motion.seam import seat_lips

SIDE = 200
INNER = slice(1, -1)  # without the corners


def mouth(seam: float) -> tuple[np.ndarray, np.ndarray]:
    """A red mouth from y = 90 to y = 130 with a dark line at `seam`; landmarks whose inner borders lie at 108, 112."""
    image = np.full((SIDE, SIDE, 3), (200, 160, 140), np.uint8)
    image[90:130, 60:140] = (170, 80, 80)
    image[int(seam) - 1 : int(seam) + 2, 60:140] = (70, 30, 30)
    points = np.zeros((478, 3))
    points[list(OUTER_EYE_CORNERS)] = (50, 40, 0), (150, 40, 0)
    x = np.linspace(60, 140, len(INNER_UPPER_LIP))
    for rows, start, end in ((UPPER_LIP_ROWS, 90.0, 108.0), (LOWER_LIP_ROWS, 130.0, 112.0)):
        for depth, row in enumerate(rows):
            points[list(row), 0], points[list(row), 1] = x, start + (end - start) * depth / len(rows)
    for row, y in ((INNER_UPPER_LIP, 108.0), (INNER_LOWER_LIP, 112.0)):
        points[list(row), 0], points[list(row), 1] = x, y
    points[list(INNER_MOUTH_CORNERS), 1] = 110
    return image, points


@pytest.mark.parametrize("seam", [104, 110, 117])
def test_both_lips_meet_on_the_dark_line(seam: int) -> None:
    image, points = mouth(seam)
    seated = seat_lips(image, points, 1.0)
    for row in (INNER_UPPER_LIP[INNER], INNER_LOWER_LIP[INNER]):
        np.testing.assert_allclose(seated[list(row), 1], seam + 0.5, atol=1.5)
        np.testing.assert_allclose(seated[list(row), 0], points[list(row), 0], atol=1e-6)
    corners = [*INNER_MOUTH_CORNERS, *OUTER_UPPER_LIP, *OUTER_LOWER_LIP]
    np.testing.assert_array_equal(seated[corners], points[corners])


def test_rows_keep_their_order() -> None:
    image, points = mouth(117)
    seated = seat_lips(image, points, 1.0)
    rows = (*UPPER_LIP_ROWS, INNER_UPPER_LIP, *LOWER_LIP_ROWS[::-1])
    heights = np.stack([seated[list(row[INNER]), 1] for row in rows])
    assert (np.diff(heights, axis=0) > 0).all()


def test_an_open_mouth_is_left_alone() -> None:
    image, points = mouth(117)
    np.testing.assert_array_equal(seat_lips(image, points, 0.0), points)


def test_without_a_visible_seam_lips_meet_in_the_middle() -> None:
    image, points = mouth(110)
    image[90:130, 60:140] = (170, 80, 80)
    seated = seat_lips(image, points, 1.0)
    np.testing.assert_allclose(seated[list(INNER_UPPER_LIP[INNER]), 1], 110, atol=3)
