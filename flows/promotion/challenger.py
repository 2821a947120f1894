"""The new models as one value: what promotion needs to know of them, checked against their bytes and read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.common.layout import Layout
from components.common.params import Params, load_params
from components.runner import lineage
from components.runner.dvc_lock import DvcLock
from evaluation.summary.results import Results
from flows.execution import dvc, workspace
from flows.promotion import verify


@dataclass(frozen=True)
class Challenger:
    """The workspace's models, their evaluation, and what made them.

    evaluated_by: the run of that evaluation, by the name that `lineage/` remembers ("" where nothing does). This store
    may have no such run: it was not tracked, or DVC's run-cache had the evaluation from elsewhere.
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
        evaluated_by = lineage.read(layout, dvc.LAST)
        return cls(layout, lock, Results.load(layout.report), load_params(root / "params.yaml"), evaluated_by)

    @property
    def models(self) -> dict[str, str]:
        """Path in the project -> DVC's md5 of the model folders."""
        return {path: self.lock.outs[path] for path in verify.MODELS}
