"""How close a generated picture is to the true one, pixel by pixel: PSNR, SSIM, regions, sharpness.

Pictures are (H, W, 3) uint8 RGB. Boxes are (x0, y0, x1, y1) pixels, end exclusive.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common import agreement
from components.common.media import Image

Box = tuple[int, int, int, int]

PEAK = 255.0  # range of uint8 pictures
WINDOW, SIGMA = 11, 1.5  # Gaussian window of Wang et al. 2004
C1, C2 = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2


def _same_shape(a: Image, b: Image) -> None:
    if a.shape != b.shape:
        raise ValueError(f"pictures differ in shape: {a.shape} and {b.shape}")


def cut(picture: Image, box: Box | None) -> Image:
    """The part of a picture inside a box, clipped to the picture; the whole of it for None."""
    if box is None:
        return picture
    x0, y0, x1, y1 = box
    part = picture[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    if part.size == 0:
        raise ValueError(f"box {box} lies outside a picture of {picture.shape[1]}x{picture.shape[0]}")
    return part


def psnr(a: Image, b: Image, box: Box | None = None) -> float:
    """Peak signal-to-noise ratio in dB, inside a box if given; at most 100 dB, which equal pictures have."""
    _same_shape(a, b)
    return agreement.psnr(cut(a, box), cut(b, box), PEAK)


def ssim(a: Image, b: Image, box: Box | None = None) -> float:
    """Structural similarity in [-1, 1], mean over pixels and channels.

    Wang et al., "Image quality assessment: from error visibility to structural similarity" (2004), eq. 13, with an
    11-pixel Gaussian window of sigma 1.5; pixels whose window leaves the picture are not counted.
    """
    _same_shape(a, b)
    x, y = cut(a, box).astype(np.float64), cut(b, box).astype(np.float64)
    if min(x.shape[:2]) < WINDOW:
        raise ValueError(f"SSIM needs at least {WINDOW} pixels a side, not {x.shape[1]}x{x.shape[0]}")

    def smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weighted mean over the window around each pixel."""
        return np.asarray(cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA))

    mean_x, mean_y = smooth(x), smooth(y)
    var_x, var_y = smooth(x * x) - mean_x**2, smooth(y * y) - mean_y**2
    cov = smooth(x * y) - mean_x * mean_y
    similarity = ((2 * mean_x * mean_y + C1) * (2 * cov + C2)) / ((mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2))
    edge = WINDOW // 2
    return float(similarity[edge:-edge, edge:-edge].mean())


def sharpness(picture: Image) -> float:
    """Standard deviation of the Laplacian of the luma: the amount of fine detail, in gray levels."""
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F).std())


def landmark_box(points: NDArray[np.floating], margin: float) -> Box:
    """Box around (N, >= 2) points, widened on every side by `margin` times its longer side."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    grow = margin * float((high - low).max())
    x0, y0 = np.floor(low - grow).astype(int)
    x1, y1 = np.ceil(high + grow).astype(int) + 1
    return int(x0), int(y0), int(x1), int(y1)
