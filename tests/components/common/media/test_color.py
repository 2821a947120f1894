"""A video looks alike, however its colors are coded, as long as its tags say how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc
from numpy.typing import NDArray

from components.common.errors import UserError
from components.common.media import read_frames
from components.common.media.color import to_rgb

COLORS = ((200, 40, 40), (40, 180, 60), (50, 60, 210), (220, 190, 160), (90, 60, 45), (128, 128, 128), (235, 235, 235))
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])  # BT.2087
TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
LIMITED, FULL = 1, 2


def bars() -> NDArray[np.uint8]:
    """(64, 16 n, 3) upright bars of `COLORS`."""
    return np.repeat(np.repeat(np.array([COLORS], np.uint8), 64, 0), 16, 1)


def linear(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    x = rgb / 255
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def srgb(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    y = (nits / 10_000) ** 0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375)


def hlg(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    light = nits / 1000
    luma = (light @ [0.2627, 0.6780, 0.0593])[..., None]
    scene = light * np.maximum(luma, 1e-9) ** (1 / 1.2 - 1)
    above = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), above)


def write(
    path: Path,
    signal: NDArray[np.float64],
    matrix: int,
    range_: int = LIMITED,
    primaries: int = 1,
    transfer: int = 1,
    codec: str = "libx264",
    pixels: str = "yuv444p10le",
) -> Path:
    """Two frames of an RGB signal from 0 to 1, tagged."""
    deep = (np.clip(signal, 0, 1) * 65_535).round().astype(np.uint16)
    frame = av.VideoFrame.from_ndarray(deep, format="rgb48le")
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25, options={"crf": "2"} if codec == "libx264" else {})
        stream.height, stream.width, stream.pix_fmt = *signal.shape[:2], pixels
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, range_
        context.color_primaries, context.color_trc = primaries, transfer
        coded = frame.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=range_)
        for i in range(2):
            coded.pts = i
            container.mux(stream.encode(coded))
        container.mux(stream.encode())
    return path


def shown(path: Path) -> NDArray[np.int64]:
    """(n, 3) the bars' colors."""
    return next(read_frames(path))[32, 8::16].astype(int)


@pytest.mark.parametrize("matrix", [Colorspace.ITU709, 5, 6, 7, Colorspace.BT2020])
@pytest.mark.parametrize("range_", [LIMITED, FULL])
@pytest.mark.parametrize(("codec", "pixels"), [("libx264", "yuv420p"), ("ffv1", "yuv422p10le")])
def test_matrix_and_range_follow_the_tags(tmp_path: Path, matrix: int, range_: int, codec: str, pixels: str) -> None:
    path = write(tmp_path / "v.mkv", bars() / 255, matrix, range_, codec=codec, pixels=pixels)
    assert np.abs(shown(path) - COLORS).max() <= 3


@pytest.mark.parametrize("curve", [pq, hlg])
@pytest.mark.parametrize("primaries", [ColorPrimaries.BT2020, ColorPrimaries.BT709])
def test_hdr_looks_like_the_same_scene_in_sdr(tmp_path: Path, curve: Any, primaries: int) -> None:
    light = linear(bars())
    light = light @ TO_2020.T if primaries == ColorPrimaries.BT2020 else light
    transfer = ColorTrc.SMPTE2084 if curve is pq else ColorTrc.ARIB_STD_B67
    path = write(tmp_path / "v.mp4", curve(100 * light), Colorspace.BT2020, LIMITED, primaries, transfer)
    found = shown(path)
    assert np.abs(found[:-1] - COLORS[:-1]).max() <= 12  # the brighter, the more it is pressed together
    assert np.abs(found[4:6] - COLORS[4:6]).max() <= 3
    assert found[-1].min() > 205


def test_hdr_highlights_are_told_apart(tmp_path: Path) -> None:
    nits = np.repeat(np.repeat(np.array([[50, 100, 203, 500, 990.0]]), 64, 0), 16, 1)[..., None] * np.ones(3)
    path = write(tmp_path / "v.mp4", pq(nits), Colorspace.BT2020, LIMITED, ColorPrimaries.BT2020, ColorTrc.SMPTE2084)
    levels = shown(path)[:, 1]
    assert (np.diff(levels) > 1).all()
    assert levels[-1] >= 253


@pytest.mark.parametrize(
    ("primaries", "matrix"), [(ColorPrimaries.SMPTE432, TO_P3), (ColorPrimaries.BT2020, TO_2020)], ids=["P3", "2020"]
)
def test_wide_primaries_keep_their_colors(tmp_path: Path, primaries: int, matrix: NDArray[np.float64]) -> None:
    path = write(tmp_path / "v.mov", srgb(linear(bars()) @ matrix.T), Colorspace.ITU709, LIMITED, primaries)
    assert np.abs(shown(path) - COLORS).max() <= 4


def test_ordinary_tags_change_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "v.mp4", bars() / 255, Colorspace.ITU709)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        plain = frame.reformat(format="rgb24", interpolation="BILINEAR").to_ndarray()
    assert np.abs(to_rgb(frame).astype(int) - plain).max() <= 1


def test_unreadable_matrices_are_refused(tmp_path: Path) -> None:
    with av.open(str(write(tmp_path / "v.mp4", bars() / 255, Colorspace.ITU709))) as container:
        frame = next(container.decode(video=0))
        frame.colorspace = 8  # YCgCo
        with pytest.raises(UserError, match="matrix 8"):
            to_rgb(frame)
