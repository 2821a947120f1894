"""The MEAD data set (Wang et al., ECCV 2020), front view, unpacked:

    <identity>/video/front/<emotion>/level_<1-3>/<number>.mp4
    <identity>/audio/<emotion>/level_<1-3>/<number>.m4a        (or the sound inside the mp4)

The rendered corpus has the same layout, with the true motion (`.safetensors`) beside each video.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from components.common.errors import UserError
from components.corpus.readers.labels import LabelError, emotion_name, intensity_level
from components.corpus.readers.reader import Rejection, SourceClip

VIDEOS = "**/video/front/*/level_*/*.mp4"
SOUNDS = (".m4a", ".wav", ".mp3", ".flac")


class MeadReader:
    """Clips of a MEAD tree; `root` may lie above several of its parts."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise UserError(f"prepare.path: {root} is not a folder")
        self.root = root

    def __iter__(self) -> Iterator[SourceClip | Rejection]:
        paths = sorted(p for p in self.root.glob(VIDEOS) if p.is_file() and not p.name.startswith("."))
        if not paths:
            layout = "<identity>/video/front/<emotion>/level_<1-3>/<number>.mp4"
            raise UserError(f"no MEAD clip below {self.root}; expected {layout} (are the tar files unpacked?)")
        for path in paths:
            yield self._clip(path)

    def _clip(self, path: Path) -> SourceClip | Rejection:
        file = path.relative_to(self.root).as_posix()
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
            audio=next((sound for sound in sounds if sound.is_file()), None),
            truth=truth if truth.is_file() else None,
        )
