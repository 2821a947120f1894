"""From a face to sentences: rest is taken off, what is not true never gets through, a short writer is helped out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from components.annotate.action_units import active_units
from components.annotate.annotator import Annotator, choose, complete, faces_above_rest, true_sentences
from components.annotate.brief import Brief
from components.annotate.contradictions import contradictions
from components.annotate.rankers.sentence import SentenceRanker
from components.annotate.recognizer import RecognizedEmotion
from components.annotate.writers.grammar import GrammarWriter
from components.coefficients.calibration import above_rest, resting_weights
from components.common.arkit import LANDMARKS
from components.common.artifacts import ClipCoefficients
from components.common.clips import Clip
from components.common.media import Image, write_video
from tests.components.annotate.still_faces import face


class Liar:
    """A writer most of whose sentences are not true."""

    name = "liar"

    def write(self, brief: Brief, count: int, seed: int) -> list[str]:
        return ["He is very happy.", "She weeps with grief and sorrow.", "She is furious."]


class Looking:
    """A ranker that keeps the brightness of the frame it looked at."""

    name = "looking"
    brightness = 0.0

    def rank(self, sentences: Sequence[str], brief: Brief, frame: Callable[[], Image], keep: int) -> list[str]:
        self.brightness = float(frame().mean())
        return list(sentences)[:keep]


@pytest.fixture(scope="module")
def ranker() -> SentenceRanker:
    return SentenceRanker()


def coefficients(rows: np.ndarray) -> ClipCoefficients:
    marks = np.zeros((len(rows), LANDMARKS, 3), np.float32)
    return ClipCoefficients(rows.astype(np.float32), marks, np.ones(len(rows), bool))


def clip(folder: Path, clip_id: str, identity: str = "M003", emotion: str = "", frames: int = 10) -> Clip:
    stored = folder / f"{clip_id}.safetensors"
    return Clip(clip_id, identity, emotion, 0, "train", frames, folder / f"{clip_id}.mp4", folder / "none.wav", stored)


def test_rest_is_taken_off_each_person(tmp_path: Path) -> None:
    clips = []
    for person, brows in (("a", 0.4), ("b", 0.0)):
        for i, extra in enumerate((0, 0.0, 0.02, 0.5)):
            clips.append(clip(tmp_path, f"{person}{i}", person))
            coefficients(face(browDown=brows + extra)).save(clips[-1].coefficients)
    units = [active_units(shown.coefficients) for shown in faces_above_rest(clips)]
    assert "AU4" not in units[0]
    assert units[3]["AU4"].level == "high"
    assert "AU4" not in units[4]


def test_a_few_clips_of_strangers_are_measured_against_real_faces() -> None:
    (rest,) = resting_weights([coefficients(face(browDown=0.4))], ["a"])
    assert "AU4" not in active_units(above_rest(face(browDown=0.4), rest))
    assert active_units(above_rest(face(browDown=0.9), rest))["AU4"].level == "high"
    assert active_units(above_rest(face(mouthSmile=0.6), rest))["AU12"].level == "high"


def test_untrue_sentences_never_get_through() -> None:
    brief = Brief("c", "happy", 3)
    true = true_sentences(Liar(), brief, 8, 0)
    assert true == ["He is very happy."]
    completed = complete(true, brief, 8, 0)
    assert completed[0] == "He is very happy."
    assert len(completed) == 8


def test_a_ranker_that_looks_sees_the_middle_frame(tmp_path: Path) -> None:
    seen = clip(tmp_path, "film", frames=9)
    write_video(seen.video, [np.full((64, 64, 3), 25 * i, np.uint8) for i in range(9)])
    looking = Looking()
    assert choose(looking, ["One.", "Two."], Brief("film", "happy", 1), seen, 1) == ["One."]
    assert abs(looking.brightness - 100) < 5


def test_a_row_says_who_wrote_it_and_about_what(tmp_path: Path, ranker: SentenceRanker) -> None:
    smiling = coefficients(face(mouthSmile=0.9, cheekSquint=0.8))
    annotator = Annotator(Liar(), ranker, candidates=8, keep=5, seed=0)
    helped = annotator.annotate(clip(tmp_path, "c"), smiling, RecognizedEmotion("happy", 3, 0.9))
    assert helped.completed
    row = helped.row
    assert (row["clip_id"], row["emotion"], row["intensity"], row["writer"]) == ("c", "happy", 3, "liar+grammar")
    assert set(json.loads(row["action_units"])) == {"AU6", "AU12"}
    assert len(set(row["sentences"])) == 5
    assert all(not contradictions(text, "happy", {"AU6", "AU12"}) for text in row["sentences"])


def test_the_footages_own_label_counts_and_an_unknown_strength_is_the_weakest(
    tmp_path: Path, ranker: SentenceRanker
) -> None:
    annotator = Annotator(GrammarWriter(), ranker, candidates=6, keep=3, seed=0)
    own = annotator.annotate(clip(tmp_path, "c", emotion="sad"), coefficients(face(mouthFrown=0.8)), None)
    assert not own.completed
    assert (own.row["emotion"], own.row["intensity"], own.row["writer"]) == ("sad", 1, "grammar")
