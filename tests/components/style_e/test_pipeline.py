"""The pipeline: lengths, saving and loading, what text, seed, strength and controls do, and what is refused."""

import json

import numpy as np
import pytest
import torch

from components.common.arkit import INDEX, POSE, WEIGHTS
from components.common.errors import UserError
from components.style_e.channels import LEARNED, LEARNED_NAMES
from components.style_e.pipeline import StyleEPipeline
from components.style_e.windows import WindowPlan

JAW, BROW, YAW = INDEX["jawOpen"], INDEX["browInnerUp"], INDEX["yaw"]


@pytest.mark.parametrize("samples", [1, 500, 640 * 31, 640 * 33 + 320, 48_000])
def test_one_row_per_video_frame_for_any_length(pipeline, portrait, samples):
    audio = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    motion = pipeline(audio, "happy", portrait)
    assert motion.shape == (max(1, round(samples / 640)), 58)
    assert motion.dtype == np.float32
    assert np.isfinite(motion).all()
    assert motion[:, :WEIGHTS].min() >= 0
    assert motion[:, :WEIGHTS].max() <= 1


def test_saved_and_loaded_it_makes_the_same_motion(pipeline, portrait, speech, tmp_path):
    pipeline.save_pretrained(tmp_path)
    again = StyleEPipeline.from_pretrained(tmp_path)
    np.testing.assert_array_equal(again(speech, "very sad", portrait), pipeline(speech, "very sad", portrait))
    index = json.loads((tmp_path / "model_index.json").read_text())
    assert index["text"] == "clip"
    assert again.scheduler.config["timestep_spacing"] == "trailing"
    everything = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert str(tmp_path) not in everything
    assert "_name_or_path" not in index


def test_the_packaged_encoder_is_named_and_not_stored(pipeline, tmp_path):
    parts = {name: getattr(pipeline, name) for name in ("conditioner", "audio_encoder", "regressor", "denoiser")}
    StyleEPipeline(**parts, statistics=pipeline.statistics, scheduler=pipeline.scheduler).save_pretrained(tmp_path)
    assert not (tmp_path / "text_encoder").exists()
    again = StyleEPipeline.from_pretrained(tmp_path)
    assert type(again.texts).__name__ == "MiniLMText"


def test_seed_text_and_reference_matter_and_the_same_call_repeats(pipeline, portrait, speech):
    motion = pipeline(speech, "very happy", portrait, seed=1)
    np.testing.assert_array_equal(motion, pipeline(speech, "very happy", portrait, seed=1))
    assert np.abs(motion - pipeline(speech, "very happy", portrait, seed=2)).max() > 0.01
    texts = np.linalg.qr(np.random.default_rng(0).normal(size=(pipeline.texts.size, 2)))[0].T.astype(np.float32)
    one, another = (pipeline(speech, "text", portrait, embedding=text) for text in texts)  # not alike at all
    assert np.abs(one[:, :WEIGHTS].mean(0) - another[:, :WEIGHTS].mean(0)).max() > 0.0003
    other = portrait.copy()
    other[BROW] = 0.6
    assert np.abs(motion - pipeline(speech, "very happy", other, seed=1)).max() > 0.005


def channels(pipeline, mel, strength):
    embedding = pipeline.embed("very angry")
    return pipeline.channels(mel, embedding, np.zeros(len(LEARNED_NAMES), np.float32), strength=strength)


