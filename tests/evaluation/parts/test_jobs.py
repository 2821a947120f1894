"""Every part of the system and every case is a job, small enough to travel to another process."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from components.common.clips import read_clips
from components.common.layout import Layout
from components.common.params import Params, Runtime
from evaluation.parts.art import ArtJob
from evaluation.parts.cases import choose_cases
from evaluation.parts.clip import CaseJob
from evaluation.parts.jobs import Measurements, plan_jobs, run_job
from evaluation.parts.pairs import PairJob
from evaluation.parts.style_e import StyleEJob

Prepared = Callable[..., Layout]


def test_the_plan(prepared: Prepared) -> None:
    layout = prepared()
    clips = read_clips(layout, annotated=True)
    cases = choose_cases(clips, 2, 1, 3)
    jobs = plan_jobs(Params(runtime=Runtime(seed=3)), layout, clips, cases)
    assert [type(job) for job in jobs] == [StyleEJob, ArtJob, PairJob, CaseJob, CaseJob]
    assert [job.case for job in jobs if isinstance(job, CaseJob)] == cases
    assert {job.seed for job in jobs if not isinstance(job, CaseJob)} == {3}
    assert pickle.loads(pickle.dumps(jobs)) == jobs
    assert len(pickle.dumps(jobs)) < 30_000


def test_a_job_is_run_by_itself() -> None:
    assert run_job(SimpleNamespace(run=lambda: 7)) == 7


def test_frames_are_those_of_the_true_clips() -> None:
    clips = [SimpleNamespace(truth=SimpleNamespace(coefficients=np.zeros((count, 58)))) for count in (5, 7)]
    assert Measurements({}, [], [], clips).frames == 12  # type: ignore[arg-type]
