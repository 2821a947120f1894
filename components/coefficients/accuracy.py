"""How well coefficients are recovered where the true motion is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.coefficients.extractor import SMOOTHING, smooth
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, TrackedClip
from components.common.agreement import pearson
from components.common.arkit import INDEX, POSE_NAMES

MIN_MOTION = 0.02  # standard deviation below which a correlation over time means nothing


@dataclass(frozen=True)
class RecoveredClip:
    """True coefficients of one clip and what is read of them, (T, 58) each."""

    truth: NDArray[np.floating]
    readings: NDArray[np.floating]


def recover(regressor: Regressor, clips: Sequence[TrackedClip]) -> list[RecoveredClip]:
    """What the regressor makes of clips, smoothed as in extraction."""
    return [RecoveredClip(c.coefficients, smooth(regressor.predict(c.landmarks, SIZE), SMOOTHING)) for c in clips]


def over_time(clips: Sequence[RecoveredClip], *names: str) -> float:
    """Correlation over time of the named coefficients: the mean over the clips in which they truly move.

    One that is recovered as standing still counts as 0.
    """
    values = [
        pearson(clip.truth[:, INDEX[name]], clip.readings[:, INDEX[name]])
        for clip in clips
        for name in names
        if clip.truth[:, INDEX[name]].std() > (0.0 if name in POSE_NAMES else MIN_MOTION)
    ]
    return float(np.mean(np.nan_to_num(values))) if values else 0.0


def of_means(clips: Sequence[RecoveredClip], *names: str) -> float:
    """Correlation across clips of the named coefficients' clip means, where emotion lives; 0 where all are equal."""
    columns = [INDEX[name] for name in names]
    truth = np.array([clip.truth[:, columns].mean() for clip in clips])
    return float(np.nan_to_num(pearson(truth, np.array([clip.readings[:, columns].mean() for clip in clips]))))


def accuracy(clips: Sequence[RecoveredClip]) -> dict[str, float]:
    """`r/...` over time, `r_mean/...` across clips, and the mean absolute error of yaw in degrees."""
    figures = {
        "r/jawOpen": over_time(clips, "jawOpen"),
        "r/eyeBlink": over_time(clips, "eyeBlinkLeft", "eyeBlinkRight"),
        "r/mouthPucker": over_time(clips, "mouthPucker"),
        "r/mouthClose": over_time(clips, "mouthClose"),
        "r/mouthFunnel": over_time(clips, "mouthFunnel"),
    }
    figures |= {f"r/{name}": over_time(clips, name) for name in POSE_NAMES}
    for stem in ("mouthSmile", "mouthFrown", "mouthPress", "mouthStretch", "browDown", "browOuterUp", "noseSneer",
                 "eyeWide", "eyeSquint"):  # fmt: skip
        figures[f"r_mean/{stem}"] = of_means(clips, stem + "Left", stem + "Right")
    figures["r_mean/browInnerUp"] = of_means(clips, "browInnerUp")
    figures["r_mean/jawOpen"] = of_means(clips, "jawOpen")
    yaw = INDEX["yaw"]
    error = np.concatenate([clip.truth[:, yaw] - clip.readings[:, yaw] for clip in clips])
    figures["yaw_error_degrees"] = float(np.degrees(np.abs(error).mean()))
    return figures