def test_strength_one_is_the_conditional_prediction_and_strength_is_linear_guidance(pipeline, tiny):
    mel = tiny.data.spoken[0].mel[: 4 * 32]
    plan = WindowPlan(32, 32)
    features = pipeline._features(mel, plan)
    text = torch.from_numpy(pipeline.embed("very angry"))[None]
    face, yes, no = torch.zeros(1, len(LEARNED)), torch.tensor([True]), torch.tensor([False])
    noisy, time = torch.randn(1, 32, 50, generator=torch.Generator().manual_seed(0)), torch.tensor([599])

    def alone(keep):
        with torch.no_grad():
            condition = pipeline.conditioner(text, face, keep, yes)
            audio = pipeline.audio_encoder(features[None])
            return pipeline.denoiser(noisy, time, audio, pipeline.regressor(audio, condition), condition)

    def guided(strength):
        predict = pipeline._predictor(features, plan, text[0].numpy(), face[0].numpy(), strength)
        with torch.no_grad():
            return predict(range(1), noisy, 599)

    torch.testing.assert_close(guided(1.0), alone(yes), rtol=0, atol=0)
    torch.testing.assert_close(guided(0.0), alone(no), rtol=0, atol=0)
    torch.testing.assert_close(guided(2.0), alone(no) + 2 * (alone(yes) - alone(no)), atol=1e-5, rtol=1e-4)
    assert not torch.allclose(alone(yes), alone(no))


def test_controls(pipeline, portrait, speech):
    still = pipeline(speech, "happy", portrait, head_motion=0, blink=0, expression=0, lip=0)
    np.testing.assert_allclose(still[:, POSE], np.repeat(portrait[None, POSE], len(still), 0), atol=1e-6)
    assert still[:, JAW].max() == 0
    np.testing.assert_allclose(still[:, BROW], portrait[BROW], atol=1e-6)
    assert still[:, INDEX["eyeBlinkLeft"]].max() < 0.3
    plain, wide = (pipeline(speech, "happy", portrait, lip=k) for k in (1.0, 1.5))
    open_ = plain[:, JAW] < 0.6
    np.testing.assert_allclose(wide[open_, JAW], 1.5 * plain[open_, JAW], atol=1e-5)
    np.testing.assert_allclose(wide[:, BROW], plain[:, BROW], atol=1e-6)
    calm, lively = (pipeline(speech, "happy", portrait, head_motion=k)[:, YAW] - portrait[YAW] for k in (1.0, 2.0))
    np.testing.assert_allclose(lively, 2 * calm, atol=1e-5)


def test_long_audio_has_no_seams(pipeline, portrait, speech):
    motion = pipeline(np.tile(speech, 5), "happy", portrait)
    plan = WindowPlan(len(motion), 32)
    change = np.abs(np.diff(motion[:, [BROW, YAW, INDEX["pitch"], INDEX["roll"]]], axis=0)).mean(1)
    # Around each place where a window begins or ends.
    edges = [s for w in range(1, plan.count) for s in (w * plan.stride, w * plan.stride + plan.overlap)]
    seams = np.mean([change[e - 1 : e + 1].max() for e in edges if e < len(change)])
    usual = np.median([change[i - 1 : i + 1].max() for i in range(1, len(change))])
    assert seams / usual < 1.8


def test_what_is_said_now_does_not_change_what_was_said_long_before(pipeline, tiny):
    # Windows reach 32 frames; beyond a few of them nothing is shared but the clip's loudness statistics.
    mel = np.tile(tiny.data.spoken[0].mel, (4, 1))
    changed = mel.copy()
    changed[4 * 280 :] = np.roll(changed[4 * 280 :], 7, axis=0)
    a, b = (channels(pipeline, m, 1.0) for m in (mel, changed))
    assert np.abs(a - b)[:100].max() < 1e-4
    assert np.abs(a - b)[280:].max() > 1e-2


@pytest.mark.parametrize(
    "change",
    [
        {"audio": np.zeros(0, np.float32)},
        {"audio": np.array([np.nan] * 100, np.float32)},
        {"text": "   "},
        {"reference": np.zeros(57, np.float32)},
        {"reference": np.zeros(58, np.float32)},
        {"reference": np.full(58, np.nan, np.float32)},
        {"emotion_strength": 9.0},
    ],
)
def test_bad_input_is_one_clear_line(pipeline, portrait, speech, change):
    with pytest.raises(UserError) as caught:
        pipeline(**{"audio": speech, "text": "happy", "reference": portrait, **change})
    assert "\n" not in str(caught.value)
