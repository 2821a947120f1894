"""The whole talker on a test clip: a calm portrait of the person, the clip's sound and a text, made into a video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.coefficients.extractor import CoefficientExtractor
from components.common.arkit import INDEX
from components.common.artifacts import ClipCoefficients
from components.common.media import Image, Waveform
from components.face.detection import FaceDetector
from components.face.landmarker import FaceLandmarks
from components.style_a.art.stylizers import STYLIZERS
from components.talker.controls import Controls
from components.talker.pipeline import Talker
from components.talker.portrait import Portrait
from evaluation.metrics import landmarks as lm
from evaluation.metrics.temporal import landmark_jitter, ratio

STYLED_STEP = 3  # every third frame of the styled version is drawn, where no video of it is wanted
JAW = INDEX["jawOpen"]


@dataclass(frozen=True)
class Talk:
    """One generated clip.

    asked: (T, 58) coefficients Style-E gave. frames: T pictures. seen: what the extractor finds in them. styled: the
    same motion in an art style (every `STYLED_STEP`-th frame, or all). art: the art picture.
    """

    values: dict[str, float]
    asked: NDArray[np.float32]
    frames: list[Image]
    seen: ClipCoefficients
    styled: list[Image]
    art: Image


def calm_portrait(frames: Sequence[Image], clip: ClipCoefficients, extractor: CoefficientExtractor) -> Portrait:
    """The frame of a clip that looks most like a portrait: mouth shut, eyes open, from the front."""
    weights = clip.coefficients[: len(frames)]
    unrest = (
        weights[:, JAW]
        + weights[:, INDEX["eyeBlinkLeft"]]
        + weights[:, INDEX["eyeBlinkRight"]]
        + np.abs(weights[:, INDEX["yaw"]])
        + 9.0 * ~clip.valid[: len(frames)]
    )
    best = int(np.argmin(unrest))
    found = extractor.portrait(frames[best])
    if found is None:  # seen in the clip, where the frames around help, but not alone
        return Portrait(frames[best], FaceLandmarks(clip.landmarks[best], 1.0), clip.coefficients[best])
    coefficients, landmarks = found
    return Portrait(frames[best], landmarks, coefficients)


def found_rate(frames: Sequence[Image]) -> float:
    """Share of frames in which the face detector, asked afresh for each, sees a face."""
    detector = FaceDetector()
    return float(np.mean([bool(detector.detect(frame)) for frame in frames]))


def talk(
    talker: Talker,
    portrait: Portrait,
    audio: Waveform,
    text: str,
    art_portrait: Image,
    style: str,
    seed: int,
    every_styled_frame: bool,
) -> Talk:
    """Generate and look at one clip, plain and in the art style that `style` paints on another person's picture."""
    size = portrait.picture.shape[0]
    made = talker.generate(portrait, audio, text, controls=Controls(seed=seed), size=size)
    frames = list(made.frames)
    seen = talker.extractor.extract(frames)
    art = STYLIZERS[style](art_portrait, seed)
    drive = talker.style_a.prepare(portrait.picture, portrait.landmarks, portrait.coefficients, art, 1.0, size)
    rows = made.coefficients if every_styled_frame else made.coefficients[::STYLED_STEP]
    styled = list(drive.frames(rows))
    values = {
        "talker/face_found_rate": found_rate(frames),
        "talker/styled_face_found_rate": found_rate(styled),
        "talker/lip_correlation": lm.correlation(lm.lip_aperture(seen.landmarks), made.coefficients[:, JAW]),
    }
    return Talk(values, made.coefficients, frames, seen, styled, art)


def jitter_against(seen: ClipCoefficients, truth: ClipCoefficients) -> float:
    """Trembling of generated points over that of the true clip's."""
    return ratio(landmark_jitter(seen.landmarks), landmark_jitter(truth.landmarks))
