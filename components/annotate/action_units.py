"""Facial action units of a clip from its ARKit weights: which are active, how strongly, on which side.

The table follows the anatomical meaning of Apple's shapes in the terms of FACS (Ekman, Friesen, Hager, "Facial Action
Coding System", 2002). Speech moves many of the mouth's units too, so each unit has a share that ordinary talking
explains; only what exceeds it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import INDEX

ACTIVE = 0.14  # intensity from which a unit counts as active
MIDDLE, HIGH = 0.34, 0.58  # lower bounds of the levels above "low"
ONE_SIDED = 0.5  # a unit whose weaker side stays below this share of the stronger one is one-sided


@dataclass(frozen=True)
class UnitRule:
    """One action unit. weights: ARKit stems or names and their shares; the unit is their weighted mean.

    speech: intensity that talking alone brings about. pairs: whether it has a left and a right side.
    """

    name: str
    weights: Mapping[str, float]
    speech: float = 0.0
    pairs: bool = True


UNITS: dict[str, UnitRule] = {
    "AU1": UnitRule("inner brow raiser", {"browInnerUp": 1.0}, pairs=False),
    "AU2": UnitRule("outer brow raiser", {"browOuterUp": 1.0}),
    "AU4": UnitRule("brow lowerer", {"browDown": 1.0}),
    "AU5": UnitRule("upper lid raiser", {"eyeWide": 1.0}),
    "AU6": UnitRule("cheek raiser", {"cheekSquint": 1.0}),
    "AU7": UnitRule("lid tightener", {"eyeSquint": 1.0}),
    "AU9": UnitRule("nose wrinkler", {"noseSneer": 1.0}),
    "AU10": UnitRule("upper lip raiser", {"mouthUpperUp": 1.0}, speech=0.10),
    "AU12": UnitRule("lip corner puller", {"mouthSmile": 1.0}, speech=0.04),
    "AU14": UnitRule("dimpler", {"mouthDimple": 1.0}),
    "AU15": UnitRule("lip corner depressor", {"mouthFrown": 1.0}),
    "AU16": UnitRule("lower lip depressor", {"mouthLowerDown": 1.0}, speech=0.12),
    "AU17": UnitRule("chin raiser", {"mouthShrugLower": 1.0}, speech=0.04, pairs=False),
    "AU18": UnitRule("lip pucker", {"mouthPucker": 1.0}, speech=0.25, pairs=False),
    "AU20": UnitRule("lip stretcher", {"mouthStretch": 1.0}, speech=0.12),
    "AU22": UnitRule("lip funneler", {"mouthFunnel": 1.0}, speech=0.15, pairs=False),
    "AU23": UnitRule("lip tightener", {"mouthPress": 0.5, "mouthRollLower": 0.5}, speech=0.12),
    "AU24": UnitRule("lip presser", {"mouthPress": 1.0}, speech=0.12),
    "AU25": UnitRule("lips part", {"jawOpen": 0.5, "mouthLowerDown": 0.25, "mouthUpperUp": 0.25}, speech=0.22),
    "AU26": UnitRule("jaw drop", {"jawOpen": 1.0}, speech=0.30, pairs=False),
    "AU27": UnitRule("mouth stretch", {"jawOpen": 1.0}, speech=0.55, pairs=False),
    "AU28": UnitRule("lip suck", {"mouthRollLower": 0.5, "mouthRollUpper": 0.5}, speech=0.12, pairs=False),
    "AU29": UnitRule("jaw thrust", {"jawForward": 1.0}, pairs=False),
    "AU34": UnitRule("cheek puff", {"cheekPuff": 1.0}, pairs=False),
    # The share of time with closed or drooping lids; single blinks (AU45) add little to a clip's mean.
    "AU43": UnitRule("eye closure", {"eyeBlink": 1.0}, speech=0.12),
}


@dataclass(frozen=True)
class ActionUnit:
    """An active unit of a clip. level: low, middle or high; intensity in [0, 1]; side: both, left or right."""

    name: str
    level: str
    intensity: float
    side: str


def active_units(coefficients: NDArray[np.floating], valid: NDArray[np.bool_] | None = None) -> dict[str, ActionUnit]:
    """The units of a clip at or above the threshold, in the order of their numbers."""
    active = {}
    for unit, (left, right) in unit_sides(coefficients, valid).items():
        strength = max(left, right)
        if strength < ACTIVE:
            continue
        side = "both"
        if min(left, right) < ONE_SIDED * strength:
            side = "left" if left > right else "right"
        active[unit] = ActionUnit(UNITS[unit].name, level_of(strength), round(strength, 4), side)
    if "AU27" in active:  # the stronger form of one movement
        active.pop("AU26", None)
    return active


def level_of(intensity: float) -> str:
    """low, middle or high."""
    if intensity >= HIGH:
        return "high"
    return "middle" if intensity >= MIDDLE else "low"


def as_json(units: Mapping[str, ActionUnit]) -> dict[str, dict[str, object]]:
    """Plain values for the annotation table."""
    return {name: asdict(unit) for name, unit in units.items()}


def unit_sides(
    coefficients: NDArray[np.floating], valid: NDArray[np.bool_] | None = None
) -> dict[str, tuple[float, float]]:
    """Intensity of every unit on the left and on the right side (the same for units without sides)."""
    rows = coefficients if valid is None or not valid.any() else coefficients[valid]
    mean = rows.mean(axis=0)
    intensities = {}
    for unit, rule in UNITS.items():
        sides = []
        for side in ("Left", "Right"):
            total = sum(share * mean[_index(stem, side)] for stem, share in rule.weights.items())
            sides.append(float(np.clip((total - rule.speech) / (1.0 - rule.speech), 0.0, 1.0)))
        intensities[unit] = (sides[0], sides[1])
    return intensities


def _index(stem: str, side: str) -> int:
    return INDEX[stem] if stem in INDEX else INDEX[stem + side]
