"""The talker behind a model server: a table of requests with files as base64 text in, mp4 videos as base64 text out."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.common.errors import UserError
from components.common.runtime import seed_everything, settle_thread
from components.talker.controls import Controls
from components.talker.generate import Request, generate

if TYPE_CHECKING:
    from components.talker.pipeline import Talker

MOST_BYTES = 64 * 2**20  # of one file in a request
MOST_SECONDS = 120.0  # of speech in a request
FILES = ("portrait", "audio", "art")
CONTROLS = tuple(field.name for field in fields(Controls))
COLUMNS = (*FILES, "emotion", "size", *CONTROLS)


class TalkerService:
    """Loads the models once, then answers requests, as many threads as there are at once: each answer has the bytes
    that the request gets alone, and that `style2talker generate` makes of the same files.

    Example::

        service = TalkerService.load({"regressor": "models/regressor", ...})
        videos = service.predict([{"portrait": "<base64>", "audio": "<base64>", "emotion": "a little sad"}])
    """

    def __init__(self, talker: Talker) -> None:
        self._talker = talker

    @classmethod
    def load(cls, artifacts: Mapping[str, str]) -> TalkerService:
        """artifacts: the folders `regressor`, `style_e` and `style_a`, which may lie anywhere."""
        from components.talker.pipeline import Talker

        seed_everything(0)
        return cls(Talker.from_folders({name: Path(folder) for name, folder in artifacts.items()}))

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """One base64 mp4 for each row. Columns: `portrait` and `audio` needed; `art`, `emotion`, `size` and the fields
        of `Controls` optional. Bad requests raise `UserError` in one line."""
        if not rows:
            raise UserError(f"there is no request; send at least one row with {FILES[0]} and {FILES[1]}")
        settle_thread()  # a server has threads of its own
        return [self._answer(row) for row in rows]

    def _answer(self, row: Mapping[str, Any]) -> str:
        unknown = sorted(set(row) - set(COLUMNS))
        if unknown:
            raise UserError(f"unknown fields: {', '.join(unknown)}; known are {', '.join(COLUMNS)}")
        with _files(row) as (folder, paths):
            request = Request(
                portrait=paths["portrait"],
                audio=paths["audio"],
                out=folder / "video.mp4",
                emotion=str(row["emotion"]) if _given(row, "emotion") else "neutral",
                art=paths.get("art"),
                size=_number(row, "size", 512, int),
                max_seconds=MOST_SECONDS,
                controls=_controls(row),
            )
            try:
                generate(request, self._talker)
            except UserError as error:
                raise UserError(_for_the_client(str(error), folder)) from error
            return base64.b64encode(request.out.read_bytes()).decode("ascii")


@contextmanager
def _files(row: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Path]]]:
    """The request's files in a temporary folder, under names of our own."""
    with tempfile.TemporaryDirectory(prefix="style2talker-") as name:
        folder, paths = Path(name), {}
        for field in FILES:
            if not _given(row, field):
                if field == "art":
                    continue
                raise UserError(f"the field {field!r} is missing: a file as base64 text")
            paths[field] = folder / field
            paths[field].write_bytes(_decoded(field, row[field]))
        yield folder, paths


def _for_the_client(message: str, folder: Path) -> str:
    """A message about the request's files, by the names of its fields: the client knows no file of the server."""
    text = message.replace(f"{folder}/", "the field ").replace("; cut it or raise --max-seconds", "; cut it")
    return " ".join(text.replace(str(folder), "the request").split())


def _decoded(field: str, text: object) -> bytes:
    if not isinstance(text, str) or len(text) > MOST_BYTES * 4 / 3 + 4:
        raise UserError(f"the field {field!r} must be base64 text of at most {MOST_BYTES // 2**20} MiB")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError(f"the field {field!r} is not base64") from error


def _controls(row: Mapping[str, Any]) -> Controls:
    """The controls that a request names; the others stay at their defaults."""
    names = [name for name in CONTROLS if _given(row, name)]
    return Controls(**{name: _number(row, name, 1, int if name == "seed" else float) for name in names})


def _given(row: Mapping[str, Any], name: str) -> bool:
    """Whether a field holds something; tables fill absent cells with None or NaN."""
    value = row.get(name)
    return value is not None and value != "" and value == value


def _number(row: Mapping[str, Any], name: str, default: float, kind: type) -> Any:
    try:
        return kind(row[name]) if _given(row, name) else default
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError(f"the field {name!r} must be a number, not {str(row[name])[:40]!r}") from error
