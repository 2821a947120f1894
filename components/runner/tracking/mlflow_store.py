"""The module that speaks MLflow: where runs go, whether anyone answers there, and what an event means to it.

`MLFLOW_TRACKING_URI` names a server; without it runs go to `mlflow.db` (SQLite) at the project's root and artifacts to
`mlartifacts/`. Events come from a running stage, or from `components.runner.tracking.spool` when they are replayed.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatchmethod
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from components.common.errors import UserError, disk_trouble, first_line
from components.common.locks import hold
from components.common.machine.databases import sqlite_url
from components.runner import databases, lineage
from components.runner.addresses import Address
from components.runner.dvc_cache import tree_hash, verify_folders
from components.runner.tracking import artifact_home, events
from components.runner.tracking.mlflow_views import GUIDE, saved_views
from components.runner.tracking.mlflow_views import TAG as VIEW
from components.runner.tracking.model_requirements import model_requirements
from components.runner.tracking.spool import PREFIX

EXPERIMENT = "style2talker"
PROBE_SECONDS = 1.5  # in which a server must answer; seven stages of a `dvc repro` ask it
SPOOL_TAG = "spool"  # of a run that was spooled first: the name it had there
REFUSALS = ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS")
NOTE = "mlflow.note.content"  # what a page shows first
MD5 = "md5"  # in a logged model's configuration: name of a folder -> DVC's md5 of it


def store_uri(root: Path) -> Address:
    """Where runs go: `MLFLOW_TRACKING_URI`, or the project's own SQLite file."""
    return Address(os.environ.get("MLFLOW_TRACKING_URI") or sqlite_url(root / "mlflow.db"))


def require_store(root: Path) -> Address:
    """Where the store is. Raises `UserError` in one line when a server does not answer, within `PROBE_SECONDS`."""
    uri = store_uri(root)
    if not uri.is_server:
        return uri
    parts = urlsplit(uri.secret)
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    try:
        urllib.request.urlopen(f"{address}/health", timeout=PROBE_SECONDS).close()
    except urllib.error.HTTPError:
        return uri  # someone answers: a proxy in front may want a password, or not know this page
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, ssl.SSLCertVerificationError):  # whom to trust is MLflow's own setting
            raise UserError(
                f"MLflow at {address} does not answer ({reason}); start it, or set MLFLOW_TRACKING_URI"
            ) from error
    return uri


def connect(root: Path) -> tuple[Any, str]:
    """An MLflow client and the id of the experiment; the database is made once, under a lock.

    Without the lock, processes that start together on an empty database corrupt its schema for good. Raises `UserError`
    in one line when the server does not answer, or the database is no use.
    """
    address = require_store(root)
    try:
        return _connect(root, address.secret)
    except UserError:
        raise
    except Exception as error:  # a damaged database, a version from the future, no driver, no permission
        raise disk_trouble(error, root) or UserError(
            f"MLflow's store at {address} does not work ({first_line(error)}); repair or move it, or set "
            "MLFLOW_TRACKING_URI"
        ) from error


