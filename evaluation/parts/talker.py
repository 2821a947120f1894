"""The whole talker on a test clip: a calm portrait of the person, the clip's sound and a text, made into a video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.coefficients.extractor import CoefficientExtractor
from components.common.agreement import pearson
from components.common.arkit import INDEX
from components.common.artifacts import ClipCoefficients
from components.common.frame_choice import calmest_frame, open_jaw_closed_eyes_and_turn
from components.common.media import Image, Waveform
from components.face.detection import FaceDetector
from components.face.landmarker import FaceLandmarks
from components.style_a.art.stylizers import STYLIZERS
from components.talker.controls import Controls
from components.talker.pipeline import Talker
from components.talker.portrait import Portrait
from evaluation.metrics.landmarks import lip_aperture
from evaluation.metrics.temporal import landmark_jitter, ratio

STYLED_STEP = 3  # every third frame of the styled version is drawn, where no video of it is asked for
JAW = INDEX["jawOpen"]


@dataclass(frozen=True)
class TalkerClip:
    """One generated clip.

    motion: (T, 58) coefficients that Style-E gave. frames: T pictures. tracked: what the extractor finds in them.
    styled: the same motion in an art style (every `STYLED_STEP`-th frame, or all).
    """

    values: dict[str, float]
    motion: NDArray[np.float32]
    frames: list[Image]
    tracked: ClipCoefficients
    styled: list[Image]


def calm_portrait(frames: Sequence[Image], tracked: ClipCoefficients, extractor: CoefficientExtractor) -> Portrait:
    """The frame of a clip that looks most like a portrait: mouth shut, eyes open, from the front."""
    shown = slice(len(frames))
    calmest = calmest_frame(tracked.coefficients[shown], tracked.valid[shown], open_jaw_closed_eyes_and_turn)
    extracted = extractor.portrait(frames[calmest])
    if extracted is None:  # seen in the clip, where the frames around help, but not alone
        return Portrait(frames[calmest], FaceLandmarks(tracked.landmarks[calmest], 1.0), tracked.coefficients[calmest])
    coefficients, landmarks = extracted
    return Portrait(frames[calmest], landmarks, coefficients)


def face_found_rate(frames: Sequence[Image]) -> float:
    """Share of frames in which the face detector, asked afresh for each, sees a face."""
    detector = FaceDetector()
    return float(np.mean([bool(detector.detect(frame)) for frame in frames]))


def generate_clip(
    talker: Talker,
    portrait: Portrait,
    audio: Waveform,
    text: str,
    art_portrait: Image,
    style: str,
    seed: int,
    every_styled_frame: bool,
) -> TalkerClip:
    """Generate and look at one clip, plain and in the art style that `style` paints on another person's picture."""
    size = portrait.picture.shape[0]
    generation = talker.generate(portrait, audio, text, controls=Controls(seed=seed), size=size)
    frames = list(generation.frames)
    tracked = talker.extractor.extract(frames)
    art = STYLIZERS[style](art_portrait, seed)
    animator = talker.style_a.prepare(portrait.picture, portrait.landmarks, portrait.coefficients, art, 1.0, size)
    rows = generation.coefficients if every_styled_frame else generation.coefficients[::STYLED_STEP]
    styled = list(animator.frames(rows))
    values = {
        "talker/face_found_rate": face_found_rate(frames),
        "talker/styled_face_found_rate": face_found_rate(styled),
        "talker/lip_correlation": lips_obey(tracked.landmarks, generation.coefficients),
    }
    return TalkerClip(values, generation.coefficients, frames, tracked, styled)


def lips_obey(landmarks: NDArray[np.floating], motion: NDArray[np.floating]) -> float:
    """r of the lip gap seen, in landmarks (T, 478, 3), with the jaw that was asked for, in motion (T, 58)."""
    return pearson(lip_aperture(landmarks), motion[:, JAW])


def jitter_ratio(generated: ClipCoefficients, truth: ClipCoefficients) -> float:
    """Trembling of generated points over that of the true clip's."""
    return ratio(landmark_jitter(generated.landmarks), landmark_jitter(truth.landmarks))
