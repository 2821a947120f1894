"""Footage, or the synthetic corpus, to face-cropped clips with manifest, quarantine and contract."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

from components.corpus.assemble import assemble
from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Fill `layout.prepared`. It is complete or not there at all: what a failed run wrote is removed."""
    layout, params = stage.layout, stage.params
    shutil.rmtree(layout.prepared, ignore_errors=True)
    try:
        metrics = assemble(layout, params.prepare, params.runtime.seed, params.runtime.workers)
    except BaseException:
        shutil.rmtree(layout.prepared, ignore_errors=True)
        raise
    stage.tracker.log_artifact(layout.contract)
    stage.tracker.log_artifact(layout.quarantine)
    return metrics


if __name__ == "__main__":
    sys.exit(main("prepare", run))
