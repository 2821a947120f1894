"""Where the points of MediaPipe's face mesh lie: the one table of index lists.

478 landmarks: 468 of the mesh (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile
GPUs", 2019), then five for each iris (Ablavatski et al., 2020). "Right" and "left" are the subject's own: the right eye
is at image left. Lids run from the outer corner inwards, rows of the lips from image left to right.
"""

from __future__ import annotations

from dataclasses import dataclass

Indices = tuple[int, ...]

MESH_POINTS = 468
MESH = slice(0, MESH_POINTS)  # without the irises


@dataclass(frozen=True)
class Eye:
    """The landmarks of one eye. Both lids run from the outer corner to the inner one, corners included."""

    side: str  # "Right" or "Left", as ARKit's names end
    upper_lid: Indices  # 9
    lower_lid: Indices  # 9
    iris: slice  # center, then four points on the rim

    @property
    def outer(self) -> int:
        """The outer corner."""
        return self.upper_lid[0]

    @property
    def inner(self) -> int:
        """The inner corner."""
        return self.upper_lid[-1]

    @property
    def opening(self) -> Indices:
        """Closed loop of 16 around the opening: the upper lid, then the lower lid back."""
        return closed_loop(self.upper_lid, self.lower_lid)

    @property
    def contour(self) -> Indices:
        """The same 16 points in the order of the iris net: lower lid, then the upper lid without corners."""
        return self.lower_lid + self.upper_lid[1:-1]


def closed_loop(there: Indices, back: Indices) -> Indices:
    """One loop around two borders that share both ends."""
    return there + back[-2:0:-1]


RIGHT_EYE = Eye(
    side="Right",
    upper_lid=(33, 246, 161, 160, 159, 158, 157, 173, 133),
    lower_lid=(33, 7, 163, 144, 145, 153, 154, 155, 133),
    iris=slice(468, 473),
)
LEFT_EYE = Eye(
    side="Left",
    upper_lid=(263, 466, 388, 387, 386, 385, 384, 398, 362),
    lower_lid=(263, 249, 390, 373, 374, 380, 381, 382, 362),
    iris=slice(473, 478),
)
EYES = (LEFT_EYE, RIGHT_EYE)  # ARKit's order
OUTER_EYE_CORNERS = (RIGHT_EYE.outer, LEFT_EYE.outer)
EYE_CORNERS = (RIGHT_EYE.outer, RIGHT_EYE.inner, LEFT_EYE.inner, LEFT_EYE.outer)  # image left to right

# Lips: rows of 11 columns from corner to corner. The inner borders meet when the mouth closes.
INNER_UPPER_LIP: Indices = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP: Indices = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
# Rows between the outer border of a lip (first) and its inner border, column by column as these.
UPPER_LIP_ROWS: tuple[Indices, ...] = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
)
LOWER_LIP_ROWS: tuple[Indices, ...] = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
)
OUTER_UPPER_LIP, OUTER_LOWER_LIP = UPPER_LIP_ROWS[0], LOWER_LIP_ROWS[0]
MOUTH_OPENING = closed_loop(INNER_UPPER_LIP, INNER_LOWER_LIP)  # 20
UPPER_LIP_MIDDLE, LOWER_LIP_MIDDLE = INNER_UPPER_LIP[5], INNER_LOWER_LIP[5]
MOUTH_CORNERS = (OUTER_UPPER_LIP[0], OUTER_UPPER_LIP[-1])  # of the outer border: right, left
INNER_MOUTH_CORNERS = (INNER_UPPER_LIP[0], INNER_UPPER_LIP[-1])

# Closed loop of 36 around the face, from the top of the forehead over the left temple and the chin.
FACE_OVAL: Indices = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
FACE_TOP, CHIN = 10, 152  # of the oval
FACE_SIDES = (234, 454)  # of the oval, in front of the ears: right, left
BROWS: Indices = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)  # upper edge: right, left; each outer to inner
CHEEKS: Indices = (50, 280, 101, 330, 205, 425)  # right and left in turn: bare skin
NOSE_TIP = 1
NOSE_BASE = 2  # below the septum; speech hardly moves it

# Points that speech and expression hardly move: forehead, temples, nose, eye corners. They carry the head's own motion.
# Not mirror-symmetric: 162 has no partner.
STABLE: Indices = (
    *(10, 338, 297, 332, 284, 109, 67, 103, 54, 21, 251, 162, 127, 356, 234, 454, 93, 323),
    *(168, 6, 197, 195, 5, 4, 1, 2, 98, 327, 33, 133, 362, 263, 8, 9, 151),
)

# Lips, chin and the skin between nose and chin: what the lower face says without its outline.
# fmt: off
MOUTH_REGION: Indices = (
    0, 2, 11, 12, 13, 14, 15, 16, 17, 18, 32, 37, 38, 39, 40, 41, 42, 43, 61, 62, 72, 73, 74, 76, 77, 78, 80,
    81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 94, 95, 96, 97, 99, 106, 146, 164, 165, 167, 170, 178, 179,
    180, 181, 182, 183, 184, 185, 186, 191, 194, 200, 201, 204, 211, 262, 267, 268, 269, 270, 271, 272, 273,
    291, 292, 302, 303, 304, 306, 307, 308, 310, 311, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322,
    324, 325, 326, 328, 335, 375, 391, 393, 395, 402, 403, 404, 405, 406, 407, 408, 409, 410, 415, 418, 421,
    424, 431,
)
# fmt: on

# Mirroring a face sends mesh point i to the place of point MESH_MIRROR[i].
# fmt: off
MESH_MIRROR: Indices = (
    0, 1, 2, 248, 4, 5, 6, 249, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 250, 251, 252, 253, 254, 255, 256,
    257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270, 271, 272, 273, 274, 275, 276, 277,
    278, 279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289, 290, 291, 292, 293, 294, 295, 296, 297, 298,
    299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 311, 312, 313, 314, 315, 316, 317, 318, 319,
    320, 321, 322, 323, 94, 324, 325, 326, 327, 328, 329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 340,
    341, 342, 343, 344, 345, 346, 347, 348, 349, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361,
    362, 363, 364, 365, 366, 367, 368, 369, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 151, 152, 380,
    381, 382, 383, 384, 385, 386, 387, 388, 389, 390, 164, 391, 392, 393, 168, 394, 395, 396, 397, 398, 399,
    175, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 195,
    419, 197, 420, 199, 200, 421, 422, 423, 424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 435, 436,
    437, 438, 439, 440, 441, 442, 443, 444, 445, 446, 447, 448, 449, 450, 451, 452, 453, 454, 455, 456, 457,
    458, 459, 460, 461, 462, 463, 464, 465, 466, 467, 3, 7, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
    60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86,
    87, 88, 89, 90, 91, 92, 93, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
    112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132,
    133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 153, 154, 155,
    156, 157, 158, 159, 160, 161, 162, 163, 165, 166, 167, 169, 170, 171, 172, 173, 174, 176, 177, 178, 179,
    180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194, 196, 198, 201, 202, 203, 204,
    205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219, 220, 221, 222, 223, 224, 225,
    226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246,
    247,
)
# fmt: on
MIRROR: Indices = (*MESH_MIRROR, *range(473, 478), *range(468, 473))  # the same of all 478 landmarks
