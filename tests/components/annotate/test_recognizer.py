from __future__ import annotations

import numpy as np
import pytest

from components.annotate.action_units import UNITS
from components.annotate.emfacs import EMFACS, ONE_SIDED
from components.annotate.recognizer import recognize
from components.common.arkit import INDEX
from components.common.artifacts import EMOTIONS
from components.synthetic.motion.clips import picture_free_clips
from tests.components.annotate.still_faces import face

ALL = np.ones(10, bool)


def test_true_motion_is_recognized_at_every_intensity() -> None:
    spoken = picture_free_clips(24, seed=3, seconds=2.0)
    recognized = [recognize(c.coefficients, np.ones(len(c.coefficients), bool)).emotion for c in spoken]
    assert recognized == [c.emotion for c in spoken]


@pytest.mark.parametrize("emotion", [emotion for emotion in EMOTIONS if emotion != "neutral"])
def test_a_prototype_is_its_own_nearest(emotion: str) -> None:
    """A face that shows an emotion's EMFACS units and nothing else, on one side for contempt."""
    sides = ("Left",) if emotion in ONE_SIDED else ("Left", "Right")
    rows = face()
    for unit, weight in EMFACS[emotion].items():
        for stem, share in UNITS[unit].weights.items():
            for name in [stem] if stem in INDEX else [stem + side for side in sides]:
                rows[:, INDEX[name]] = np.maximum(rows[:, INDEX[name]], 0.9 * weight * share)
    assert recognize(rows, ALL).emotion == emotion


def test_a_still_face_is_neutral() -> None:
    assert recognize(face(), np.ones(10, bool)).emotion == "neutral"
    assert recognize(face(mouthSmile=0.9, cheekSquint=0.8), np.ones(10, bool)).intensity == 3


def test_strength_orders_the_intensities() -> None:
    found = [recognize(face(mouthSmile=w, cheekSquint=w), ALL) for w in (0.3, 0.55, 0.9)]
    assert [f.intensity for f in found] == [1, 2, 3]
    assert found[0].strength < found[1].strength < found[2].strength


def test_a_one_sided_smile_is_contempt_whichever_the_side() -> None:
    for side in ("Left", "Right"):
        weights = {f"mouthSmile{side}": 0.8, f"mouthDimple{side}": 0.7, f"browOuterUp{side}": 0.7}
        assert recognize(face(**weights), ALL).emotion == "contempt"


def test_the_voice_decides_between_faces_that_are_near() -> None:
    # Between a smile and a frown: whichever the voice is nearer to.
    torn = face(mouthSmile=0.5, cheekSquint=0.4, mouthFrown=0.5, browInnerUp=0.42)
    assert {recognize(torn, ALL, arousal).emotion for arousal in (-2.0, 2.0)} == {"happy", "sad"}
    assert recognize(face(), ALL, 2.0).emotion == "neutral"  # a voice alone makes no emotion


def test_invalid_frames_do_not_count() -> None:
    rows = face(mouthSmile=0.9, cheekSquint=0.8)
    rows[5:] = 0
    assert recognize(rows, np.arange(10) < 5).intensity > recognize(rows, ALL).intensity
