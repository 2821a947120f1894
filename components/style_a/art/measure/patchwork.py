"""The art picture's own surface laid over another one: patches of its fine detail, quilted by tone (texture transfer).

After Efros & Freeman 2001: patches are laid row by row, each the one of the art picture that continues its neighbors
and sits on the right tone. Only detail is carried over, so the portrait's forms stay; strokes, dots, cuts and weave
keep their size and direction. Places are chosen on a grid of `GRID` pixels and laid at any resolution.

Axes: H, W pixels of the grid, N patches of the art picture, P side of a patch.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.style_a.art.measure.region_palette import shrunk
from components.style_a.art.measure.regions import Regions
from components.style_a.art.strokes import Picture, Plane, blur, ramp

GRID = 256  # shorter side, pixels, on which places are chosen
PATCH, OVERLAP, STRIDE = 32, 10, 6  # grid pixels
COARSEST = 6.0  # grid pixels: sigma above which structure is form, not surface
COARSEST_HUE = 24.0  # the same for hue, in art without a face
LONGEST = 1.6  # longer side of the art picture that is looked at, in shorter sides
TONE, PLACE, FORM, AGAIN = (
    0.05,
    80.0,
    6.0,
    10.0,
)  # costs: of L* squared, of another region, of unusual detail, of repeating
FLAT = (0.2, 0.7)  # median slopes, L* a grid pixel, of a region without a surface and of one with a full one
FEW = 14  # patches, below which a region's surface fades away
JOIN = 15.0  # cost of two patches that have nothing in common
QUARTER, CALMEST = 0.75, 1.0  # share of a region that is calmer than its usual energy; the least such energy, L*
UNUSUAL, UNEVEN, UNEVEN_FACELESS = (
    2.2,
    1.9,
    2.5,
)  # peak over usual energy, over the patch's mean, from which it shows a form, not surface
PEAK = 3.0  # grid pixels over which that peak is averaged
HALF = 2  # overlaps are compared at every second pixel


@dataclass(frozen=True)
class Surface:
    """An art picture taken apart. detail: (H, W, 3) Lab without its forms; corners: (N, 2) row, column of each patch;
    tones: (N,) mean L*; places: (N, R) regions; forms: (N,) how much of a form's border; thumbs: (N, P/2, P/2) detail;
    rough: (R,) whether each region has a surface at all, 0-1."""

    detail: Picture
    corners: NDArray[np.int64]
    tones: NDArray[np.float32]
    places: NDArray[np.float32]
    forms: NDArray[np.float32]
    thumbs: NDArray[np.float32]
    rough: NDArray[np.float32]


@dataclass(frozen=True)
class Quilt:
    """Where the patches go: rows of (row, column) on the target, (row, column) on the art picture, in grid pixels;
    gains: how strong each is to be."""

    targets: NDArray[np.int64]
    sources: NDArray[np.int64]
    gains: NDArray[np.float32]


def surface(lab: Picture, regions: Regions) -> Surface:
    """Of an art picture (H, W, 3) Lab with shorter side `GRID`."""
    detail = detail_of(lab, regions.faceless)
    light = np.ascontiguousarray(lab[..., 0] - detail[..., 0])
    rows = np.arange(0, lab.shape[0] - PATCH + 1, STRIDE)
    columns = np.arange(0, lab.shape[1] - PATCH + 1, STRIDE)
    corners = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)

    def means(plane: Picture) -> NDArray[np.float32]:
        box = cv2.blur(np.ascontiguousarray(plane), (PATCH, PATCH))
        return np.asarray(box[corners[:, 0] + PATCH // 2, corners[:, 1] + PATCH // 2])

    places = means(regions.shares).reshape(len(corners), -1)
    energy = np.sqrt(blur(detail[..., 0] ** 2, PEAK))
    peaks, usual = _highest(energy, corners), _usual(energy, regions)
    # A contour stands alone in its patch; strokes, dots and cuts fill theirs.
    alone = (peaks + CALMEST) / (means(energy) + CALMEST) / (UNEVEN_FACELESS if regions.faceless else UNEVEN)
    forms = np.maximum(peaks / (places @ usual) / UNUSUAL, alone)
    near = blur(regions.features, COARSEST)
    # Eyes and lips would haunt the portrait's cheeks, and contours would cross them.
    forms = forms + np.where(_highest(near, corners) > 0.03, 10.0, 0.0) + 2 * (1 - places.max(1))
    allowed = forms <= max(1.0, float(np.partition(forms, min(16, len(forms) - 1))[min(16, len(forms) - 1)]))
    corners, places, forms = corners[allowed], places[allowed], forms[allowed]
    view = np.lib.stride_tricks.sliding_window_view(detail[..., 0], (PATCH, PATCH))
    thumbs = view[corners[:, 0], corners[:, 1], ::HALF, ::HALF]
    tones, forms, thumbs = means(light), forms.astype(np.float32), np.ascontiguousarray(thumbs)
    # A handful of patches is an accident (a lock of hair on the forehead), and repeating it shows.
    offered = np.clip(places.sum(0) / FEW, 0, 1)
    return Surface(detail, corners, tones, places, forms, thumbs, _roughness(lab[..., 0], regions) * offered)


def _roughness(light: Plane, regions: Regions) -> NDArray[np.float32]:
    """(R,) 0 where at least half of a region is flat, as inks and paper are: there edges are forms, not surface."""
    gx, gy = cv2.Scharr(light, cv2.CV_32F, 1, 0) / 16, cv2.Scharr(light, cv2.CV_32F, 0, 1) / 16
    steep = np.sqrt(gx * gx + gy * gy)
    owner = regions.shares.argmax(-1)
    middle = [float(np.median(steep[owner == r])) if (owner == r).any() else 0.0 for r in range(regions.count)]
    found = ramp(np.array(middle, np.float32), *FLAT)
    return np.full_like(found, found.max()) if regions.faceless else np.asarray(found)


def detail_of(lab: Picture, faceless: bool) -> Picture:
    """(H, W, 3) Lab without its forms, at any size. Where no face says whose colors go where, patches bring hues."""
    scale = min(lab.shape[:2]) / GRID
    detail = lab - blur(lab, COARSEST * scale)
    if faceless:
        wide = blur(shrunk(np.ascontiguousarray(lab[..., 1:]), GRID // 4), COARSEST_HUE / 4)
        detail[..., 1:] = lab[..., 1:] - cv2.resize(wide, lab.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(detail)


def _highest(plane: Plane, corners: NDArray[np.int64]) -> NDArray[np.float32]:
    """(N,) largest value in each patch."""
    most = cv2.dilate(plane, np.ones((PATCH, PATCH), np.uint8))
    return np.asarray(most[corners[:, 0] + PATCH // 2, corners[:, 1] + PATCH // 2])


def _usual(energy: Plane, regions: Regions) -> NDArray[np.float32]:
    """(R,) energy of detail that a quarter of each region exceeds: high where the surface is rough."""
    order = np.argsort(energy, axis=None)
    rising = energy.ravel()[order]
    filled = np.cumsum(regions.shares.reshape(-1, regions.count)[order], axis=0)
    places = (filled < QUARTER * filled[-1]).sum(0)
    return np.asarray(np.maximum(rising[np.minimum(places, len(rising) - 1)], CALMEST), np.float32)


def lay(art: Surface, light: Plane, regions: Regions) -> Quilt:
    """Choose patches for a picture of lightness (H, W) in L*, shorter side `GRID`, with as many regions as the art."""
    height, width = light.shape
    tops, lefts = _starts(height), _starts(width)
    canvas = np.zeros((height + PATCH, width + PATCH), np.float32)
    soft, shares = blur(light, COARSEST), regions.shares
    used = np.zeros(len(art.corners), np.float32)
    targets, sources, gains = [], [], []
    edge = OVERLAP // HALF
    for top in tops:
        for left in lefts:
            window = (slice(top, top + PATCH), slice(left, left + PATCH))
            cost = (
                TONE * (art.tones - soft[window].mean()) ** 2 + FORM * np.log(2 * art.forms + 0.05) ** 2 + AGAIN * used
            )
            place = shares[window].mean((0, 1))
            cost = cost + PLACE * ((art.places - place) ** 2).sum(1)
            laid = canvas[window][::HALF, ::HALF]
            if left > 0:
                cost = cost + JOIN * _mismatch(art.thumbs[:, :, :edge], laid[:, :edge])
            if top > 0:
                cost = cost + JOIN * _mismatch(art.thumbs[:, :edge], laid[:edge])
            best = int(cost.argmin())
            used *= 0.97
            used[best] += 1
            row, column = art.corners[best]
            canvas[window] = art.detail[row : row + PATCH, column : column + PATCH, 0]
            targets.append((top, left))
            sources.append((row, column))
            # Where only a wall offered patches for a cheek, the cheek stays as it is.
            alike = float(art.places[best] @ place) / float(place @ place)
            gains.append(min(1.0, alike) * float(place @ art.rough))
    return Quilt(np.array(targets), np.array(sources), np.array(gains, np.float32))


def sew(quilt: Quilt, detail: Picture, height: int, width: int) -> Picture:
    """The chosen patches of `detail`, the art's at the scale of a (height, width) picture, feathered together."""
    scale = min(height, width) / GRID
    side = round(PATCH * scale)
    window = _window(side, OVERLAP * scale)
    total = np.zeros((height + side, width + side, 3), np.float32)
    weight = np.zeros((height + side, width + side, 1), np.float32)
    corners = np.round(np.concatenate([quilt.targets, quilt.sources], 1) * scale).astype(int)
    for (top, left, row, column), gain in zip(corners, quilt.gains, strict=True):
        row, column = min(row, detail.shape[0] - side), min(column, detail.shape[1] - side)
        patch = detail[row : row + side, column : column + side]
        total[top : top + side, left : left + side] += gain * window * patch
        weight[top : top + side, left : left + side] += window
    return np.asarray((total / np.maximum(weight, 1e-3))[:height, :width])


def _mismatch(patches: NDArray[np.float32], laid: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) from 0: squared difference over energy. Without the division the calmest patches would always win."""
    energy = (patches**2).mean((1, 2)) + (laid**2).mean() + 3.0
    return np.asarray(((patches - laid) ** 2).mean((1, 2)) / energy)


def _starts(length: int) -> list[int]:
    """First pixels of patches that cover a side; the last one ends with it."""
    step = PATCH - OVERLAP
    return [*range(0, max(length - PATCH, 0), step), max(length - PATCH, 0)]


def _window(side: int, overlap: float) -> Picture:
    """(side, side, 1): steep in the middle of the overlap, so that little detail is averaged away."""
    distance = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5)
    ramp = np.clip((distance - 0.3 * overlap) / (0.4 * overlap), 1e-3, 1).astype(np.float32)
    return np.asarray((ramp[:, None] * ramp[None, :])[..., None])
