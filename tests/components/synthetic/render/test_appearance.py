"""Looks, light and backgrounds: drawn from a seed, inside what the shader expects."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from components.synthetic.head.hair import FEMALE_STYLES, MALE_STYLES, STYLES, build_body, build_hair
from components.synthetic.head.template import HeadTemplate
from components.synthetic.render.appearance import Look, background, light_rig, linear, paint


def look(seed: int, female: bool | None = None) -> Look:
    return Look.sample(np.random.default_rng(seed), female)


def test_display_colors_become_linear_light() -> None:
    assert linear((0.0, 1.0)).tolist() == [0.0, 1.0]
    assert linear(0.5) == pytest.approx(0.5**2.2)


def test_the_same_seed_gives_the_same_look() -> None:
    for one, two in zip(astuple(look(3)), astuple(look(3)), strict=True):
        np.testing.assert_array_equal(one, two)
    assert len({look(seed).skin.tobytes() for seed in range(30)}) > 4
    assert {look(seed).female for seed in range(10)} == {True, False}


def test_looks_suit_the_person() -> None:
    for seed in range(40):
        woman, man = look(seed, female=True), look(seed, female=False)
        assert woman.style in FEMALE_STYLES
        assert man.style in MALE_STYLES
        assert woman.stubble == man.lipstick == 0
        for person in (woman, man):
            assert 0 < person.skin.min() <= person.skin.max() < 1
            if person.skin.mean() < 0.15:  # dark skin has dark hair and brown eyes
                assert person.hair.max() < 0.05
                assert person.iris[0] > person.iris[2]
                assert person.freckles == 0


@pytest.mark.parametrize("index", range(4))
def test_lamps_are_directions_and_the_key_is_the_brightest(index: int) -> None:
    rig = light_rig(index)
    np.testing.assert_allclose(np.linalg.norm(rig.directions, axis=1), 1, atol=1e-6)
    assert rig.colors[0].sum() == max(color.sum() for color in rig.colors)
    assert rig.directions[0, 2] > 0 > rig.directions[2, 2]  # the key in front, the rim behind
    np.testing.assert_array_equal(light_rig(index + 4).directions, rig.directions)


def test_backgrounds_are_smooth_light_of_any_size() -> None:
    for seed in range(8):
        picture = background(np.random.default_rng(seed), 64)
        assert picture.shape == (64, 64, 3)
        assert picture.min() >= 0
        assert np.isfinite(picture).all()
        large = background(np.random.default_rng(seed), 128)
        assert np.abs(large[::2, ::2] - picture).mean() < 0.02


def test_a_painted_head_has_lips_lashes_teeth_and_dark_inside(template: HeadTemplate) -> None:
    person = look(1, female=True)
    hair = build_hair(STYLES[person.style], np.random.default_rng(0))
    body, _ = build_body(0.88)
    surface = paint(template, hair, body, person, np.random.default_rng(0))
    count = len(template.vertices) + len(hair.vertices) + len(body)
    assert [len(field) for field in (surface.albedo, surface.occlusion, surface.gloss, surface.plane)] == [count] * 4
    assert surface.albedo.min() >= 0
    assert surface.albedo.max() < 1.2
    assert 0 <= surface.occlusion.min() <= surface.occlusion.max() <= 1

    def color(name: str) -> np.ndarray:
        return surface.albedo[template.parts[name]].mean(0)

    lips = surface.albedo[: template.n_skin][template.lips[: template.n_skin] > 0.9].mean(0)
    assert lips[0] > 1.5 * lips[1]  # red
    assert color("teeth_upper").min() > 4 * color("sock").max()
    assert color("lash_Left").max() < 0.01
    assert color("brow_Left").max() < person.skin.min()
    np.testing.assert_allclose(
        surface.albedo[len(template.vertices) : -len(body)], np.tile(person.hair, (len(hair.vertices), 1)), atol=1e-6
    )
