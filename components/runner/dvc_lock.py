"""What DVC's own files say about a stage: its description, and the hashes of the data it reads. Read, never written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def _stages(path: Path) -> dict[str, Any]:
    """The `stages` of a file; empty where there is no such file, or where it is no YAML (DVC itself will say so)."""
    try:
        loaded = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError):
        return {}
    return dict(loaded.get("stages") or {}) if isinstance(loaded, dict) else {}


def description(root: Path, stage: str) -> str:
    """The stage's `desc` in `dvc.yaml`, or ""."""
    return str(_stages(root / "dvc.yaml").get(stage, {}).get("desc", ""))


def data_inputs(root: Path, stage: str) -> dict[str, str]:
    """Path -> md5 of the data and models that a stage reads.

    Other stages made them, and DVC writes `dvc.lock` after each stage, so that the hashes are those of this very run.
    """
    reads = _stages(root / "dvc.yaml").get(stage, {}).get("deps", [])
    made = {
        out["path"]: out["md5"]
        for entry in _stages(root / "dvc.lock").values()
        for out in entry.get("outs", [])
        if "md5" in out
    }
    return {path: made[path] for path in reads if path in made}
