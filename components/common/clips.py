"""The one definition of a usable clip: what the manifest, the rejections and the annotations say of it together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.common.artifacts import ANNOTATION_COLUMNS, MANIFEST_COLUMNS, read_json, read_table
from components.common.errors import UserError
from components.common.layout import Layout


@dataclass(frozen=True)
class Annotation:
    """What `annotate` wrote of a clip. emotion: the label, or what the recognizer heard and saw where there is none."""

    emotion: str
    intensity: int
    sentences: tuple[str, ...]  # best first


UNREAD = Annotation("", 0, ())


@dataclass(frozen=True)
class Clip:
    """One clip of the corpus and the places of its files.

    emotion, intensity: the footage's own label; "" and 0 where it has none. coefficients: written by
    `extract_coefficients`. annotation: `UNREAD` unless it was asked for.
    """

    clip_id: str
    identity: str
    emotion: str
    intensity: int
    split: str
    frames: int
    video: Path
    audio: Path
    coefficients: Path
    annotation: Annotation = UNREAD


def read_clips(
    layout: Layout, split: str | None = None, *, accepted: bool = True, annotated: bool = False
) -> list[Clip]:
    """The clips of a split (None: of all), in the manifest's order.

    accepted: without those that `extract_coefficients` rejected. annotated: with what `annotate` wrote; a stage may
    ask for this only if it depends on the annotations.

    Raises:
        UserError: a table is missing, or an accepted clip has no annotation (the tables are of different runs).
    """
    manifest = read_table(layout.manifest, MANIFEST_COLUMNS)
    rejected_ids = set(read_json(layout.rejected)) if accepted else set()
    annotations = _annotations(layout) if annotated else {}
    rows = [
        row
        for row in manifest.to_dict("records")
        if split in (None, row["split"]) and row["clip_id"] not in rejected_ids
    ]
    missing_ids = [str(row["clip_id"]) for row in rows if annotated and row["clip_id"] not in annotations]
    if missing_ids:
        raise UserError(f"{layout.annotations} says nothing of clip {missing_ids[0]}; run `dvc repro annotate`")
    return [
        Clip(
            clip_id=str(row["clip_id"]),
            identity=str(row["identity"]),
            emotion=str(row["emotion"]),
            intensity=int(row["intensity"]),
            split=str(row["split"]),
            frames=int(row["frames"]),
            video=layout.prepared / str(row["video"]),
            audio=layout.prepared / str(row["audio"]),
            coefficients=layout.clip_coefficients(str(row["clip_id"])),
            annotation=annotations.get(str(row["clip_id"]), UNREAD),
        )
        for row in rows
    ]


def _annotations(layout: Layout) -> dict[str, Annotation]:
    table = read_table(layout.annotations, ANNOTATION_COLUMNS)
    return {
        str(row["clip_id"]): Annotation(str(row["emotion"]), int(row["intensity"]), tuple(row["sentences"]))
        for row in table.to_dict("records")
    }
