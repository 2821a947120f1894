"""How much of an expression the regressor's readings show.

A ridge regression draws what it reads towards the mean, and a clip's lasting expression hides in its median face: of a
raised brow that is truly .7 it reads .4. Whoever learns from readings learns too faint a face. The share is measured on
rendered people whom the maps at hand have not seen (cross-fitting), as the slope of readings on the truth (regression
dilution: Spearman, "The proof and measurement of association between two things", 1904).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.coefficients.mirror import mirror_coefficients
from components.coefficients.people import SIZE, SeenClip
from components.coefficients.regressor import Regressor
from components.common.arkit import ARKIT_NAMES, COEFFICIENTS, WEIGHTS
from components.common.artifacts import read_json, write_json
from components.common.errors import UserError

FILE = "shares.json"
FOLDS = 4
FEWEST = 40  # clips; fewer tell nothing
LEAST_MOTION = 0.05  # standard deviation of true clip means below which a weight cannot be measured
LEAST_R = 0.5  # below this the reading is mostly something else, and more of it is no better
LEAST_SHARE = 0.5  # readings are at most doubled: their errors grow with them

Shares = NDArray[np.float32]


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


def save_shares(folder: Path, shares: Shares) -> None:
    """Write `shares.json` beside the regressor."""
    write_json(folder / FILE, {name: round(float(s), 4) for name, s in zip(ARKIT_NAMES, shares, strict=True)})


def load_shares(folder: Path) -> Shares:
    """(52,). Raises `UserError` when the regressor's folder lacks them."""
    stored = read_json(folder / FILE)
    if set(stored) != set(ARKIT_NAMES):
        raise UserError(f"{folder / FILE} is of another version; run `dvc repro fit_regressor`")
    return np.array([stored[name] for name in ARKIT_NAMES], np.float32)
