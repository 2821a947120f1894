"""Pairs come from held-out clips alone; without two frames there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from components.common.artifacts import ClipCoefficients
from components.common.clips import read_clips
from components.common.layout import Layout
from components.common.params import Params
from evaluation.metrics.registry import METRICS
from evaluation.parts.pairs import BATCHES, NAMES, PairJob

Prepared = Callable[..., Layout]


def test_names_are_registered() -> None:
    assert set(NAMES.values()) <= set(METRICS)


def test_no_pair_without_two_frames_that_show_a_face(prepared: Prepared) -> None:
    layout = prepared()
    for clip in read_clips(layout):
        tracked = ClipCoefficients.load(clip.coefficients)
        tracked.valid[1:] = False
        tracked.save(clip.coefficients)
    assert PairJob(Params(), layout, 0).run() == []


@pytest.mark.slow
def test_an_untrained_network_adds_nothing_to_the_prior(prepared: Prepared, models: Path) -> None:
    layout = prepared()
    (layout.root / "models").symlink_to(models)
    records = PairJob(Params(), layout, 0).run()
    assert len(records) == 4 * BATCHES
    assert {record.clip for record in records} == {f"pair {i}" for i in range(4 * BATCHES)}
    values = {name: np.array([record.values[name] for record in records]) for name in NAMES.values()}
    assert np.abs(values["style_a/pair_psnr_gain_over_prior"]).max() < 1e-3
    assert np.isfinite(values["style_a/pair_mouth_psnr_gain_over_no_motion"]).all()
