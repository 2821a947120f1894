"""Performance: lips close and touch teeth on time, emotions can be told apart, blinks and gaze behave."""

import numpy as np
import pytest

from components.common.arkit import INDEX, WEIGHTS, sided, weights_to_gaze
from components.common.artifacts import EMOTIONS, FPS
from components.common.lip_gap import CLOSED, lip_gap
from components.synthetic.motion.clips import SpokenMotion, picture_free_clips
from components.synthetic.motion.performance import IdentityStyle, perform
from components.synthetic.motion.visemes import BILABIALS, LABIODENTALS, base_symbols
from components.synthetic.voice.speech import Speaker


@pytest.fixture(scope="module")
def clips() -> list[SpokenMotion]:
    return picture_free_clips(72, seed=3)


def frames_of(clip: SpokenMotion, group: frozenset[str]) -> list[int]:
    centers = [
        int((p.start + p.end) / 2 * FPS)
        for p in clip.phonemes
        if base_symbols(p.ipa)[:1] and base_symbols(p.ipa)[0] in group
    ]
    return [frame for frame in centers if 1 <= frame < len(clip.coefficients) - 1]


def test_lips_close_on_bilabials(clips: list[SpokenMotion]) -> None:
    gaps = [
        lip_gap(clip.coefficients)[frame - 1 : frame + 2].min()
        for clip in clips
        for frame in frames_of(clip, BILABIALS)
    ]
    assert len(gaps) > 100
    assert np.mean(np.array(gaps) < CLOSED) > 0.95
    assert np.mean(np.array(gaps) < CLOSED / 2) > 0.85


def test_mouth_opens_on_vowels_and_shuts_in_silence(clips: list[SpokenMotion]) -> None:
    open_vowels = frozenset("aɑɐæ")
    neutral = [clip for clip in clips if clip.emotion == "neutral"]
    gaps = [lip_gap(clip.coefficients)[frame] for clip in neutral for frame in frames_of(clip, open_vowels)]
    assert np.median(gaps) > 0.8
    tails = [lip_gap(clip.coefficients)[-3:].mean() for clip in neutral if clip.phonemes[-1].start < 2.5]
    assert np.median(tails) < CLOSED


def test_lower_lip_meets_the_teeth_on_labiodentals(clips: list[SpokenMotion]) -> None:
    rows = [clip.coefficients[f] for clip in clips for f in frames_of(clip, LABIODENTALS)]
    values = np.array(rows)
    assert np.median(values[:, INDEX["mouthRollLower"]]) > 0.3
    assert np.percentile(values[:, INDEX["jawOpen"]], 90) < 0.3


def test_clip_means_tell_the_emotions_apart(clips: list[SpokenMotion]) -> None:
    means = np.array([clip.coefficients[:, :WEIGHTS].mean(0) for clip in clips])
    labels = np.array([EMOTIONS.index(clip.emotion) for clip in clips])
    odd = np.arange(len(clips)) // len(EMOTIONS) % 2 == 1
    centers = np.stack([means[~odd & (labels == e)].mean(0) for e in range(len(EMOTIONS))])
    guess = np.linalg.norm(means[odd][:, None] - centers, axis=-1).argmin(1)
    assert np.mean(guess == labels[odd]) > 0.9


def test_intensity_grows_with_the_level() -> None:
    spoken = Speaker().say("We should always wash the cups with warm water.", "en-us+f2")
    smile = INDEX["mouthSmileLeft"]
    levels = [perform(spoken, "happy", level, 5).weights[:, smile].mean() for level in (1, 2, 3)]
    assert levels[0] < levels[1] < levels[2]


def test_same_seed_same_motion_other_seed_other_motion() -> None:
    spoken = Speaker().say("Please show me the photo.", "en-us")
    style = IdentityStyle.sample(4)
    one, two, other = (perform(spoken, "fear", 2, seed, style) for seed in (1, 1, 2))
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.pose, two.pose)
    assert not np.array_equal(one.pose, other.pose)
    assert one.weights.shape == (spoken.frames, WEIGHTS)
    assert one.weights.min() >= 0
    assert one.weights.max() <= 1


def test_blinks_happen_and_close_both_eyes(clips: list[SpokenMotion]) -> None:
    left, right = sided("eyeBlink")
    shut = [(clip.coefficients[:, left] > 0.8) & (clip.coefficients[:, right] > 0.8) for clip in clips]
    starts = sum(int(np.count_nonzero(s[1:] & ~s[:-1])) for s in shut)
    seconds = sum(len(s) for s in shut) / FPS
    assert 0.15 < starts / seconds < 0.7


def test_eyes_counter_the_head(clips: list[SpokenMotion]) -> None:
    yaw = np.concatenate([c.coefficients[:, INDEX["yaw"]] for c in clips])
    gaze = np.concatenate([weights_to_gaze(c.coefficients)[:, 0] for c in clips])
    assert np.corrcoef(yaw, gaze)[0, 1] < -0.2


def test_people_differ_in_rest_and_jaw() -> None:
    styles = [IdentityStyle.sample(seed) for seed in range(12)]
    assert len({round(s.jaw_gain, 3) for s in styles}) == 12
    assert np.std([s.resting for s in styles], axis=0).max() > 0.02
    spoken = Speaker().say("What an awful way to finish such a good game.", "en-us")
    plain = perform(spoken, "neutral", 1, 0, IdentityStyle.plain()).weights
    wide = perform(spoken, "neutral", 1, 0, IdentityStyle(np.zeros(WEIGHTS), jaw_gain=1.2)).weights
    assert wide[:, INDEX["jawOpen"]].mean() > 1.05 * plain[:, INDEX["jawOpen"]].mean()


def test_smiling_lips_round_less() -> None:
    said = Speaker().say("Who knew you would do it too?", "en-us", "neutral", 1)
    plain, happy = (perform(said, emotion, 3, seed=5).weights[:, INDEX["mouthPucker"]] for emotion in ("sad", "happy"))
    assert happy.max() < 0.75 * plain.max()


def test_a_smile_does_not_follow_each_syllable() -> None:
    said = Speaker().say("Papa ate a banana at the bar after a party.", "en-us", "happy", 2)
    weights = perform(said, "happy", 2, seed=5).weights
    smile, jaw = weights[:, sided("mouthSmile")].mean(1), weights[:, INDEX["jawOpen"]]
    assert np.abs(np.diff(smile[10:])).mean() < 0.1 * np.abs(np.diff(jaw[10:])).mean()
