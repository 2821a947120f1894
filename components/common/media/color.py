"""A decoded frame to the RGB that screens show (sRGB): matrix, range, primaries and transfer as its tags say.

FFmpeg does matrix and range. Its wheels lack zscale, and what swscale offers for the rest builds a table for seconds
before each file and shows a picture of ordinary brightness inside an HDR file too dark, so primaries and transfer are
done here (ITU-R BT.2100; the curve is that of FFmpeg's `tonemap=mobius`). Frames without such tags never come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc, Interpolation
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.media.containers import Image

Curve = NDArray[np.float32]

UNTAGGED = 2  # AVCOL_SPC_UNSPECIFIED, and the same number for the other tags
RGB = 0  # AVCOL_SPC_RGB
MATRICES = (RGB, UNTAGGED, 1, 4, 5, 6, 7, 9)  # that swscale knows: BT.709, FCC, the two of BT.601, 240M, BT.2020
HD_HEIGHT = 720  # untagged pictures from here on are BT.709 by custom; smaller ones BT.601, FFmpeg's default
QUALITY = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
LEVELS = 1 << 16

SDR_WHITE = 100.0  # nits that a white page has on an ordinary screen
PEAK = 1000.0  # nits, the brightest that is told apart; HLG's own, and that of most PQ masters
KNEE = 0.5  # share of `SDR_WHITE` up to which brightness is kept; above it is pressed together, up to `PEAK`
HLG_GAMMA = 1.2  # of the system at 1000 nits (BT.2100)
LUMA_2020 = (0.2627, 0.6780, 0.0593)

WHITE_D65 = (0.3127, 0.3290)
# Corners of red, green and blue, x and y. Those of BT.601 and 240M are shown as BT.709: on a face nobody sees it.
CORNERS: Mapping[int, tuple[tuple[float, float], ...]] = {
    int(ColorPrimaries.BT709): ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    int(ColorPrimaries.BT2020): ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    int(ColorPrimaries.SMPTE431): ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # cinema's P3
    int(ColorPrimaries.SMPTE432): ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # P3 of phones and screens
}


def _pq(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signal to light, 1 is `SDR_WHITE` (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = x ** (1 / m2)
    return np.asarray(10_000 / SDR_WHITE * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1))


def _hlg(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signal to light of the scene, 0 to 1 (ARIB STD-B67)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(x <= 0.5, x * x / 3, (np.exp((x - c) / a) + b) / 12)


def _srgb(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


# Transfers that differ visibly from what screens show; all others are watched as sRGB, as players do.
TRANSFERS: Mapping[int, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    int(ColorTrc.SMPTE2084): _pq,
    int(ColorTrc.ARIB_STD_B67): _hlg,
    int(ColorTrc.LINEAR): lambda x: x,
    int(ColorTrc.GAMMA28): lambda x: x**2.8,
    int(ColorTrc.SMPTE428): lambda x: x**2.6 * 52.37 / 48,
}
HDR = (int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67))


def to_rgb(frame: Any) -> Image:
    """(H, W, 3) sRGB of a decoded frame, as it lies in the file (not turned, pixels of any shape).

    Raises:
        UserError: its colors are coded in a way that cannot be undone here.
    """
    if frame.colorspace not in MATRICES:
        raise UserError(f"the colors of the video (matrix {frame.colorspace}) cannot be read; convert it to BT.709")
    wide = frame.color_primaries in CORNERS and frame.color_primaries != ColorPrimaries.BT709
    ordinary = not wide and frame.color_trc not in TRANSFERS
    # One thread: scaler threads cost more than they bring at these sizes.
    # Not rgb48: with these flags swscale gives other colors there.
    converted = frame.reformat(
        format="rgb24" if ordinary else "gbrp16le", src_colorspace=_matrix(frame), interpolation=QUALITY, threads=1
    )
    pixels: NDArray[Any] = converted.to_ndarray()
    return pixels if ordinary else _shown(pixels, frame.color_trc, frame.color_primaries)


def _matrix(frame: Any) -> Colorspace | None:
    """The matrix to use where the frame does not name a usable one."""
    named = frame.colorspace != UNTAGGED and not (frame.colorspace == RGB and not frame.format.is_rgb)
    if named:
        return None
    if frame.color_primaries == ColorPrimaries.BT2020:
        return Colorspace.BT2020
    return Colorspace.ITU709 if frame.height >= HD_HEIGHT else None


def _shown(pixels: NDArray[np.uint16], transfer: int, primaries: int) -> Image:
    """(H, W, 3) 16-bit signal to 8-bit sRGB."""
    light = np.take(_to_light(transfer), pixels)  # (H, W, 3)
    if transfer == ColorTrc.ARIB_STD_B67:
        luma = cv2.transform(light, np.asarray([LUMA_2020], np.float32))  # (H, W)
        light *= PEAK / SDR_WHITE * np.maximum(luma, 1e-9)[..., None] ** np.float32(HLG_GAMMA - 1)
    if primaries in CORNERS and primaries != ColorPrimaries.BT709:
        light = np.maximum(cv2.transform(light, _to_709(primaries)), 0)
    if transfer in HDR:
        brightest = light.max(axis=2, keepdims=True)
        light *= _pressed(brightest) / np.maximum(brightest, 1e-9)
    # Finer steps in the dark: the table is indexed by the root of the light.
    index = np.sqrt(np.clip(light, 0, 1)) * np.float32(LEVELS - 1)
    return np.take(_to_signal(), index.astype(np.uint16))


def _pressed(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light kept up to `KNEE`, from there in a hyperbola that reaches 1 at `PEAK` and starts with slope 1 (Mobius)."""
    peak = PEAK / SDR_WHITE
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    pressed = (b * b + 2 * b * KNEE + KNEE**2) / (b - a) * (light + a) / (light + b)
    return np.asarray(np.where(light <= KNEE, light, np.minimum(pressed, 1)), np.float32)


@lru_cache(maxsize=4)
def _to_light(transfer: int) -> Curve:
    signal = np.arange(LEVELS) / (LEVELS - 1)
    return TRANSFERS.get(transfer, _srgb)(signal).astype(np.float32)


@lru_cache(maxsize=1)
def _to_signal() -> NDArray[np.uint8]:
    light = (np.arange(LEVELS) / (LEVELS - 1)) ** 2
    signal = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (signal * 255).round().astype(np.uint8)


@lru_cache(maxsize=4)
def _to_709(primaries: int) -> NDArray[np.float32]:
    """(3, 3) linear RGB of other primaries to that of BT.709; white stays white."""
    bt709 = _to_xyz(CORNERS[int(ColorPrimaries.BT709)])
    return (np.linalg.inv(bt709) @ _to_xyz(CORNERS[primaries])).astype(np.float32)


def _to_xyz(corners: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    def column(x: float, y: float) -> list[float]:
        return [x / y, 1, (1 - x - y) / y]

    axes = np.array([column(*corner) for corner in corners]).T  # (3, 3)
    return np.asarray(axes * np.linalg.solve(axes, column(*WHITE_D65)))
