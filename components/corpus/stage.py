"""Footage, or the synthetic corpus, to face-cropped clips with manifest, quarantine and contract."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

from components.corpus.assemble import assemble
from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Fill `layout.prepared`. It is complete or not there at all: what a failed run wrote is removed.

    The pages of a broken contract stay, to be read.
    """
    layout, params = stage.layout, stage.params
    contract_docs = layout.contract_docs("prepare")
    for folder in (layout.prepared, contract_docs):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        metrics = assemble(layout, params.prepare, params.runtime.seed, params.runtime.workers)
    except BaseException:
        shutil.rmtree(layout.prepared, ignore_errors=True)
        raise
    finally:
        if contract_docs.is_dir():  # the checks come last
            stage.tracker.log_artifact(contract_docs, "contract")
    stage.tracker.log_artifact(layout.contract)
    stage.tracker.log_artifact(layout.quarantine)
    return metrics


if __name__ == "__main__":
    sys.exit(main("prepare", run))
