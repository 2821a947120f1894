"""The judge of any art knows the picture itself and one of its palette, and is not fooled by another."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.media import Image
from components.style_a.art.measure.region_palette import read_palettes, recolor, to_lab, to_rgb
from components.style_a.art.measure.regions import Regions
from evaluation.gallery.pictures import gallery
from evaluation.metrics.art_likeness import ArtLikeness


@pytest.fixture(scope="module")
def arts() -> list[Image]:
    return list(gallery().values())


def shifted(image: Image) -> Image:
    """Another cut of the same picture: the layout changes, the manner does not."""
    height, width = image.shape[:2]
    return np.ascontiguousarray(image[height // 16 :, : width - width // 16, :][:, ::-1])


def test_each_picture_is_nearest_to_itself_and_to_another_cut_of_it(arts: list[Image]) -> None:
    likeness = ArtLikeness(arts)
    for n, art in enumerate(arts):
        assert likeness.palette_distances(art)[n] == 0
        assert likeness.texture_distances(art)[n] == 0
        assert likeness.palette_distances(shifted(art)).argmin() == n
        assert likeness.texture_distances(shifted(art)).argmin() == n


def test_a_recolored_portrait_is_nearest_in_palette_only(arts: list[Image], face: Image) -> None:
    likeness = ArtLikeness(arts)
    lab = to_lab(face.astype(np.float32) / 255)
    whole = Regions(np.ones((*face.shape[:2], 1), np.float32), np.zeros(face.shape[:2], np.float32))
    hits, textures = [], []
    for n, art in enumerate(arts):
        aim = to_lab(art.astype(np.float32) / 255)
        own = Regions(np.ones((*art.shape[:2], 1), np.float32), np.zeros(art.shape[:2], np.float32))
        moved = (to_rgb(recolor(lab, whole, read_palettes(aim, own))) * 255).astype(np.uint8)
        hits.append(likeness.palette_distances(moved).argmin() == n)
        textures.append(likeness.texture_distances(moved).argmin() == n)
    assert np.mean(hits) >= 0.5
    assert np.mean(textures) <= 0.4


def test_the_portrait_as_it_is_hits_no_more_than_one(arts: list[Image], face: Image) -> None:
    likeness = ArtLikeness(arts)
    for distances in (likeness.palette_distances(face), likeness.texture_distances(face)):
        assert (distances.argmin() == np.arange(len(arts))).sum() == 1  # whatever is asked for
        assert distances.min() > 0.2


def test_one_picture_cannot_be_told_from_others(face: Image) -> None:
    with pytest.raises(ValueError, match="two"):
        ArtLikeness([face])
