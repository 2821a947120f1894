"""Clips as the manifest and the annotations describe them, without files; and a rendered one with files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from components.common.clips import Annotation, Clip
from components.talker.pipeline import Talker
from evaluation.parts.cases import Case

FRAMES = 21


@pytest.fixture
def clip() -> Callable[..., Clip]:
    """`clip("a1", "a")` -> a clip of person a; more of its labels by name."""

    def make(clip_id: str, identity: str, emotion: str = "", intensity: int = 0, split: str = "test") -> Clip:
        places = (Path(f"{clip_id}.{ending}") for ending in ("mp4", "wav", "safetensors"))
        annotation = Annotation(emotion or "neutral", max(intensity, 1), (f"{clip_id} speaks", "another sentence"))
        return Clip(clip_id, identity, emotion, intensity, split, 20, *places, annotation)

    return make


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory, talker: Talker) -> Case:
    """A rendered person speaking for `FRAMES` frames, drawn from their own first frame."""
    from components.common.arkit import WEIGHTS
    from components.common.media import read_frames, write_video, write_wav
    from components.synthetic.motion.clips import picture_free_clips
    from components.synthetic.render.actor import Actor

    folder = tmp_path_factory.mktemp("clip")
    spoken = picture_free_clips(1, 3, sentences="test")[0]
    actor, still = Actor.sample(21, 256), np.zeros(3)
    rows = spoken.coefficients[8 : 8 + FRAMES]
    write_video(folder / "a.mp4", [actor.render(row[:WEIGHTS], row[52:55], still) for row in rows])
    write_wav(folder / "a.wav", spoken.audio[8 * 640 : (8 + FRAMES) * 640])
    talker.extractor.extract(read_frames(folder / "a.mp4")).save(folder / "a.safetensors")
    places = (folder / "a.mp4", folder / "a.wav", folder / "a.safetensors")
    clip = Clip("a", "M1", "happy", 2, "test", FRAMES, *places, Annotation("happy", 2, ("happy 2",)))
    return Case(clip, clip, "sketch", clip, "sample_1", 0)
