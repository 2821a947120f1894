"""Coefficients to action units, and from them five sentences about the emotion of every clip."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np

from components.annotate.action_units import active_units, as_json
from components.annotate.brief import Brief, person_of
from components.annotate.contract import check_annotations
from components.annotate.contradictions import contradictions
from components.annotate.prosody import arousal, prosody
from components.annotate.rankers.base import Ranker, load_ranker
from components.annotate.recognizer import Recognized, recognize
from components.annotate.writers.base import Writer, load_writer
from components.annotate.writers.grammar import GrammarWriter
from components.coefficients.calibration import above_rest, resting_weights
from components.common.artifacts import (
    ANNOTATION_COLUMNS,
    ClipCoefficients,
    write_table,
)
from components.common.clips import Clip, read_clips
from components.common.errors import StageError
from components.common.media import Image, read_audio, read_frames
from components.common.progress import track
from components.runner.stage import Stage, main


def run(stage: Stage) -> Mapping[str, float]:
    """Write `layout.annotations`: a row for each clip whose coefficients were accepted."""
    layout, params = stage.layout, stage.params.annotate
    writer, ranker = load_writer(params), load_ranker(params)
    clips = read_clips(layout)
    if not clips:
        raise StageError("there is no clip with accepted coefficients to annotate")
    motions = [ClipCoefficients.load(clip.coefficients) for clip in clips]
    rests = resting_weights(motions, [clip.identity for clip in clips])
    faces = [
        ClipCoefficients(above_rest(motion.coefficients, rest), motion.landmarks, motion.valid)
        for motion, rest in zip(motions, rests, strict=True)
    ]
    guesses = recognize_unlabeled(clips, faces)
    rows: list[dict[str, Any]] = []
    rewritten = 0
    for clip, face in zip(track(clips, "writing annotations"), faces, strict=True):
        guess = guesses.get(clip.clip_id)
        units = active_units(face.coefficients, face.valid)
        brief = Brief(
            clip_id=clip.clip_id,
            emotion=guess.emotion if guess else clip.emotion,
            intensity=guess.intensity if guess else max(1, clip.intensity),
            units=units,
            person=person_of(clip.identity),
        )
        candidates = true_sentences(writer, brief, params.candidates, stage.params.runtime.seed)
        short = len(candidates) < params.keep
        rewritten += short
        if short:  # a language model that cannot say enough that is true is helped out, and the row says so
            candidates = complete(candidates, brief, params.candidates, stage.params.runtime.seed)
        sentences = choose(ranker, candidates, brief, clip, params.keep)
        rows.append(
            {
                "clip_id": brief.clip_id,
                "emotion": brief.emotion,
                "intensity": brief.intensity,
                "action_units": json.dumps(as_json(units), sort_keys=True),
                "sentences": sentences,
                "writer": f"{writer.name}+grammar" if short and writer.name != "grammar" else writer.name,
                "ranker": ranker.name,
            }
        )
    write_table(layout.annotations, rows, ANNOTATION_COLUMNS)
    try:
        check_annotations(layout, clips, params.keep)
    finally:
        stage.tracker.log_artifact(layout.contract_docs("annotate"), "contract")
    stage.tracker.log_artifact(layout.annotations)
    kept = [text for row in rows for text in row["sentences"]]
    return {
        "clips": len(rows),
        "sentences": len(kept),
        "distinct_share": len(set(kept)) / max(1, len(kept)),
        "units_per_clip": float(np.mean([len(json.loads(row["action_units"])) for row in rows])),
        "recognized": len(guesses),
        "rewritten": rewritten,
    }


def recognize_unlabeled(clips: list[Clip], faces: list[ClipCoefficients]) -> dict[str, Recognized]:
    """The emotion of every clip that came without one."""
    unlabeled = [(clip, face) for clip, face in zip(clips, faces, strict=True) if not clip.emotion]
    if not unlabeled:
        return {}
    voices = [prosody(read_audio(clip.audio)) for clip, _ in track(unlabeled, "listening to unlabeled clips")]
    excitement = arousal(voices, [clip.identity for clip, _ in unlabeled])
    return {
        clip.clip_id: recognize(face.coefficients, face.valid, float(excited))
        for (clip, face), excited in zip(unlabeled, excitement, strict=True)
    }


def true_sentences(writer: Writer, brief: Brief, count: int, seed: int) -> list[str]:
    """The writer's candidates without those that contradict the clip."""
    written = writer.write(brief, count, seed)
    return [text for text in dict.fromkeys(written) if not contradictions(text, brief.emotion, brief.units)]


def complete(sentences: list[str], brief: Brief, count: int, seed: int) -> list[str]:
    """`sentences` topped up by the grammar to `count`."""
    return list(islice(dict.fromkeys([*sentences, *GrammarWriter().write(brief, count, seed)]), count))


def choose(ranker: Ranker, sentences: list[str], brief: Brief, clip: Clip, keep: int) -> list[str]:
    """The ranker's choice; a ranker that looks sees the middle frame."""

    def middle() -> Image:
        return next(islice(read_frames(clip.video), clip.frames // 2, None))

    return ranker.rank(sentences, brief, middle, keep)


if __name__ == "__main__":
    sys.exit(main("annotate", run))
