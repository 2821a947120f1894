"""The helpers of the Style-A stage; the whole stage runs in the smoke DAG."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from components.common.arkit import COEFFICIENTS, LANDMARKS
from components.common.layout import Layout
from components.common.params import Params
from components.common.step_log import write_steps
from components.common.tracker import NullTracker
from components.runner.stage import Stage
from components.style_a.frames import FrameGroup
from components.style_a.stage import choose_stills, digest, log_rows


def group(level: int, frames: int) -> FrameGroup:
    images = np.full((frames, 8, 8, 3), level, np.uint8) + np.arange(frames, dtype=np.uint8)[:, None, None, None]
    landmarks, rows = np.zeros((frames, LANDMARKS, 3), np.float32), np.zeros((frames, COEFFICIENTS), np.float32)
    return FrameGroup("c", "p", images, landmarks, rows, images[:0])


def test_stills_come_from_all_clips_and_end_with_other_people() -> None:
    clips, heads = [group(10, 3), group(50, 2)], [group(200, 1), group(220, 1)]
    levels = [int(still[0, 0, 0]) for still in choose_stills(clips, heads, 6)]
    assert levels == [10, 50, 11, 51, 200, 220]
    assert len(choose_stills(clips, [], 4)) == 4


def test_digest_names_the_frames() -> None:
    assert digest([group(10, 2)]) == digest([group(10, 2)])
    assert digest([group(10, 2)]) != digest([group(11, 2)])


def test_rows_are_handed_to_the_tracker(tmp_path: Path) -> None:
    rows = [{"step": 2, "loss": 0.5}, {"step": 4, "loss": 0.25}]
    write_steps(tmp_path / "art.csv", rows)
    seen: list[tuple[int | None, dict[str, float]]] = []

    class Listener(NullTracker):
        def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:  # type: ignore[override]
            seen.append((step, dict(metrics)))

    log_rows(Stage(Params(), Layout(tmp_path), Listener()), tmp_path / "art.csv")
    assert seen == [(2, {"art_loss": 0.5}), (4, {"art_loss": 0.25})]
