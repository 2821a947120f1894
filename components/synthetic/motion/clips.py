"""Clips without pictures: speech and the motion that goes with it, for Style-E and its measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from components.common.artifacts import EMOTIONS, Phoneme
from components.common.runtime import derive
from components.synthetic.geometry.camera import with_pose
from components.synthetic.motion.performance import IdentityStyle, perform
from components.synthetic.voice.sentences import (
    LEVELS,
    TEST_SENTENCES,
    TEST_VOICES,
    TRAIN_SENTENCES,
    TRAIN_VOICES,
    grammar_sentence,
    prosody,
)
from components.synthetic.voice.speech import Speaker


@dataclass(frozen=True)
class SpokenMotion:
    """Speech and the motion that goes with it, never rendered."""

    audio: NDArray[np.float32]  # (samples,) 16 kHz
    coefficients: NDArray[np.float32]  # (T, 58), T = round(seconds * 25)
    phonemes: tuple[Phoneme, ...]
    text: str
    emotion: str
    intensity: int
    identity: str
    voice_emotion: str  # whose prosody is heard; differs from `emotion` in prosody-swapped clips
    style: IdentityStyle

    @property
    def reference(self) -> NDArray[np.float32]:
        """(58,) coefficients of the person at rest, looking straight ahead."""
        rest = with_pose(self.style.resting[None], np.zeros((1, 3)), np.zeros((1, 3)))
        return np.asarray(rest[0])


def picture_free_clips(
    count: int,
    seed: int,
    prosody_swap: float = 0.0,
    sentences: Literal["train", "test"] = "train",
    seconds: float | None = 3.0,
    identities: int = 64,
) -> list[SpokenMotion]:
    """`count` clips of about 12 ms work each, emotions and intensities balanced.

    prosody_swap: share of clips that speak with another emotion's prosody, so that the face has to follow the text.
    sentences: "train" or "test" also picks the voices and people, which the two sets never share. Training clips mix
    the hand-written sentences with grammar sentences; test clips speak the held-out sentences.
    seconds: length of every clip, speech padded with silence or cut; None keeps each sentence's own length.
    """
    return [_spoken(i, seed, prosody_swap, sentences, seconds, identities) for i in range(count)]


def _spoken(
    index: int, seed: int, prosody_swap: float, sentences: str, seconds: float | None, identities: int
) -> SpokenMotion:
    rng = np.random.default_rng([seed, derive("picture-free", sentences), index])
    emotion = EMOTIONS[index % len(EMOTIONS)]
    intensity = 1 + (index // len(EMOTIONS)) % len(LEVELS)
    person = int(rng.integers(identities))
    identity_seed = derive("person", sentences, seed, person)
    voices = TRAIN_VOICES if sentences == "train" else TEST_VOICES
    voice = voices[identity_seed % len(voices)]
    voice_emotion, voice_intensity = emotion, intensity
    if rng.random() < prosody_swap:
        voice_emotion = EMOTIONS[int(rng.integers(len(EMOTIONS)))]
        voice_intensity = int(rng.integers(1, len(LEVELS) + 1))
    pool = TRAIN_SENTENCES if sentences == "train" else TEST_SENTENCES
    handwritten = sentences == "test" or rng.random() < 0.5
    text = pool[int(rng.integers(len(pool)))] if handwritten else grammar_sentence(rng)
    utterance = Speaker().say(text, voice, prosody=prosody(voice_emotion, voice_intensity))
    if seconds is not None:
        utterance = utterance.fitted(seconds, lead=float(rng.uniform(0.0, 0.2)))
    style = IdentityStyle.sample(identity_seed)
    motion = perform(utterance, emotion, intensity, derive(seed, sentences, index), style)
    return SpokenMotion(
        utterance.audio,
        with_pose(motion.weights, motion.pose, motion.translation),
        utterance.phonemes,
        text,
        emotion,
        intensity,
        f"{sentences}{person:03d}",
        voice_emotion,
        style,
    )
