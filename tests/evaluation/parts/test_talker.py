"""The portrait is the calmest frame, faces are counted, and the whole talker's clip is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS
from components.common.artifacts import ClipCoefficients
from components.common.media import Image, read_audio, read_frames
from components.talker.pipeline import Talker
from evaluation.parts.cases import Case
from evaluation.parts.talker import STYLED_STEP, calm_portrait, face_found_rate, generate_clip, jitter_ratio


@dataclass
class Extractor:
    """Finds the same in every picture, or nothing."""

    answer: Any

    def portrait(self, picture: Image) -> Any:
        return self.answer


def tracked(frames: int = 5) -> ClipCoefficients:
    """Restless everywhere but in frame 3."""
    rows = np.zeros((frames, COEFFICIENTS), np.float32)
    rows[:, INDEX["jawOpen"]] = 0.5
    rows[3, INDEX["jawOpen"]] = 0.1
    points = np.arange(frames, dtype=np.float32)[:, None, None].repeat(LANDMARKS, 1).repeat(3, 2)
    return ClipCoefficients(rows, points, np.ones(frames, bool))


FRAMES = [np.full((4, 4, 3), t, np.uint8) for t in range(5)]


def test_the_calmest_frame_is_the_portrait() -> None:
    portrait = calm_portrait(FRAMES, tracked(), Extractor((np.ones(COEFFICIENTS), "points")))  # type: ignore[arg-type]
    assert portrait.picture[0, 0, 0] == 3
    assert portrait.landmarks == "points"
    assert (portrait.coefficients == 1).all()


@pytest.mark.parametrize("name", ["eyeBlinkLeft", "eyeBlinkRight", "yaw"])
def test_closed_eyes_and_a_turned_head_are_not_calm(name: str) -> None:
    clip = tracked()
    clip.coefficients[3, INDEX[name]] = -0.9 if name == "yaw" else 0.9
    assert calm_portrait(FRAMES, clip, Extractor(None)).picture[0, 0, 0] == 0  # type: ignore[arg-type]


def test_a_frame_without_a_face_is_not_calm_and_tracked_points_stand_in() -> None:
    clip = tracked()
    clip.valid[3] = False
    portrait = calm_portrait(FRAMES[:4], clip, Extractor(None))  # type: ignore[arg-type]
    assert portrait.picture[0, 0, 0] == 0
    assert (portrait.landmarks.points == clip.landmarks[0]).all()
    assert (portrait.coefficients == clip.coefficients[0]).all()


def test_faces_are_counted_frame_by_frame(face: Image) -> None:
    assert face_found_rate([face, np.full_like(face, 90)]) == 0.5


def test_jitter_against_the_truths_own() -> None:
    rng = np.random.default_rng(0)
    still = rng.uniform(0, 200, (1, LANDMARKS, 3))
    shake = rng.normal(0, 1, (9, LANDMARKS, 3))

    def shaken(scale: float) -> ClipCoefficients:
        points = (still + scale * shake).astype(np.float32)
        return ClipCoefficients(np.zeros((9, COEFFICIENTS), np.float32), points, np.ones(9, bool))

    assert jitter_ratio(shaken(0.02), shaken(0.01)) == pytest.approx(2, rel=0.02)


@pytest.mark.slow
def test_a_generated_clip(case: Case, talker: Talker) -> None:
    frames = list(read_frames(case.clip.video))
    portrait = calm_portrait(frames, ClipCoefficients.load(case.clip.coefficients), talker.extractor)
    audio = read_audio(case.clip.audio)
    clip = generate_clip(talker, portrait, audio, "sad", frames[0], "oil", 0, every_styled_frame=False)
    assert len(clip.frames) == len(clip.motion) == len(clip.tracked.valid) == round(len(audio) / 640)
    assert len(clip.styled) == -(-len(clip.frames) // STYLED_STEP)
    assert clip.values["talker/face_found_rate"] == 1.0
    assert set(clip.values) == {"talker/face_found_rate", "talker/styled_face_found_rate", "talker/lip_correlation"}
    painted = np.abs(clip.styled[0].astype(int) - clip.frames[0].astype(int)).mean()
    assert painted > 1
