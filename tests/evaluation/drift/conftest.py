"""Footage of a kind: figures of clips of people who each have a face and a voice of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from evaluation.drift.figures import POINTS, Footage

EMOTIONS = ("happy", "sad", "angry", "fear")


def make_footage(seed: int, people: int = 8, clips: int = 6) -> Footage:
    rng = np.random.default_rng(seed)
    person_of = np.repeat(np.arange(people), clips)
    count = len(person_of)

    def figure(mean: float, person: float, clip: float, points: int = 1) -> np.ndarray:
        level = mean + person * rng.normal(size=people)[person_of] + clip * rng.normal(size=count)
        return level[:, None] + (np.linspace(-0.1, 0.1, points) if points > 1 else 0.0)

    return Footage(
        {
            "motion/jawOpen": figure(0.3, 0.03, 0.05, POINTS),
            "motion/mouthSmileLeft": figure(0.2, 0.05, 0.05, POINTS),
            "motion/yaw": figure(0.0, 0.05, 0.05, POINTS),
            "sound/pitch": figure(6.0, 4.0, 1.0),
            "sound/level": figure(-25.0, 2.0, 1.0),
            "picture/brightness": figure(120.0, 10.0, 5.0),
            "clip/seconds": figure(3.0, 0.0, 0.1),
        },
        {"emotion": [EMOTIONS[i % 4] for i in range(count)], "intensity": [str(1 + i % 3) for i in range(count)]},
        [f"P{seed}-{i}" for i in person_of],
    )


@pytest.fixture(scope="session")
def footage() -> Callable[..., Footage]:
    """`footage(seed, people=8, clips=6)`: other seeds are other people of the same kind."""
    return make_footage
