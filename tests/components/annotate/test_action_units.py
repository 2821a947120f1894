from __future__ import annotations

import numpy as np
import pytest

from components.annotate.action_units import ACTIVE, UNITS, active_units, as_json, intensities, level_of
from components.annotate.recognizer import recognize
from components.annotate.unit_phrases import is_plural, phrases_of
from components.coefficients.calibration import above_rest, resting_weights
from components.common.arkit import COEFFICIENTS, INDEX, LANDMARKS, WEIGHTS
from components.common.artifacts import ClipCoefficients
from components.synthetic.motion.clips import picture_free_clips


def face(frames: int = 10, **weights: float) -> np.ndarray:
    """(T, 58) of a still face; ``mouthSmile=.8`` sets both sides."""
    rows = np.zeros((frames, COEFFICIENTS), np.float32)
    for name, value in weights.items():
        for full in (name,) if name in INDEX else (name + "Left", name + "Right"):
            rows[:, INDEX[full]] = value
    return rows


def clip(rows: np.ndarray, valid: np.ndarray | None = None) -> ClipCoefficients:
    marks = np.zeros((len(rows), LANDMARKS, 3), np.float32)
    return ClipCoefficients(rows.astype(np.float32), marks, np.ones(len(rows), bool) if valid is None else valid)


def test_a_smile_is_au12_and_levels_rise_with_it() -> None:
    levels = [active_units(face(mouthSmile=w))["AU12"].level for w in (0.25, 0.5, 0.9)]
    assert levels == ["low", "middle", "high"]
    assert "AU12" not in active_units(face(mouthSmile=0.1))
    assert active_units(face(mouthSmile=0.8))["AU12"].side == "both"


def test_one_side_is_told_apart() -> None:
    units = active_units(face(mouthSmileLeft=0.8, browOuterUpRight=0.6))
    assert units["AU12"].side == "left"
    assert units["AU2"].side == "right"
    assert phrases_of("AU12", units["AU12"])[0] == "a crooked half smile"


def test_invalid_frames_do_not_count() -> None:
    rows = face(mouthSmile=0.8)
    rows[5:] = 0
    valid = np.arange(10) < 5
    assert active_units(rows, valid)["AU12"].intensity > active_units(rows)["AU12"].intensity


def test_ordinary_talking_drops_no_jaw() -> None:
    assert "AU26" not in active_units(face(jawOpen=0.3))
    assert "AU26" in active_units(face(jawOpen=0.5))
    assert "AU26" not in active_units(face(jawOpen=0.95))
    assert "AU27" in active_units(face(jawOpen=0.95))


def test_every_unit_can_be_reached_and_stays_bounded() -> None:
    everything = face()
    everything[:, :WEIGHTS] = 1
    assert set(intensities(everything)) == set(UNITS)
    assert all(value == pytest.approx(1) for value in intensities(everything).values())
    assert all(value == 0 for value in intensities(face()).values())
    assert active_units(face()) == {}


def test_levels_and_json() -> None:
    assert [level_of(v) for v in (ACTIVE, 0.4, 0.7)] == ["low", "middle", "high"]
    stored = as_json(active_units(face(browDown=0.7)))
    assert stored["AU4"] == {"name": "brow lowerer", "level": "high", "intensity": 0.7, "side": "both"}


def test_remarks_agree_in_number() -> None:
    assert is_plural("furrowed brows")
    assert not is_plural("a faint smile")
    assert not is_plural("one raised eyebrow")


def test_rest_is_taken_off_each_person() -> None:
    low_brows = [clip(face(browDown=0.4 + extra)) for extra in (0, 0.0, 0.02, 0.5)]
    others = [clip(face(browDown=extra)) for extra in (0, 0.0, 0.02, 0.5)]
    rests = resting_weights([*low_brows, *others], ["a"] * 4 + ["b"] * 4)
    calm = active_units(above_rest(low_brows[0].coefficients, rests[0]))
    tense = active_units(above_rest(low_brows[3].coefficients, rests[3]))
    assert "AU4" not in calm
    assert tense["AU4"].level == "high"
    assert "AU4" not in active_units(above_rest(others[0].coefficients, rests[4]))


def test_a_few_clips_of_strangers_are_measured_against_real_faces() -> None:
    (rest,) = resting_weights([clip(face(browDown=0.4))], ["a"])
    assert "AU4" not in active_units(above_rest(face(browDown=0.4), rest))
    assert active_units(above_rest(face(browDown=0.9), rest))["AU4"].level == "high"
    assert active_units(above_rest(face(mouthSmile=0.6), rest))["AU12"].level == "high"


def test_true_motion_of_strong_emotions_is_recognized() -> None:
    spoken = [c for c in picture_free_clips(24, seed=3, seconds=2.0) if c.intensity == 3]
    found = [recognize(c.coefficients, np.ones(len(c.coefficients), bool)).emotion for c in spoken]
    right = [a == c.emotion for a, c in zip(found, spoken, strict=True)]
    assert len(right) == 8
    assert sum(right) >= 6, list(zip(found, (c.emotion for c in spoken), strict=True))


def test_a_still_face_is_neutral() -> None:
    assert recognize(face(), np.ones(10, bool)).emotion == "neutral"
    assert recognize(face(mouthSmile=0.9, cheekSquint=0.8), np.ones(10, bool)).intensity == 3
