"""Where a sweep works, and from which values."""

from __future__ import annotations

from pathlib import Path

from flows.sweeps.plan import Sweep
from tests.flows.sweeps.studies import space


def test_a_study_has_a_place_and_values_to_start_from(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("train_style_e: {lr: 0.02}\n")
    (tmp_path / "dvc.yaml").write_text("stages: {train_style_e: {cmd: 'true', params: [train_style_e]}}\n")
    lr = {"train_style_e.lr": {"type": "float", "low": 0.001, "high": 0.01}}
    searched = space(stage="train_style_e", parameters=lr)
    sweep = Sweep(tmp_path, "mine", searched.model_copy(update={"first": ({"train_style_e.lr": 0.0005},)}), trials=1)
    assert sweep.home == tmp_path / ".sweeps" / sweep.study
    assert sweep.folder(7) == sweep.home / "0007"
    assert sweep.present == {"train_style_e.lr": 0.02}
    bounds = sweep.searched.parameters["train_style_e.lr"]
    assert (bounds.low, bounds.high) == (0.0005, 0.02), "what is tried first lies in the space"
