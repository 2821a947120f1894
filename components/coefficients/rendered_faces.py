"""Rendered people of known motion, tracked by the landmarker: to fit the regressor on, and to measure it with."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS
from components.common.artifacts import EMOTIONS
from components.common.media import Image, read_frames, write_video
from components.common.runtime import derive
from components.face.landmarker import FaceLandmarker
from components.synthetic.motion.performance import IdentityStyle, Performance, perform
from components.synthetic.render.actor import Actor
from components.synthetic.voice.sentences import TEST_VOICES, TRAIN_VOICES, grammar_sentence, prosody
from components.synthetic.voice.speech import Speaker

SIZE = 256  # pixels, as the corpus' clips
SECONDS = 3.0
POSE_GAIN = (0.8, 1.7)  # heads turn wider here than in the corpus, so that real footage lies inside what was learned
WEIGHT_GAIN = (0.7, 1.15)
QUALITY = (55, 95)  # of the JPEG coding that stands in for video coding


@dataclass(frozen=True)
class FitJob:
    """One rendered person to learn from. `frames` frames are drawn from each of their clips."""

    seed: int
    person: int
    clips: int
    frames: int


@dataclass(frozen=True)
class TestJob:
    """One rendered person to measure with: whole videos, H.264-coded and tracked as in `extract_coefficients`."""

    __test__ = False  # not a test class, whatever its name

    seed: int
    person: int
    clips: int
    frames: int


@dataclass(frozen=True)
class TrackedClip:
    """landmarks (T, 478, 3) in pixels of a `SIZE` picture, the frames' true coefficients (T, 58), the emotion."""

    landmarks: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    emotion: str


def render_training_person(job: FitJob) -> list[TrackedClip]:
    """Single frames of a person, drawn at random times; those without a detected face are left out."""
    seed = derive("regressor", "fit", job.seed, job.person)  # other people than the corpus', whatever its seed
    actor, style, landmarker = Actor.sample(seed, SIZE), IdentityStyle.sample(seed), FaceLandmarker()
    rng = np.random.default_rng([seed, 0xF17])
    emotions = rng.permutation(len(EMOTIONS))
    tracked = []
    for clip in range(job.clips):
        emotion = EMOTIONS[emotions[clip % len(EMOTIONS)]]
        motion = _motion(emotion, style, rng, TRAIN_VOICES)
        times = np.sort(rng.choice(len(motion.weights), min(job.frames, len(motion.weights)), replace=False))
        weights = np.clip(motion.weights[times] * rng.uniform(*WEIGHT_GAIN), 0, 1)
        pose, translation = motion.pose[times] * rng.uniform(*POSE_GAIN), motion.translation[times]
        faces = [
            landmarker.detect(_compressed(actor.render(weights[t], pose[t], translation[t]), rng))
            for t in range(len(times))
        ]
        visible = [t for t, face in enumerate(faces) if face is not None]
        if visible:
            points = np.stack([face.points for face in faces if face is not None])
            tracked.append(TrackedClip(points, actor.coefficients(weights, pose, translation)[visible], emotion))
    return tracked


def render_test_person(job: TestJob) -> list[TrackedClip]:
    """Whole clips of a person who is in no training set. Frames without a face are left out with their truth."""
    seed = derive("regressor", "test", job.seed, job.person)
    actor, style, landmarker = Actor.sample(seed, SIZE), IdentityStyle.sample(seed), FaceLandmarker()
    rng = np.random.default_rng([seed, 0x7E57])
    emotions = rng.permutation(len(EMOTIONS))
    tracked = []
    for clip in range(job.clips):
        emotion = EMOTIONS[emotions[clip % len(EMOTIONS)]]
        motion = _motion(emotion, style, rng, TEST_VOICES)
        rows = slice(0, job.frames)
        weights, pose, translation = motion.weights[rows], motion.pose[rows], motion.translation[rows]
        frames = [actor.render(*row) for row in zip(weights, pose, translation, strict=True)]
        with tempfile.TemporaryDirectory() as folder:
            write_video(Path(folder) / "clip.mp4", frames)
            faces = list(landmarker.track_all(read_frames(Path(folder) / "clip.mp4")))
        visible = [t for t, face in enumerate(faces) if face is not None]
        if visible:
            points = np.stack([face.points for face in faces if face is not None])
            tracked.append(TrackedClip(points, actor.coefficients(weights, pose, translation)[visible], emotion))
    return tracked


def _motion(emotion: str, style: IdentityStyle, rng: np.random.Generator, voices: tuple[str, ...]) -> Performance:
    intensity = int(rng.integers(1, 4))
    voice = voices[int(rng.integers(len(voices)))]
    utterance = Speaker().say(grammar_sentence(rng), voice, prosody=prosody(emotion, intensity)).fitted(SECONDS)
    motion = perform(utterance, emotion, intensity, int(rng.integers(2**31)), style)
    return Performance(motion.weights[:, :WEIGHTS], motion.pose, motion.translation)


def _compressed(image: Image, rng: np.random.Generator) -> Image:
    quality = int(rng.integers(*QUALITY))
    _, packed = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
