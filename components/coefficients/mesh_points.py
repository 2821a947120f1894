"""Which point of MediaPipe's 468-point face mesh lies where. Facts of the published mesh topology, used by index.

"Right" and "left" are the subject's own: the right eye is at image left.
"""

from __future__ import annotations

RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_OUTER, LEFT_EYE_INNER = 263, 362

# The 16 contour points of an eye in the iris net's order: lower lid with both corners (outer to inner), then upper lid.
RIGHT_LIDS: tuple[int, ...] = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
LEFT_LIDS: tuple[int, ...] = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)

RIGHT_IRIS = slice(468, 473)  # center, then four points on its rim
LEFT_IRIS = slice(473, 478)

INNER_LIP_UPPER, INNER_LIP_LOWER = 13, 14  # middle of the inner lip line
MOUTH_CORNERS = (61, 291)  # right, left

# Points that speech and expression hardly move: forehead, temples, nose, eye corners. They carry the head's own motion.
STABLE: tuple[int, ...] = (
    *(10, 338, 297, 332, 284, 109, 67, 103, 54, 21, 251, 162, 127, 356, 234, 454, 93, 323),
    *(168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263, 8, 9, 151),
)
