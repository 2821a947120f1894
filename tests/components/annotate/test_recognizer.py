from __future__ import annotations

import numpy as np

from components.annotate.recognizer import recognize
from components.synthetic.motion.clips import picture_free_clips
from tests.components.annotate.still_faces import face

ALL = np.ones(10, bool)


def test_true_motion_of_strong_emotions_is_recognized() -> None:
    spoken = [c for c in picture_free_clips(24, seed=3, seconds=2.0) if c.intensity == 3]
    found = [recognize(c.coefficients, np.ones(len(c.coefficients), bool)).emotion for c in spoken]
    right = [a == c.emotion for a, c in zip(found, spoken, strict=True)]
    assert len(right) == 8
    assert sum(right) >= 6, list(zip(found, (c.emotion for c in spoken), strict=True))


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
