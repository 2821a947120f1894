"""The promises about coefficients: on coded video of rendered people never fitted, and on real people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.coefficients.accuracy import correlation, of_means, over_time, recover
from components.coefficients.extractor import CoefficientExtractor
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, FitJob, TestJob, see_to_fit, see_to_test
from components.common.arkit import INDEX
from components.common.media import read_frames
from components.face.mesh import LEFT_EYE, LOWER_LIP_MIDDLE, RIGHT_EYE, UPPER_LIP_MIDDLE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fair_regressor() -> Regressor:
    """A third of the people that the demo fits on."""
    seen = [clip for person in range(10) for clip in see_to_fit(FitJob(0, person, 4, 10))]
    return Regressor.fit([c.landmarks for c in seen], [c.coefficients for c in seen], 30.0, SIZE)


def test_rendered_people_never_fitted(fair_regressor: Regressor) -> None:
    recovered = recover(
        fair_regressor, [clip for person in range(5) for clip in see_to_test(TestJob(0, person, 3, 25))]
    )
    assert over_time(recovered, "jawOpen") >= 0.85
    assert over_time(recovered, "eyeBlinkLeft", "eyeBlinkRight") >= 0.85
    assert over_time(recovered, "yaw") >= 0.90
    assert of_means(recovered, "mouthSmileLeft", "mouthSmileRight") >= 0.70


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
    assert correlation(gap / width, clip.coefficients[:, INDEX["jawOpen"]]) >= 0.80
