"""The rendered tree: MEAD's layout, balanced plans, byte-identical clips, truth in step with the video."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from components.common.artifacts import EMOTIONS, ClipTruth
from components.common.media import read_audio, read_frames
from components.common.params import Prepare
from components.corpus import embedded
from components.corpus.embedded import synthesize
from components.corpus.readers.mead import MeadReader
from components.corpus.readers.reader import SourceClip
from components.synthetic.voice.sentences import TEST_SENTENCES, TEST_VOICES

TINY = Prepare(clips=4, identities=3, seconds=0.4, size=64)


def digests(root: Path) -> dict[str, str]:
    files = sorted(p for p in root.rglob("*") if p.is_file())
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    synthesize(root, TINY, seed=5, workers=1)
    return root


def test_the_mead_reader_finds_every_clip_with_sound_and_truth(tiny: Path) -> None:
    clips = list(MeadReader(tiny))
    assert len(clips) == 4
    for clip in clips:
        assert isinstance(clip, SourceClip)
        assert clip.audio is not None
        assert clip.truth is not None
        frames = list(read_frames(clip.path))
        truth = ClipTruth.load(clip.truth)
        assert len(frames) == len(truth.coefficients) == 10
        assert frames[0].shape == (64, 64, 3)
        assert truth.text
        assert len(read_audio(clip.audio)) == 6400
        assert abs(len(read_audio(clip.path)) - 6400) <= 1024  # AAC comes in frames of 1024


def test_same_seed_same_bytes(tiny: Path, tmp_path: Path) -> None:
    synthesize(tmp_path, TINY, seed=5, workers=1)
    assert digests(tmp_path) == digests(tiny)


def test_another_seed_gives_other_clips(tiny: Path, tmp_path: Path) -> None:
    synthesize(tmp_path, TINY.model_copy(update={"clips": 1}), seed=6, workers=1)
    assert not set(digests(tmp_path).values()) & set(digests(tiny).values())


@pytest.mark.slow
def test_worker_processes_give_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    synthesize(tmp_path, TINY, seed=5, workers=2)
    assert digests(tmp_path) == digests(tiny)


def test_plans_balance_emotions_levels_and_sexes() -> None:
    plans = embedded.plan_clips(Path("root"), Prepare(), seed=0)
    assert len(plans) == 64
    assert len({plan.video for plan in plans}) == 64
    for person in {plan.person.name for plan in plans}:
        assert {p.emotion for p in plans if p.person.name == person} == set(EMOTIONS)
    levels = {e: Counter(p.intensity for p in plans if p.emotion == e) for e in EMOTIONS}
    assert set(levels["neutral"]) == {1}  # as in MEAD
    assert all(set(levels[e]) == {1, 2, 3} for e in EMOTIONS if e != "neutral")
    assert Counter(p.person.name[0] for p in plans) == {"M": 32, "W": 32}


def test_test_people_say_what_nobody_else_says_in_voices_nobody_else_has() -> None:
    plans = embedded.plan_clips(Path("root"), Prepare(), seed=0)
    test = [p for p in plans if p.person.split == "test"]
    rest = [p for p in plans if p.person.split != "test"]
    assert test
    assert {p.person.voice for p in test} <= set(TEST_VOICES)
    assert not {p.person.voice for p in rest} & set(TEST_VOICES)
    assert all(set(p.sentences) <= set(TEST_SENTENCES) for p in test)
    assert not {s for p in test for s in p.sentences} & {s for p in rest for s in p.sentences}


def test_plans_do_not_depend_on_the_order_of_anything() -> None:
    one, two = (embedded.plan_clips(Path("root"), Prepare(clips=9, identities=4), seed=2) for _ in range(2))
    assert one == two
    assert [p.person.name for p in one] == sorted(p.person.name for p in one)
    assert np.all([p.number >= 1 for p in one])
