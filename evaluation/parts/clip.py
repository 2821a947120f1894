"""Everything that is measured on one test clip, in a worker process that keeps its models between clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX
from components.common.artifacts import FPS, SAMPLE_RATE, ClipCoefficients, atomic
from components.common.media import Image, VideoWriter, Waveform, read_audio, read_frames
from components.common.runtime import seed_everything
from components.talker.pipeline import Talker
from components.talker.video_tags import tags
from evaluation.metrics.face_features import appearance, descriptor
from evaluation.metrics.landmarks import lip_aperture
from evaluation.parts.cases import Case
from evaluation.parts.judges import aligned_faces
from evaluation.parts.reenactment import Reenactment, reenact
from evaluation.parts.talker import Talk, calm_portrait, jitter_against, talk
from evaluation.summary.results import Sample

MOST_FRAMES = 250  # of a clip; ten seconds tell enough
LEAST_FRAMES = 12
FACE_STEP = 5  # every fifth frame goes into face statistics
PANEL = 256  # pixels a side in the report's videos
PANELS = ["True clip", "Style-A from true motion", "Whole talker from sound and text", "Whole talker with art style"]


@dataclass(frozen=True)
class Measured:
    """What a worker hands back for a case: small arrays and numbers, no frames.

    values: metric -> value. baselines: method -> metric -> value. true_clip: what was extracted from the true video.
    seen: the same from the talker's video. looks: "true", "style_a", "talker" -> (N, D) appearance features.
    people: "style_a", "talker" -> (N, D) descriptors.
    """

    case: Case
    values: dict[str, float]
    baselines: dict[str, dict[str, float]]
    true_clip: ClipCoefficients
    seen: ClipCoefficients
    audio: Waveform
    looks: dict[str, NDArray[np.float64]]
    people: dict[str, NDArray[np.float64]]
    sample: Sample | None


@dataclass(frozen=True)
class ClipJob:
    """A case with where the models are and where a sample video goes."""

    case: Case
    models: Path
    folder: Path

    def run(self) -> Measured:
        return measure(self)


@lru_cache(maxsize=1)
def _talker(models: Path) -> Talker:
    return Talker.from_pretrained(models)


def measure(job: ClipJob) -> Measured:
    """Draw and measure one clip; a pure function of the job's files."""
    case = job.case
    seed_everything(case.seed)
    talker = _talker(job.models)
    truth = list(islice(read_frames(case.video), MOST_FRAMES))
    clip = _first(ClipCoefficients.load(case.coefficients), len(truth))
    audio = read_audio(case.audio)[: round(len(truth) / FPS * SAMPLE_RATE)]

    drawn = reenact(talker.style_a, truth, clip)
    calm = list(islice(read_frames(case.portrait_video), MOST_FRAMES))
    portrait = calm_portrait(calm, ClipCoefficients.load(case.portrait_coefficients), talker.extractor)
    art_portrait = next(read_frames(case.style_video))
    spoken = talk(talker, portrait, audio, case.text, art_portrait, case.style, case.seed, bool(case.sample))

    faces = {
        "true": aligned_faces(truth, clip, FACE_STEP),
        "style_a": aligned_faces(drawn.full.frames, _seen(drawn, clip), FACE_STEP),
        "talker": aligned_faces(spoken.frames, spoken.seen, FACE_STEP),
    }
    values = {**drawn.values, **spoken.values, "talker/jitter_ratio": jitter_against(spoken.seen, clip)}
    return Measured(
        case,
        values,
        drawn.baselines,
        clip,
        spoken.seen,
        audio,
        {name: appearance(found) for name, found in faces.items() if found},
        {name: descriptor(found) for name, found in faces.items() if found and name != "true"},
        _write_sample(job, truth, drawn, spoken, audio, talker.models) if case.sample else None,
    )


def _first(clip: ClipCoefficients, frames: int) -> ClipCoefficients:
    return ClipCoefficients(clip.coefficients[:frames], clip.landmarks[:frames], clip.valid[:frames])


def _seen(drawn: Reenactment, clip: ClipCoefficients) -> ClipCoefficients:
    return ClipCoefficients(clip.coefficients, drawn.full.landmarks, drawn.full.found)


def _write_sample(
    job: ClipJob, truth: Sequence[Image], drawn: Reenactment, spoken: Talk, audio: Waveform, models: dict[str, str]
) -> Sample:
    """The report's video: truth, Style-A, talker and styled talker side by side, playing together."""
    case = job.case
    rows = [truth, drawn.full.frames, spoken.frames, spoken.styled]
    count = min(len(frames) for frames in rows)
    strips = [np.concatenate([_panel(frames[t]) for frames in rows], axis=1) for t in range(count)]
    height, width = strips[0].shape[:2]
    note = tags(models, {}, {"emotion": case.text, "seed": str(case.seed)})
    with VideoWriter(job.folder / f"{case.sample}.mp4", width, height, audio=audio, metadata=note) as video:
        for strip in strips:
            video.add(strip)
    asked = spoken.asked[:, INDEX["jawOpen"]].astype(np.float64)
    seen = lip_aperture(spoken.seen.landmarks)
    # The poster shows the widest mouth: a still that tells more than the first frame.
    poster = job.folder / f"{case.sample}.jpg"
    still = cv2.cvtColor(strips[int(asked[:count].argmax())], cv2.COLOR_RGB2BGR)
    with atomic(poster) as temporary:
        cv2.imwrite(str(temporary), still, [cv2.IMWRITE_JPEG_QUALITY, 88])
    told = f"{case.emotion}, intensity {case.intensity}" if case.emotion else "no emotion label"
    return Sample(
        f"{case.sample}.mp4",
        poster.name,
        case.text,
        f"Person {case.identity}, {told}, art style {case.style}. Clip {case.clip_id}.",
        PANELS,
        {"asked": _scaled(asked), "seen": _scaled(seen)},
    )


def _panel(frame: Image) -> Image:
    if frame.shape[0] == PANEL:
        return frame
    how = cv2.INTER_AREA if frame.shape[0] > PANEL else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (PANEL, PANEL), interpolation=how), np.uint8)


def _scaled(curve: NDArray[np.floating]) -> list[float]:
    low, high = float(curve.min()), float(curve.max())
    return [float(v) for v in (curve - low) / max(high - low, 1e-9)]
