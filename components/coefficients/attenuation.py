"""How much of an expression the regressor's readings show: measured on rendered people whom the maps have not seen.

The slope of readings on the truth below 1 is called attenuation or regression dilution (Spearman, "The proof and
measurement of association between two things", 1904). Cross-fitting (each fold is read by maps fitted on the others)
keeps the maps' own people out. `calibration.undo_attenuation` divides by it.

Axes: N clips, P people; 58 coefficients, of which the first 52 are weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.coefficients.calibration import Attenuation
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, TrackedClip
from components.common.arkit import COEFFICIENTS, WEIGHTS
from components.face.mirror import mirror_coefficients

FOLDS = 4
FEWEST = 40  # clips; fewer tell nothing
LEAST_MOTION = 0.05  # standard deviation of true clip means below which a weight cannot be measured
LEAST_R = 0.5  # below this the reading is mostly something else, and more of it is no better
LEAST_SLOPE = 0.5  # readings are at most doubled: their errors grow with them


def measure_attenuation(people: Sequence[Sequence[TrackedClip]], ridge: float) -> Attenuation:
    """(52,) slopes in [0.5, 1] from the clips of each rendered person; 1 where they cannot tell."""
    truth, readings, owners = [], [], []
    for fold in range(FOLDS):
        fitted = [clip for person, clips in enumerate(people) if person % FOLDS != fold for clip in clips]
        unseen = [(person, clip) for person, clips in enumerate(people) if person % FOLDS == fold for clip in clips]
        if not fitted or not unseen:
            continue
        regressor = Regressor.fit([c.landmarks for c in fitted], [c.coefficients for c in fitted], ridge, SIZE)
        for person, clip in unseen:
            truth.append(clip.coefficients.mean(axis=0))
            readings.append(regressor.predict(clip.landmarks, SIZE).mean(axis=0))
            owners.append(person)
    shape = (len(truth), COEFFICIENTS)
    return attenuation_of(np.array(truth).reshape(shape), np.array(readings).reshape(shape), np.array(owners, int))


def attenuation_of(
    truth: NDArray[np.floating], readings: NDArray[np.floating], owners: NDArray[np.integer]
) -> Attenuation:
    """(52,) slopes of clip means as read on true ones (N, 58 each), the same for both sides of the face.

    owners: (N,) whose clip it is; a person's own bias is taken out.
    """
    if len(truth) < FEWEST:
        return np.ones(WEIGHTS, np.float32)
    people = owners[:, None] == np.unique(owners)  # (N, P)
    average = people / people.sum(axis=0)

    def departures(means: NDArray[np.floating]) -> NDArray[np.float64]:
        centered = np.asarray(means - people @ (average.T @ means), np.float64)
        return np.concatenate([centered, mirror_coefficients(centered)])[:, :WEIGHTS]  # (2 N, 52)

    true_departures, read_departures = departures(truth), departures(readings)
    covariance = (true_departures * read_departures).mean(axis=0)
    true_spread, read_spread = true_departures.std(axis=0), read_departures.std(axis=0)
    measurable = (true_spread > LEAST_MOTION) & (covariance > LEAST_R * true_spread * read_spread)
    slope = np.where(measurable, covariance / np.maximum(true_spread**2, 1e-12), 1.0)
    return np.clip(slope, LEAST_SLOPE, 1.0).astype(np.float32)
