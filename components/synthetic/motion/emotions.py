"""Eight emotions as ARKit weights at full strength, after the action units of Ekman's prototypes (EMFACS)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX, WEIGHTS


def shape_vector(recipe: dict[str, float]) -> NDArray[np.float64]:
    """(52,) weights from names; a stem without Left/Right ("mouthSmile") means both sides."""
    vector = np.zeros(WEIGHTS)
    for name, value in recipe.items():
        for full in (name,) if name in INDEX else (name + "Left", name + "Right"):
            vector[INDEX[full]] += value
    return vector


@dataclass(frozen=True)
class Emotion:
    """How a face and a head show an emotion at full strength."""

    weights: dict[str, float]
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)  # bias of yaw, pitch, roll (rad); yaw and roll get a random sign
    energy: float = 0.0  # relative change of speech articulation and head motion
    blink_gap: float = 3.2  # mean seconds to the next blink, after the pause that follows one
    gaze_y: float = 0.0  # rad, up is positive
    vector: NDArray[np.float64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", shape_vector(self.weights))


EMOTION_FACES: dict[str, Emotion] = {
    "neutral": Emotion({}),
    "happy": Emotion(
        {
            "mouthSmile": 0.92, "cheekSquint": 0.75, "eyeSquint": 0.32, "browOuterUp": 0.15, "mouthUpperUp": 0.40,
            "mouthLowerDown": 0.18, "mouthDimple": 0.15, "jawOpen": 0.07,
        },
        pose=(0.0, -0.02, 0.04),
        energy=0.12,
    ),
    "sad": Emotion(
        {
            "mouthFrown": 0.90, "browInnerUp": 1.0, "browDown": 0.12, "mouthShrugLower": 0.45, "eyeSquint": 0.15,
            "eyeBlink": 0.24,
        },
        pose=(0.0, 0.10, 0.03),
        energy=-0.22,
        blink_gap=2.2,
        gaze_y=-0.08,
    ),
    "angry": Emotion(
        {
            "browDown": 1.0, "eyeSquint": 0.40, "eyeWide": 0.22, "mouthPress": 0.45, "noseSneer": 0.42,
            "mouthFrown": 0.55, "jawForward": 0.40, "mouthShrugLower": 0.20, "mouthLowerDown": 0.15,
        },
        pose=(0.0, 0.07, 0.0),
        energy=0.2,
        blink_gap=5.0,
    ),
    "fear": Emotion(
        {
            "browInnerUp": 0.95, "browOuterUp": 0.35, "browDown": 0.28, "eyeWide": 0.95, "mouthStretch": 0.85,
            "mouthLowerDown": 0.25, "jawOpen": 0.16,
        },
        pose=(0.03, -0.05, 0.02),
        energy=0.05,
        blink_gap=1.8,
    ),
    "surprised": Emotion(
        {"browInnerUp": 1.0, "browOuterUp": 1.0, "eyeWide": 0.95, "jawOpen": 0.45, "mouthFunnel": 0.28},
        pose=(0.0, -0.05, 0.0),
        energy=0.2,
        blink_gap=5.0,
    ),
    "disgusted": Emotion(
        {
            "noseSneer": 1.0, "browDown": 0.60, "eyeSquint": 0.60, "cheekSquint": 0.55, "mouthUpperUp": 0.70,
            "mouthFrown": 0.45, "mouthShrugLower": 0.35,
        },
        pose=(0.09, -0.03, 0.03),
        energy=0.05,
    ),
    "contempt": Emotion(
        {
            "mouthSmileLeft": 0.85, "mouthDimpleLeft": 0.75, "mouthLeft": 0.28, "mouthUpperUpLeft": 0.18,
            "noseSneerLeft": 0.22, "cheekSquintLeft": 0.35, "browOuterUpLeft": 0.75, "browDownRight": 0.45,
            "mouthPress": 0.22, "mouthShrugLower": 0.30, "eyeBlink": 0.26,
        },
        pose=(0.10, -0.10, 0.06),
        energy=-0.1,
    ),
}  # fmt: skip
