"""A small prepared folder: noise videos, noise speech and made-up motion, with or without emotion labels."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS
from components.common.artifacts import (
    ANNOTATION_COLUMNS,
    MANIFEST_COLUMNS,
    QUARANTINE_COLUMNS,
    ClipCoefficients,
    write_json,
    write_table,
)
from components.common.layout import Layout
from components.common.media import write_video, write_wav
from components.face.mesh import MOUTH_CORNERS, OUTER_EYE_CORNERS
from evaluation.metrics.landmarks import LOWER_LIP, UPPER_LIP

FRAMES = 20
EMOTIONS = ("neutral", "happy", "sad")
MOST_CLIPS = 12


def made_up_clip(rng: np.random.Generator, emotion: str) -> ClipCoefficients:
    """Random talking; smiles when happy, frowns when sad; a face of fixed points whose lips follow the jaw."""
    rows = rng.uniform(0, 0.1, (FRAMES, COEFFICIENTS)).astype(np.float32)
    rows[:, INDEX["jawOpen"]] = rng.uniform(0, 0.6, FRAMES)
    if emotion in ("happy", "sad"):
        rows[:, INDEX["mouthSmileLeft" if emotion == "happy" else "mouthFrownLeft"]] += 0.5
    points = np.random.default_rng(0).uniform(16, 48, (1, LANDMARKS, 3)).repeat(FRAMES, axis=0)
    points[:, OUTER_EYE_CORNERS, :2] = (20, 26), (44, 26)
    points[:, MOUTH_CORNERS, :2] = (26, 46), (38, 46)
    points[:, LOWER_LIP, 1] = points[:, UPPER_LIP, 1] + 8 * rows[:, INDEX["jawOpen"], None]
    return ClipCoefficients(rows, points.astype(np.float32), np.ones(FRAMES, bool))


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `MOST_CLIPS` videos and sounds of noise, `0.mp4`, `0.wav` and so on; encoding takes time."""
    folder, rng = tmp_path_factory.mktemp("noise"), np.random.default_rng(0)
    for number in range(MOST_CLIPS):
        write_video(folder / f"{number}.mp4", rng.integers(0, 256, (FRAMES, 64, 64, 3), dtype=np.uint8))
        write_wav(folder / f"{number}.wav", rng.uniform(-0.5, 0.5, FRAMES * 640).astype(np.float32))
    return folder


@pytest.fixture
def prepared(tmp_path: Path, noise: Path) -> Callable[..., Layout]:
    """`prepared(people=3)` -> the layout of a folder with three clips a person, the last person held out for test.

    labeled: False leaves the footage's own labels empty; the annotations name an emotion all the same. rejected: clips
    that `extract_coefficients` rejected and that have no annotation, but files all the same.
    """

    def make(people: int = 3, labeled: bool = True, rejected: Collection[str] = ()) -> Layout:
        layout, rng = Layout(tmp_path), np.random.default_rng(0)
        layout.clips.mkdir(parents=True)
        manifest, annotations = [], []
        for number in range(3 * people):
            person, n = divmod(number, 3)
            emotion = EMOTIONS[n]
            clip = f"p{person}_{emotion}_{n}"
            video, audio = f"clips/{clip}.mp4", f"clips/{clip}.wav"
            shutil.copy(noise / f"{number}.mp4", layout.prepared / video)
            shutil.copy(noise / f"{number}.wav", layout.prepared / audio)
            made_up_clip(rng, emotion).save(layout.clip_coefficients(clip))
            manifest.append(
                {
                    "clip_id": clip, "identity": f"p{person}", "emotion": emotion if labeled else "",
                    "intensity": int(labeled) * (n + 1), "split": "test" if person == people - 1 else "train",
                    "fps": 25, "frames": FRAMES, "sample_rate": 16_000, "video": video, "audio": audio, "source": clip,
                    "sha256": "",
                }
            )  # fmt: skip
            annotations.append(
                {
                    "clip_id": clip, "emotion": emotion, "intensity": n + 1, "action_units": "{}",
                    "sentences": [f"the person is {emotion}"], "writer": "grammar", "ranker": "sentence",
                }
            )  # fmt: skip
        write_table(layout.manifest, manifest, MANIFEST_COLUMNS)
        write_table(layout.quarantine, [], QUARANTINE_COLUMNS)
        write_table(layout.annotations, [a for a in annotations if a["clip_id"] not in rejected], ANNOTATION_COLUMNS)
        write_json(layout.rejected, dict.fromkeys(rejected, "no face in 9 of 20 frames"))
        return layout

    return make
