"""The stage at toy size: twice the same bytes, figures that are numbers, and a regressor that loads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients import fit_stage
from components.coefficients.calibration import load_attenuation
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, TrackedClip
from components.common.arkit import WEIGHTS
from components.common.layout import Layout
from components.common.params import FitRegressor, Params, Runtime
from components.runner.stage import Stage


def test_it_saves_the_same_regressor_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unseen_clips: list[TrackedClip]
) -> None:
    monkeypatch.setattr(fit_stage, "TEST_PEOPLE", 1)
    monkeypatch.setattr(fit_stage, "TEST_CLIPS", 1)
    monkeypatch.setattr(fit_stage, "TEST_FRAMES", 8)
    small = FitRegressor(identities=2, clips_per_identity=1, frames_per_clip=4, heads=2, frames_per_head=1)
    stored = []
    for name in ("one", "two"):
        layout = Layout(tmp_path / name)
        metrics = fit_stage.run(Stage(Params(runtime=Runtime(workers=1), fit_regressor=small), layout))
        assert metrics["frames"] == 8
        assert all(np.isfinite(value) for value in metrics.values())
        files = [layout.regressor / "regressor.safetensors", *sorted(layout.heads.iterdir())]
        assert [file.name for file in files[1:]] == [
            "basis.safetensors", "head_0000.safetensors", "head_0001.safetensors"
        ]  # fmt: skip
        stored.append([file.read_bytes() for file in files])
    assert stored[0] == stored[1]
    assert Regressor.from_pretrained(layout.regressor).predict(unseen_clips[0].landmarks, SIZE).shape[1] == 58
    assert (load_attenuation(layout.regressor) == np.ones(WEIGHTS)).all()  # two clips tell nothing
