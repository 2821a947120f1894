from __future__ import annotations

import numpy as np
import pytest

from components.annotate.action_units import ACTIVE, UNITS, active_units, as_json, level_of, unit_sides
from components.common.arkit import WEIGHTS
from tests.components.annotate.still_faces import face


def test_a_smile_is_au12_and_levels_rise_with_it() -> None:
    levels = [active_units(face(mouthSmile=w))["AU12"].level for w in (0.25, 0.5, 0.9)]
    assert levels == ["low", "middle", "high"]
    assert "AU12" not in active_units(face(mouthSmile=0.1))
    assert active_units(face(mouthSmile=0.8))["AU12"].side == "both"


def test_one_side_is_told_apart() -> None:
    units = active_units(face(mouthSmileLeft=0.8, browOuterUpRight=0.6))
    assert units["AU12"].side == "left"
    assert units["AU2"].side == "right"


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
    sides = unit_sides(everything)
    assert set(sides) == set(UNITS)
    assert all(side == pytest.approx((1, 1)) for side in sides.values())
    assert all(side == (0, 0) for side in unit_sides(face()).values())
    assert active_units(face()) == {}


def test_levels_and_json() -> None:
    assert [level_of(v) for v in (ACTIVE, 0.4, 0.7)] == ["low", "middle", "high"]
    stored = as_json(active_units(face(browDown=0.7)))
    assert stored["AU4"] == {"name": "brow lowerer", "level": "high", "intensity": 0.7, "side": "both"}
