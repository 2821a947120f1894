"""What decides the bytes of a training besides its own parameters: its code, its inputs, and what it computes with.

One home for all trainings, so that a checkpoint is never picked up by a training that would have come to another one.
What decides no byte is left out (run names, dates, how often a checkpoint is kept, where the project lies): the retry
after a bad night goes on.
"""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path
from typing import Any

from components.common.layout import Layout
from components.common.params import Params
from components.common.runtime import pick_device
from components.runner.code_identity import code_identity, dvc_md5
from components.runner.dvc_lock import DvcLock

CODE = Path(__file__).parents[2]  # the code that runs lies here, and so does its `dvc.yaml`
LIBRARIES = ("accelerate", "diffusers", "numpy", "opencv-python-headless", "scipy", "torch")  # that compute


def training_identity(stage: str, params: Params, layout: Layout) -> dict[str, Any]:
    """For `training_key`. stage: of `dvc.yaml`; it declares its code, and the data and models that it reads.

    Inputs are hashed from their bytes below `layout`, since a stage may run without DVC; one that is not there counts,
    too. Raises `UserError` where the code is unknown.
    """
    graph = DvcLock.read(CODE)
    code = code_identity(CODE, stage)
    runtime = params.runtime
    return {
        "stage": stage,
        "code": code,
        "inputs": {path: dvc_md5(layout.root / path) for path in graph.declared[stage] if path in graph.made},
        "seed": runtime.seed,
        "device": pick_device(runtime.device).type,
        "threads": runtime.threads,
        "processes": os.environ.get("WORLD_SIZE") or "1",  # among which a batch is dealt
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _version(library: str) -> str | None:
    """None where nothing is installed under this name: a build of another name is another library."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None
