"""The frame around every stage: arguments, seed, tracker, metrics, one-line errors. A stage file holds only its call.

A stage is `run(stage: Stage) -> Mapping[str, float]`: it reads and writes files named by `stage.layout` and returns its
final metrics, which land in `metrics/<name>.json` and in MLflow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from components.common.artifacts import write_json
from components.common.errors import EXIT_BAD_INPUT, EXIT_FAILURE, StageError, UserError, disk_trouble
from components.common.layout import Layout
from components.common.params import Params, load_params
from components.common.parent_death import die_with_parent
from components.common.progress import console
from components.common.runtime import pin_threads
from components.common.tracker import NullTracker, Tracker
from components.runner.gpu_lock import gpu_lock


@dataclass(frozen=True)
class Stage:
    """What a stage gets: parameters, places, and someone to tell."""

    params: Params
    layout: Layout = field(default_factory=Layout)
    tracker: Tracker = field(default_factory=NullTracker)


Run = Callable[[Stage], Mapping[str, float]]


def main(name: str, run: Run, arguments: list[str] | None = None, trains: bool = False) -> int:
    """Run one stage as a process; returns its exit code (0 done, 1 contract broken, 2 bad input or no room to write).

    trains: the stage waits for its turn on the GPU.
    """
    die_with_parent()
    pin_threads()
    parser = argparse.ArgumentParser(
        description=f"Stage `{name}`: {(sys.modules[run.__module__].__doc__ or '').strip().splitlines()[0]}",
        epilog=f"example: dvc repro {name}",
    )
    parser.add_argument(
        "--params", type=Path, default=Path("params.yaml"), help="parameter file (default: params.yaml)"
    )
    options = parser.parse_args(arguments)
    try:
        return _guarded(name, run, load_params(options.params), trains)
    except UserError as error:
        console.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        return EXIT_BAD_INPUT
    except StageError as error:
        console.print(f"{name} failed: {error}", style="red", markup=False, soft_wrap=True)
        return EXIT_FAILURE


def _guarded(name: str, run: Run, params: Params, trains: bool) -> int:
    layout = Layout()
    try:
        with gpu_lock(params.runtime.device, _say) if trains else nullcontext():
            return _run(name, run, params, layout)
    except (UserError, StageError):
        raise
    except Exception as error:
        trouble = disk_trouble(error, layout.root)
        if trouble is None:
            raise
        raise trouble from error


def _say(line: str) -> None:
    console.print(line, style="yellow", markup=False, soft_wrap=True)


def _run(name: str, run: Run, params: Params, layout: Layout) -> int:
    from components.runner.tracking.runs import start_run  # MLflow's import takes seconds; `--help` should not

    start = time.monotonic()
    console.rule(f"[bold]{name}", align="left")
    with start_run(name, params, layout) as tracker:
        metrics = {key: round(float(value), 6) for key, value in run(Stage(params, layout, tracker)).items()}
        tracker.log_metrics(metrics)
        write_json(layout.metrics(name), metrics)
        write_json(layout.lineage(name), {"run_id": tracker.run_id})
    console.print(f"{name}: done in {time.monotonic() - start:.0f} s")
    return 0
