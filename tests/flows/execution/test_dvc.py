"""What flows read from DVC: outcomes, locks, and a folder hash that equals DVC's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner.dvc_cache import tree_hash
from components.runner.dvc_lock import DvcLock
from flows.execution import dvc

LINES = [
    "Running stage 'list_footage':",
    "> exec sh components/runner/launch.sh components.corpus.listing",
    "Stage 'prepare' didn't change, skipping",
    "Running stage 'annotate':",
    "> python -m components.annotate.stage",
    "Stage 'train_style_e' is cached - skipping run, checking out outputs",
]


def test_outcome() -> None:
    assert dvc.read_outcome(LINES) == dvc.Outcome(("annotate",), ("train_style_e",))


@pytest.mark.slow
def test_a_real_repository(tmp_path: Path) -> None:
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    command = "mkdir -p out/deep && echo 1 > out/b && echo 2 > out/deep/a"
    (tmp_path / "dvc.yaml").write_text(f"stages:\n  make:\n    cmd: {command}\n    outs: [out]\n")
    assert not DvcLock.read(tmp_path).stages
    assert not dvc.up_to_date(tmp_path)
    assert dvc.repro(tmp_path, on_line=lambda _: None).ran == ("make",)
    assert dvc.up_to_date(tmp_path)
    assert dvc.repro(tmp_path, on_line=lambda _: None) == dvc.Outcome((), ())
    (tmp_path / "out" / "b").write_text("3\n")
    assert not dvc.up_to_date(tmp_path)
    dvc.run(tmp_path, "checkout", "--force")
    assert DvcLock.read(tmp_path).outs == {"out": tree_hash(tmp_path / "out")}


@pytest.mark.slow
def test_what_always_runs_is_nothing_to_do(tmp_path: Path) -> None:
    """It is brought up to date first: only then does DVC know whether what depends on it has changed."""
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "footage").write_text("a")
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n"
        f"  {dvc.WATCHER}:\n    cmd: cp footage list\n    always_changed: true\n    outs: [list]\n"
        "  make:\n    cmd: cp list out\n    deps: [list]\n    outs: [out]\n"
    )
    assert dvc.repro(tmp_path, on_line=lambda _: None) == dvc.Outcome(("make",), ())
    assert dvc.up_to_date(tmp_path)
    (tmp_path / "footage").write_text("b")
    assert not dvc.up_to_date(tmp_path)
    assert dvc.repro(tmp_path, on_line=lambda _: None) == dvc.Outcome(("make",), ())


@pytest.mark.slow
def test_a_broken_pipeline_is_told_in_one_line(tmp_path: Path) -> None:
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.yaml").write_text("stages: 3\n")
    with pytest.raises(UserError, match=r"dvc\.yaml cannot be read as a file of DVC"):
        dvc.up_to_date(tmp_path)


@pytest.mark.slow
def test_a_stage_that_another_dvc_holds_is_waited_for(tmp_path: Path) -> None:
    subprocess.run([dvc.executable(), "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  make:\n    cmd: touch begun; sleep 12; echo 1 > out\n    outs: [out]\n"
    )
    lines: list[str] = []
    with subprocess.Popen([dvc.executable(), "repro"], cwd=tmp_path, stdout=subprocess.DEVNULL) as other:
        while not (tmp_path / "begun").exists():
            assert other.poll() is None
        assert not dvc.up_to_date(tmp_path)
        with pytest.raises(dvc.Busy, match="another `dvc` is at work"):
            dvc.run(tmp_path, "status")
        assert dvc.repro(tmp_path, on_line=lines.append) == dvc.Outcome((), ())
        assert other.wait() == 0
    assert dvc.up_to_date(tmp_path)
    assert len([line for line in lines if "another `dvc` is at work" in line]) == 1