def _connect(root: Path, uri: str) -> tuple[Any, str]:
    # The defaults retry for minutes when a server dies while a stage runs.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import logging

    import mlflow

    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    # Its errors also come as exceptions, which make one line; a full disk would print pages.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    is_configured = "MLFLOW_TRACKING_URI" in os.environ
    mlflow.set_tracking_uri(uri)
    if not is_configured:  # MLflow sets it, and then every other project of this process would use this store
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    database = databases.file_of(uri)
    # Beside the database: trials open it from workspaces of their own.
    with hold((database.parent if database else root) / ".mlflow.lock"):
        if database is not None:
            artifact_home.prepare(database, uri, EXPERIMENT, newest_tables, make_tables)
        client = mlflow.MlflowClient(uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            location = artifact_home.location(database) if database else None
            experiment = client.get_experiment(client.create_experiment(EXPERIMENT, artifact_location=location))
        tags = {NOTE: GUIDE, "mlflow.experimentKind": "custom_model_development"} | saved_views()
        # The note is the users' own once it is there; views follow the version of the project.
        for tag, value in tags.items():
            if experiment.tags.get(tag) != value and (tag.startswith(VIEW) or tag not in experiment.tags):
                client.set_experiment_tag(experiment.experiment_id, tag, value)
        return client, str(experiment.experiment_id)


def newest_tables() -> str:
    """MLflow's name for the tables that this version of it makes."""
    from mlflow.store.db.utils import _get_latest_schema_revision  # it is told nowhere else

    return str(_get_latest_schema_revision())


def make_tables(uri: str, artifacts: str) -> None:
    """All tables in a new database, which is closed then. artifacts: address of the folder for them."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(uri, artifacts).engine.dispose()


class Store:
    """An experiment of a running MLflow. Every method may raise what MLflow raises."""

    def __init__(self, client: Any, experiment: str) -> None:
        self.client = client
        self.experiment = experiment

    @classmethod
    def open(cls, root: Path) -> Store:
        return cls(*connect(root))

    def begin(self, event: events.Begin) -> str:
        """Make a run; its id."""
        tags = {key: str(value) for key, value in event.tags.items()}
        return str(self.client.create_run(self.experiment, event.time, tags).info.run_id)

    def resolve(self, name: str) -> str:
        """The id of the run that was spooled under `name`, or that a file in `lineage/` names so; ids pass through.

        "" where this store has none (yet). Of several runs that made the same outputs it is the latest.
        """
        tag = SPOOL_TAG if name.startswith(PREFIX) else lineage.TAG if name.startswith(lineage.PREFIX) else ""
        if not tag:
            return name
        runs = self.client.search_runs([self.experiment], f"tags.`{tag}` = '{name}'", max_results=1)
        return str(runs[0].info.run_id) if runs else ""

    @singledispatchmethod
    def send(self, event: events.Event, run_id: str) -> None:
        """Send one event of a run. Sending the same again changes nothing (a model is logged anew)."""
        raise TypeError(f"nothing to send: a `{event.kind}` only starts a run")

    @send.register
    def _params(self, event: events.LogParams, run_id: str) -> None:
        from mlflow.entities import Param

        self.client.log_batch(run_id, params=[Param(key, str(value)) for key, value in event.values.items()])

    @send.register
    def _metrics(self, event: events.LogMetrics, run_id: str) -> None:
        from mlflow.entities import Metric

        entries = [Metric(key, float(value), event.time, event.step) for key, value in event.values.items()]
        self.client.log_batch(run_id, metrics=entries)

    @send.register
    def _tags(self, event: events.SetTags, run_id: str) -> None:
        from mlflow.entities import RunTag

        self.client.log_batch(run_id, tags=[RunTag(key, str(value)) for key, value in event.values.items()])

    @send.register
    def _artifact(self, event: events.LogArtifact, run_id: str) -> None:
        log = self.client.log_artifacts if event.path.is_dir() else self.client.log_artifact
        log(run_id, str(event.path), event.folder or None)

    @send.register
    def _image(self, event: events.LogImage, run_id: str) -> None:
        from PIL import Image

        with Image.open(event.path) as picture:
            self.client.log_image(run_id, picture.convert("RGB"), key=event.key, step=0, timestamp=event.time)

    @send.register
    def _inputs(self, event: events.LogInputs, run_id: str) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        def entry(path: str, md5: str) -> Any:
            source = json.dumps({"tags": {"dvc.md5": md5, "path": path}})
            # MLflow's `code` source: data that a commit and a hash name. Its digests hold 36 characters.
            data = Dataset(path, md5.removesuffix(".dir"), "code", source)
            return DatasetInput(data, [InputTag("mlflow.data.context", event.context)])

        self.client.log_inputs(run_id, datasets=[entry(path, md5) for path, md5 in event.values.items()])

    @send.register
    def _model(self, event: events.LogModel, run_id: str) -> None:
        import mlflow
        import pandas as pd
        from mlflow.models.signature import ModelSignature
        from mlflow.types import ColSpec, Schema

        columns: list[Any] = [ColSpec(kind, name, needed) for name, kind, needed in event.columns]
        with mlflow.start_run(run_id=run_id):
            mlflow.pyfunc.log_model(
                name=event.name,
                python_model=str(event.code),
                artifacts={name: str(path) for name, path in event.folders.items()},
                code_paths=[str(event.package)] if event.package else [],
                # What the project declares, with the versions it ran with; not a guess from imports.
                pip_requirements=model_requirements() if event.requirements else [],
                # A server compares them before it loads: files in a store may rot or be changed.
                model_config={MD5: {name: tree_hash(path) for name, path in event.folders.items()}},
                signature=ModelSignature(Schema(columns), Schema([ColSpec("string")])) if columns else None,
                input_example=pd.DataFrame([event.example]) if event.example else None,
            )
        self.client.update_run(run_id, status="RUNNING")  # leaving the block above has ended the run

    @send.register
    def _end(self, event: events.End, run_id: str) -> None:
        self.client.set_terminated(run_id, event.status, event.time)


def download(uri: Address, source: str, folder: Path) -> Path:
    """The files of a logged model (`models:/m-...`) of the store at `uri`, below `folder`."""
    import mlflow

    return Path(mlflow.artifacts.download_artifacts(source, dst_path=str(folder), tracking_uri=uri.secret))


def is_permanent(error: Exception) -> bool:
    """Whether sending the same again later will not help: MLflow said no, or its picture is damaged."""
    from PIL import UnidentifiedImageError

    return isinstance(error, UnidentifiedImageError) or getattr(error, "error_code", "") in REFUSALS


class Service(Protocol):
    """Answers requests."""

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """One answer for each row, in order."""


def serve(load: Callable[[Mapping[str, str]], Service]) -> None:
    """Tell a model server which model answers requests; the last line of a models-from-code file.

    load: from the logged folders, name -> path, to the service. Loading waits until the server asks for it.
    """
    import logging

    import mlflow
    import pandas as pd
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INTERNAL_ERROR, INVALID_PARAMETER_VALUE
    from mlflow.pyfunc.model import PythonModel

    class Refusal(MlflowException):
        """An answer in one line. MLflow's own server puts the whole request before the message: not here."""

        def serialize_as_json(self) -> str:
            return json.dumps({"error_code": self.error_code, "message": str(self)})

    class Served(PythonModel):  # MLflow asks for its own base class
        """Adapts a plain class to MLflow."""

        def load_context(self, context: Any) -> None:
            folders = dict(context.artifacts)
            verify_folders(folders, (context.model_config or {}).get(MD5, {}))
            self._model = load(folders)

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            try:
                return list(self._model.predict(model_input.to_dict("records")))
            except UserError as error:  # the client's to mend: HTTP 400
                raise Refusal(str(error), INVALID_PARAMETER_VALUE) from error
            except Exception as error:  # ours: HTTP 500; what happened is for those who run the server
                logging.getLogger(__name__).exception("a request failed")
                line = "the server failed at this request; its log says why (try again, or tell those who run it)"
                raise Refusal(line, INTERNAL_ERROR) from error

        # As a value, not as text: MLflow reads the hint, and takes any but this one for a schema.
        predict.__annotations__["model_input"] = pd.DataFrame

    mlflow.models.set_model(Served())
