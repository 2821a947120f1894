"""Experiment tracking: the module that speaks MLflow. Trouble with tracking never stops a training.

`STYLE2TALKER_TRACKING=off` gives the null tracker. `MLFLOW_TRACKING_URI` names a server; without it runs go to
`mlflow.db` (SQLite) at the project's root and artifacts to `mlartifacts/`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from components.common.artifacts import read_json
from components.common.layout import Layout
from components.common.params import Params
from components.common.progress import console
from components.common.provenance import source_tags

EXPERIMENT = "style2talker"


class Tracker(Protocol):
    """What a stage tells about itself."""

    run_id: str | None

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Nested parameters are flattened with dots."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Numbers, at a training step or final."""

    def log_artifact(self, path: Path, folder: str = "") -> None:
        """A file or a folder."""

    def log_model(self, name: str, folders: Mapping[str, Path], code: Path) -> None:
        """Model folders as one pyfunc; `code` is the file that calls `mlflow.models.set_model` (models from code)."""

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Text labels of the run."""


class NullTracker:
    """Tracks nothing."""

    run_id: str | None = None

    def log_params(self, params: Mapping[str, Any]) -> None: ...

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None: ...

    def log_artifact(self, path: Path, folder: str = "") -> None: ...

    def log_model(self, name: str, folders: Mapping[str, Path], code: Path) -> None: ...

    def set_tags(self, tags: Mapping[str, str]) -> None: ...


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings to dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


class MlflowTracker:
    """A run in MLflow. The first call that fails is reported in one line; the calls after it are dropped."""

    def __init__(self, client: Any, run_id: str) -> None:
        self.run_id: str | None = run_id
        self._client = client
        self._run = run_id
        self._alive = True

    def _attempt(self, call: Callable[[], object]) -> None:
        if not self._alive:
            return
        try:
            call()
        except Exception as error:  # any trouble of a server, a disk or a database: training goes on
            self._alive = False
            _warn(error, "this run is incomplete in MLflow; metrics are still written to metrics/")

    def log_params(self, params: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        entries = [Param(key, str(value)) for key, value in flatten(params).items()]
        self._attempt(lambda: self._client.log_batch(self._run, params=entries))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        from mlflow.entities import Metric
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()
        entries = [Metric(key, float(value), now, step or 0) for key, value in metrics.items()]
        self._attempt(lambda: self._client.log_batch(self._run, metrics=entries))

    def log_artifact(self, path: Path, folder: str = "") -> None:
        log = self._client.log_artifacts if path.is_dir() else self._client.log_artifact
        self._attempt(lambda: log(self._run, str(path), folder or None))

    def log_model(self, name: str, folders: Mapping[str, Path], code: Path) -> None:
        self._attempt(lambda: _log_pyfunc(self._run, name, folders, code))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        for key, value in tags.items():
            self._attempt(lambda key=key, value=value: self._client.set_tag(self._run, key, value))  # type: ignore[misc]


def _log_pyfunc(run_id: str, name: str, folders: Mapping[str, Path], code: Path) -> None:
    import mlflow

    with mlflow.start_run(run_id=run_id):
        mlflow.pyfunc.log_model(
            name=name,
            python_model=str(code),
            artifacts={key: str(folder.resolve()) for key, folder in folders.items()},
            code_paths=["components"],
            # The environment is the project's own constraints file, not a guess from imports.
            pip_requirements=["-r constraints.txt"] if Path("constraints.txt").is_file() else [],
        )


class Service(Protocol):
    """Answers requests."""

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """One answer for each row, in order."""


def serve(load: Callable[[Mapping[str, str]], Service]) -> None:
    """Tell a model server which model answers requests; the last line of a models-from-code file.

    load: from the logged folders, name -> path, to the service. Loading waits until the server asks for it.
    """
    import mlflow
    from mlflow.pyfunc.model import PythonModel

    class Served(PythonModel):  # MLflow asks for its own base class
        """Adapts a plain class to MLflow."""

        def load_context(self, context: Any) -> None:
            self._model = load(dict(context.artifacts))

        # No type hint on the input: MLflow would take it for a schema.
        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            rows = model_input.to_dict("records") if hasattr(model_input, "to_dict") else list(model_input)
            return list(self._model.predict(rows))

    mlflow.models.set_model(Served())


def _warn(error: Exception, consequence: str) -> None:
    reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    console.print(f"warning: tracking failed ({reason}); {consequence}", style="yellow", markup=False, soft_wrap=True)


def store_uri(root: Path) -> str:
    """Where runs go: `MLFLOW_TRACKING_URI`, or the project's own SQLite file."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(root / 'mlflow.db').resolve()}"


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def connect(root: Path) -> tuple[Any, str]:
    """An MLflow client and the id of the experiment; the database is made once, under a lock.

    Without the lock, processes that start together on an empty database corrupt its schema for good.
    """
    # The defaults retry for minutes, in every stage, when a server is down.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "3")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import logging

    import mlflow

    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    uri = store_uri(root)
    mlflow.set_tracking_uri(uri)
    with _exclusive(root / ".mlflow.lock"):
        client = mlflow.MlflowClient(uri)
        known = client.get_experiment_by_name(EXPERIMENT)
        if known is not None:
            return client, str(known.experiment_id)
        place = (root / "mlartifacts").resolve().as_uri() if uri.startswith("sqlite") else None
        return client, str(client.create_experiment(EXPERIMENT, artifact_location=place))


