"""Render the synthetic corpus as a MEAD-layout tree of mp4 and wav, with the true motion beside each video.

<root>/W002/video/front/happy/level_3/001.mp4          picture and sound
<root>/W002/video/front/happy/level_3/001.safetensors  the truth (`ClipTruth`)
<root>/W002/audio/happy/level_3/001.wav
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from components.common.artifacts import EMOTIONS, ClipTruth, atomic
from components.common.media import VideoWriter, write_wav
from components.common.parallel import map_clips
from components.common.params import Prepare
from components.common.runtime import derive
from components.corpus.split import split_clips
from components.synthetic.head.template import load_template
from components.synthetic.motion.performance import IdentityStyle, perform
from components.synthetic.render.actor import Actor
from components.synthetic.voice.sentences import (
    HELD_OUT_VOICES,
    LEVELS,
    TEST_SENTENCES,
    TRAIN_SENTENCES,
    VOICES,
    grammar_sentence,
)
from components.synthetic.voice.speech import Speaker, Utterance

LEAD = 0.12  # seconds of silence before the first word
CRF = 16  # x264 quality of the rendered clips


@dataclass(frozen=True)
class Person:
    """One identity of the corpus: name as in MEAD, seed, voice, and the split it will fall into."""

    name: str
    seed: int
    female: bool
    voice: str
    split: str


@dataclass(frozen=True)
class ClipPlan:
    """One clip to render; small, so that it travels to worker processes."""

    person: Person
    emotion: str
    intensity: int
    number: int
    sentences: tuple[str, ...]  # in order of preference: the first that fits the length is spoken
    seconds: float
    size: int
    root: Path

    @property
    def video(self) -> Path:
        return self._folder("video/front") / f"{self.number:03d}.mp4"

    @property
    def audio(self) -> Path:
        return self._folder("audio") / f"{self.number:03d}.wav"

    @property
    def truth(self) -> Path:
        return self.video.with_suffix(".safetensors")

    def _folder(self, kind: str) -> Path:
        return self.root / self.person.name / kind / self.emotion / f"level_{self.intensity}"


def synthesize(root: Path, params: Prepare, seed: int, workers: int) -> list[Path]:
    """Write `params.clips` clips of `params.identities` people below `root`; returns the videos' paths.

    The same parameters and seed give the same bytes, whatever the number of workers.
    """
    load_template()  # built once here rather than by every worker at the same time
    plans = plan_clips(root, params, seed)
    return map_clips(render_clip, plans, workers, "rendering synthetic clips")


def plan_clips(root: Path, params: Prepare, seed: int) -> list[ClipPlan]:
    """Who says what and how. Every person shows every emotion in turn, and every emotion comes in all three levels."""
    people = cast(params, seed)
    rng = np.random.default_rng([seed, derive("plan")])
    pools = {person.name: _sentences(person, rng) for person in people}
    plans = []
    for index in range(params.clips):
        who, turn = index % len(people), index // len(people)
        person = people[who]
        emotion = (turn + 3 * who) % len(EMOTIONS)
        level = 1 + (who + emotion + turn // len(EMOTIONS)) % len(LEVELS)
        pool = pools[person.name]
        sentences = tuple(pool[(turn + k) % len(pool)] for k in range(0, len(pool), max(1, len(pool) // 4)))
        plans.append(
            ClipPlan(
                person,
                EMOTIONS[emotion],
                level if emotion else 1,  # MEAD's neutral has one level
                turn + 1,
                sentences,
                params.seconds,
                params.size,
                root,
            )
        )
    return sorted(plans, key=lambda plan: (plan.person.name, plan.number))


def cast(params: Prepare, seed: int) -> list[Person]:
    """The people of the corpus. Those of the test split get voices and sentences that nobody else has."""
    females = [bool(i % 2) for i in range(params.identities)]
    names = [f"{'W' if female else 'M'}{i + 1:03d}" for i, female in enumerate(females)]
    splits = split_clips(names, names, params.val_fraction, params.test_fraction, seed)
    people = []
    for i, (name, female, split) in enumerate(zip(names, females, splits, strict=True)):
        voices: Sequence[str] = VOICES["W" if female else "M"]
        voices = voices[-HELD_OUT_VOICES:] if split == "test" else voices[:-HELD_OUT_VOICES]
        people.append(Person(name, derive("person", seed, i), female, voices[(i // 2) % len(voices)], split))
    return people


def _sentences(person: Person, rng: np.random.Generator) -> list[str]:
    if person.split == "test":
        return [TEST_SENTENCES[i] for i in rng.permutation(len(TEST_SENTENCES))]
    handwritten = [TRAIN_SENTENCES[i] for i in rng.permutation(len(TRAIN_SENTENCES))]
    grammatical = [grammar_sentence(rng) for _ in range(len(handwritten) // 2)]
    return [*handwritten[: len(handwritten) // 2], *grammatical] if person.split == "train" else grammatical


@lru_cache(maxsize=2)
def _actor(seed: int, female: bool, size: int) -> Actor:
    return Actor.sample(seed, size, female)


def render_clip(plan: ClipPlan) -> Path:
    """Speak, perform, render and write one clip; returns the video's path."""
    person = plan.person
    actor = _actor(person.seed, person.female, plan.size)
    utterance = _speak(plan)
    style = IdentityStyle.sample(person.seed)
    seed = derive(person.seed, plan.emotion, plan.intensity, plan.number)
    motion = perform(utterance, plan.emotion, plan.intensity, seed, style)
    with (
        atomic(plan.video) as temporary,
        VideoWriter(temporary, plan.size, plan.size, audio=utterance.audio, crf=CRF) as video,
    ):
        for weights, pose, translation in zip(motion.weights, motion.pose, motion.translation, strict=True):
            video.add(actor.render(weights, pose, translation))
    write_wav(plan.audio, utterance.audio)
    coefficients = actor.coefficients(motion.weights, motion.pose, motion.translation)
    ClipTruth(coefficients, utterance.phonemes, utterance.text).save(plan.truth)
    return plan.video


def _speak(plan: ClipPlan) -> Utterance:
    """The first sentence that fits into the clip; otherwise the last one, cut."""
    speaker = Speaker()
    for text in plan.sentences:
        utterance = speaker.say(text, plan.person.voice, plan.emotion, plan.intensity)
        if utterance.seconds + LEAD <= plan.seconds:
            break
    return utterance.fitted(plan.seconds, LEAD)
