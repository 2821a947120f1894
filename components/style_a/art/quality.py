"""How well the art model does on portraits held out from its training."""

from __future__ import annotations

import math

import numpy as np

from components.common.media import Image
from components.style_a.art.style_corpus import StyleCorpus
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES

PORTRAITS = 6  # measured at most


def evaluate(stylist: ArtStylist, held_out: StyleCorpus, arts: StyleCorpus) -> dict[str, float]:
    """PSNR against the stylizers at degree 1 (and of the unstyled portrait), and styles recognized from art pictures.

    The art pictures are training portraits', so identities and layouts differ from the portrait's.
    """
    made, unstyled, recognized = [], [], []
    for n in range(min(PORTRAITS, len(held_out.banks))):
        portrait = held_out.portrait(n)
        for k, name in enumerate(STYLE_NAMES):
            same = np.flatnonzero(arts.variants[:, k] == held_out.variants[n, k])
            art = arts.targets[same[n % len(same)], k]
            target = held_out.targets[n, k]
            made.append(psnr(stylist.stylize(portrait, art, 1.0), target))
            unstyled.append(psnr(portrait, target))
            shares = stylist.recognize(target)
            recognized.append(max(STYLE_NAMES, key=shares.__getitem__) == name)
    return {
        "art_psnr": float(np.mean(made)),
        "art_psnr_unstyled": float(np.mean(unstyled)),
        "art_style_accuracy": float(np.mean(recognized)),
    }


def psnr(a: Image, b: Image) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, dB (99 when equal)."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)
