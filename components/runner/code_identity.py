"""Which code a stage runs, as one hash: what it made under another code is another thing, whatever the parameters.

A stage's code is what it declares as its dependencies in `dvc.yaml`, without what stages make and without footage; an
edit of anything else (a page, the runner, another stage) leaves its identity as it is.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from components.common.errors import UserError
from components.runner.dvc_cache import digest
from components.runner.dvc_lock import DvcLock


def code_identity(root: Path, *stages: str) -> str:
    """32 hex digits over paths and bytes of the code that these stages declare.

    root: the project, or a copy of it (a workspace): where `dvc.yaml` lies. Only names below `root` and bytes decide,
    not times, nor git, nor DVC's own records. Raises `UserError` where `dvc.yaml` is missing or knows no such stage,
    and where declared code is missing: an unknown code has no identity.
    """
    graph = DvcLock.read(root)
    paths: set[str] = set()
    for stage in stages:
        if stage not in graph.declared:
            raise UserError(f"{root / 'dvc.yaml'} names no stage {stage}: which code it runs is unknown")
        paths.update(graph.code(stage))
    return hashlib.md5(json.dumps([[path, _known(root, path)] for path in sorted(paths)]).encode()).hexdigest()


def _known(root: Path, path: str) -> str:
    if (md5 := dvc_md5(root / path)) is None:
        raise UserError(f"{path} is a dependency in dvc.yaml and is not there; put it right: git checkout -- {path}")
    return md5


def dvc_md5(path: Path) -> str | None:
    """The md5 DVC gives a file or folder, from its bytes alone (no cache, no times); None where there is none."""
    return digest(path) if path.exists() else None
