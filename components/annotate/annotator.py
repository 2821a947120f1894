"""From what a clip's face does to the sentences that describe it: units, emotion, candidates, choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from components.annotate.action_units import active_units, as_json
from components.annotate.brief import Brief, person_of
from components.annotate.contradictions import contradictions
from components.annotate.prosody import arousal, prosody
from components.annotate.rankers.base import Ranker
from components.annotate.recognizer import RecognizedEmotion, recognize
from components.annotate.writers.base import Writer
from components.annotate.writers.grammar import GrammarWriter
from components.coefficients.calibration import above_rest, resting_weights
from components.common.artifacts import ClipCoefficients
from components.common.clips import Clip
from components.common.media import Image, read_audio, read_frames
from components.common.progress import track


@dataclass(frozen=True)
class ClipAnnotation:
    """A clip's row of the annotation table. completed: whether the grammar had to help the writer out."""

    row: dict[str, Any]
    completed: bool


@dataclass(frozen=True)
class Annotator:
    """Writes about clips: `candidates` true sentences by the writer, of which the ranker keeps `keep`."""

    writer: Writer
    ranker: Ranker
    candidates: int
    keep: int
    seed: int

    def annotate(self, clip: Clip, face: ClipCoefficients, recognized: RecognizedEmotion | None) -> ClipAnnotation:
        """One clip. face: its coefficients above rest. recognized: its emotion where the footage has no label."""
        units = active_units(face.coefficients, face.valid)
        brief = Brief(
            clip_id=clip.clip_id,
            emotion=recognized.emotion if recognized else clip.emotion,
            intensity=recognized.intensity if recognized else max(1, clip.intensity),
            units=units,
            person=person_of(clip.identity),
        )
        sentences = true_sentences(self.writer, brief, self.candidates, self.seed)
        short = len(sentences) < self.keep
        if short:  # a language model that cannot say enough that is true is helped out, and the row says so
            sentences = complete(sentences, brief, self.candidates, self.seed)
        row = {
            "clip_id": brief.clip_id,
            "emotion": brief.emotion,
            "intensity": brief.intensity,
            "action_units": json.dumps(as_json(units), sort_keys=True),
            "sentences": choose(self.ranker, sentences, brief, clip, self.keep),
            "writer": f"{self.writer.name}+grammar" if short and self.writer.name != "grammar" else self.writer.name,
            "ranker": self.ranker.name,
        }
        return ClipAnnotation(row, short)


def faces_above_rest(clips: Sequence[Clip]) -> list[ClipCoefficients]:
    """The clips' stored coefficients, set above each person's resting face."""
    stored = [ClipCoefficients.load(clip.coefficients) for clip in clips]
    rests = resting_weights(stored, [clip.identity for clip in clips])
    return [
        ClipCoefficients(above_rest(face.coefficients, rest), face.landmarks, face.valid)
        for face, rest in zip(stored, rests, strict=True)
    ]


def recognize_unlabeled(clips: Sequence[Clip], faces: Sequence[ClipCoefficients]) -> dict[str, RecognizedEmotion]:
    """Clip id -> emotion, of every clip that came without one, by its face and its voice."""
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
    candidates = writer.write(brief, count, seed)
    return [text for text in dict.fromkeys(candidates) if not contradictions(text, brief.emotion, brief.units)]


def complete(sentences: list[str], brief: Brief, count: int, seed: int) -> list[str]:
    """`sentences` topped up by the grammar to `count`."""
    return list(islice(dict.fromkeys([*sentences, *GrammarWriter().write(brief, count, seed)]), count))


def choose(ranker: Ranker, sentences: list[str], brief: Brief, clip: Clip, keep: int) -> list[str]:
    """The ranker's choice; a ranker that looks sees the middle frame."""

    def middle() -> Image:
        return next(islice(read_frames(clip.video), clip.frames // 2, None))

    return ranker.rank(sentences, brief, middle, keep)
