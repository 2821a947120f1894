"""What annotations and coefficients promise to the trainings, checked by Great Expectations when all are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.common.arkit import POSE, WEIGHTS
from components.common.artifacts import ANNOTATION_COLUMNS, EMOTIONS, ClipCoefficients
from components.common.clips import Clip
from components.common.layout import Layout
from components.contracts.checkpoint import Rule, Suite, check, column, columns_of

if TYPE_CHECKING:
    import pandas as pd


def check_annotations(layout: Layout, clips: Sequence[Clip], keep: int) -> None:
    """Check `layout.annotations` against the accepted clips and their coefficients.

    clips: the accepted ones. keep: the most sentences a clip may have.

    Raises:
        StageError: names the broken rules.
    """
    import pandas as pd

    table = pd.read_parquet(layout.annotations)
    sentences = table[["clip_id", "sentences"]].explode("sentences").reset_index(drop=True)
    suites = [
        Suite("annotations", layout.annotations, _annotation_rules()),
        Suite("clips", _clips(table, clips), _clip_rules(keep)),
        Suite("sentences", sentences.rename(columns={"sentences": "sentence"}), _sentence_rules()),
        Suite("coefficients", _motions(clips), _motion_rules()),
    ]
    check("table of annotations", "annotate", suites, layout.contract_docs("annotate"))


def _annotation_rules() -> tuple[Rule, ...]:
    return (
        *columns_of("annotations", ANNOTATION_COLUMNS),
        column("clip_id is unique", "clip_id", "ToBeUnique"),
        column("emotion is one of eight", "emotion", "ToBeInSet", value_set=list(EMOTIONS)),
        column("intensity is 1 to 3", "intensity", "ToBeInSet", value_set=[1, 2, 3]),
        column("action_units is JSON", "action_units", "ToBeJsonParseable"),
        column("writer has a name", "writer", "ToMatchRegex", regex=r"^.+$"),
        column("ranker has a name", "ranker", "ToMatchRegex", regex=r"^.+$"),
    )


def _clip_rules(keep: int) -> tuple[Rule, ...]:
    return (
        column("each accepted clip is annotated", "annotated", "ToBeInSet", value_set=[True]),
        column("no other clip is annotated", "accepted", "ToBeInSet", value_set=[True]),
        column("a label of the footage stands", "label_stands", "ToBeInSet", value_set=[True]),
        column(f"a clip has 1 to {keep} sentences", "sentences", "ToBeBetween", min_value=1, max_value=keep),
        column("no sentence of a clip comes twice", "repeated", "ToBeInSet", value_set=[0]),
    )


def _clips(table: pd.DataFrame, clips: Sequence[Clip]) -> pd.DataFrame:
    """Per clip that was accepted or annotated: whether it was, and how many sentences it has."""
    import pandas as pd

    accepted = {clip.clip_id: clip for clip in clips}
    annotated = {str(row["clip_id"]): row for row in table.to_dict("records")}
    rows = []
    for clip_id in sorted({*accepted, *annotated}):
        label = accepted[clip_id].emotion if clip_id in accepted else ""
        row = annotated.get(clip_id, {"emotion": label, "sentences": ()})
        rows.append(
            {
                "clip_id": clip_id,
                "accepted": clip_id in accepted,
                "annotated": clip_id in annotated,
                "label_stands": label in ("", row["emotion"]),
                "sentences": len(row["sentences"]),
                "repeated": len(row["sentences"]) - len(set(row["sentences"])),
            }
        )
    return pd.DataFrame(rows)


def _sentence_rules() -> tuple[Rule, ...]:
    return (column("a sentence is one line of text", "sentence", "ToMatchRegex", regex=r"^\S(?:.*\S)?$"),)


def _motion_rules() -> tuple[Rule, ...]:
    return (
        column("each frame has coefficients", "missing", "ToBeInSet", value_set=[0]),
        column("a face is seen in some frame", "seen", "ToBeBetween", min_value=0, strict_min=True),
        column("no weight is below 0", "lowest", "ToBeBetween", min_value=0),
        column("no weight is above 1", "highest", "ToBeBetween", max_value=1),
        column("no head turns by more than half a turn", "turn", "ToBeBetween", max_value=math.pi),
        column("each head has a size", "scale", "ToBeBetween", min_value=0, strict_min=True),
    )


def _motions(clips: Sequence[Clip]) -> pd.DataFrame:
    """Per clip: what its (T, 58) coefficients reach. turn: radians. scale: crop sides. seen: share of the frames."""
    import pandas as pd

    rows = []
    for clip in clips:
        motion = ClipCoefficients.load(clip.coefficients)
        weights, pose = motion.coefficients[:, :WEIGHTS], motion.coefficients[:, POSE]
        rows.append(
            {
                "clip_id": clip.clip_id,
                "missing": clip.frames - len(weights),
                "seen": float(motion.valid.mean()),
                "lowest": float(weights.min()),
                "highest": float(weights.max()),
                "turn": float(np.abs(pose[:, :3]).max()),
                "scale": float(pose[:, -1].min()),
            }
        )
    return pd.DataFrame(rows)
