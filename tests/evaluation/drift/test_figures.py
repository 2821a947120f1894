"""Figures of sound, pictures and motion follow what they name; footage survives the disk; rejected clips count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import INDEX
from components.common.artifacts import QUARANTINE_COLUMNS, ClipCoefficients, write_table
from components.common.clips import read_clips
from components.common.errors import UserError
from components.common.layout import Layout
from evaluation.drift.figures import POINTS, Footage, measure_clip, measure_footage, measure_pictures, measure_sound

MakeFootage = Callable[..., Footage]
Prepared = Callable[..., Layout]


def test_sound_figures_follow_the_sound() -> None:
    rng = np.random.default_rng(0)
    time = np.arange(32_000) / 16_000
    voice = (0.3 * np.sin(2 * np.pi * 150 * time) * (np.sin(2 * np.pi * 3 * time) > 0)).astype(np.float32)
    noise = 0.02 * rng.normal(size=len(voice)).astype(np.float32)
    clean, noisy, quiet = (measure_sound(sound) for sound in (voice, voice + noise, voice / 10))
    assert noisy["sound/speech_above_noise"] < clean["sound/speech_above_noise"] - 20
    assert noisy["sound/bandwidth"] > clean["sound/bandwidth"] + 2000
    assert quiet["sound/level"] == pytest.approx(clean["sound/level"] - 20, abs=0.1)
    assert clean["sound/pitch"] == pytest.approx(12 * np.log2(1.5), abs=1.0)


def test_picture_figures_follow_the_picture() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(60, 120, (32, 32, 3), dtype=np.uint8)
    gray = picture.mean(-1, keepdims=True).astype(np.uint8).repeat(3, -1)
    plain, bright, bare = (measure_pictures([p]) for p in (picture, picture + 100, gray))
    assert bright["picture/brightness"] == pytest.approx(plain["picture/brightness"] + 100, abs=1)
    assert bright["picture/contrast"] == pytest.approx(plain["picture/contrast"], rel=0.05)
    assert bare["picture/color"] == 0 < plain["picture/color"]
    both = measure_pictures([picture, picture + 100])
    assert both["picture/brightness"] == pytest.approx((plain["picture/brightness"] + bright["picture/brightness"]) / 2)
    assert measure_pictures([np.full((32, 32, 3), 50, np.uint8)])["picture/sharpness"] == 0


def test_footage_survives_the_disk(footage: MakeFootage, tmp_path: Path) -> None:
    given = replace(footage(0), quarantined=0.25)
    given.save(tmp_path / "footage.safetensors")
    back = Footage.load(tmp_path / "footage.safetensors")
    assert back.labels == given.labels
    assert list(back.people) == list(given.people)
    assert back.quarantined == 0.25
    assert all(np.array_equal(back.figures[name], given.figures[name]) for name in given.figures)


def test_rows_are_taken_together(footage: MakeFootage) -> None:
    some = footage(0).take([7, 2])
    assert len(some) == 2
    assert [words[0] for words in some.labels.values()] == ["fear", "2"]
    assert some.people == ["P0-1", "P0-0"]
    assert (some.figures["sound/pitch"][1] == footage(0).figures["sound/pitch"][2]).all()


def test_a_prepared_folder(prepared: Prepared) -> None:
    layout = prepared(people=3, labeled=False, rejected=["p1_sad_2"])
    write_table(layout.quarantine, [{"file": "x.mp4", "reason": "no face"}], QUARANTINE_COLUMNS)
    measured = measure_footage(layout)
    assert len(measured) == 8
    assert measured.quarantined == pytest.approx(2 / 10)
    assert measured.labels["emotion"][:3] == ["happy", "neutral", "sad"]  # as annotated, in the manifest's order
    assert measured.figures["motion/jawOpen"].shape == (8, POINTS)
    assert (measured.figures["clip/seconds"] == 20 / 25).all()


def test_frames_without_a_face_are_left_out_and_counted(prepared: Prepared) -> None:
    clip = read_clips(prepared(), annotated=True)[0]
    tracked = ClipCoefficients.load(clip.coefficients)
    tracked.coefficients[:5, INDEX["yaw"]] = 3.0
    tracked.valid[:5] = False
    tracked.save(clip.coefficients)
    figures = measure_clip(clip)
    assert figures["clip/missing_face"] == 0.25
    assert figures["motion/yaw"].max() < 0.2


def test_nothing_usable_is_one_line(prepared: Prepared) -> None:
    layout = prepared(people=1, rejected=["p0_neutral_0", "p0_happy_1", "p0_sad_2"])
    with pytest.raises(UserError, match="no clip whose face"):
        measure_footage(layout)
