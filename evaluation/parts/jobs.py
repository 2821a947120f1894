"""The work of an evaluation, cut into jobs that processes of their own can do: each part of the system, each clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from components.common.clips import Clip
from components.common.layout import Layout
from components.common.parallel import map_clips
from components.common.params import Params
from components.style_a.pipeline import ART
from evaluation.parts.art import ArtJob
from evaluation.parts.cases import Case
from evaluation.parts.clip import CaseJob, MeasuredClip
from evaluation.parts.pairs import PairJob
from evaluation.parts.style_e import StyleEJob
from evaluation.summary.slices import Record


class Job(Protocol):
    """A share of the work that a process of its own can do."""

    def run(self) -> Any:
        """The share's results."""


@dataclass(frozen=True)
class Measurements:
    """What all jobs found. style_e: metric -> a value for each case. art, pairs: records of Style-A's two halves."""

    style_e: Mapping[str, Sequence[float]]
    art: Sequence[Record]
    pairs: Sequence[Record]
    clips: Sequence[MeasuredClip]

    @property
    def frames(self) -> int:
        """Number of true frames that were drawn again."""
        return sum(len(clip.truth.coefficients) for clip in self.clips)


def plan_jobs(params: Params, layout: Layout, clips: Sequence[Clip], cases: Sequence[Case]) -> list[Job]:
    """Style-E, the art style, Style-A's pairs, then each case. clips: all accepted ones; cases: those drawn."""
    seed = params.runtime.seed
    return [
        StyleEJob(layout.style_e, params.evaluate.sentences, seed),
        ArtJob.choose(layout.style_a / ART, clips, params.evaluate.clips, seed),
        PairJob(params, layout, seed),
        *(CaseJob(case, layout.root / "models", layout.report) for case in cases),
    ]


def measure_parts(params: Params, layout: Layout, clips: Sequence[Clip], cases: Sequence[Case]) -> Measurements:
    """Run the jobs of `plan_jobs`, in parallel."""
    jobs = plan_jobs(params, layout, clips, cases)
    description = "measuring speech, art and test clips"
    style_e, art, pairs, *measured = map_clips(run_job, jobs, params.runtime.workers, description)
    return Measurements(style_e, art, pairs, measured)


def run_job(job: Job) -> Any:
    """What `map_clips` sends to processes."""
    return job.run()
