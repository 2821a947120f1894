"""Portrait + coefficients to frames, end to end with a small network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from components.common.arkit import INDEX
from components.common.errors import UserError
from components.common.media import Image
from components.face.landmark_basis import LandmarkBasis
from components.face.mesh import LOWER_LIP_MIDDLE, UPPER_LIP_MIDDLE
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.synthesis import ArtConfig
from components.style_a.motion.network import MotionConfig, MotionNetwork
from components.style_a.motion.prior import MeshPrior
from components.style_a.pipeline import StyleAPipeline, color_map, face_square

CONFIG = MotionConfig(size=64, widths=(8, 8, 8), style=8, code=8)


@pytest.fixture(scope="module")
def stylist() -> ArtStylist:
    torch.manual_seed(0)
    return ArtStylist(ArtConfig(STYLE_NAMES)).eval()


@pytest.fixture(scope="module")
def pipeline(basis: LandmarkBasis, stylist: ArtStylist) -> StyleAPipeline:
    torch.manual_seed(1)
    network = MotionNetwork(CONFIG)
    for layer in (network.flow_out, network.head):
        torch.nn.init.normal_(layer.weight, 0, 0.02)
    return StyleAPipeline(stylist, network, MeshPrior(basis))


@pytest.fixture(scope="module")
def untrained(basis: LandmarkBasis, stylist: ArtStylist) -> StyleAPipeline:
    return StyleAPipeline(stylist, MotionNetwork(CONFIG), MeshPrior(basis))


def psnr(a: Image, b: Image) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b.astype(float)) ** 2))))


def test_no_motion_gives_the_portrait_back(untrained: StyleAPipeline, portrait: Any) -> None:
    drive = untrained.prepare(portrait.image, portrait.face, portrait.reference, size=256)
    assert psnr(drive.frame(portrait.reference), portrait.image) > 45


def test_cached_frames_equal_plain_ones(pipeline: StyleAPipeline, portrait: Any) -> None:
    row = portrait.change(jawOpen=0.4, yaw=0.1, eyeBlink=0.5)
    fast = pipeline.prepare(portrait.image, portrait.face, portrait.reference)
    plain = pipeline.prepare(portrait.image, portrait.face, portrait.reference, plain=True)
    difference = fast.frame(row).astype(int) - plain.frame(row)
    assert np.abs(difference).max() <= 1
    assert psnr(fast.frame(row), fast.frame(portrait.reference)) < 40  # the row does move the face


@pytest.mark.parametrize(("portrait_side", "size"), [(200, 64), (256, 256), (640, 320), (96, 128)])
def test_any_portrait_size(untrained: StyleAPipeline, portrait: Any, portrait_side: int, size: int) -> None:
    image = cv2.resize(portrait.image, (portrait_side, portrait_side), interpolation=cv2.INTER_AREA)

    class Scaled:
        points = portrait.face.points * np.float32(portrait_side / 256)

    drive = untrained.prepare(image, Scaled(), portrait.reference, size=size)
    frame = drive.frame(portrait.change(jawOpen=0.5))
    assert frame.shape == (size, size, 3)
    expected = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    assert psnr(drive.frame(portrait.reference), expected) > 30


def test_frames_are_streamed(untrained: StyleAPipeline, portrait: Any) -> None:
    drive = untrained.prepare(portrait.image, portrait.face, portrait.reference)
    asked = []

    def rows() -> Iterator[np.ndarray]:
        for value in (0.1, 0.2, 0.3):
            asked.append(value)
            yield portrait.change(jawOpen=value)

    frames = drive.frames(rows())
    next(frames)
    assert asked == [0.1]
    assert len(list(frames)) == 2


def test_small_changes_change_pixels_little(pipeline: StyleAPipeline, portrait: Any) -> None:
    drive = pipeline.prepare(portrait.image, portrait.face, portrait.reference, size=256)
    first, second, third = (drive.frame(portrait.change(jawOpen=v)) for v in (0.30, 0.31, 0.60))
    near, far = (np.abs(first.astype(int) - other).mean() for other in (second, third))
    assert near < 0.3
    assert near < 0.25 * far


def test_lips_open_with_the_jaw(untrained: StyleAPipeline, portrait: Any) -> None:
    from components.face.landmarker import FaceLandmarker

    drive = untrained.prepare(portrait.image, portrait.face, portrait.reference, size=256)
    landmarker = FaceLandmarker()
    gaps = []
    for value in (0.0, 0.3, 0.6):
        face = landmarker.detect(drive.frame(portrait.change(jawOpen=value)))
        assert face is not None
        gaps.append(float(np.linalg.norm(face.points[UPPER_LIP_MIDDLE] - face.points[LOWER_LIP_MIDDLE])))
    assert gaps[0] < gaps[1] < gaps[2]


def test_art_changes_the_portrait_and_degree_zero_does_not(pipeline: StyleAPipeline, portrait: Any) -> None:
    art = np.random.default_rng(0).integers(0, 255, (80, 80, 3), np.uint8)
    still = pipeline.prepare(portrait.image, portrait.face, portrait.reference, art, degree=0.0)
    styled = pipeline.prepare(portrait.image, portrait.face, portrait.reference, art, degree=1.0)
    assert np.array_equal(still.picture, portrait.image)
    assert psnr(styled.picture, portrait.image) < 35


def test_color_map_recovers_an_affine_change() -> None:
    image = np.random.default_rng(0).integers(40, 200, (128, 128, 3), np.uint8)
    mapped = np.clip(image[..., ::-1] * 0.8 + 10, 0, 255).astype(np.uint8)
    colors = color_map(image, mapped)
    assert np.array([0.5, 0.2, 0.7, 1.0]) @ colors == pytest.approx([0.6, 0.2, 0.44], abs=0.03)
    assert np.array_equal(color_map(image, image), np.eye(4, 3))


def test_saved_and_loaded(pipeline: StyleAPipeline, portrait: Any, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path)
    again = StyleAPipeline.from_pretrained(tmp_path)
    row = portrait.change(jawOpen=0.4)
    frames = [p.prepare(portrait.image, portrait.face, portrait.reference).frame(row) for p in (pipeline, again)]
    assert np.abs(frames[0].astype(int) - frames[1]).max() <= 1


def test_bad_arguments_are_refused(pipeline: StyleAPipeline, portrait: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="square"):
        pipeline.prepare(portrait.image[:100], portrait.face, portrait.reference)
    with pytest.raises(ValueError, match="degree"):
        pipeline.prepare(portrait.image, portrait.face, portrait.reference, portrait.image, degree=1.5)
    with pytest.raises(UserError):
        StyleAPipeline.from_pretrained(tmp_path)


def test_a_smiling_portrait_keeps_its_smile(untrained: StyleAPipeline, portrait: Any) -> None:
    """Motion is relative to the portrait: asking for the expression it already has changes nothing."""
    reference = portrait.change(mouthSmile=0.7, jawOpen=0.2)
    drive = untrained.prepare(portrait.image, portrait.face, reference, size=256)
    assert psnr(drive.frame(reference), portrait.image) > 45
    assert psnr(drive.frame(portrait.reference), portrait.image) < psnr(drive.frame(reference), portrait.image)
    assert reference[INDEX["mouthSmileLeft"]] > 0.5


def test_refinement_leaves_the_background_alone(pipeline: StyleAPipeline, portrait: Any) -> None:
    """The network repaints the face's square only; the picture's corners stay the portrait's."""
    drive = pipeline.prepare(portrait.image, portrait.face, portrait.reference, size=256)
    frame = drive.frame(portrait.change(jawOpen=0.3))
    for rows, columns in ((slice(0, 12), slice(0, 12)), (slice(-12, None), slice(-12, None))):
        assert np.abs(frame[rows, columns].astype(int) - portrait.image[rows, columns]).mean() < 4


def test_the_refined_square_holds_the_face(portrait: Any) -> None:
    square = face_square(portrait.face.points / 256, 128)
    assert square.side % 2 == square.tops[0] % 2 == square.lefts[0] % 2 == 0
    low, high = portrait.face.points[:, :2].min(0) / 2, portrait.face.points[:, :2].max(0) / 2
    assert square.lefts[0] < low[0] < high[0] < square.lefts[0] + square.side
    assert square.tops[0] < low[1] < high[1] < square.tops[0] + square.side
    assert face_square(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]), 128).side == 128
