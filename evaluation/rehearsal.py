"""Measure what one training has made, as the evaluation would, but on people and sentences the evaluation never shows.

A sweep compares many trainings. Were it to look at the test people, its winner would be the luckiest one there. So the
validation people stand in for the test people here, other sentences are spoken, and the judges learn from the training
people alone. Only what the training can have changed is drawn.

Example: ``python -m evaluation.rehearsal train_style_e --out rehearsal.json``
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from components.common.artifacts import FPS, SAMPLE_RATE, ClipCoefficients, write_json
from components.common.clips import Clip, read_clips
from components.common.errors import UserError
from components.common.layout import Layout
from components.common.media import read_audio, read_frames
from components.common.parallel import map_clips
from components.common.params import Params, load_params
from components.common.runtime import pin_threads, seed_everything
from components.runner.command import command_parser, run_command
from components.style_a.pipeline import ART
from components.talker.controls import Controls
from evaluation.metrics.face_features import descriptor
from evaluation.parts.art import ArtJob
from evaluation.parts.cases import Case, choose_cases
from evaluation.parts.clip import MOST_FRAMES, MeasuredClip, loaded_talker
from evaluation.parts.collect import sentence_records, verdicts
from evaluation.parts.jobs import Job, run_job
from evaluation.parts.judges import aligned_faces, fit_judges
from evaluation.parts.pairs import PairJob
from evaluation.parts.reenactment import reenact
from evaluation.parts.style_e import StyleEJob
from evaluation.parts.talker import calm_portrait, face_found_rate, jitter_ratio, lips_obey
from evaluation.summary.slices import Record, by_case

OTHER_SENTENCES = 7001  # added to the seed: other sentences and voices than the evaluation's
FACE_STEP = 5  # every fifth frame goes into the likeness


@dataclass(frozen=True)
class TalkerJob:
    """The whole talker on a clip, without art style: what Style-E's motion looks like in the end."""

    case: Case
    models: Path

    def run(self) -> MeasuredClip:
        """Draw and measure the clip."""
        case, clip = self.case, self.case.clip
        seed_everything(case.seed)
        talker = loaded_talker(self.models)
        true = ClipCoefficients.load(clip.coefficients)
        count = min(len(true.coefficients), MOST_FRAMES)
        truth = ClipCoefficients(true.coefficients[:count], true.landmarks[:count], true.valid[:count])
        audio = read_audio(clip.audio)[: round(count / FPS * SAMPLE_RATE)]
        calm = list(islice(read_frames(case.portrait.video), MOST_FRAMES))
        portrait = calm_portrait(calm, ClipCoefficients.load(case.portrait.coefficients), talker.extractor)
        generation = talker.generate(
            portrait, audio, case.text, controls=Controls(seed=case.seed), size=portrait.picture.shape[0]
        )
        frames = list(generation.frames)
        tracked = talker.extractor.extract(frames)
        values = {
            "talker/face_found_rate": face_found_rate(frames),
            "talker/lip_correlation": lips_obey(tracked.landmarks, generation.coefficients),
            "talker/jitter_ratio": jitter_ratio(tracked, truth),
        }
        faces = aligned_faces(frames, tracked, FACE_STEP)
        likeness = {"talker": descriptor(faces)} if faces else {}
        return MeasuredClip(case, values, {}, truth, tracked, audio, {}, likeness, None)


@dataclass(frozen=True)
class ReenactmentJob:
    """Style-A alone on a clip: its first frame moved by its own motion."""

    case: Case
    models: Path

    def run(self) -> Record:
        """The clip's figures."""
        clip = self.case.clip
        seed_everything(self.case.seed)
        frames = list(islice(read_frames(clip.video), MOST_FRAMES))
        true = ClipCoefficients.load(clip.coefficients)
        count = len(frames)
        truth = ClipCoefficients(true.coefficients[:count], true.landmarks[:count], true.valid[:count])
        return Record(clip.clip_id, reenact(loaded_talker(self.models).style_a, frames, truth).values, {})


def rehearsal_clips(clips: Sequence[Clip]) -> list[Clip]:
    """The corpus without its test people; the validation people take their place.

    Raises:
        UserError: there are no validation people.
    """
    if not any(clip.split == "val" for clip in clips):
        raise UserError("no clip is held out for validation, so trials cannot be compared; raise prepare.val_fraction")
    return [replace(clip, split="test") if clip.split == "val" else clip for clip in clips if clip.split != "test"]


def measure_style_e(params: Params, layout: Layout, clips: Sequence[Clip], workers: int) -> list[Record]:
    """Style-E alone on sentences, and the whole talker on clips."""
    seed, models = params.runtime.seed, layout.root / "models"
    cases = choose_cases(clips, params.evaluate.clips, 0, seed)
    jobs: list[Job] = [
        StyleEJob(layout.style_e, params.evaluate.sentences, seed + OTHER_SENTENCES),
        *(TalkerJob(case, models) for case in cases),
    ]
    sentences, *measured = map_clips(run_job, jobs, workers, "measuring speech and validation clips")
    judges = fit_judges(clips)
    return [
        *sentence_records(sentences, params.evaluate.sentences),
        *(Record(m.case.clip.clip_id, {**m.values, **verdicts(m, judges)}, {}) for m in measured),
    ]


def measure_style_a(params: Params, layout: Layout, clips: Sequence[Clip], workers: int) -> list[Record]:
    """The art style, pairs of frames, and clips moved by their own motion."""
    seed = params.runtime.seed
    cases = choose_cases(clips, params.evaluate.clips, 0, seed)
    jobs: list[Job] = [
        ArtJob.choose(layout.style_a / ART, clips, params.evaluate.clips, seed),
        PairJob(params, layout, seed, ("val",)),
        *(ReenactmentJob(case, layout.root / "models") for case in cases),
    ]
    art, pairs, *measured = map_clips(run_job, jobs, workers, "measuring art and validation clips")
    return [*art, *pairs, *measured]


MEASURES = {"train_style_e": measure_style_e, "train_style_a": measure_style_a}


def rehearse(stage: str, params: Params, layout: Layout, workers: int) -> dict[str, dict[str, float]]:
    """Metric -> case -> value, of the model that `stage` has made in `layout`."""
    clips = rehearsal_clips(read_clips(layout, annotated=True))
    return by_case(MEASURES[stage](params, layout, clips, workers))


def as_json(cases: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Six digits, sorted: equal models give equal files."""
    return {name: {case: round(value, 6) for case, value in sorted(own.items())} for name, own in sorted(cases.items())}


def main(arguments: list[str] | None = None) -> int:
    parser = command_parser("evaluation.rehearsal", __doc__)
    parser.add_argument("stage", choices=sorted(MEASURES), help="the training whose model is measured")
    parser.add_argument("--out", type=Path, required=True, help="JSON file: metric, case, value")
    parser.add_argument("--workers", type=int, help="processes (default: runtime.workers)")
    options = parser.parse_args(arguments)

    def work() -> None:
        pin_threads()
        params = load_params()
        seed_everything(params.runtime.seed)
        cases = rehearse(options.stage, params, Layout(), options.workers or params.runtime.workers)
        write_json(options.out, as_json(cases))

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
