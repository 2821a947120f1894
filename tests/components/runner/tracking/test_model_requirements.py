"""What a registered model asks for: all it runs on, from any index, and nothing of tests and trainings."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from components.runner.tracking.model_requirements import WEIGHTS, closure, model_requirements

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    """Name -> version."""
    return dict(line.split("==") for line in model_requirements())


def test_what_it_runs_on_is_there_and_what_it_was_made_with_is_not(wanted: dict[str, str]) -> None:
    assert {"torch", "diffusers", "ai-edge-litert", "mlflow", "pandas", "uvicorn", *WEIGHTS} <= wanted.keys()
    assert not {"pytest", "mypy", "ruff", "dvc", "prefect", "optuna", "great-expectations"} & wanted.keys()


def test_versions_are_those_of_an_index(wanted: dict[str, str]) -> None:
    """A build for another machine (`+cpu`) is on no index but its own."""
    assert {name: text for name, text in wanted.items() if "+" in text} == {}
    assert wanted["torch"] == Version(version("torch")).public


def test_weights_are_those_of_the_installation() -> None:
    lines = (ROOT / "requirements" / "weights.txt").read_text().splitlines()
    assert {Requirement(line).name for line in lines if line[:1] not in ("", "#")} == set(WEIGHTS)


def test_nothing_is_left_out(wanted: dict[str, str]) -> None:
    """So that they can be installed without asking each for more."""
    assert closure(wanted.keys() - set(WEIGHTS)) <= wanted.keys()


def test_a_build_of_another_machine_is_the_same_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from components.runner.tracking import model_requirements as module

    info = tmp_path / "strange_build-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange-build\nVersion: 1.2+cu128.local\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "SERVERS", ("strange-build",))
    assert "strange-build==1.2" in module.model_requirements()
