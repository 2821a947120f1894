"""How well the art model does on portraits held out from its training."""

from __future__ import annotations

import numpy as np

from components.common.agreement import psnr
from components.style_a.art.style_corpus import StyleCorpus
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES

PORTRAITS = 6  # measured at most
PEAK = 255.0  # range of uint8 pictures


def evaluate(stylist: ArtStylist, held_out: StyleCorpus, arts: StyleCorpus) -> dict[str, float]:
    """PSNR of what the network draws against the stylizers (and of the unstyled portrait), and styles recognized.

    The art pictures are training portraits', so identities and layouts differ from the portrait's.
    """
    made, unstyled, recognized = [], [], []
    for n in range(min(PORTRAITS, len(held_out.banks))):
        portrait = held_out.portrait(n)
        for k, name in enumerate(STYLE_NAMES):
            same = np.flatnonzero(arts.variants[:, k] == held_out.variants[n, k])
            art = arts.targets[same[n % len(same)], k]
            target = held_out.targets[n, k]
            made.append(psnr(stylist.synthesize(portrait, art), target, PEAK))
            unstyled.append(psnr(portrait, target, PEAK))
            shares = stylist.recognize(target)
            recognized.append(max(STYLE_NAMES, key=shares.__getitem__) == name)
    return {
        "art_psnr": float(np.mean(made)),
        "art_psnr_unstyled": float(np.mean(unstyled)),
        "art_style_accuracy": float(np.mean(recognized)),
    }
