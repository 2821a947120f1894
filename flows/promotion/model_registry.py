"""MLflow's model registry as promotion sees it: versions of one model, two aliases, and the runs behind them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.common.environment import TRACKING
from components.common.errors import UserError, first_line
from components.runner.addresses import Address
from components.runner.tracking import mlflow_store, runs
from components.runner.tracking.champion import CHAMPION as CHAMPION
from components.runner.tracking.champion import MD5 as MD5
from components.runner.tracking.champion import MODEL as MODEL
from components.runner.tracking.mlflow_store import Store

PREVIOUS = "previous"
LOCK_MD5 = "dvc.lock.md5"  # tag of a version and of its run
ANSWERED_MD5 = "answered.md5"  # tag: hash of the whole logged model, its code too, when it last loaded and answered,
ANSWERED_ENVIRONMENT = "answered.environment"  # and of the environment it did so in
SERVED = "was.champion"  # tag: the version has been champion
ROLLED_BACK = "rolled.back."  # before `by`, `because` and `at`: a person took the champion's place from the version
MOST_TEXT = 4900  # of a description or a tag; the database holds 5000
REQUEST_SECONDS = "120"  # for one request, where nobody trains meanwhile and a large file may be on its way
ABOUT = "Portrait, speech, emotion text and art picture to a talking-head video. `champion` is the one to use."


@dataclass(frozen=True)
class ModelVersion:
    """A registered version. source: `models:/m-...`, the logged model behind it. tags: when it was read."""

    number: int
    run_id: str
    source: str
    tags: Mapping[str, str] = field(compare=False)

    @property
    def models(self) -> dict[str, str]:
        """Path in the project -> DVC's md5 of the model folders it was registered with."""
        return {tag.removeprefix(MD5): md5 for tag, md5 in self.tags.items() if tag.startswith(MD5)}

    @property
    def farewell(self) -> str:
        """How the version stopped being champion, in words; "" where it never was one."""
        if by := self.tags.get(f"{ROLLED_BACK}by"):
            return f"rolled back by {by} ({self.tags.get(f'{ROLLED_BACK}because')})"
        return "champion once and is not any more" if SERVED in self.tags else ""


@dataclass(frozen=True)
class Promotion:
    """What came of it. decision: "first", "promoted", "kept" or "rolled back". version: of the champion now, if any."""

    decision: str
    summary: str
    version: int | None
    run_id: str


@contextmanager
def mlflow_errors(uri: Address) -> Iterator[None]:
    """Trouble with MLflow inside the block becomes one line."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    try:
        yield
    except (MlflowException, RequestException) as error:
        raise UserError(f"MLflow at {uri} failed ({first_line(error)}); the aliases were not moved") from error


class ModelRegistry:
    """One store. Methods raise what MLflow raises; use them inside `mlflow_errors`."""

    def __init__(self, client: Any, experiment: str, uri: Address) -> None:
        self.client = client
        self.uri = uri
        self.store = Store(client, experiment)

    @classmethod
    def open(cls, root: Path) -> ModelRegistry:
        """Raises `UserError` when tracking is off or the server does not answer."""
        if runs.switched_off():
            raise UserError(f"tracking is off ({TRACKING.name}=off); promotion needs MLflow")
        uri = runs.store_uri(root)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", REQUEST_SECONDS)
        return cls(*runs.connect(root), uri)

    def version(self, alias: str) -> ModelVersion | None:
        """The version an alias points to; None where there is no such alias."""
        with _none_where_missing():
            entry = self.client.get_model_version_by_alias(MODEL, alias)
            return _version(entry)
        return None

    def run(self, run_id: str) -> Any | None:
        """A run by its id, or by the name it was spooled under or has in `lineage/`; None where this store has none."""
        with _none_where_missing():
            name = self.store.resolve(run_id)
            return self.client.get_run(name) if name else None
        return None

    def logged_model(self, run: Any) -> str:
        """Address of the last model that a run logged; "" where there is none."""
        outputs = run.outputs.model_outputs if run.outputs else []
        return f"models:/{outputs[-1].model_id}" if outputs else ""

    def fetch_model(self, source: str, folder: Path) -> Path:
        """A logged model's files."""
        return mlflow_store.download(self.uri, source, folder)

    def fetch(self, run_id: str, path: str, folder: Path) -> Path | None:
        """An artifact of a run; None where it has none of this name."""
        import mlflow

        parent = str(Path(path).parent)
        names: set[str] = set()
        with _none_where_missing():
            names = {file.path for file in self.client.list_artifacts(run_id, None if parent == "." else parent)}
        if path not in names:
            return None
        place = mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=path, dst_path=str(folder), tracking_uri=self.uri.secret
        )
        return Path(place)

    def register(self, source: str, run_id: str, tags: Mapping[str, str], description: str) -> ModelVersion:
        """A new version; no alias moves."""
        from mlflow.exceptions import MlflowException

        try:
            self.client.create_registered_model(MODEL, description=ABOUT)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        short_tags = {key: value[:MOST_TEXT] for key, value in tags.items()}
        entry = self.client.create_model_version(
            MODEL,
            source,
            run_id,
            tags=short_tags,
            description=description[:MOST_TEXT],
            await_creation_for=60,
            model_id=source.removeprefix("models:/"),  # a server refuses the source without it; SQLite would take it
        )
        return ModelVersion(int(entry.version), run_id, source, short_tags)

    def set_tags(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        """Write tags of a version that is registered already."""
        for tag, value in tags.items():
            self.client.set_model_version_tag(MODEL, str(version.number), tag, value)

    def remove_tags(self, version: ModelVersion, tags: Iterable[str]) -> None:
        """Take tags from a registered version."""
        for tag in tags:
            self.client.delete_model_version_tag(MODEL, str(version.number), tag)

    def set_champion(self, version: ModelVersion, previous: ModelVersion | None) -> None:
        """Move the aliases: `previous` first, so that at no moment the old champion has no name.

        Both versions are marked as such that have been champion.
        """
        if previous is not None:
            self.client.set_registered_model_alias(MODEL, PREVIOUS, str(previous.number))
            self.set_tags(previous, {SERVED: "true"})
        self.client.set_registered_model_alias(MODEL, CHAMPION, str(version.number))
        self.set_tags(version, {SERVED: "true"})

    def with_models(self, models: Mapping[str, str]) -> ModelVersion | None:
        """The newest version of these very model folders (path -> md5); None where none was registered."""
        found: list[ModelVersion] = []
        token: str | None = None
        while True:
            page = self.client.search_model_versions(f"name='{MODEL}'", page_token=token)
            found += [_version(entry) for entry in page]
            token = page.token
            if not token:
                break
        same = [version for version in found if version.models == models]
        return max(same, key=lambda version: version.number, default=None)


def _version(entry: Any) -> ModelVersion:
    return ModelVersion(int(entry.version), str(entry.run_id), str(entry.source), dict(entry.tags))


@contextmanager
def _none_where_missing() -> Iterator[None]:
    """MLflow's answers for "there is no such thing" end the block quietly."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
