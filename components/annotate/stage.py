"""Coefficients to action units, and from them five sentences about the emotion of every clip."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import numpy as np

from components.annotate.annotator import Annotator, faces_above_rest, recognize_unlabeled
from components.annotate.contract import check_annotations
from components.annotate.rankers.base import load_ranker
from components.annotate.writers.base import load_writer
from components.common.artifacts import ANNOTATION_COLUMNS, write_table
from components.common.clips import read_clips
from components.common.errors import StageError
from components.common.progress import track
from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Write `layout.annotations`: a row for each clip whose coefficients were accepted."""
    layout, params = stage.layout, stage.params.annotate
    annotator = Annotator(
        load_writer(params), load_ranker(params), params.candidates, params.keep, stage.params.runtime.seed
    )
    clips = read_clips(layout)
    if not clips:
        raise StageError("there is no clip with accepted coefficients to annotate")
    faces = faces_above_rest(clips)
    recognized = recognize_unlabeled(clips, faces)
    annotations = [
        annotator.annotate(clip, face, recognized.get(clip.clip_id))
        for clip, face in zip(track(clips, "writing annotations"), faces, strict=True)
    ]
    rows = [annotation.row for annotation in annotations]
    write_table(layout.annotations, rows, ANNOTATION_COLUMNS)
    try:
        check_annotations(layout, clips, params.keep)
    finally:
        stage.tracker.log_artifact(layout.contract_docs("annotate"), "contract")
    stage.tracker.log_artifact(layout.annotations)
    sentences = [text for row in rows for text in row["sentences"]]
    return {
        "clips": len(rows),
        "sentences": len(sentences),
        "distinct_share": len(set(sentences)) / max(1, len(sentences)),
        "units_per_clip": float(np.mean([len(json.loads(row["action_units"])) for row in rows])),
        "recognized": len(recognized),
        "rewritten": sum(annotation.completed for annotation in annotations),
    }


if __name__ == "__main__":
    sys.exit(main("annotate", run))
