"""What a prepared folder of footage looks and sounds like, clip by clip: the figures that a drift check compares.

A figure of a clip is `POINTS` quantiles of a coefficient over its frames, or one number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import COEFFICIENT_NAMES
from components.common.artifacts import (
    FPS,
    QUARANTINE_COLUMNS,
    ClipCoefficients,
    load_arrays,
    read_json,
    read_table,
    save_arrays,
)
from components.common.clips import Clip, read_clips
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.media import Image, Waveform, read_audio, read_frames
from components.common.parallel import map_clips

POINTS = 12  # quantiles of a coefficient over a clip
EVERY = 12  # frames between those whose picture is measured
LOUD, QUIET = 95, 10  # percentiles of level that stand for speech and for the room
BLOCK = 320  # samples; 20 ms


@dataclass(frozen=True)
class Footage:
    """Figures of N clips.

    figures: name -> (N, points) with 1 or `POINTS` points. labels: name -> N words ("" where unknown).
    people: who is seen in each clip. quarantined: share of the inputs that could not be used.
    """

    figures: Mapping[str, NDArray[np.float64]]
    labels: Mapping[str, Sequence[str]]
    people: Sequence[str]
    quarantined: float = 0.0

    def __len__(self) -> int:
        return len(self.people)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> Footage:
        """The clips of these rows."""
        return Footage(
            {name: values[rows] for name, values in self.figures.items()},
            {name: [words[i] for i in rows] for name, words in self.labels.items()},
            [self.people[i] for i in rows],
            self.quarantined,
        )

    def save(self, path: Path) -> None:
        notes = {"labels": self.labels, "people": self.people, "quarantined": self.quarantined}
        save_arrays(path, dict(self.figures), {"footage": json.dumps(notes, default=list)})

    @classmethod
    def load(cls, path: Path) -> Footage:
        figures, notes = load_arrays(path)
        about = json.loads(notes["footage"])
        return cls(figures, about["labels"], about["people"], about["quarantined"])


def measure_footage(layout: Layout, workers: int = 1) -> Footage:
    """Read what `prepare`, `extract_coefficients` and `annotate` have left below `layout`.

    Raises:
        UserError: nothing there, or no clip that could be used.
    """
    clips = read_clips(layout, annotated=True)
    if not clips:
        raise UserError(f"{layout.prepared} holds no clip whose face could be followed")
    measured = map_clips(measure_clip, clips, workers, "measuring footage")
    unusable = len(read_table(layout.quarantine, QUARANTINE_COLUMNS)) + len(read_json(layout.rejected))
    return Footage(
        {name: np.stack([np.atleast_1d(clip[name]) for clip in measured]) for name in measured[0]},
        {
            "emotion": [clip.annotation.emotion for clip in clips],
            "intensity": [str(clip.annotation.intensity) for clip in clips],
        },
        [clip.identity for clip in clips],
        unusable / (unusable + len(clips)),
    )


def measure_clip(clip: Clip) -> dict[str, NDArray[np.float64]]:
    """Figure -> its quantiles (or one number) for one clip; a figure's name is `<group>/<what>`."""
    tracked = ClipCoefficients.load(clip.coefficients)
    rows = tracked.coefficients[tracked.valid] if tracked.valid.any() else tracked.coefficients
    points = np.quantile(rows.astype(np.float64), np.linspace(0.02, 0.98, POINTS), axis=0)  # (POINTS, 58)
    figures = {f"motion/{name}": points[:, i] for i, name in enumerate(COEFFICIENT_NAMES)}
    figures["clip/seconds"] = np.array([len(tracked.valid) / FPS])
    figures["clip/missing_face"] = np.array([float((~tracked.valid).mean())])
    pictures = [image for i, image in enumerate(read_frames(clip.video)) if i % EVERY == 0]
    return figures | measure_sound(read_audio(clip.audio)) | measure_pictures(pictures)


def measure_sound(audio: Waveform) -> dict[str, NDArray[np.float64]]:
    """Loudness, noise, pitch, pace and bandwidth of a clip's sound. audio: (samples,) at 16 kHz."""
    from components.annotate.prosody import prosody

    level, pitch, spread, pace = prosody(audio)
    blocks = audio[: len(audio) // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float64)
    power = 10 * np.log10((blocks**2).mean(axis=1) + 1e-10)
    spectrum = (np.abs(np.fft.rfft(blocks * np.hanning(BLOCK), axis=1)) ** 2).sum(axis=0)
    rolloff = float(np.searchsorted(np.cumsum(spectrum), 0.99 * spectrum.sum())) * 8000 / (BLOCK // 2)
    values = {
        "sound/level": level,
        "sound/speech_above_noise": float(np.percentile(power, LOUD) - np.percentile(power, QUIET)),
        "sound/pitch": pitch,
        "sound/pitch_range": spread,
        "sound/pace": pace,
        "sound/bandwidth": rolloff,
    }
    return {name: np.array([value]) for name, value in values.items()}


def measure_pictures(pictures: Sequence[Image]) -> dict[str, NDArray[np.float64]]:
    """Brightness, contrast, colorfulness and sharpness of some frames (H, W, 3)."""
    import cv2

    rows = []
    for picture in pictures:
        gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64)
        red, green, blue = (picture[..., i].astype(np.float64) for i in range(3))
        color = np.hypot(np.std(red - green), np.std((red + green) / 2 - blue))
        edges = float(np.abs(cv2.Laplacian(gray, cv2.CV_64F)).mean())
        rows.append((float(gray.mean()), float(gray.std()), float(color), edges))
    brightness, contrast, color, sharpness = np.mean(rows, axis=0)
    values = {"brightness": brightness, "contrast": contrast, "color": color, "sharpness": sharpness}
    return {f"picture/{name}": np.array([value]) for name, value in values.items()}
