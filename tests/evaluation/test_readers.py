"""Emotion reader, text retriever, lip reader, gallery and Frechet distance: each finds what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX
from components.common.artifacts import FPS, SAMPLE_RATE
from components.face.mesh import MOUTH_CORNERS, OUTER_EYE_CORNERS
from evaluation.metrics.emotion import EmotionReader
from evaluation.metrics.face_features import align, appearance, descriptor
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.identity import Gallery
from evaluation.metrics.lip_sync import LipReader, measure_sync
from evaluation.metrics.text import TextRetriever

SHAPES = {"happy": "mouthSmileLeft", "sad": "browInnerUp", "angry": "browDownLeft"}


def motion(emotion: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.uniform(0, 0.1, (30, COEFFICIENTS)).astype(np.float32)
    rows[:, INDEX["jawOpen"]] += rng.uniform(0, 0.6, 30)
    rows[:, INDEX[SHAPES[emotion]]] += 0.5
    return rows


@pytest.mark.parametrize("emotions", [("happy", "sad"), ("happy", "sad", "angry")])
def test_emotion_reader(emotions: tuple[str, ...]) -> None:
    labels = list(emotions) * 8
    reader = EmotionReader.fit([motion(e, i) for i, e in enumerate(labels)], labels)
    assert [reader.read(motion(e, 100 + i)) for i, e in enumerate(labels)] == labels
    with pytest.raises(ValueError, match="two emotions"):
        EmotionReader.fit([motion("sad", 0)], ["sad"])


def test_text_retriever() -> None:
    names = list(SHAPES)
    embeddings = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0][: len(names)]
    labels = names * 8
    retriever = TextRetriever.fit(
        [motion(e, i) for i, e in enumerate(labels)], embeddings[[names.index(e) for e in labels]]
    )
    found = [retriever.finds(motion(e, 50 + i), embeddings, names.index(e)) for i, e in enumerate(labels)]
    assert np.mean(found) == 1.0
    assert not retriever.finds(motion("happy", 99), embeddings, names.index("sad"))


def spoken(seed: int, frames: int = 75) -> tuple[np.ndarray, np.ndarray]:
    """Noise whose loudness is the lip curve, as (audio, lips (T, 1))."""
    rng = np.random.default_rng(seed)
    lips = np.convolve(rng.uniform(0, 1, frames + 4), np.ones(5) / 5, "valid")
    loud = np.interp(np.arange(frames * SAMPLE_RATE // FPS) / (SAMPLE_RATE / FPS) - 0.5, np.arange(frames), lips)
    return (rng.normal(size=len(loud)) * 10 ** (2 * loud - 3)).astype(np.float32), lips[:, None]


@pytest.fixture(scope="module")
def lip_reader() -> LipReader:
    sounds, lips = zip(*(spoken(i) for i in range(12)), strict=True)
    return LipReader.fit(sounds, lips)


@pytest.mark.parametrize("lag", [-5, 0, 4])
def test_sync_finds_the_offset(lip_reader: LipReader, lag: int) -> None:
    audio, lips = spoken(90, 120)
    shifted = np.roll(lips, lag, axis=0)
    found = measure_sync(lip_reader, audio, shifted)
    assert abs(found.offset - lag) <= 1
    _, other = spoken(91, 120)
    assert found.confidence > measure_sync(lip_reader, audio, other).confidence + 0.2


def test_still_lips_have_no_sync(lip_reader: LipReader) -> None:
    audio, lips = spoken(92)
    assert np.isnan(measure_sync(lip_reader, audio, np.zeros_like(lips)).confidence)


def test_frechet_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(40_000, 3))
    b = rng.normal(size=(40_000, 3)) * (1.0, 2.0, 1.0) + (3.0, 0.0, 0.0)
    assert frechet_distance(a, b) == pytest.approx(9 + 1, rel=0.02)  # |mean|^2 + (2 - 1)^2
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(frechet_distance(a[:1], b))


def test_face_features_and_gallery() -> None:
    rng = np.random.default_rng(0)
    people = {name: rng.integers(0, 256, (8, 8, 3)) for name in "abc"}

    def faces(name: str, count: int) -> list[np.ndarray]:
        base = np.kron(people[name], np.ones((8, 8, 1)))
        return [np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8) for _ in range(count)]

    gallery = Gallery.build({name: descriptor(faces(name, 4)) for name in people})
    probes = descriptor(faces("b", 6))
    assert gallery.recognized(probes, "b") == 1.0
    assert gallery.similarity(probes, "b") > 0.5 > gallery.similarity(probes, "a")
    same = frechet_distance(appearance(faces("a", 20)), appearance(faces("a", 20)))
    assert same < 0.3 * frechet_distance(appearance(faces("a", 20)), appearance(faces("b", 20)))
    with pytest.raises(ValueError, match="two people"):
        Gallery.build({"a": probes})


def test_align_brings_the_eyes_to_their_place() -> None:
    points = np.zeros((478, 2))
    points[list(OUTER_EYE_CORNERS)] = (60, 90), (120, 110)
    points[list(MOUTH_CORNERS)] = (62, 148), (90, 158)
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[86:95, 56:65] = 255  # around the right eye
    aligned = align(picture, points)
    y, x = np.argwhere(aligned[..., 0] > 128).mean(axis=0)
    assert abs(x / 64 - 0.25) < 0.05
    assert abs(y / 64 - 0.38) < 0.08
