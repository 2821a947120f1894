"""Rendered heads to a regressor from landmarks to coefficients, and to what Style-A learns of heads in motion."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from components.coefficients.accuracy import accuracy, recover
from components.coefficients.attenuation import measure_attenuation
from components.coefficients.calibration import save_attenuation
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import (
    SIZE,
    FitJob,
    TestJob,
    TrackedClip,
    render_test_person,
    render_training_person,
)
from components.coefficients.rendered_heads import render_heads, save_heads
from components.common.arkit import INDEX
from components.common.errors import StageError
from components.common.parallel import map_clips
from components.common.runtime import seed_everything
from components.runner.stage import Stage, main
from components.synthetic.head.template import load_template

SHOWN = ("browDownLeft", "browInnerUp", "browOuterUpLeft", "eyeWideLeft", "mouthSmileLeft", "mouthFrownLeft")
TEST_PEOPLE, TEST_CLIPS, TEST_FRAMES = 6, 3, 25  # measured at the end of the stage, never fitted


def run(stage: Stage) -> Mapping[str, float]:
    """Render people, fit, and report the accuracy on people never fitted; then render the heads of Style-A."""
    params, runtime = stage.params.fit_regressor, stage.params.runtime
    load_template()  # builds the cached head once, before the workers need it
    fits = [
        FitJob(runtime.seed, person, params.clips_per_identity, params.frames_per_clip)
        for person in range(params.identities)
    ]
    people = map_clips(render_training_person, fits, runtime.workers, "rendering heads to fit on")
    clips = _flat(people)
    if not clips:
        raise StageError("no face was found on any rendered head")
    regressor = Regressor.fit([c.landmarks for c in clips], [c.coefficients for c in clips], params.ridge, SIZE)
    regressor.save_pretrained(stage.layout.regressor)
    attenuation = measure_attenuation(people, params.ridge)
    save_attenuation(stage.layout.regressor, attenuation)
    stage.tracker.log_artifact(stage.layout.regressor, "regressor")
    tests = [TestJob(runtime.seed, person, TEST_CLIPS, TEST_FRAMES) for person in range(TEST_PEOPLE)]
    unseen = _flat(map_clips(render_test_person, tests, runtime.workers, "rendering heads to test with"))
    shares = {f"share/{name}": float(attenuation[INDEX[name]]) for name in SHOWN}
    figures = {"frames": sum(len(c.landmarks) for c in clips)} | accuracy(recover(regressor, unseen)) | shares
    # The basis is computed as the training that reads it computes: with subnormal numbers as zeros.
    seed_everything(runtime.seed, runtime.threads)
    heads = render_heads(
        params.heads, params.frames_per_head, stage.params.train_style_a.size, runtime.seed, runtime.workers
    )
    save_heads(stage.layout.heads, heads)
    return figures


def _flat(people: list[list[TrackedClip]]) -> list[TrackedClip]:
    return [clip for person in people for clip in person]


if __name__ == "__main__":
    sys.exit(main("fit_regressor", run))
