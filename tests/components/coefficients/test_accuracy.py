"""The promises about coefficients: on coded video of rendered people never fitted, and on real people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients.accuracy import RecoveredClip, accuracy, of_means, over_time, recover
from components.coefficients.extractor import CoefficientExtractor
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, FitJob, TestJob, render_test_person, render_training_person
from components.common.agreement import pearson
from components.common.arkit import COEFFICIENTS, INDEX, POSE_NAMES
from components.common.media import read_frames
from components.face.mesh import LEFT_EYE, LOWER_LIP_MIDDLE, RIGHT_EYE, UPPER_LIP_MIDDLE


def test_measures() -> None:
    t = np.linspace(0, 1, 20)
    truth, readings = np.zeros((20, COEFFICIENTS)), np.zeros((20, COEFFICIENTS))
    truth[:, INDEX["jawOpen"]], readings[:, INDEX["jawOpen"]] = t, 0.5 * t + 0.1
    clips = [RecoveredClip(truth, readings), RecoveredClip(truth * 0, readings * 0)]
    assert over_time(clips, "jawOpen") == pytest.approx(1.0)  # the motionless clip does not count
    assert of_means(clips, "jawOpen") == pytest.approx(1.0)
    still = RecoveredClip(truth, np.ones((20, COEFFICIENTS)))
    assert over_time([*clips, still], "jawOpen") == pytest.approx(0.5)  # recovered as standing still: follows nothing
    assert of_means(clips[:1], "jawOpen") == 0.0


def test_figures_of_a_perfect_reading_and_of_one_turned_by_a_degree() -> None:
    rng = np.random.default_rng(0)
    truths = [rng.uniform(0, 1, (12, COEFFICIENTS)) for _ in range(4)]
    figures = accuracy([RecoveredClip(truth, truth) for truth in truths])
    assert {f"r/{name}" for name in POSE_NAMES} <= set(figures)
    assert all(figures[name] == pytest.approx(1.0) for name in figures if name.startswith("r"))
    assert figures["yaw_error_degrees"] == 0.0
    degree = np.radians(1.0) * (np.arange(COEFFICIENTS) == INDEX["yaw"])
    turned = [RecoveredClip(truth, truth + degree) for truth in truths]
    assert accuracy(turned)["yaw_error_degrees"] == pytest.approx(1.0)


@pytest.fixture(scope="module")
def fair_regressor() -> Regressor:
    """A third of the people that the demo fits on."""
    clips = [clip for person in range(10) for clip in render_training_person(FitJob(0, person, 4, 10))]
    return Regressor.fit([c.landmarks for c in clips], [c.coefficients for c in clips], 30.0, SIZE)


@pytest.mark.slow
def test_rendered_people_never_fitted(fair_regressor: Regressor) -> None:
    recovered = recover(
        fair_regressor, [clip for person in range(5) for clip in render_test_person(TestJob(0, person, 3, 25))]
    )
    assert over_time(recovered, "jawOpen") >= 0.85
    assert over_time(recovered, "eyeBlinkLeft", "eyeBlinkRight") >= 0.85
    assert over_time(recovered, "yaw") >= 0.90
    assert of_means(recovered, "mouthSmileLeft", "mouthSmileRight") >= 0.70


@pytest.mark.slow
@pytest.mark.parametrize(("name", "frames"), [("talk_a", 200), ("talk_b", 448), ("talk_c", 175)])
def test_the_jaw_of_real_people_follows_their_lips(
    fair_regressor: Regressor, media: Path, name: str, frames: int
) -> None:
    clip = CoefficientExtractor(fair_regressor).extract(read_frames(media / "video" / f"{name}.mp4"))
    assert len(clip.coefficients) == frames
    assert clip.valid.all()
    points = clip.landmarks
    gap = np.linalg.norm(points[:, UPPER_LIP_MIDDLE] - points[:, LOWER_LIP_MIDDLE], axis=1)
    width = np.linalg.norm(points[:, LEFT_EYE.outer] - points[:, RIGHT_EYE.outer], axis=1)
    assert pearson(gap / width, clip.coefficients[:, INDEX["jawOpen"]]) >= 0.80
