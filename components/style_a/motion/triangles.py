"""Which of the 468 face-mesh points make up the outline, the lips and the lids, and the triangle patterns between them.

The index lists are those of MediaPipe's canonical face mesh. "Right" is the subject's right (image left).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Triangles = NDArray[np.int32]  # (N, 3)

POINTS = 468  # of the mesh, without irises
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)  # inner border, image left to right
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# Rings of points from the outer border of the lips inwards, column by column as the inner borders above.
UPPER_RINGS = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
)
LOWER_RINGS = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
)
RIGHT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)  # outer to inner corner
RIGHT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID = (263, 466, 388, 387, 386, 385, 384, 398, 362)
LEFT_LOWER_LID = (263, 249, 390, 373, 374, 380, 381, 382, 362)
RIGHT_EYE = RIGHT_UPPER_LID + RIGHT_LOWER_LID[-2:0:-1]  # closed loop of 16
LEFT_EYE = LEFT_UPPER_LID + LEFT_LOWER_LID[-2:0:-1]
MOUTH = UPPER_LIP + LOWER_LIP[-2:0:-1]  # closed loop of 20
EYE_CORNERS = (33, 133, 362, 263)
OUTER_EYE_CORNERS = (33, 263)
BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
CHEEKS = (50, 280, 101, 330, 205, 425)
IRISES = (slice(468, 473), slice(473, 478))  # right, left
# Points that hardly move with the expression: skull, nose, eye corners.
RIGID = (
    *(10, 338, 297, 332, 284, 109, 67, 103, 54, 21, 251, 162, 127, 356, 234, 454, 93, 323),
    *(168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263, 8, 9, 151),
)
# Per eye: upper lid, lower lid, closed loop, stem of the ARKit names' side.
EYES = (
    (LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_EYE, "Left"),
    (RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_EYE, "Right"),
)


def fan(count: int) -> Triangles:
    """A closed loop of `count` points around a center at index `count`."""
    return np.array([(i, (i + 1) % count, count) for i in range(count)], np.int32)


def nested_loops(count: int, loops: int) -> Triangles:
    """Bands between `loops` consecutive closed loops of `count` points each, in order."""
    bands = []
    for band in range(loops - 1):
        for j in range(count):
            a, b = band * count + j, band * count + (j + 1) % count
            bands += [(a, a + count, b), (b, a + count, b + count)]
    return np.array(bands, np.int32)


def grid(rows: int, columns: int) -> Triangles:
    """An open grid of rows x columns points, row by row."""
    cells = []
    for i in range(rows - 1):
        for j in range(columns - 1):
            a = i * columns + j
            cells += [(a, a + columns, a + 1), (a + 1, a + columns, a + columns + 1)]
    return np.array(cells, np.int32)
