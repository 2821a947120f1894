"""A small prepared folder: noise videos, noise speech and made-up motion, with or without emotion labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS
from components.common.artifacts import (
    ANNOTATION_COLUMNS,
    MANIFEST_COLUMNS,
    ClipCoefficients,
    write_table,
)
from components.common.layout import Layout
from components.common.media import write_video, write_wav
from components.face.mesh import MOUTH_CORNERS, OUTER_EYE_CORNERS
from evaluation.metrics.landmarks import LOWER_LIP, UPPER_LIP

FRAMES = 20
EMOTIONS = ("neutral", "happy", "sad")


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


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Layout]:
    """`prepared(people=3, labeled=True)` -> the layout of a folder with three clips a person, the last one for test."""

    def make(people: int = 3, labeled: bool = True) -> Layout:
        layout, rng = Layout(tmp_path), np.random.default_rng(0)
        manifest, annotations = [], []
        for person in range(people):
            for n, emotion in enumerate(EMOTIONS):
                clip = f"p{person}_{emotion}_{n}"
                video, audio = f"clips/{clip}.mp4", f"clips/{clip}.wav"
                write_video(layout.prepared / video, rng.integers(0, 256, (FRAMES, 64, 64, 3), dtype=np.uint8))
                write_wav(layout.prepared / audio, rng.uniform(-0.5, 0.5, FRAMES * 640).astype(np.float32))
                made_up_clip(rng, emotion).save(layout.coefficients / f"{clip}.safetensors")
                said = emotion if labeled else ""
                manifest.append(
                    {
                        "clip_id": clip, "identity": f"p{person}", "emotion": said, "intensity": int(labeled) * (n + 1),
                        "split": "test" if person == people - 1 else "train", "fps": 25, "frames": FRAMES,
                        "sample_rate": 16_000, "video": video, "audio": audio, "source": clip, "sha256": "",
                    }
                )  # fmt: skip
                annotations.append(
                    {
                        "clip_id": clip, "emotion": emotion, "intensity": n + 1, "action_units": "{}",
                        "sentences": [f"the person is {emotion}"], "writer": "grammar", "ranker": "sentence",
                    }
                )  # fmt: skip
        write_table(layout.manifest, manifest, MANIFEST_COLUMNS)
        write_table(layout.annotations, annotations, ANNOTATION_COLUMNS)
        return layout

    return make
