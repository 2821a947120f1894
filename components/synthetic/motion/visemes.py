"""Phonemes to lip shapes, with coarticulation by dominance (Cohen and Massaro, 1993)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from components.common.arkit import WEIGHTS
from components.common.artifacts import FPS, Phoneme
from components.synthetic.motion.emotions import shape_vector

ANTICIPATION = 0.015  # seconds by which lips lead the sound
SPREAD = 0.028  # seconds added to half a phoneme's length
SHARPNESS = 1.6  # exponent of the dominance kernel
STRESS = 1.15
BILABIALS = frozenset("pbm")
LABIODENTALS = frozenset("fv")


@dataclass(frozen=True)
class Viseme:
    """Target weights and how strongly they win over their neighbors."""

    vector: NDArray[np.float64]  # (52,)
    dominance: float


def _table() -> dict[str, Viseme]:
    rows: tuple[tuple[str, float, dict[str, float]], ...] = (
        ("p b m", 3.0, {"mouthPress": 0.50, "mouthRollUpper": 0.26, "mouthRollLower": 0.28}),
        ("f v", 2.4, {"mouthRollLower": 0.62, "mouthUpperUp": 0.50, "jawOpen": 0.10}),
        ("θ ð", 1.2, {"jawOpen": 0.16, "tongueOut": 0.45, "mouthLowerDown": 0.15}),
        ("t d n s z ɾ ʔ", 1.0, {"jawOpen": 0.12, "mouthStretch": 0.15, "mouthLowerDown": 0.15, "tongueOut": 0.10}),
        ("l ɫ", 1.0, {"jawOpen": 0.20, "tongueOut": 0.22}),
        ("ʃ ʒ tʃ dʒ", 1.6, {"mouthFunnel": 0.55, "mouthPucker": 0.35, "jawOpen": 0.14}),
        ("k ɡ g ŋ x", 0.7, {"jawOpen": 0.20}),
        ("ɹ r ɚ ɜ", 1.2, {"mouthPucker": 0.40, "mouthFunnel": 0.25, "jawOpen": 0.20}),
        ("w", 2.0, {"mouthPucker": 1.0, "jawOpen": 0.10}),
        ("j i ɪ ᵻ", 1.2, {"mouthStretch": 0.40, "mouthSmile": 0.18, "jawOpen": 0.16, "mouthLowerDown": 0.12}),
        ("e ɛ", 1.1, {"jawOpen": 0.38, "mouthStretch": 0.22, "mouthUpperUp": 0.10}),
        ("æ", 1.2, {"jawOpen": 0.62, "mouthStretch": 0.20, "mouthUpperUp": 0.15}),
        ("a ɑ ɐ", 1.2, {"jawOpen": 0.72}),
        ("ʌ ə", 0.8, {"jawOpen": 0.40}),
        ("ɔ o ɒ", 1.4, {"jawOpen": 0.50, "mouthFunnel": 0.50, "mouthPucker": 0.30}),
        ("u ʊ", 1.6, {"mouthPucker": 0.90, "jawOpen": 0.22, "mouthFunnel": 0.20}),
        ("h", 0.5, {"jawOpen": 0.30}),
    )
    return {ipa: Viseme(shape_vector(recipe), dom) for group, dom, recipe in rows for ipa in group.split()}


VISEMES: dict[str, Viseme] = _table()
REST = Viseme(np.zeros(WEIGHTS), 1.2)
UNKNOWN = Viseme(shape_vector({"jawOpen": 0.2}), 0.6)
_AFFRICATES = ("tʃ", "dʒ")
_DIPHTHONG_ENDS = {"aɪ": "ɪ", "eɪ": "ɪ", "ɔɪ": "ɪ", "aʊ": "ʊ", "oʊ": "ʊ", "əʊ": "ʊ"}


def base_symbols(ipa: str) -> tuple[str, ...]:
    """The visemes' names in a phoneme: stress and length marks dropped, diphthongs in two; () for a pause."""
    bare = ipa.strip("ˈˌː")
    if not bare:
        return ()
    if bare[:2] in _AFFRICATES:
        return (bare[:2],)
    end = _DIPHTHONG_ENDS.get(bare[:2])
    return (bare[0], end) if end else (bare[0],)


@dataclass(frozen=True)
class Track:
    """Lip motion of a clip. weights (T, 52); bilabial and labiodental (T,) in [0, 1] say how much a closure rules."""

    weights: NDArray[np.float64]
    bilabial: NDArray[np.float64]
    labiodental: NDArray[np.float64]


def articulate(phonemes: Sequence[Phoneme], frames: int) -> Track:
    """Blend the targets of all phonemes at each frame's middle, weighted by dominance and nearness in time."""
    times = (np.arange(frames) + 0.5) / FPS
    centers, widths, dominances, targets, kinds = [0.0], [0.03], [1e-6], [REST.vector], [""]
    for phoneme in phonemes:
        span = phoneme.end - phoneme.start
        symbols = base_symbols(phoneme.ipa)
        stress = STRESS if "ˈ" in phoneme.ipa else 1.0
        for i, symbol in enumerate(symbols or ("",)):
            viseme = VISEMES.get(symbol, UNKNOWN) if symbol else REST
            share = span / max(1, len(symbols))
            centers.append(phoneme.start + share * (i + 0.5) - (ANTICIPATION if symbol else 0.0))
            widths.append(max(share / 2, 0.022 if symbol else 0.03))
            dominances.append(viseme.dominance)
            targets.append(viseme.vector * stress)
            kinds.append(symbol)
    distance = np.abs(times[:, None] - np.array(centers)) / (np.array(widths) + SPREAD)
    pull = np.array(dominances) * np.exp(-(distance**SHARPNESS))  # (T, phonemes)
    total = pull.sum(1) + 0.05

    def share_of(group: frozenset[str]) -> NDArray[np.float64]:
        return np.asarray(pull[:, [kind in group for kind in kinds]].sum(1) / total)

    return Track((pull @ np.array(targets)) / total[:, None], share_of(BILABIALS), share_of(LABIODENTALS))
