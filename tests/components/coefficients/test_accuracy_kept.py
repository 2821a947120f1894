"""The promise about coefficients: recovered from coded video of rendered people whom the regressor never saw."""

from __future__ import annotations

import pytest

from components.coefficients.accuracy import of_means, over_time, recover
from components.coefficients.people import SIZE, FitJob, TestJob, see_to_fit, see_to_test
from components.coefficients.regressor import Regressor


@pytest.mark.slow
def test_promised_correlations_hold() -> None:
    seen = [clip for person in range(10) for clip in see_to_fit(FitJob(0, person, 4, 10))]
    regressor = Regressor.fit([c.landmarks for c in seen], [c.coefficients for c in seen], 30.0, SIZE)
    recovered = recover(regressor, [clip for person in range(6) for clip in see_to_test(TestJob(0, person, 3, 30))])
    assert over_time(recovered, "jawOpen") >= 0.85
    assert over_time(recovered, "eyeBlinkLeft", "eyeBlinkRight") >= 0.85
    assert over_time(recovered, "yaw") >= 0.90
    assert of_means(recovered, "mouthSmileLeft", "mouthSmileRight") >= 0.70
