"""A study in MLflow: one parent run for the study, found again by its tag, and one nested run for every trial.

The training of a trial opens its run itself, under the study's run and with the trial's name, so that parameters, step
metrics and final metrics stand side by side; here the trial's end is added. What MLflow cannot be told now is told
after the next trial, and by the next sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from components.common.environment import PARENT_RUN, RUN_NAME, SPOOL
from components.common.errors import first_line
from components.common.progress import console
from components.runner.tracking import runs
from components.runner.tracking.provenance import source_tags
from components.runner.tracking.spool import spool_folder
from flows.execution.locks import exclusive
from flows.sweeps import optuna_study
from flows.sweeps.comparison import means
from flows.sweeps.space import Space

STUDY, TRIAL, STATE, ROLE = "optuna.study", "optuna.trial", "optuna.state", "optuna.role"
NAME, PARENT = "mlflow.runName", "mlflow.parentRunId"
STATUS = {optuna_study.COMPLETE: "FINISHED", optuna_study.PRUNED: "KILLED", optuna_study.FAILED: "FAILED"}
MOST_TRIALS = 5000  # asked for at once


class StudyTracker(Protocol):
    """Who records a study and its trials."""

    def environment(self, number: int) -> dict[str, str]:
        """What makes the training of trial `number` log under the study."""

    def end(self, trials: Sequence[Any]) -> None:
        """Bring the runs of these finished trials up to date, whoever ran them."""

    def finish(self, figures: Mapping[str, float], note: str, folder: Path, ended_well: bool) -> None:
        """Figures, a note in Markdown and files of the whole study so far."""


class NullStudyTracker:
    """Records nothing."""

    def environment(self, number: int) -> dict[str, str]:
        return {}

    def end(self, trials: Sequence[Any]) -> None: ...

    def finish(self, figures: Mapping[str, float], note: str, folder: Path, ended_well: bool) -> None: ...


class MlflowStudy:
    """One study in MLflow. Trouble with MLflow never ends a sweep: it is said, and tried again after the next trial."""

    def __init__(self, client: Any, experiment: str, name: str, space: Space, root: Path) -> None:
        self._client = client
        self._experiment = experiment
        self._name = name
        self._space = space
        self._root = root
        self._closed: set[int] = set()
        with exclusive(root / ".sweeps" / f"{name}.parent.lock"):
            self.parent = self._find_parent() or self._make_parent()
        client.update_run(self.parent, status="RUNNING")

    def environment(self, number: int) -> dict[str, str]:
        return {
            "MLFLOW_TRACKING_URI": runs.store_uri(self._root).secret,
            PARENT_RUN.name: self.parent,
            SPOOL.name: str(spool_folder(self._root).resolve()),  # the workspace is deleted when it is done
            RUN_NAME.name: f"trial {number}",
        }

    def end(self, trials: Sequence[Any]) -> None:
        open_trials = [trial for trial in trials if trial.number not in self._closed]
        if not open_trials:
            return
        try:
            runs_by_trial = self._runs_by_trial()
            for trial in open_trials:
                self._end(trial, runs_by_trial.get(trial.number))
                self._closed.add(trial.number)
        except Exception as error:  # any trouble of a server, a disk or a database
            _warn(error)

    def _runs_by_trial(self) -> dict[int, Any]:
        """Trial number -> its run, of those whose training got as far as opening one."""
        query = f"tags.`{PARENT}` = '{self.parent}'"
        children = self._client.search_runs([self._experiment], query, max_results=MOST_TRIALS)
        names = {run.data.tags.get(TRIAL) or run.data.tags.get(NAME, "").split(" ")[-1]: run for run in children}
        return {int(name): run for name, run in names.items() if name.isdigit()}

    def _end(self, trial: Any, run: Any) -> None:
        from mlflow.entities import Metric, Param, RunTag
        from mlflow.utils.time import get_current_time_millis

        if run is not None and run.data.tags.get(STATE):
            return  # told already, by this sweep or another
        state, now = trial.state.name, get_current_time_millis()
        if run is None:  # from the run-cache, or dead before its training began
            origin = {PARENT: self.parent, "stage": self._space.stage, **source_tags(self._root)}
            run = self._client.create_run(self._experiment, tags=origin)
        goals = [goal.metric for goal in self._space.objectives]
        metrics = [Metric(f"objective/{goal}", v, now, 0) for goal, v in zip(goals, trial.values or (), strict=False)]
        figures = trial.user_attrs.get(optuna_study.CASES, {})
        metrics += [Metric(f"rehearsal/{name}", mean, now, 0) for name, mean in means(figures).items()]
        # The training has logged its own parameters, if it came to that.
        params = [Param(key, str(value)) for key, value in trial.params.items() if key not in run.data.params]
        tags = [RunTag(key, value) for key, value in self._end_tags(trial, run).items() if value]
        self._client.log_batch(run.info.run_id, metrics=metrics, params=params, tags=tags)
        self._client.set_terminated(run.info.run_id, STATUS[state])

    def _end_tags(self, trial: Any, run: Any) -> dict[str, str]:
        """Tags that say how a trial ended; empty ones do not apply."""
        state = trial.state.name
        predecessor = optuna_study.retry_of(trial)
        last = max(trial.intermediate_values, default=None)
        word = {
            optuna_study.COMPLETE: "complete",
            optuna_study.PRUNED: f"pruned at step {last}",
            optuna_study.FAILED: "failed",
        }[state]
        error = str(trial.user_attrs.get("error", "" if state != optuna_study.FAILED else "its worker died"))
        note = [
            f"Trial {trial.number} of sweep **{self._name}**: {word}.",
            error if state == optuna_study.FAILED else "",
        ]
        if state == optuna_study.COMPLETE:
            note.append(run.data.tags.get("mlflow.note.content", ""))
        return {
            NAME: f"trial {trial.number}" + ("" if state == optuna_study.COMPLETE else f" ({word})"),
            STUDY: self._name,
            TRIAL: str(trial.number),
            STATE: state,
            "optuna.retry_of": "" if predecessor is None else str(predecessor),
            "optuna.pruned_at_step": str(last) if state == optuna_study.PRUNED else "",
            "kind": "trial",
            "error": error if state == optuna_study.FAILED else "",
            "mlflow.note.content": "\n\n".join(part for part in note if part),
        }

    def finish(self, figures: Mapping[str, float], note: str, folder: Path, ended_well: bool) -> None:
        try:
            ended = int(sum(value for name, value in figures.items() if name.startswith("trials/")))
            for name, value in figures.items():  # a sweep that goes on draws a curve over its trials
                self._client.log_metric(self.parent, name, value, step=ended)
            self._client.set_tag(self.parent, "mlflow.note.content", note)
            self._client.log_artifacts(self.parent, str(folder))
            self._client.set_terminated(self.parent, "FINISHED" if ended_well else "FAILED")
        except Exception as error:
            _warn(error)

    def _find_parent(self) -> str:
        query = f"tags.`{STUDY}` = '{self._name}' and tags.`{ROLE}` = 'study'"
        runs = self._client.search_runs([self._experiment], query, max_results=1, order_by=["start_time ASC"])
        return str(runs[0].info.run_id) if runs else ""

    def _make_parent(self) -> str:
        from mlflow.entities import Param

        tags = {
            NAME: f"sweep {self._name}",
            "kind": "sweep",
            "stage": self._space.stage,
            STUDY: self._name,
            ROLE: "study",
            "optuna.objectives": ", ".join(f"{goal.metric}:{goal.direction}" for goal in self._space.objectives),
            **source_tags(self._root),
        }
        parent = str(self._client.create_run(self._experiment, tags=tags).info.run_id)
        ranges = [
            Param(f"range.{key}", str(bounds.model_dump(exclude_defaults=True)))
            for key, bounds in self._space.parameters.items()
        ]
        self._client.log_batch(parent, params=ranges)
        return parent


def open_tracker(root: Path, name: str, space: Space) -> StudyTracker:
    """The study's tracker; its parent run is made, or found by its tag and opened again.

    Raises:
        UserError: the MLflow server does not answer.
    """
    return NullStudyTracker() if runs.switched_off() else MlflowStudy(*runs.connect(root), name, space, root)


def _warn(error: Exception) -> None:
    line = f"warning: MLflow did not take it ({first_line(error, 160)}); the study is complete in Optuna's storage"
    console.print(line, style="yellow", markup=False, soft_wrap=True)
