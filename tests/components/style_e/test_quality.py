"""The figures of a model; and what a quarter of a minute of training must already give on speech it never heard."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from components.common.arkit import INDEX
from components.common.artifacts import EMOTIONS
from components.common.lip_gap import lip_gap
from components.common.media import read_audio
from components.common.params import TrainStyleE
from components.style_e.channels import JAW
from components.style_e.dataset import spoken_clips
from components.style_e.quality import jaw_correlation
from components.style_e.text_encoder import MiniLMText
from components.style_e.texts import LEVELS, TextBank
from components.style_e.train import StyleETraining, TrainingData
from components.style_e.windows import WindowPlan
from components.synthetic.motion.clips import picture_free_clips

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "media" / "audio"
DEGREES = {1: ("slightly", "a little"), 2: ("quite", "rather"), 3: ("very", "extremely")}
REST = np.zeros(58, np.float32)
REST[INDEX["scale"]] = 0.3


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_the_jaw_is_correlated_with_the_truth_clip_by_clip(pipeline, tiny):
    clips, texts = tiny.data.spoken[:2], tiny.data.bank.vectors
    own = [pipeline.channels(clip.mel, texts[clip.texts[0]], clip.references[0]) for clip in clips]
    by_hand = np.mean([correlation(a[:, JAW], clip.channels[:, JAW]) for a, clip in zip(own, clips, strict=True)])
    assert jaw_correlation(pipeline, clips, texts) == pytest.approx(by_hand, abs=1e-5)
    perfect = [replace(clip, channels=channels) for clip, channels in zip(clips, own, strict=True)]
    assert jaw_correlation(pipeline, perfect, texts) == pytest.approx(1.0)
    mute = [replace(clip, channels=0 * clip.channels) for clip in clips]
    assert jaw_correlation(pipeline, mute, texts) == 0.0


@pytest.fixture(scope="module")
def talker():
    torch.set_num_threads(1)
    encoder = MiniLMText()
    texts = {(e, level): [f"{d} {e}" for d in DEGREES[level]] for e in EMOTIONS for level in LEVELS}
    rows = {text: i for i, text in enumerate(text for group in texts.values() for text in group)}
    classes = {key: np.array([rows[text] for text in group]) for key, group in texts.items()}
    bank = TextBank(encoder.encode(list(rows)), classes, classes, rows)
    params = TrainStyleE(width=96, blocks=3, steps=250, batch_size=16, lr=2e-3, context=3)
    spoken = spoken_clips(96, 0, 0.35, bank, params.bands)
    training = StyleETraining(params, TrainingData([], spoken, [], [], bank), encoder, 0, torch.device("cpu"))
    training.run()
    return training.pipeline()


@pytest.fixture(scope="module")
def spoken(talker):
    clips = picture_free_clips(24, 5, sentences="test")
    return [(clip, talker(clip.audio, f"very {clip.emotion}", clip.reference, seed=i)) for i, clip in enumerate(clips)]


@pytest.mark.slow
def test_the_jaw_follows_speech(spoken):
    jaw = INDEX["jawOpen"]
    assert np.mean([correlation(motion[:, jaw], clip.coefficients[:, jaw]) for clip, motion in spoken]) > 0.75
    wrong = [correlation(spoken[i - 1][1][:, jaw], spoken[i][0].coefficients[:, jaw]) for i in range(len(spoken))]
    assert np.mean(wrong) < 0.3


@pytest.mark.slow
def test_lips_close_on_p_b_m(spoken):
    closed, open_ = [], []
    for clip, motion in spoken:
        gap = lip_gap(motion)
        for phoneme in clip.phonemes:
            frame = int((phoneme.start + phoneme.end) / 2 * 25)
            if phoneme.ipa.strip("ˈˌː")[:1] in set("pbm") and frame < len(gap):
                closed.append(gap[max(0, frame - 1) : frame + 2].min() < 0.3)
        open_ += [value < 0.3 for value, true in zip(gap, lip_gap(clip.coefficients), strict=True) if true > 0.6]
    assert np.mean(closed) > 0.65
    assert np.mean(open_) < 0.3


@pytest.mark.slow
def test_the_text_sets_the_face_over_a_calm_voice(talker):
    truth = picture_free_clips(96, 1)
    faces = {e: np.mean([c.coefficients[:, :52].mean(0) for c in truth if c.emotion == e], 0) for e in EMOTIONS}
    calm = next(clip for clip in picture_free_clips(8, 5, sentences="test") if clip.emotion == "neutral")
    right = 0
    for wish in EMOTIONS:
        face = talker(calm.audio, f"extremely {wish}", calm.reference)[:, :52].mean(0)
        right += min(EMOTIONS, key=lambda e, face=face: float(np.abs(face - faces[e]).sum())) == wish
    assert right >= 7


@pytest.mark.slow
def test_strength_makes_the_expression_stronger(talker, spoken):
    audio, smile = spoken[0][0].audio, INDEX["mouthSmileLeft"]
    weak, plain, strong = (talker(audio, "quite happy", REST, emotion_strength=s)[:, smile].mean() for s in (0, 1, 2))
    assert weak + 0.1 < plain < strong


@pytest.mark.slow
@pytest.mark.parametrize("name", ["english", "chinese", "song"])
def test_lips_follow_real_recordings(talker, name):
    if not RECORDINGS.is_dir():
        pytest.skip("the recordings of ../shared/media are not there")
    sounds = {path.stem: read_audio(path) for path in sorted(RECORDINGS.glob("*.wav"))}

    def level(audio: np.ndarray, frames: int) -> np.ndarray:
        rows = np.resize(audio, frames * 640).reshape(frames, 640)
        return np.maximum(10 * np.log10((rows**2).mean(1) + 1e-9), -50)

    gap = lip_gap(talker(sounds[name], "calm", REST))
    others = [correlation(gap, level(sounds[other], len(gap))) for other in sounds if other != name]
    assert correlation(gap, level(sounds[name], len(gap))) > 0.35
    assert max(others) < 0.2


@pytest.mark.slow
def test_long_recordings_have_no_seams(talker, spoken):
    motion = talker(np.concatenate([clip.audio for clip, _ in spoken[:6]]), "very angry", REST)
    plan = WindowPlan(len(motion), 32)
    channels = [INDEX[name] for name in ("browDownLeft", "browInnerUp", "mouthFrownLeft", "yaw", "pitch", "roll")]
    change = np.abs(np.diff(motion[:, channels], axis=0))
    change = (change / change.mean(0)).mean(1)
    edges = [s for w in range(1, plan.count) for s in (w * plan.stride, w * plan.stride + plan.overlap)]
    seams = np.mean([change[e - 1 : e + 1].max() for e in edges if e < len(change)])
    assert seams / np.median(np.maximum(change[1:], change[:-1])) < 1.8
