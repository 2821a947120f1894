"""Measure on rendered people how much of an expression the regressor's readings show (see `attenuation`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from components.coefficients.attenuation import Shares
from components.coefficients.regressor import Regressor
from components.coefficients.rendered_faces import SIZE, SeenClip
from components.common.arkit import COEFFICIENTS, WEIGHTS
from components.face.mirror import mirror_coefficients

FOLDS = 4
FEWEST = 40  # clips; fewer tell nothing
LEAST_MOTION = 0.05  # standard deviation of true clip means below which a weight cannot be measured
LEAST_R = 0.5  # below this the reading is mostly something else, and more of it is no better
LEAST_SHARE = 0.5  # readings are at most doubled: their errors grow with them


def measure_shares(people: Sequence[Sequence[SeenClip]], ridge: float) -> Shares:
    """(52,) shares in [0.5, 1] of rendered people's clips; 1 where they cannot tell."""
    truth, found, owner = [], [], []
    for fold in range(FOLDS):
        learned = [clip for number, clips in enumerate(people) if number % FOLDS != fold for clip in clips]
        unseen = [(number, clip) for number, clips in enumerate(people) if number % FOLDS == fold for clip in clips]
        if not learned or not unseen:
            continue
        maps = Regressor.fit([c.landmarks for c in learned], [c.coefficients for c in learned], ridge, SIZE)
        for number, clip in unseen:
            truth.append(clip.coefficients.mean(axis=0))
            found.append(maps.predict(clip.landmarks, SIZE).mean(axis=0))
            owner.append(number)
    shape = (len(truth), COEFFICIENTS)
    return shares_of(np.array(truth).reshape(shape), np.array(found).reshape(shape), np.array(owner, int))


def shares_of(truth: NDArray[np.floating], found: NDArray[np.floating], owner: NDArray[np.integer]) -> Shares:
    """(52,) shares of true and read clip means (N, 58), the same for both sides of the face.

    owner: (N,) whose clip it is; a person's own bias is taken out.
    """
    if len(truth) < FEWEST:
        return np.ones(WEIGHTS, np.float32)
    people = owner[:, None] == np.unique(owner)  # (N, P)
    own = people / people.sum(axis=0)

    def departures(means: NDArray[np.floating]) -> NDArray[np.float64]:
        centered = np.asarray(means - people @ (own.T @ means), np.float64)
        return np.concatenate([centered, mirror_coefficients(centered)])[:, :WEIGHTS]

    truth, found = departures(truth), departures(found)
    together = (truth * found).mean(axis=0)
    spread, seen = truth.std(axis=0), found.std(axis=0)
    told = (spread > LEAST_MOTION) & (together > LEAST_R * spread * seen)
    slope = np.where(told, together / np.maximum(spread**2, 1e-12), 1.0)
    return np.clip(slope, LEAST_SHARE, 1.0).astype(np.float32)
