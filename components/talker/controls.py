"""The controls of a generation, with their ranges in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from components.common.errors import UserError

RANGES: dict[str, tuple[float, float]] = {
    "emotion_strength": (0.0, 3.0),
    "style_degree": (0.0, 1.0),
    "head_motion": (0.0, 3.0),
    "blink": (0.0, 3.0),
    "expression": (0.0, 2.0),
    "lip": (0.0, 2.0),
}


@dataclass(frozen=True)
class Controls:
    """All 1.0 is what the models learned; 0 turns a thing off. Values outside `RANGES` raise `UserError`.

    emotion_strength: guidance by the emotion text. style_degree: how much of the art style. head_motion, blink,
    expression, lip: scales of head movement, number of blinks, mimics of the upper face, mouth movement. seed: the same
    seed gives the same video.
    """

    emotion_strength: float = 1.0
    style_degree: float = 1.0
    head_motion: float = 1.0
    blink: float = 1.0
    expression: float = 1.0
    lip: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not math.isfinite(value) or not low <= value <= high:
                raise UserError(f"{name.replace('_', '-')} must lie between {low:g} and {high:g}, not {value}")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"seed must lie between 0 and {2**32 - 1}, not {self.seed}")

    def notes(self) -> dict[str, str]:
        """Name and value of each control as text, for a video's tags."""
        return {field.name: f"{getattr(self, field.name):g}" for field in fields(self)}
