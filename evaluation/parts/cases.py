"""Which test clips are measured, from which portrait and in which art style."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from components.common.artifacts import EMOTIONS
from components.common.clips import Clip
from components.common.errors import UserError

STYLE_ORDER = ("oil", "sketch", "pop", "watercolor", "comic", "arcane", "pixel", "cartoon")
EMOTION_ORDER = {emotion: place for place, emotion in enumerate(EMOTIONS)}
ART_STEP = 7  # clips between those that lend the art pictures of two cases: another person each time


@dataclass(frozen=True)
class Case:
    """A test clip to be drawn by the models.

    portrait: the clip that the whole talker's first frame is taken from, another, calmer one of the same person where
    there is one. style, art: the art picture is the first frame of this clip, of another person, in this procedural
    style. sample: file stem of the report's video, or "" for none.
    """

    clip: Clip
    portrait: Clip
    style: str
    art: Clip
    sample: str
    seed: int

    @property
    def text(self) -> str:
        """What the talker is asked to act: the annotators' best sentence."""
        return self.clip.annotation.sentences[0]

    @property
    def labels(self) -> dict[str, str]:
        """What the metrics can be sliced by."""
        return {"emotion": self.clip.emotion, "identity": self.clip.identity, "style": self.style}


def held_out(clips: Sequence[Clip]) -> list[Clip]:
    """The clips of the test split; of the validation split where footage is too little for three."""
    for split in ("test", "val"):
        if tested := [clip for clip in clips if clip.split == split]:
            return tested
    raise UserError("no clip is held out for testing; use footage of at least three people")


def round_robin(clips: Iterable[Clip], group: Callable[[Clip], Hashable]) -> list[Clip]:
    """The first clip of every group, then the second of every group, and so on; each round in the order given."""
    rounds: Counter[Hashable] = Counter()
    numbered = []
    for clip in clips:
        numbered.append((rounds[group(clip)], clip))
        rounds[group(clip)] += 1
    return [clip for _, clip in sorted(numbered, key=lambda pair: pair[0])]


def spread(clips: Sequence[Clip], count: int) -> list[Clip]:
    """`count` clips in a fixed order in which emotions take turns, and within an emotion people do, strongest first."""
    people = sorted({clip.identity for clip in clips})

    def emotion(clip: Clip) -> int:
        return EMOTION_ORDER.get(clip.emotion, len(EMOTION_ORDER))

    def emotion_and_person(clip: Clip) -> tuple[int, int]:
        # Each emotion starts with another person.
        return emotion(clip), (people.index(clip.identity) + emotion(clip)) % len(people)

    strongest = sorted(clips, key=lambda clip: (emotion_and_person(clip), -clip.intensity, clip.clip_id))
    in_turn = round_robin(strongest, emotion_and_person)
    return round_robin(sorted(in_turn, key=emotion), emotion)[:count]


def calm_clip(clips: Sequence[Clip], clip: Clip) -> Clip:
    """A neutral clip of the same person other than this one, else the mildest other, else this one."""
    others = [other for other in clips if other.identity == clip.identity and other.clip_id != clip.clip_id]
    return min(others, key=lambda other: -1 if other.emotion == "neutral" else other.intensity, default=clip)


def choose_cases(clips: Sequence[Clip], count: int, samples: int, seed: int) -> list[Case]:
    """The clips to measure, in a fixed order; the first `samples` of them also become the report's videos.

    clips: all accepted ones of the corpus, annotated.

    Raises:
        UserError: no clip is held out.
    """
    cases = []
    for i, clip in enumerate(spread(held_out(clips), count)):
        others = [other for other in clips if other.identity != clip.identity] or clips[:1]
        cases.append(
            Case(
                clip=clip,
                portrait=calm_clip(clips, clip),
                style=STYLE_ORDER[i % len(STYLE_ORDER)],
                art=others[ART_STEP * i % len(others)],
                sample=f"sample_{i + 1}_{_slug(clip.emotion)}" if i < samples else "",
                seed=seed + i,
            )
        )
    return cases


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "clip"
