"""An isolated copy of the project for one trial: its own params, its own outputs, the shared DVC cache.

Only code and locks are copied; data come by `dvc checkout` from the cache, so data stages never run again.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.common.errors import UserError
from flows import dvc

CODE = ("components", "evaluation", "flows", "profiles", "params.yaml", "dvc.yaml", "dvc.lock", ".dvcignore")


def needs(root: Path, stage: str) -> list[str]:
    """Paths of the data a stage depends on (outputs of other stages)."""
    locked = dvc.lock(root)
    if stage not in locked:
        raise UserError(f"stage {stage} was never run here; run `dvc repro` once before sweeping")
    outs = {out["path"] for entry in locked.values() for out in entry.get("outs", [])}
    return sorted(dep["path"] for dep in locked[stage]["deps"] if dep["path"] in outs)


def create(root: Path, folder: Path, stage: str) -> Path:
    """Make (or make again) the workspace `folder` for one trial of `stage`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in CODE:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy(source, folder / name)
    _dvc(folder, "init", "--no-scm", "-q")
    _dvc(folder, "config", "cache.dir", str(cache(root)))
    _dvc(folder, "config", "core.analytics", "false")
    _dvc(folder, "checkout", "-q", *needs(root, stage))
    return folder


def cache(root: Path) -> Path:
    """The project's DVC cache."""
    shown = subprocess.run([dvc.executable(), "cache", "dir"], cwd=root, capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip()).resolve()


def set_parameters(folder: Path, values: Mapping[str, Any]) -> None:
    """Write dotted parameters into `params.yaml`, keeping its comments."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    path = folder / "params.yaml"
    document = yaml.load(path.read_text(encoding="utf-8"))
    for name, value in values.items():
        *sections, key = name.split(".")
        node = document
        for section in sections:
            node = node[section]
        if key not in node:
            raise UserError(f"params.yaml has no parameter {name}")
        node[key] = value
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)


def _dvc(folder: Path, *arguments: str) -> None:
    done = subprocess.run([dvc.executable(), *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise UserError(f"dvc {arguments[0]} failed in {folder}: {(done.stderr or done.stdout).strip()[-200:]}")
