"""Light on one triangle: what is lit, what is not, and what each material does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from components.synthetic.head.creases import MAP_REACH
from components.synthetic.head.parts import CLOTH, EYEBALL, SKIN
from components.synthetic.render.shading import PUPIL, _crease, shade

KEY = np.array([0.0, 0.0, 1.0])


def radiance(
    material: int = CLOTH,
    normal: tuple[float, float, float] = (0, 0, 1),
    light: NDArray[np.floating] = KEY,
    albedo: float = 0.5,
    specular: float = 0.0,
    crease: float = 0.0,
    spot: tuple[float, float, float] = (0, 0, 1),
    ambient: float = 0.0,
) -> NDArray[np.float32]:
    """(3,) light from one pixel of a triangle whose corners all are `spot`."""
    out = np.zeros((1, 2, 3), np.float32)
    gaze = np.array([[0, 0, 1], [0, 0, 1]], np.float32)
    shade(
        np.array([[0, -1]], np.int32), np.full((1, 2, 2), 1 / 3, np.float32), np.array([[0, 1, 2]], np.int32),
        np.array([material], np.int32), np.tile(np.float32(spot), (3, 1)), np.tile(np.float32(normal), (3, 1)),
        np.full((3, 3), albedo, np.float32), np.ones(3, np.float32),
        np.tile(np.float32([0, specular, 14]), (3, 1)), np.zeros((3, 2), np.float32),
        np.full((8, 8), crease, np.float32), np.full((1, 2, 3), 0.25, np.float32),
        np.float32(light)[None], np.ones((1, 3), np.float32), np.full(3, ambient, np.float32),
        np.array([[0, 0, 0], [9, 9, 9]], np.float32), gaze, np.array([0, 1, 0], np.float32),
        np.array([0.1, 0.2, 0.4], np.float32), 0.5, out,
    )  # fmt: skip
    assert out[0, 1] == pytest.approx(0.25)  # background
    return out[0, 0]


def test_light_falls_with_the_angle_and_never_below_zero() -> None:
    tilts = [radiance(normal=(float(np.sin(a)), 0.0, float(np.cos(a))))[0] for a in (0.0, 0.5, 1.0)]
    assert tilts[0] == pytest.approx(0.5)
    assert tilts[0] > tilts[1] > tilts[2] > 0
    assert 0 <= radiance(light=-KEY)[0] < 1e-30
    np.testing.assert_allclose(radiance(albedo=0.25), 0.5 * radiance(albedo=0.5), rtol=1e-5)


def test_the_sky_lights_what_looks_up() -> None:
    up, down = (radiance(normal=(0, y, 0.01), light=-KEY, ambient=1.0)[0] for y in (1.0, -1.0))
    assert up > 2 * down > 0


def test_skin_scatters_red_light_around_corners_and_darkens_in_creases() -> None:
    sideways = (0.98, 0.0, 0.199)
    red, green, blue = radiance(SKIN, light=np.array([-1.0, 0, 0]), normal=(0.2, 0, 0.98))
    assert red > green > blue
    assert radiance(SKIN, sideways)[0] > radiance(CLOTH, sideways)[0]
    plain, creased = radiance(SKIN), radiance(SKIN, crease=0.4)
    assert creased[1] == pytest.approx(0.6 * plain[1], rel=1e-4)
    assert creased[0] == pytest.approx((1 - 0.8 * 0.4) * plain[0], rel=1e-4)


def test_a_highlight_adds_light_where_the_surface_mirrors_the_lamp() -> None:
    mirrored = radiance(specular=0.5) - radiance()
    aside = radiance(specular=0.5, normal=(0.8, 0, 0.6)) - radiance(normal=(0.8, 0, 0.6))
    assert mirrored[0] == pytest.approx(0.5, rel=1e-4)
    assert 0 <= aside[0] < 0.01 * mirrored[0]


def test_an_eye_has_a_pupil_an_iris_and_a_white() -> None:
    def at(angle: float) -> NDArray[np.float32]:
        return radiance(
            EYEBALL, spot=(float(np.sin(angle)), 0.0, float(np.cos(angle))), light=np.array([0.0, 1, 0]), albedo=0.9
        )

    pupil, iris, white = at(0.5 * PUPIL * 0.5), at(0.36), at(0.9)
    assert pupil.max() < 0.02
    assert iris[2] > 1.5 * iris[0]  # blue eyes
    assert white.min() > 2 * iris.max()
    assert np.ptp(white) < 0.01


def test_crease_maps_are_read_between_their_pixels() -> None:
    ramp = np.tile(np.arange(8.0), (8, 1))  # grows to image right
    cell = 2 * MAP_REACH / 8
    assert _crease.py_func(ramp, 0.0, 0.0) == pytest.approx(3.5)
    assert _crease.py_func(ramp, cell, 0.3) == pytest.approx(4.5)
    assert _crease.py_func(ramp.T.copy(), 0.3, cell) == pytest.approx(2.5)  # rows run downwards
    assert _crease.py_func(ramp, 1.1 * MAP_REACH, 0.0) == 0
