"""The frame around every stage: arguments, seed, tracker, metrics, one-line errors. A stage file holds only its call.

A stage is `run(stage: Stage) -> Mapping[str, float]`: it reads and writes files named by `stage.layout` and returns its
final metrics, which land in `metrics/<name>.json` and in MLflow.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from components.common.artifacts import write_json
from components.common.layout import Layout
from components.common.params import Params, load_params
from components.common.parent_death import die_with_parent
from components.common.progress import console
from components.common.runtime import pin_threads
from components.common.tracker import NullTracker, Tracker
from components.runner import lineage
from components.runner.command import CommandParser, command_parser, run_command, say
from components.runner.gpu_lock import gpu_lock
from components.runner.tracking.runs import start_run


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
    options = _parser(name, run).parse_args(arguments)
    die_with_parent()
    pin_threads()
    layout = Layout()

    def work() -> None:
        params = load_params(options.params)
        turn = gpu_lock(params.runtime.device, lambda line: say(line, "yellow")) if trains else nullcontext()
        with turn:
            _run(name, run, params, layout)

    resumption = "goes on from the last checkpoint" if trains else "starts it again"
    return run_command(work, root=layout.root, after_interrupt=f"`dvc repro {name}` {resumption}")


def _parser(name: str, run: Run) -> CommandParser:
    module = sys.modules[run.__module__]
    spec = module.__spec__  # names the module also where it is run as `__main__`
    parser = command_parser(
        spec.name if spec else module.__name__, f"Stage `{name}`: {(module.__doc__ or '').strip()}", f"dvc repro {name}"
    )
    parser.add_argument(
        "--params", type=Path, default=Path("params.yaml"), help="parameter file (default: params.yaml)"
    )
    return parser


def _run(name: str, run: Run, params: Params, layout: Layout) -> None:
    start = time.monotonic()
    console.rule(f"[bold]{name}", align="left")
    with start_run(name, params, layout) as tracker:
        metrics = {key: round(float(value), 6) for key, value in run(Stage(params, layout, tracker)).items()}
        tracker.log_metrics(metrics)
        write_json(layout.metrics(name), metrics)
        made = lineage.name_of(name, params, layout, metrics)
        tracker.set_tags({lineage.TAG: made})
        lineage.write(layout, name, made)
    console.print(f"{name}: done in {time.monotonic() - start:.0f} s")
