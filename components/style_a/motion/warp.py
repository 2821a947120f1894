"""Showing a portrait through a flow, at any resolution."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.media import Image

FOLD_STEP = 6.0  # portrait pixels between neighboring cells from which the flow counts as torn
FOLD_BLUR = 1.4  # pixels


def identity_flow(grid: int, side: float) -> NDArray[np.float32]:
    """(grid, grid, 2) portrait pixels (x, y) at the cells' centers, for a portrait of `side` pixels."""
    centers = (np.arange(grid) + 0.5) * (side / grid)
    return np.stack(np.meshgrid(centers, centers), axis=-1).astype(np.float32)


def enlarge_flow(flow: NDArray[np.float32], side: float, size: int) -> NDArray[np.float32]:
    """flow (n, n, 2) in pixels of a portrait of `side` pixels, as (size, size, 2); identity stays identity."""
    grid = flow.shape[0]
    if grid == size:
        return flow
    displacement = cv2.resize(flow - identity_flow(grid, side), (size, size), interpolation=cv2.INTER_LINEAR)
    return displacement + identity_flow(size, side)


def warp_image(image: Image | NDArray[np.float32], flow: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """image (s, s, 3) sampled at `flow` (n, n, 2; pixels of `image`, cell centers), as (size, size, 3) float32."""
    flow = enlarge_flow(flow, image.shape[0], size)
    x, y = flow[..., 0] - 0.5, flow[..., 1] - 0.5
    return cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101).astype(np.float32)


def lay_mouth(picture: NDArray[np.float32], mouth: NDArray[np.float32]) -> NDArray[np.float32]:
    """picture (s, s, 3) in 0-255 under mouth (n, n, 4) in 0-1; changes and returns `picture`."""
    grid, size = mouth.shape[0], picture.shape[0]
    rows, columns = np.flatnonzero(mouth[..., 3].any(1)), np.flatnonzero(mouth[..., 3].any(0))
    if len(rows) == 0:
        return picture
    top, left = max(rows[0] - 1, 0), max(columns[0] - 1, 0)
    bottom, right = min(rows[-1] + 2, grid), min(columns[-1] + 2, grid)
    zoom = size / grid
    place = np.array([[zoom, 0, (zoom - 1) / 2], [0, zoom, (zoom - 1) / 2]])  # of cell centers in pixels
    y0, y1 = int(top * zoom), min(int(np.ceil(bottom * zoom)), size)
    x0, x1 = int(left * zoom), min(int(np.ceil(right * zoom)), size)
    place[:, 2] += [left * zoom - x0, top * zoom - y0]
    patch = cv2.warpAffine(np.ascontiguousarray(mouth[top:bottom, left:right]), place, (x1 - x0, y1 - y0))
    window = picture[y0:y1, x0:x1]
    window += (patch[..., :3] * 255.0 - window) * patch[..., 3:]
    return picture


def find_folds(flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(n, n) 1 where the flow (n, n, 2), in portrait pixels, jumps from one layer to another."""
    torn = np.zeros(flow.shape[:2], np.uint8)
    for channel in (np.ascontiguousarray(flow[..., 0]), np.ascontiguousarray(flow[..., 1])):
        torn[:, :-1] |= np.abs(channel[:, 1:] - channel[:, :-1]) > FOLD_STEP
        torn[:-1] |= np.abs(channel[1:] - channel[:-1]) > FOLD_STEP
    return torn


def soften_folds(picture: NDArray[np.float32], folds: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Smooth the stair-steps at folds, as along a turned cheek; changes and returns `picture`.

    picture: (s, s, 3); folds: (n, n) of `find_folds`.
    """
    rows, columns = np.flatnonzero(folds.any(1)), np.flatnonzero(folds.any(0))
    if len(rows) == 0:
        return picture
    size, grid = picture.shape[0], folds.shape[0]
    top, bottom = (int(edge * size / grid) for edge in (max(rows[0] - 4, 0), min(rows[-1] + 5, grid)))
    left, right = (int(edge * size / grid) for edge in (max(columns[0] - 4, 0), min(columns[-1] + 5, grid)))
    wide = cv2.dilate(folds, np.ones((3, 3), np.uint8)).astype(np.float32)
    share = cv2.resize(cv2.GaussianBlur(wide, (0, 0), 0.8), (size, size), interpolation=cv2.INTER_LINEAR)
    window = picture[top:bottom, left:right]
    smooth = cv2.GaussianBlur(window, (0, 0), FOLD_BLUR)
    window += (smooth - window) * np.minimum(share[top:bottom, left:right] * 1.3, 1.0)[..., None]
    return picture
