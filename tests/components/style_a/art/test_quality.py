"""Figures of the art model on portraits that were held out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from components.common.media import Image
from components.style_a.art.quality import evaluate
from components.style_a.art.style_corpus import StyleCorpus, build_corpus
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES


def test_figures_of_an_untrained_model(stylist: ArtStylist, corpus: StyleCorpus, stills: list[Image]) -> None:
    held_out = build_corpus(stills[3:], 0, variety=False)
    figures = evaluate(stylist, held_out, corpus)
    errors = [np.mean((held_out.portrait(0) - held_out.targets[0, k].astype(float)) ** 2) for k in range(8)]
    plain = np.mean([10 * math.log10(255**2 / error) for error in errors])
    assert figures["art_psnr_unstyled"] == pytest.approx(plain)
    assert 5 < figures["art_psnr"] < 30
    shares = [stylist.recognize(held_out.targets[0, k]) for k in range(8)]
    named = [max(STYLE_NAMES, key=each.__getitem__) for each in shares]
    assert figures["art_style_accuracy"] == np.mean([a == b for a, b in zip(named, STYLE_NAMES, strict=True)])
