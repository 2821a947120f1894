"""Skin, hair and the rest are told apart in a picture with a face; without one there is one region."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.media import Image
from components.style_a.art.measure.regions import FIGURE, HAIR, REGIONS, REST, SKIN, find_regions, partners
from tests.components.style_a.art.pictures import picture


def test_a_face_is_skin_its_corners_are_not(face: Image) -> None:
    regions = find_regions(face)
    np.testing.assert_allclose(regions.shares.sum(-1), 1, atol=1e-5)
    assert regions.count == len(REGIONS)
    assert not regions.faceless
    assert regions.shares[140:160, 120:136, SKIN].mean() > 0.9
    assert regions.shares[:20, :20, REST].mean() > 0.9
    assert regions.shares[..., HAIR].max() > 0.5
    assert 0 < regions.features.mean() < 0.2
    assert len(regions.views()) == 2


@pytest.mark.parametrize("size", [(1, 1), (40, 90), (200, 160)])
def test_without_a_face_all_is_one(size: tuple[int, int]) -> None:
    regions = find_regions(picture(*size))
    assert regions.shares.shape == (*size, 1)
    assert len(regions.views()) == 1
    assert regions.features.max() == 0


def test_partners_have_equally_many(face: Image) -> None:
    person, thing = find_regions(face), find_regions(picture(60, 60))
    assert [r.count for r in partners(person, person)] == [3, 3]
    assert [r.count for r in partners(person, thing)] == [FIGURE, FIGURE]
    assert [r.count for r in partners(thing, person)] == [1, 1]
    assert [r.count for r in partners(thing, thing)] == [1, 1]
