"""The command: one line for people, an exit code for scripts, and no Prefect."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows import promote
from flows.promotion.model_registry import ModelRegistry
from tests.flows.versions import model_folder, register


def test_a_champion_already(
    tracked: Path, registry: ModelRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = register(registry, model_folder(tracked, tmp_path / "model"))
    registry.set_champion(version, None)
    assert promote.main(["--root", str(tracked), "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "kept: version 1 is champion already, with these very models",
        f"champion: version 1 (run {version.run_id})",
    ]


def test_what_is_refused_is_one_line_and_code_2(tracked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert promote.main(["--root", str(tracked), "--rollback"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "error: there is no previous champion to go back to"
    (tracked / "dvc.lock").unlink()
    assert promote.main(["--root", str(tracked)]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: dvc.lock knows no models/regressor")


def test_a_rollback_in_an_emergency_does_not_wait_for_prefect() -> None:
    script = "import sys, flows.promote, flows.promotion.rollback; print('prefect' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout == "False\n"
