"""The command: who, why, and the version that is champion now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flows import promote, rollback
from flows.promotion import verify
from flows.promotion.model_registry import CHAMPION, PREVIOUS, ModelRegistry
from tests.flows.versions import model_folder, register


def test_a_person_takes_back_what_the_gate_let_through(
    tracked: Path, registry: ModelRegistry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [model_folder(tracked, tmp_path / name) for name in ("first", "second")]
    (models[0] / "artifacts" / "style_e" / "weights").write_text("style_e0")
    first, second = (register(registry, model, verify.proof(model)) for model in models)
    registry.set_champion(first, None)
    registry.set_champion(second, first)
    asked = ["--root", str(tracked), "--reason", "lips freeze", "--by", "ana"]
    assert rollback.main([*asked, "--dry-run"]) == 0
    assert registry.version(CHAMPION) == second
    assert rollback.main(asked) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "rolled back: version 1 is champion again, version 2 is previous",
        f"champion: version 1 (run {first.run_id})",
    ]
    gone = registry.version(PREVIOUS)
    assert gone is not None
    assert gone.farewell == "rolled back by ana (lips freeze)"
    assert promote.main(["--root", str(tracked)]) == 0
    assert "kept: these very models are version 2, rolled back by ana (lips freeze)" in capsys.readouterr().out


def test_a_reason_without_a_rollback_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        promote.main(["--reason", "lips freeze"])
    assert "add --rollback" in capsys.readouterr().err


def test_in_an_emergency_it_does_not_wait_for_prefect() -> None:
    script = "import sys, flows.rollback, flows.promotion.rollback; print('prefect' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout == "False\n"
