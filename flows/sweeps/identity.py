"""What makes two trainings comparable: the same code, the same data, the same parameters besides those searched.

A study holds trials of one identity only; another one is another study. So it may be continued for ever, and never
compares a training of today's code with one of last month's.
"""

from __future__ import annotations

import hashlib
import json
from functools import reduce
from pathlib import Path
from typing import Any

from components.common.errors import UserError
from components.common.params import load_params, read_yaml
from components.runner.code_identity import code_identity, dvc_md5
from components.runner.dvc_lock import DvcLock
from flows.sweeps.space import Space

EVALUATE = "evaluate"
REHEARSAL = "evaluation/rehearsal.py"
LENGTH = 6  # hex digits of it in a study's name


def stages(space: Space) -> tuple[str, ...]:
    """The stages whose code and data decide what a trial comes to."""
    return (space.stage, EVALUATE) if space.rehearsed else (space.stage,)


def inputs(lock: DvcLock, space: Space) -> dict[str, str]:
    """Path -> md5 of the data and models that a trial reads and does not make."""
    own = lock.stages[space.stage].outs if space.stage in lock.stages else {}
    read = {path: md5 for stage in stages(space) for path, md5 in lock.inputs(stage).items()}
    return {path: md5 for path, md5 in sorted(read.items()) if path not in own}


def identity(root: Path, space: Space) -> str:
    """Hex digits over code, data and the other parameters of a trial."""
    lock = DvcLock.read(root)
    parts = {
        "code": [code_identity(root, *stages(space)), dvc_md5(root / REHEARSAL) if space.rehearsed else None],
        "data": inputs(lock, space),
        "parameters": _others(root, space),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def declared_parameters(root: Path, stage: str) -> list[str]:
    """Names of parameters, and of whole sections, that the stage depends on."""
    document = read_yaml(root / "dvc.yaml").get("stages", {}).get(stage)
    if document is None:
        raise UserError(f"dvc.yaml has no stage {stage!r}")
    return [name for name in document.get("params", ()) if isinstance(name, str)]


def _others(root: Path, space: Space) -> dict[str, Any]:
    """Dotted parameter -> value, of those the stages depend on and the space does not search."""
    values = flat(load_params(root / "params.yaml").model_dump(mode="json"))
    declared = [name for stage in stages(space) for name in declared_parameters(root, stage)]
    return {
        name: value
        for name, value in values.items()
        if name not in space.parameters and any(f"{name}.".startswith(f"{section}.") for section in declared)
    }


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as dotted names."""
    pairs = ((f"{prefix}{key}", value) for key, value in values.items())
    parts = (flat(value, f"{name}.") if isinstance(value, dict) else {name: value} for name, value in pairs)
    return reduce(lambda left, right: left | right, parts, {})


def present(root: Path, space: Space) -> dict[str, Any]:
    """The searched parameters as `params.yaml` has them now. Raises `UserError` where one does not exist."""
    values = flat(load_params(root / "params.yaml").model_dump(mode="json"))
    for name in space.parameters:
        if name not in values:
            raise UserError(f"params.yaml has no parameter {name}")
    return {name: values[name] for name in space.parameters}
