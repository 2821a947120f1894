"""Challengers without training: the same models with a byte more, and an evaluation that says what the test wants."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import mlflow

from tests.project import Project

AIM = "style_a/pair_psnr_gain_over_no_motion"  # a primary metric with many cases even at smoke size
MODEL = "style2talker"


def promote(project: Project, *flags: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """(exit code, output) of `python -m flows.promote`."""
    done = project.completed(sys.executable, "-m", "flows.promote", *flags, env=env)
    return done.returncode, done.stdout


def challenge(project: Project, shift: float, lineage: str = "0" * 32) -> None:
    """Other models of the same quality, and an evaluation in which the primary metric is better by `shift`.

    lineage: the run that DVC says evaluated them; by default one that no store knows, as after a run-cache hit.
    """
    config = project.root / "models" / "style_e" / "model_index.json"
    config.chmod(0o644)
    config.write_text(config.read_text() + " ")
    report = project.root / "reports" / "evaluation.json"
    told = json.loads(report.read_text())
    told["cases"][AIM] = {case: value + shift for case, value in told["cases"][AIM].items()}
    for key in ("mean", "low", "high"):
        told["summary"][AIM][key] += shift
    report.chmod(0o644)
    report.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")
    if lineage:
        path = project.root / "lineage" / "evaluate.json"
        path.chmod(0o644)
        path.write_text(json.dumps({"run_id": lineage}))
    project.run("dvc", "commit", "--force", "train_style_e", "evaluate")


def client(project: Project) -> Any:
    return mlflow.MlflowClient(f"sqlite:///{project.root}/mlflow.db")


def aliases(project: Project) -> dict[str, int]:
    """alias -> version."""
    found = client(project).get_registered_model(MODEL).aliases
    return {alias: int(version) for alias, version in found.items()}


def champion_run(project: Project) -> Any:
    version = client(project).get_model_version_by_alias(MODEL, "champion")
    return client(project).get_run(version.run_id)


def artifact(project: Project, run_id: str, path: str, folder: Path) -> Path:
    return Path(
        mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=str(folder), tracking_uri=f"sqlite:///{project.root}/mlflow.db"
        )
    )
