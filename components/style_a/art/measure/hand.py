"""A portrait drawn by a hand of continuous habits: how much brush, how dark the lines, how much of the art's surface.

Axes: H, W pixels, L layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from components.style_a.art.brush_bank import Brushes
from components.style_a.art.measure.region_palette import TonePalette, recolor, shrunk, to_lab, to_rgb
from components.style_a.art.measure.regions import Regions
from components.style_a.art.strokes import Picture, Plane, blur, guided, stroke_scale

LAYERS = (
    "smooth",
    "flat",
    "paint",
    "cel",
    "wash",
    "drawn",
)  # what stands in for the photograph; `drawn` is the network's
HABITS = (*LAYERS, "fine", "bold", "surface")
FLAT_SIDE, INKS = 96, 7  # pixels at which the inks of flat drawing are found, and their number
MOST_SURFACE = 1.3  # times the art picture's own
KEPT = 0.5  # share of the photograph that eyes and mouth keep under any brush
SPARED = 0.65  # share of the art's surface that eyes and mouth are spared


@dataclass(frozen=True)
class Sheet:
    """A portrait ready to be drawn. photo: (H, W, 3); layers: (L, H, W, 3) in the order of `LAYERS`, RGB in [0, 1];
    fine, bold: (H, W) ink lines, 1 where there is ink; regions: of the portrait, as many as the art has."""

    photo: Picture
    layers: NDArray[np.float32]
    fine: Plane
    bold: Plane
    regions: Regions

    def at(self, height: int, width: int) -> Sheet:
        """The same sheet at another size."""

        def sized(plane: Picture) -> Picture:
            return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))

        layers = np.stack([sized(layer) for layer in self.layers])
        return Sheet(sized(self.photo), layers, sized(self.fine), sized(self.bold), self.regions.at(height, width))


def lay_out(brushes: Brushes, drawn: Picture, regions: Regions) -> Sheet:
    """A sheet from a portrait's brushes, the network's drawing of it (H, W, 3) in [0, 1], and its regions."""
    smooth = guided(brushes.picture, brushes.luma, 5, 0.12)
    layers = np.stack([smooth, flats(smooth), brushes.paint, brushes.cel, brushes.wash, drawn]).astype(np.float32)
    return Sheet(brushes.picture, layers, 1 - brushes.fine_line, 1 - brushes.bold_line, regions)


def flats(smooth: Picture) -> Picture:
    """A smoothed picture (H, W, 3) in [0, 1] in few inks of its own (k-means, its seeds by lightness)."""
    lab = to_lab(smooth)
    sample = np.ascontiguousarray(shrunk(lab, FLAT_SIDE).reshape(-1, 3))
    order = np.argsort(sample[:, 0], kind="stable")
    labels = np.empty((len(sample), 1), np.int32)
    labels[order, 0] = np.arange(len(sample)) * INKS // len(sample)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.1)
    _, _, inks = cv2.kmeans(sample, INKS, labels, stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
    soft = cv2.boxFilter(lab, -1, (3, 3))
    nearest = np.stack([((soft - ink) ** 2).sum(-1) for ink in inks]).argmin(0)
    return to_rgb(blur(inks[nearest], 0.5 * stroke_scale(*lab.shape[:2])))


@dataclass(frozen=True)
class Colors:
    """What an art picture's colors ask for. palettes: of its regions; ink: (3,) Lab of its darkest parts; layout:
    (h, w, 3) how its colors depart from their mean from place to place, all 0 where its regions say more."""

    palettes: Sequence[TonePalette]
    ink: NDArray[np.float32]
    layout: Picture


def draw(sheet: Sheet, habits: NDArray[np.float64], colors: Colors, surface: Picture) -> Picture:
    """The portrait as (H, W, 3) Lab.

    habits: one number each of `HABITS`: shares of the layers (the photograph is the rest), darkness of lines 0-1,
    amount of surface. surface: (H, W, 3) Lab detail of the art picture, sewn for this sheet.
    """
    shares = habits[: len(LAYERS)].astype(np.float32)
    shares = shares / max(float(shares.sum()), 1.0)
    spared = sheet.regions.features[..., None]
    mixed = np.tensordot(shares, sheet.layers, 1) + (1 - shares.sum()) * sheet.photo
    mixed = mixed + np.float32(KEPT) * spared * (sheet.photo - mixed)
    fine, bold, amount = (np.float32(value) for value in habits[len(LAYERS) :])
    lab = recolor(to_lab(mixed), sheet.regions, colors.palettes, float(max(fine, bold)))
    behind = cv2.resize(colors.layout, lab.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    lab = lab + sheet.regions.shares[..., -1:] * behind
    inked = (1 - (1 - fine * sheet.fine) * (1 - bold * sheet.bold))[..., None]
    lab = lab + inked * (colors.ink - lab)
    return np.asarray(lab + amount * (1 - np.float32(SPARED) * spared) * surface)
