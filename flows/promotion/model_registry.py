"""MLflow's model registry as promotion sees it: versions of one model, two aliases, and the runs behind them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.environment import TRACKING
from components.common.errors import UserError
from components.runner.tracking import runs
from components.runner.tracking.mlflow_store import Store
from components.runner.tracking.spool import PREFIX

MODEL = "style2talker"
CHAMPION, PREVIOUS = "champion", "previous"
MD5 = "dvc.md5."  # of a version's tags, before the path of a model folder
ANSWERED_BYTES = "answered.md5"  # hash of the whole logged model, its code too, when it last loaded and answered,
ANSWERED_IN = "answered.environment"  # and of the environment it did so in
MOST_TEXT = 4900  # of a description or a tag; the database holds 5000
PATIENCE = "120"  # seconds for one request, where nobody trains meanwhile and a large file may be on its way
ABOUT = "Portrait, speech, emotion text and art picture to a talking-head video. `champion` is the one to use."


@dataclass(frozen=True)
class Version:
    """A registered version. source: `models:/m-...`, the logged model behind it."""

    number: int
    run_id: str
    source: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Promotion:
    """What came of it. decision: "first", "promoted", "kept" or "rolled back". version: of the champion now, if any."""

    decision: str
    summary: str
    version: int | None
    run_id: str


@contextmanager
def answered(uri: str) -> Iterator[None]:
    """Trouble with MLflow inside the block becomes one line."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except (MlflowException, RequestException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise UserError(f"MLflow at {uri} failed ({reason}); the aliases were not moved") from error


class Registry:
    """One store. Methods raise what MLflow raises; use them inside `answered`."""

    def __init__(self, client: Any, experiment: str, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.store = Store(client, experiment)

    @classmethod
    def open(cls, root: Path) -> Registry:
        """Raises `UserError` when tracking is off or the server does not answer."""
        if runs.switched_off():
            raise UserError(f"tracking is off ({TRACKING.name}=off); promotion needs MLflow")
        uri = runs.store_uri(root)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", PATIENCE)
        try:
            client, experiment = runs.connect(root)
        except UserError:
            raise
        except Exception as error:  # a damaged database, a version from the future
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise UserError(f"MLflow at {uri} cannot be used: {reason}") from error
        return cls(client, experiment, uri)

    def version(self, alias: str) -> Version | None:
        """The version an alias points to; None where there is no such alias."""
        from mlflow.exceptions import MlflowException

        try:
            found = self.client.get_model_version_by_alias(MODEL, alias)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise
        return Version(int(found.version), str(found.run_id), str(found.source), dict(found.tags))

    def run(self, run_id: str) -> Any | None:
        """A run by its id, or by the name it was spooled under; None where this store has none such."""
        from mlflow.exceptions import MlflowException

        try:
            name = self.store.resolve(run_id) if run_id.startswith(PREFIX) else run_id
            return self.client.get_run(name) if name else None
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def logged_model(self, run: Any) -> str:
        """Address of the last model that a run logged; "" where there is none."""
        outputs = run.outputs.model_outputs if run.outputs else []
        return f"models:/{outputs[-1].model_id}" if outputs else ""

    def fetch_model(self, source: str, folder: Path) -> Path:
        """A logged model's files."""
        import mlflow

        return Path(mlflow.artifacts.download_artifacts(source, dst_path=str(folder), tracking_uri=self.uri))

    def fetch(self, run_id: str, path: str, folder: Path) -> Path | None:
        """An artifact of a run; None where it has none of this name."""
        import mlflow
        from mlflow.exceptions import MlflowException

        parent = str(Path(path).parent)
        try:
            known = {file.path for file in self.client.list_artifacts(run_id, None if parent == "." else parent)}
        except MlflowException:
            return None
        if path not in known:
            return None
        place = mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=str(folder), tracking_uri=self.uri
        )
        return Path(place)

    def register(self, source: str, run_id: str, tags: Mapping[str, str], card: str) -> Version:
        """A new version; no alias moves."""
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(MODEL, description=ABOUT)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        kept = {key: value[:MOST_TEXT] for key, value in tags.items()}
        made = self.client.create_model_version(
            MODEL,
            source,
            run_id,
            tags=kept,
            description=card[:MOST_TEXT],
            await_creation_for=60,
            model_id=source.removeprefix("models:/"),  # a server refuses the source without it; SQLite would take it
        )
        return Version(int(made.version), run_id, source, kept)

    def crown(self, version: Version, dethroned: Version | None) -> None:
        """Move the aliases: `previous` first, so that at no moment the old champion has no name."""
        if dethroned is not None:
            self.client.set_registered_model_alias(MODEL, PREVIOUS, str(dethroned.number))
        self.client.set_registered_model_alias(MODEL, CHAMPION, str(version.number))
