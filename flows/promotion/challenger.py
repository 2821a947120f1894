"""The new models as one value: what promotion needs to know of them, checked against their bytes and read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.common.artifacts import read_json
from components.common.layout import Layout
from components.common.params import Params, load_params
from components.runner.dvc_lock import DvcLock
from evaluation.summary.results import Results
from flows.execution import dvc, workspace
from flows.promotion import verify


@dataclass(frozen=True)
class Challenger:
    """The workspace's models, their evaluation, and what made them.

    evaluated_by: the MLflow run of that evaluation, as `lineage/` remembers it ("" where it was not tracked); a name
    that starts with `spool-` where MLflow was down. It may be of another store, after a hit in DVC's run-cache.
    """

    layout: Layout
    lock: DvcLock
    results: Results
    params: Params
    evaluated_by: str = ""

    @classmethod
    def read(cls, root: Path) -> Challenger:
        """Raises `UserError` where a byte of models, report, cache or code, or a parameter, is not the locked one."""
        layout, lock = Layout(root), DvcLock.read(root)
        verify.models(root, lock, workspace.cache(root))
        verify.sources(root, lock)
        lineage = layout.lineage(dvc.LAST)
        evaluated_by = read_json(lineage).get("run_id") if lineage.is_file() else ""
        return cls(
            layout, lock, Results.load(layout.report), load_params(root / "params.yaml"), str(evaluated_by or "")
        )

    @property
    def models(self) -> dict[str, str]:
        """Path in the project -> DVC's md5 of the model folders."""
        return {path: self.lock.outs[path] for path in verify.MODELS}
