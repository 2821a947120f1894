"""Which test clips are measured, and everything about one of them that a worker process needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from components.common.artifacts import ANNOTATION_COLUMNS, EMOTIONS, MANIFEST_COLUMNS, read_table
from components.common.errors import UserError
from components.common.layout import Layout

STYLE_ORDER = ("oil", "sketch", "pop", "watercolor", "comic", "arcane", "pixel", "cartoon")


@dataclass(frozen=True)
class Case:
    """A test clip to be drawn by the models.

    portrait_video, portrait_row: the frame that the whole talker starts from: another, calmer clip of the same person
    where there is one. style, style_video: the art picture is a frame of another person in this procedural style.
    sample: file stem of the report's video, or "" for none.
    """

    clip_id: str
    identity: str
    emotion: str
    intensity: int
    text: str
    video: Path
    audio: Path
    coefficients: Path
    portrait_video: Path
    portrait_coefficients: Path
    style: str
    style_video: Path
    sample: str
    seed: int

    @property
    def labels(self) -> dict[str, str]:
        """What the metrics can be sliced by."""
        return {"emotion": self.emotion, "identity": self.identity, "style": self.style}


def clip_table(layout: Layout) -> pd.DataFrame:
    """The manifest with each clip's best sentence (`text`), for clips whose coefficients were extracted."""
    manifest = read_table(layout.manifest, MANIFEST_COLUMNS)
    annotations = read_table(layout.annotations, ANNOTATION_COLUMNS).set_index("clip_id")
    stored = [(layout.coefficients / f"{clip}.safetensors").is_file() for clip in manifest["clip_id"]]
    table = manifest[stored].reset_index(drop=True)
    sentences = annotations["sentences"]
    table["text"] = [str(sentences[c][0]) if c in sentences.index else "" for c in table["clip_id"]]
    # Footage without a label of its own: the annotator's recognizer has named an emotion.
    known = annotations["emotion"]
    table["said_emotion"] = [str(known[c]) if c in known.index else e for c, e in table[["clip_id", "emotion"]].values]
    return table


def held_out(table: pd.DataFrame) -> pd.DataFrame:
    """The clips of the test split; of the validation split where footage is too little for three."""
    for split in ("test", "val"):
        rows = table[table["split"] == split]
        if len(rows):
            return rows
    raise UserError("no clip is held out for testing; use footage of at least three people")


def spread(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """`count` rows in a fixed order in which emotions take turns, and within an emotion people do."""
    rank = {name: i for i, name in enumerate(EMOTIONS)}
    people = sorted(set(rows["identity"]))
    table = rows.sort_values(["intensity", "clip_id"], ascending=[False, True])
    emotion = table["emotion"].map(lambda name: rank.get(name, len(rank)))
    # Each emotion starts with another person.
    person = (table["identity"].map(people.index) + emotion) % len(people)
    table = table.assign(_emotion=emotion, _person=person)
    table["_again"] = table.groupby(["_emotion", "_person"]).cumcount()
    table = table.sort_values(["_emotion", "_again", "_person"], kind="stable")
    table["_turn"] = table.groupby("_emotion").cumcount()
    chosen = table.sort_values(["_turn", "_emotion"], kind="stable").head(count)
    return chosen.drop(columns=["_emotion", "_person", "_again", "_turn"])


def choose_cases(layout: Layout, count: int, samples: int, seed: int) -> list[Case]:
    """The clips to measure, in a fixed order; the first `samples` of them also become the report's videos."""
    table = clip_table(layout)
    chosen = spread(held_out(table), count)
    cases = []
    for i, (_, row) in enumerate(chosen.iterrows()):
        calm = _calm_clip(table, row)
        others = table[table["identity"] != row["identity"]]
        art = (others if len(others) else table).iloc[(7 * i) % max(len(others), 1)]
        cases.append(
            Case(
                clip_id=str(row["clip_id"]),
                identity=str(row["identity"]),
                emotion=str(row["emotion"]),
                intensity=int(row["intensity"]),
                text=str(row["text"]),
                video=layout.prepared / row["video"],
                audio=layout.prepared / row["audio"],
                coefficients=layout.coefficients / f"{row['clip_id']}.safetensors",
                portrait_video=layout.prepared / calm["video"],
                portrait_coefficients=layout.coefficients / f"{calm['clip_id']}.safetensors",
                style=STYLE_ORDER[i % len(STYLE_ORDER)],
                style_video=layout.prepared / art["video"],
                sample=f"sample_{i + 1}_{_slug(str(row['emotion']) or 'clip')}" if i < samples else "",
                seed=seed + i,
            )
        )
    return cases


def _calm_clip(table: pd.DataFrame, row: pd.Series[Any]) -> pd.Series[Any]:
    """A neutral clip of the same person other than this one, else the mildest other, else this one."""
    same = table[(table["identity"] == row["identity"]) & (table["clip_id"] != row["clip_id"])]
    for rows in (same[same["emotion"] == "neutral"], same.sort_values("intensity", kind="stable")):
        for _, calm in rows.iterrows():
            return pd.Series(calm)
    return row


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "clip"
