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
from evaluation.parts.talker import TalkerClip, calm_portrait, generate_clip, jitter_ratio
from evaluation.summary.results import Sample

MOST_FRAMES = 250  # of a clip; ten seconds are enough
FACE_STEP = 5  # every fifth frame goes into face statistics
PANEL = 256  # pixels a side in the report's videos
PANELS = ["True clip", "Style-A from true motion", "Whole talker from sound and text", "Whole talker with art style"]


@dataclass(frozen=True)
class MeasuredClip:
    """What a worker hands back for a case: small arrays and numbers, no frames.

    values: metric -> value. baselines: method -> metric -> value. truth: what was extracted from the true video.
    generated: the same from the talker's video. appearances: "true", "style_a", "talker" -> (N, D) face features.
    descriptors: "style_a", "talker" -> (N, D) features that tell people apart.
    """

    case: Case
    values: dict[str, float]
    baselines: dict[str, dict[str, float]]
    truth: ClipCoefficients
    generated: ClipCoefficients
    audio: Waveform
    appearances: dict[str, NDArray[np.float64]]
    descriptors: dict[str, NDArray[np.float64]]
    sample: Sample | None


@dataclass(frozen=True)
class CaseJob:
    """A case with where the models are and where a sample video goes."""

    case: Case
    models: Path
    folder: Path

    def run(self) -> MeasuredClip:
        """Draw and measure the clip; a pure function of the job's files."""
        return measure_clip(self)


@lru_cache(maxsize=1)
def loaded_talker(models: Path) -> Talker:
    """The talker of a folder of models, kept by the process for its next clip."""
    return Talker.from_pretrained(models)


def measure_clip(job: CaseJob) -> MeasuredClip:
    """Both generators on one clip: Style-A from the true motion, the whole talker from sound and text."""
    case, clip = job.case, job.case.clip
    seed_everything(case.seed)
    talker = loaded_talker(job.models)
    frames = list(islice(read_frames(clip.video), MOST_FRAMES))
    truth = _first(ClipCoefficients.load(clip.coefficients), len(frames))
    audio = read_audio(clip.audio)[: round(len(frames) / FPS * SAMPLE_RATE)]

    reenactment = reenact(talker.style_a, frames, truth)
    calm = list(islice(read_frames(case.portrait.video), MOST_FRAMES))
    portrait = calm_portrait(calm, ClipCoefficients.load(case.portrait.coefficients), talker.extractor)
    art = next(read_frames(case.art.video))
    generated = generate_clip(talker, portrait, audio, case.text, art, case.style, case.seed, bool(case.sample))

    reenacted = ClipCoefficients(truth.coefficients, reenactment.full.landmarks, reenactment.full.valid)
    faces = {
        "true": aligned_faces(frames, truth, FACE_STEP),
        "style_a": aligned_faces(reenactment.full.frames, reenacted, FACE_STEP),
        "talker": aligned_faces(generated.frames, generated.tracked, FACE_STEP),
    }
    values = {
        **reenactment.values,
        **generated.values,
        "talker/jitter_ratio": jitter_ratio(generated.tracked, truth),
    }
    return MeasuredClip(
        case,
        values,
        reenactment.baselines,
        truth,
        generated.tracked,
        audio,
        {name: appearance(images) for name, images in faces.items() if images},
        {name: descriptor(images) for name, images in faces.items() if images and name != "true"},
        _write_sample(job, frames, reenactment, generated, audio, talker.models) if case.sample else None,
    )


def _first(tracked: ClipCoefficients, frames: int) -> ClipCoefficients:
    return ClipCoefficients(tracked.coefficients[:frames], tracked.landmarks[:frames], tracked.valid[:frames])


def _write_sample(
    job: CaseJob,
    truth: Sequence[Image],
    reenactment: Reenactment,
    generated: TalkerClip,
    audio: Waveform,
    models: dict[str, str],
) -> Sample:
    """The report's video: truth, Style-A, talker and styled talker side by side, playing together."""
    case, clip = job.case, job.case.clip
    videos = [truth, reenactment.full.frames, generated.frames, generated.styled]
    count = min(len(frames) for frames in videos)
    strips = [np.concatenate([_panel(frames[t]) for frames in videos], axis=1) for t in range(count)]
    height, width = strips[0].shape[:2]
    metadata = tags(models, {}, {"emotion": case.text, "seed": str(case.seed)})
    with VideoWriter(job.folder / f"{case.sample}.mp4", width, height, audio=audio, metadata=metadata) as video:
        for strip in strips:
            video.add(strip)
    jaw = generated.motion[:, INDEX["jawOpen"]].astype(np.float64)
    # The poster shows the widest mouth: a still that says more than the first frame.
    poster = job.folder / f"{case.sample}.jpg"
    still = cv2.cvtColor(strips[int(jaw[:count].argmax())], cv2.COLOR_RGB2BGR)
    with atomic(poster) as temporary:
        cv2.imwrite(str(temporary), still, [cv2.IMWRITE_JPEG_QUALITY, 88])
    emotion = f"{clip.emotion}, intensity {clip.intensity}" if clip.emotion else "no emotion label"
    return Sample(
        f"{case.sample}.mp4",
        poster.name,
        case.text,
        f"Person {clip.identity}, {emotion}, art style {case.style}. Clip {clip.clip_id}.",
        PANELS,
        {"asked": _scaled(jaw), "seen": _scaled(lip_aperture(generated.tracked.landmarks))},
    )


def _panel(frame: Image) -> Image:
    if frame.shape[0] == PANEL:
        return frame
    interpolation = cv2.INTER_AREA if frame.shape[0] > PANEL else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, (PANEL, PANEL), interpolation=interpolation), np.uint8)


def _scaled(curve: NDArray[np.floating]) -> list[float]:
    """A curve scaled to 0-1."""
    low, high = float(curve.min()), float(curve.max())
    return [float(v) for v in (curve - low) / max(high - low, 1e-9)]
