"""Pictures, a tiny untrained stylist and a small corpus, shared by the tests of the art phase."""

from __future__ import annotations

import pytest
import torch

from components.common.media import Image
from components.style_a.art.style_corpus import SIZE, StyleCorpus, build_corpus
from components.style_a.art.stylist import ArtStylist
from components.style_a.art.stylizers import STYLE_NAMES
from components.style_a.art.synthesis import ArtConfig
from tests.components.style_a.art.pictures import face


@pytest.fixture(scope="session")
def stills() -> list[Image]:
    return [face(SIZE, seed) for seed in range(4)]


@pytest.fixture(scope="session")
def corpus(stills: list[Image]) -> StyleCorpus:
    """Three portraits in every style."""
    return build_corpus(stills[:3], 0, variety=False)


@pytest.fixture(scope="session")
def stylist() -> ArtStylist:
    torch.manual_seed(3)
    return ArtStylist(ArtConfig(STYLE_NAMES, code=16, half_width=8, quarter_width=8, full_width=8)).eval()
