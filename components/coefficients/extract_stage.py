"""Clips to coefficients, landmarks and validity, a row for every frame."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from components.coefficients.extractor import CoefficientExtractor
from components.common.artifacts import write_json
from components.common.clips import read_clips
from components.common.errors import StageError
from components.common.media import read_frames
from components.common.parallel import map_clips
from components.common.params import ExtractCoefficients
from components.runner.stage import Stage, main


@dataclass(frozen=True)
class ExtractionJob:
    """One clip to extract: its video, where the coefficients go, and how."""

    clip_id: str
    video: Path
    frames: int  # as the manifest says
    target: Path
    regressor: Path
    params: ExtractCoefficients


@dataclass(frozen=True)
class ClipReport:
    """How a clip went. rejected: the reason in words, or empty."""

    clip_id: str
    frames: int
    missing: int
    rejected: str


def run(stage: Stage) -> Mapping[str, float]:
    """Extract every clip. One with too many frames without a face keeps its file, but is listed as rejected."""
    layout, params = stage.layout, stage.params.extract_coefficients
    CoefficientExtractor.from_pretrained(layout.regressor)  # complain before the work starts
    jobs = [
        ExtractionJob(clip.clip_id, clip.video, clip.frames, clip.coefficients, layout.regressor, params)
        for clip in read_clips(layout, accepted=False)
    ]
    reports = map_clips(extract_clip, jobs, stage.params.runtime.workers, "extracting coefficients")
    write_json(layout.rejected, {r.clip_id: r.rejected for r in reports if r.rejected})
    rejected = sum(bool(report.rejected) for report in reports)
    if rejected == len(reports):
        raise StageError(f"all {len(reports)} clips were rejected, the first because {reports[0].rejected}")
    frames = sum(report.frames for report in reports)
    missing = sum(report.missing for report in reports)
    return {"clips": len(reports), "rejected": rejected, "frames": frames, "missing_share": missing / max(1, frames)}


def extract_clip(job: ExtractionJob) -> ClipReport:
    """Read one video and write its coefficients."""
    clip = _extractor(job.regressor, job.params.smoothing).extract(read_frames(job.video))
    if len(clip.valid) != job.frames:
        raise StageError(f"{job.video} has {len(clip.valid)} frames, the manifest says {job.frames}; run `dvc repro`")
    clip.save(job.target)
    missing = int(np.count_nonzero(~clip.valid))
    share = missing / len(clip.valid)
    reason = f"no face in {missing} of {len(clip.valid)} frames" if share > job.params.max_missing else ""
    return ClipReport(job.clip_id, len(clip.valid), missing, reason)


@lru_cache(maxsize=1)
def _extractor(regressor: Path, smoothing: float) -> CoefficientExtractor:
    """Networks load once in each worker process."""
    return CoefficientExtractor.from_pretrained(regressor, smoothing)


if __name__ == "__main__":
    sys.exit(main("extract_coefficients", run))
