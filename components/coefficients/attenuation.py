"""How much of an expression the regressor's readings show.

A ridge regression draws what it reads towards the mean, and a clip's lasting expression hides in its median face: of a
raised brow that is truly .7 it reads .4. Whoever learns from readings learns too faint a face. `attenuation_fit`
measures the share on rendered people whom the maps at hand have not seen (cross-fitting), as the slope of readings on
the truth (regression dilution: Spearman, "The proof and measurement of association between two things", 1904).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import ARKIT_NAMES
from components.common.artifacts import read_json, write_json
from components.common.errors import UserError

FILE = "shares.json"

Shares = NDArray[np.float32]


def save_shares(folder: Path, shares: Shares) -> None:
    """Write `shares.json` beside the regressor."""
    write_json(folder / FILE, {name: round(float(s), 4) for name, s in zip(ARKIT_NAMES, shares, strict=True)})


def load_shares(folder: Path) -> Shares:
    """(52,). Raises `UserError` when the regressor's folder lacks them."""
    stored = read_json(folder / FILE)
    if set(stored) != set(ARKIT_NAMES):
        raise UserError(f"{folder / FILE} is of another version; run `dvc repro fit_regressor`")
    return np.array([stored[name] for name in ARKIT_NAMES], np.float32)
