"""The whole talker on toy models: length, streaming, controls, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import INDEX, POSE
from components.common.errors import UserError
from components.common.media import Image
from components.talker.controls import Controls
from components.talker.pipeline import Generation, Talker, check_audio, load_style_e
from components.talker.portrait import Portrait


@pytest.fixture(scope="module")
def portrait(talker: Talker, face: Image) -> Portrait:
    return talker.portrait(face)


@pytest.mark.slow
def test_frames_match_the_sound_and_are_streamed(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    made = talker.generate(portrait, speech, "happy", size=128)
    assert len(made) == round(len(speech) / 640)
    assert isinstance(made.frames, Iterator)
    frames = list(made.frames)
    assert len(frames) == len(made)
    assert all(frame.shape == (128, 128, 3) and frame.dtype == np.uint8 for frame in frames)
    assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).max() > 20  # it moves


@pytest.mark.slow
def test_same_seed_same_frames(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    def some(seed: int) -> tuple[Image, np.ndarray]:
        made: Generation = talker.generate(portrait, speech, controls=Controls(seed=seed), size=64)
        return next(made.frames), made.coefficients

    (first, rows), (again, same), (_, other) = some(1), some(1), some(2)
    assert (first == again).all()
    assert (rows == same).all()
    assert (rows != other).any()


@pytest.mark.slow
def test_borrowed_pose_moves_the_head(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    driving = np.repeat(portrait.coefficients[None], 20, axis=0)
    driving[:, INDEX["yaw"]] += np.linspace(-0.2, 0.2, 20)
    made = talker.generate(portrait, speech, driving=driving, size=64)
    assert made.coefficients[:, INDEX["yaw"]].std() > 0.05
    still = talker.generate(portrait, speech, driving=driving, controls=Controls(head_motion=0), size=64)
    assert np.allclose(still.coefficients[:, POSE], portrait.coefficients[POSE], atol=1e-5)


@pytest.mark.slow
def test_refusals(talker: Talker, portrait: Portrait, speech: np.ndarray) -> None:
    with pytest.raises(UserError, match="face"):
        talker.portrait(np.full((200, 300, 3), 90, np.uint8))
    with pytest.raises(UserError, match="at least"):
        talker.generate(portrait, speech[:100])
    with pytest.raises(UserError, match="size"):
        talker.generate(portrait, speech, size=511)


def test_audio_must_be_long_and_finite() -> None:
    with pytest.raises(UserError, match="at least"):
        check_audio(np.zeros(3199, np.float32))
    with pytest.raises(UserError, match="not numbers"):
        check_audio(np.full(16_000, np.nan, np.float32))
    loud = check_audio(np.full(3200, 7.0, np.float64))
    assert loud.dtype == np.float32
    assert loud.max() == 1.0


def test_missing_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "regressor").mkdir()
    with pytest.raises(UserError, match="style_e is missing"):
        Talker.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "index",
    [
        {"_class_name": "StyleEPipeline", "denoiser": ["components.style_e.networks", "NetworkOfAnotherTime"]},
        {"_class_name": "StyleEPipeline", "denoiser": ["components.module_of_another_time", "MotionDenoiser"]},
        {"_class_name": "StyleEPipeline", "denoiser": ["components.style_e.networks", "MotionDenoiser"]},
    ],
)
def test_a_model_of_other_code_is_one_line(tmp_path: Path, index: dict[str, object]) -> None:
    (tmp_path / "denoiser").mkdir()
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(UserError, match=r"cannot be read by this code.*trained by other code") as caught:
        load_style_e(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_model_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{")
    with pytest.raises(UserError, match="cannot be read by this code"):
        load_style_e(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", "text", "numbers", "gone"])
def test_any_damaged_file_of_the_models_is_one_line(models: Path, tmp_path: Path, how: str) -> None:
    """Each in turn; the tokens of configurations may be of any type."""
    for number, path in enumerate(sorted(p for p in models.rglob("*") if p.suffix in (".json", ".safetensors"))):
        copy = tmp_path / str(number)
        shutil.copytree(models, copy)
        damaged = copy / path.relative_to(models)
        if how == "gone":
            damaged.unlink()
        elif how == "cut":
            damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
        else:
            damaged.write_text("[[1, 2]" if how == "text" else "[1, 2]")
        with pytest.raises(UserError) as caught:
            Talker.from_pretrained(copy)
        assert "\n" not in str(caught.value)
        shutil.rmtree(copy)