@contextmanager
def start_run(name: str, params: Params, layout: Layout) -> Iterator[Tracker]:
    """The tracker of one stage; the run is closed as FINISHED or FAILED when the block ends.

    name: stage name. Its own section of `params` is logged, with `runtime`. `STYLE2TALKER_PARENT_RUN` nests the run.
    """
    if os.environ.get("STYLE2TALKER_TRACKING", "on") == "off":
        yield NullTracker()
        return
    try:
        client, experiment = connect(layout.root)
        label = os.environ.get("STYLE2TALKER_RUN_NAME", name)
        tags = {"mlflow.runName": label, "stage": name} | source_tags(layout.root)
        if parent := os.environ.get("STYLE2TALKER_PARENT_RUN"):
            tags["mlflow.parentRunId"] = parent
        run = client.create_run(experiment, tags=tags)
    except Exception as error:
        _warn(error, "the stage runs untracked")
        yield NullTracker()
        return
    tracker = MlflowTracker(client, run.info.run_id)
    values = params.model_dump()
    tracker.log_params({key: values[key] for key in (name, "runtime") if key in values})
    status = "FAILED"
    try:
        yield tracker
        status = "FINISHED"
    finally:
        tracker._attempt(lambda: client.set_terminated(run.info.run_id, status))


@contextmanager
def parent_run(name: str, root: Path) -> Iterator[str]:
    """A run that the stages of one flow nest under; yields its id, or "" when tracking is off or down."""
    with start_run(name, Params(), Layout(root)) as tracker:
        yield tracker.run_id or ""


def record_cached(stage: str, parent: str, root: Path) -> None:
    """A child run for a stage that DVC restored, tagged with the run that really made its outputs."""
    if not parent:
        return
    made_by = read_json(Layout(root).lineage(stage)).get("run_id") if Layout(root).lineage(stage).is_file() else None
    try:
        client, experiment = connect(root)
        tags = {"mlflow.runName": f"{stage} (cached)", "stage": stage, "cached": "true", "mlflow.parentRunId": parent}
        run = client.create_run(experiment, tags=tags | {"source_run": str(made_by or "")} | source_tags(root))
        metrics = Layout(root).metrics(stage)
        MlflowTracker(client, run.info.run_id).log_metrics(read_json(metrics) if metrics.is_file() else {})
        client.set_terminated(run.info.run_id, "FINISHED")
    except Exception as error:
        _warn(error, "the cached stage is not recorded in MLflow")
