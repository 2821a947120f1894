"""Which run made a stage's outputs: a name that follows from what went in and came out, and changes with them only.

A stage leaves the name in `lineage/`, an output that DVC keeps and restores with the others, and its run in MLflow has
it as a tag. A run's own id would be another one each time, and `dvc.lock` with it, though every byte was the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from components.common.artifacts import read_json, write_json
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.params import Params
from components.runner.dvc_cache import tree_hash
from components.runner.dvc_lock import DvcLock

TAG = "lineage"  # of a run: the name
PREFIX = "made-"  # begins every name


def name_of(stage: str, params: Params, layout: Layout, metrics: Mapping[str, float]) -> str:
    """The name of a run of `stage` that ends now: a hash of its code, inputs, parameters and figures."""
    try:
        lock = DvcLock.read(layout.root)
    except UserError:  # DVC will say so itself
        lock = DvcLock()
    code = {
        path: tree_hash(layout.root / path)
        for path in lock.declared.get(stage, ())
        if path not in lock.outs and (layout.root / path).is_dir()
    }
    values = params.model_dump(mode="json")
    facts = {
        "stage": stage,
        "code": code,
        "inputs": lock.inputs(stage),
        "params": values.get(stage),
        "seed": values["runtime"]["seed"],  # the rest of `runtime` is the machine's
        "metrics": dict(metrics),
    }
    return PREFIX + hashlib.md5(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def write(layout: Layout, stage: str, name: str) -> None:
    """Leave the name beside the outputs."""
    write_json(layout.lineage(stage), {"run": name})


def read(layout: Layout, stage: str) -> str:
    """The name of the run that made the outputs that lie here; "" where nothing says so.

    Earlier versions of the project left the run's id in MLflow, or the name that it waited under on disk.
    """
    path = layout.lineage(stage)
    stored = read_json(path) if path.is_file() else {}
    return str(stored.get("run") or stored.get("run_id") or "")
