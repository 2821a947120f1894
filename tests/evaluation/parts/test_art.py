"""The art judge learns from people that are not tested, and a stylist that paints rightly is recognized."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from components.common.clips import Clip
from components.common.media import Image
from components.style_a.art.stylizers import STYLE_NAMES, STYLIZERS
from evaluation.parts.art import MOST_PORTRAITS, MOST_STILLS, ArtJob, style_records

MakeClip = Callable[..., Clip]


def test_stills_and_portraits_are_of_different_people(clip: MakeClip) -> None:
    splits = {"a": "train", "b": "train", "c": "train", "x": "test", "y": "test", "z": "test"}
    clips = [clip(f"{person}{n}", person, split=split) for person, split in splits.items() for n in (1, 2)]
    job = ArtJob.choose(Path("model"), clips, 2, 5)
    assert [path.stem for path in job.stills] == ["a1", "b1", "c1", "a2", "b2", "c2"][:MOST_STILLS]
    assert [path.stem for path in job.portraits] == ["x1", "y1"]
    assert job.seed == 5
    assert len(ArtJob.choose(Path("model"), clips, 99, 0).portraits) == MOST_PORTRAITS


def test_a_single_person_stands_on_both_sides(clip: MakeClip) -> None:
    job = ArtJob.choose(Path("model"), [clip("a1", "a")], 2, 0)
    assert job.stills == job.portraits == (Path("a1.mp4"),)


class Stylist:
    """Shows the art picture itself: the right style, whoever is asked for."""

    def stylize(self, portrait: Image, art: Image, degree: float) -> Image:
        return art


@pytest.mark.slow
def test_the_right_style_is_recognized(face: Image) -> None:
    mirrored = np.ascontiguousarray(face[:, ::-1])
    records = style_records(Stylist(), [face, mirrored], [mirrored], 0)  # type: ignore[arg-type]
    assert [record.labels["style"] for record in records] == list(STYLIZERS)
    assert len({record.clip for record in records}) == len(STYLE_NAMES)
    values = [record.values for record in records]
    assert np.mean([v["art/style_accuracy"] for v in values]) >= 0.8
    assert np.mean([v["art/style_accuracy_ceiling"] for v in values]) >= 0.8
