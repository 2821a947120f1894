"""What happens to a run: one frozen class for each kind of event, and its form as a line of JSON.

A line is an object with `kind`, `time` and, where files belong to the event, `files` (name -> path). Lines wait on disk
until `flows.sync` sends them, maybe from a later version of the project: kinds and keys stay as they are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from components.common.errors import UserError
from components.common.tracker import Column

FOLDER = "folder:"  # of a file's name in a line: a folder of a model, by the name that the model gives it


def now() -> int:
    """Milliseconds since 1970, MLflow's unit of time."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Event:
    """Something that happened to a run. time: in milliseconds since 1970."""

    kind: ClassVar[str]
    time: int = field(default_factory=now, kw_only=True)

    def files(self) -> dict[str, Path]:
        """Files and folders that belong to the event, by name."""
        return {}

    @classmethod
    def file_fields(cls, files: Mapping[str, Path]) -> dict[str, Any]:
        """The fields that hold files, from what `files` returns."""
        return {}

    def with_files(self, files: Mapping[str, Path]) -> Self:
        """The same event with its files elsewhere; `files` has the names that `files()` has."""
        return replace(self, **self.file_fields(files))

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """From the JSON object of a line. Raises KeyError or TypeError when a field lacks, or one is unknown."""
        files = {name: Path(path) for name, path in record.get("files", {}).items()}
        values = {name: value for name, value in record.items() if name not in ("kind", "files")}
        return cls(**values, **cls.file_fields(files))


@dataclass(frozen=True)
class Begin(Event):
    """A new run."""

    kind = "begin"
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Continue(Event):
    """The rest of a run that MLflow knows already: the server died meanwhile."""

    kind = "continue"
    run_id: str


@dataclass(frozen=True)
class LogParams(Event):
    """Parameters, by dotted name."""

    kind = "params"
    values: Mapping[str, str]


@dataclass(frozen=True)
class LogMetrics(Event):
    """Numbers at one step; final ones without a curve are at step 0, others at its last step."""

    kind = "metrics"
    values: Mapping[str, float]
    step: int


@dataclass(frozen=True)
class SetTags(Event):
    """Text labels."""

    kind = "tags"
    values: Mapping[str, str]


@dataclass(frozen=True)
class LogArtifact(Event):
    """A file or a folder. folder: where it goes below the run's artifacts; "" for the top."""

    kind = "artifact"
    path: Path
    folder: str

    def files(self) -> dict[str, Path]:
        return {"path": self.path}

    @classmethod
    def file_fields(cls, files: Mapping[str, Path]) -> dict[str, Any]:
        return {"path": files["path"]}


@dataclass(frozen=True)
class LogImage(Event):
    """A picture that MLflow lays beside those of other runs with the same key."""

    kind = "image"
    path: Path
    key: str

    def files(self) -> dict[str, Path]:
        return {"path": self.path}

    @classmethod
    def file_fields(cls, files: Mapping[str, Path]) -> dict[str, Any]:
        return {"path": files["path"]}


@dataclass(frozen=True)
class LogInputs(Event):
    """Data that the run read: path -> DVC's hash. context: "training" or "evaluation"."""

    kind = "inputs"
    values: Mapping[str, str]
    context: str


@dataclass(frozen=True)
class LogModel(Event):
    """A model that answers requests, as `Tracker.log_model` describes it.

    package: the folder of the code that `code` imports. requirements: a constraints file.
    """

    kind = "model"
    name: str
    folders: Mapping[str, Path]
    code: Path
    columns: Sequence[Column]
    example: Mapping[str, Any]
    package: Path | None = None
    requirements: Path | None = None

    def files(self) -> dict[str, Path]:
        named = {"code": self.code, "package": self.package, "requirements": self.requirements}
        folders = {f"{FOLDER}{name}": path for name, path in self.folders.items()}
        return folders | {name: path for name, path in named.items() if path is not None}

    @classmethod
    def file_fields(cls, files: Mapping[str, Path]) -> dict[str, Any]:
        return {
            "folders": {name.removeprefix(FOLDER): path for name, path in files.items() if name.startswith(FOLDER)},
            "code": files["code"],
            "package": files.get("package"),
            "requirements": files.get("requirements"),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        columns = tuple((name, kind, bool(needed)) for name, kind, needed in record["columns"])
        return super().from_record({**record, "columns": columns})


@dataclass(frozen=True)
class End(Event):
    """The run's end. status: MLflow's word, "FINISHED", "FAILED" or "KILLED"."""

    kind = "end"
    status: str


KINDS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Begin, Continue, LogParams, LogMetrics, SetTags, LogArtifact, LogImage, LogInputs, LogModel, End,
    )
}  # fmt: skip


def to_json(event: Event) -> str:
    """One line, without its end."""
    files = event.files()
    of_files = event.file_fields(files)
    values = {one.name: getattr(event, one.name) for one in fields(event) if one.name not in of_files}
    paths = {"files": {name: path.as_posix() for name, path in files.items()}} if files else {}
    return json.dumps({"kind": event.kind, "time": values.pop("time"), **paths, **values})


def from_json(line: str) -> Event:
    """What `to_json` wrote, in this or an earlier version.

    Raises `json.JSONDecodeError` for a line that was cut short, and `UserError` for an event that this version does not
    know.
    """
    record = json.loads(line)
    try:
        return KINDS[record["kind"]].from_record(record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"no event that this version knows: {line[:80]}; use the version that wrote it") from error
