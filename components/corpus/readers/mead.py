"""The MEAD data set (Wang et al., ECCV 2020), front view, unpacked:

    <identity>/video/front/<emotion>/level_<1-3>/<number>.mp4
    <identity>/audio/<emotion>/level_<1-3>/<number>.m4a        (or the sound inside the mp4)

The rendered corpus has the same layout, with the true motion (`.safetensors`) beside each video.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from components.common.errors import UserError
from components.corpus.readers.labels import LabelError, emotion_name, intensity_level
from components.corpus.readers.reader import Rejection, SourceClip
from components.corpus.readers.tree import entries

VIDEOS = ("video", "front", "*", "level_*", "*.mp4")  # the last parts of a clip's path
SOUNDS = (".m4a", ".wav", ".mp3", ".flac")


class MeadReader:
    """Clips of a MEAD tree; `root` may lie above several of its parts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries = {entry.file: entry for entry in entries(root)}

    def __iter__(self) -> Iterator[SourceClip | Rejection]:
        clips = [entry for entry in self._entries.values() if _is_clip(entry.file) or entry.folder]
        if not clips:
            layout = "<identity>/video/front/<emotion>/level_<1-3>/<number>.mp4"
            raise UserError(f"no MEAD clip below {self.root}; expected {layout} (are the tar files unpacked?)")
        for entry in clips:
            yield Rejection(entry.file, entry.problem) if entry.problem else self._clip(entry.file)

    def _clip(self, file: str) -> SourceClip | Rejection:
        path = self.root / file
        level, emotion, person = path.parent, path.parent.parent, path.parents[4]
        try:
            label, intensity = emotion_name(emotion.name), intensity_level(level.name)
        except LabelError as error:
            return Rejection(file, str(error))
        sounds = [person / "audio" / emotion.name / level.name / (path.stem + suffix) for suffix in SOUNDS]
        truth = path.with_suffix(".safetensors")
        return SourceClip(
            path=path,
            file=file,
            identity=person.name,
            emotion=label,
            intensity=intensity,
            audio=next((sound for sound in sounds if self._is_there(sound)), None),
            truth=truth if self._is_there(truth) else None,
        )

    def _is_there(self, path: Path) -> bool:
        entry = self._entries.get(path.relative_to(self.root).as_posix()) if path.is_relative_to(self.root) else None
        return entry is not None and not entry.problem


def _is_clip(file: str) -> bool:
    parts = Path(file).parts[-len(VIDEOS) :]
    return len(parts) == len(VIDEOS) and all(map(fnmatchcase, parts, VIDEOS))
