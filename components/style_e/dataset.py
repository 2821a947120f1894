"""Training clips of Style-E: tracked clips of the corpus, and picture-free synthetic speech.

Tracked clips bring real annotation sentences; picture-free ones (never rendered, so nearly
free) bring exact lips, many voices and many identities. A parameter says how they are mixed.
Axes: T video frames, M = 4 T mel frames, K bands, C channels, R reference numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from components.coefficients.calibration import (
    load_attenuation,
    resting_pose,
    resting_weights,
    undo_attenuation,
    usual_turns,
)
from components.common.arkit import POSE
from components.common.artifacts import ClipCoefficients
from components.common.clips import read_clips
from components.common.frame_choice import calmest_frame, open_lips_and_closed_eyes
from components.common.layout import Layout
from components.common.media import read_audio
from components.common.progress import track
from components.common.runtime import derive
from components.style_e.audio import MELS_PER_FRAME, log_mel
from components.style_e.channels import LEARNED, to_channels
from components.style_e.texts import TextBank
from components.synthetic.motion.clips import SpokenMotion, picture_free_clips

MAX_REFERENCES = 8


@dataclass(frozen=True)
class MotionClip:
    """One clip, ready to be cut into windows."""

    identity: str
    calm: bool  # a neutral clip: its quiet frames make the best references
    mel: NDArray[np.float32]  # (M, K) log power
    channels: NDArray[np.float32]  # (T, C)
    valid: NDArray[np.bool_]  # (T,)
    texts: NDArray[np.int64]  # rows of the text bank to draw from
    quiet: NDArray[np.float32]  # (R,) weights of the clip's quietest frame
    references: NDArray[np.float32]  # (N, R) to draw from: this person in other clips

    @property
    def frames(self) -> int:
        return len(self.channels)


def quiet_frame(coefficients: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(R,) learned weights of the frame most like a portrait: lips nearly closed, eyes open."""
    return np.asarray(coefficients[calmest_frame(coefficients, valid, open_lips_and_closed_eyes)][LEARNED])


def with_references(clips: Sequence[MotionClip]) -> list[MotionClip]:
    """Give each clip the quiet frames of the same person's other clips, neutral ones as often as all others together.

    At inference the reference is one frame of a portrait, so one frame of another clip is what training shows. A person
    with a single clip refers to that clip itself.
    """
    people: dict[str, list[MotionClip]] = {}
    for clip in clips:
        people.setdefault(clip.identity, []).append(clip)
    out = []
    for clip in clips:
        others = [c for c in people[clip.identity] if c is not clip] or [clip]
        calm = [c.quiet for c in others if c.calm][:MAX_REFERENCES]
        tense = [c.quiet for c in others if not c.calm][:MAX_REFERENCES]
        repeats = max(1, len(tense) // len(calm)) if calm else 0
        own = clip.references
        pool = calm * repeats + tense
        # A picture-free person's true resting face counts as much as all frames together.
        stacked = np.concatenate([np.repeat(own, len(pool), 0), np.stack(pool)]) if len(own) else np.stack(pool)
        out.append(replace(clip, references=stacked.astype(np.float32)))
    return out


def spoken_clip(motion: SpokenMotion, bank: TextBank, bands: int) -> MotionClip:
    """A picture-free clip; `references` holds the person's true resting face."""
    frames = len(motion.coefficients)
    valid = np.ones(frames, bool)
    return MotionClip(
        identity=motion.identity,
        calm=motion.emotion == "neutral",
        mel=log_mel(motion.audio, bands)[: MELS_PER_FRAME * frames],
        channels=to_channels(motion.coefficients, motion.reference[POSE]),
        valid=valid,
        texts=bank.of(motion.emotion, motion.intensity),
        quiet=quiet_frame(motion.coefficients, valid),
        references=motion.reference[LEARNED][None],
    )


def spoken_clips(count: int, seed: int, prosody_swap: float, bank: TextBank, bands: int) -> list[MotionClip]:
    """`count` picture-free clips of training sentences, voices and people."""
    motions = picture_free_clips(count, derive("style_e", seed), prosody_swap=prosody_swap)
    return with_references([spoken_clip(m, bank, bands) for m in track(motions, "picture-free speech")])


def tracked_sentences(layout: Layout) -> list[str]:
    """All annotation sentences, sorted, without repetition."""
    return sorted({text for clip in read_clips(layout, annotated=True) for text in clip.annotation.sentences})


def tracked_clips(layout: Layout, split: str, bank: TextBank, bands: int) -> list[MotionClip]:
    """The corpus clips of a split with their extracted coefficients and sentences, in the manifest's order.

    Clips whose coefficients were rejected are left out.
    """
    stored = read_clips(layout, split, annotated=True)
    motions = [ClipCoefficients.load(clip.coefficients) for clip in stored]
    people = [clip.identity for clip in stored]
    turns = usual_turns(motions, people)
    rests = resting_weights(motions, people) if motions else []
    attenuation = load_attenuation(layout.regressor)
    clips = []
    for clip, motion, rest in zip(track(stored, f"speech of the {split} clips"), motions, rests, strict=True):
        note = clip.annotation
        coefficients = undo_attenuation(motion.coefficients, rest, attenuation)
        clips.append(
            MotionClip(
                identity=clip.identity,
                calm=note.emotion == "neutral",
                mel=fit_frames(log_mel(read_audio(clip.audio), bands), len(coefficients)),
                channels=to_channels(coefficients, resting_pose(coefficients, turns[clip.identity])),
                valid=motion.valid,
                texts=bank.of(note.emotion, note.intensity, list(note.sentences)),
                quiet=quiet_frame(coefficients, motion.valid),
                references=np.zeros((0, len(LEARNED)), np.float32),
            )
        )
    return with_references(clips)


def fit_frames(mel: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """Exactly 4 mel frames per video frame: sound may be a frame shorter or longer than the picture."""
    length = MELS_PER_FRAME * frames
    return np.pad(mel[:length], ((0, max(0, length - len(mel))), (0, 0)), mode="edge")
