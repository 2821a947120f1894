"""Any folder of videos, searched recursively. Labels are optional.

The person is the first sub-folder's name, or the file's name for videos right in the root. A file `labels.csv` in the
root may say otherwise, with the columns `file` (path below the root) and any of `identity`, `emotion`, `intensity`:

    file,identity,emotion,intensity
    interviews/anna_01.mov,anna,happy,2

A sound file with a video's name (`anna_01.wav` beside `anna_01.mov`) replaces the video's own sound.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from components.common.errors import UserError
from components.corpus.readers.labels import LabelError, emotion_name, intensity_level
from components.corpus.readers.reader import Rejection, SourceClip
from components.corpus.readers.tree import entries

VIDEOS = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"),
    *(".ts", ".mts", ".wmv", ".flv", ".3gp", ".ogv", ".mxf", ".gif"),
)
SOUNDS = (".wav", ".m4a", ".mp3", ".flac", ".aac", ".ogg")
LABELS = "labels.csv"
COLUMNS = ("file", "identity", "emotion", "intensity")
FIRST_LINE = f"the first line must name the columns {', '.join(COLUMNS)} (only file must be)"

Label = Mapping[str, str]


class FolderReader:
    """Every video below `root`, in the order of its path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries = {entry.file: entry for entry in entries(root)}

    def __iter__(self) -> Iterator[SourceClip | Rejection]:
        if LABELS in self._entries and (problem := self._entries[LABELS].problem):
            raise UserError(f"{self.root / LABELS}: {problem}")
        labels = read_labels(self.root / LABELS)
        videos = [entry for entry in self._entries.values() if _is_video(entry.file) or entry.folder]
        if not videos:
            raise UserError(f"no video below {self.root} (looked for {' '.join(VIDEOS)})")
        for file in sorted(labels.keys() - {entry.file for entry in videos}):
            yield Rejection(file, f"{LABELS} names it, but there is no such video")
        for entry in videos:
            if entry.problem:
                yield Rejection(entry.file, entry.problem)
            else:
                yield self._clip(entry.file, labels.get(entry.file, {}))

    def _clip(self, file: str, label: Label) -> SourceClip | Rejection:
        path = self.root / file
        parts = Path(file).parts
        try:
            emotion, intensity = emotion_name(label.get("emotion", "")), intensity_level(label.get("intensity", ""))
        except LabelError as error:
            return Rejection(file, f"{LABELS}: {error}")
        if intensity and not emotion:
            return Rejection(file, f"{LABELS}: an intensity without an emotion")
        sounds = (Path(file).with_suffix(suffix).as_posix() for suffix in SOUNDS)
        sound = next((self._entries[name] for name in sounds if name in self._entries), None)
        if sound and sound.problem:
            return Rejection(file, f"the audio file: {sound.problem}")
        return SourceClip(
            path=path,
            file=file,
            identity=label.get("identity", "").strip() or (parts[0] if len(parts) > 1 else path.stem),
            emotion=emotion,
            intensity=intensity,
            audio=self.root / sound.file if sound else None,
        )


def _is_video(file: str) -> bool:
    return Path(file).suffix.lower() in VIDEOS


def read_labels(path: Path) -> dict[str, Label]:
    """Rows of a labels file by their `file`; none where the file is absent.

    Raises:
        UserError: not UTF-8 CSV, columns missing or unknown, a video named twice.
    """
    if not os.path.isfile(path):
        return {}
    if not os.stat(path).st_size:  # not opened: some files of /proc are empty, and make their readers wait
        raise UserError(f"{path}: {FIRST_LINE}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, restkey="", restval="")
            columns = [str(name).strip() for name in rows.fieldnames or []]
            rows.fieldnames = columns
            if "file" not in columns or not set(columns) <= set(COLUMNS):
                raise UserError(f"{path}: {FIRST_LINE}")
            labels: dict[str, Label] = {}
            for row in rows:
                file = Path(row["file"].strip()).as_posix()
                if file in labels:
                    raise UserError(f"{path} names {file} twice")
                labels[file] = {name: row[name] for name in columns}
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV table in UTF-8") from error
    return labels
