"""What gives way to what: lids and lashes to the eyeball, lips to each other."""

from __future__ import annotations

import numpy as np
import pytest

from components.synthetic.geometry.anatomy import SIDES
from components.synthetic.head.contact import (
    CLEARANCES,
    LID_CLEARANCE,
    EyeContact,
    LipContact,
    fit_sphere,
    keep_outside,
)
from components.synthetic.head.template import HeadTemplate


def test_a_sphere_is_fitted_through_its_points() -> None:
    directions = np.random.default_rng(0).normal(size=(20, 3))
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    center, radius = fit_sphere(1.7 * unit + [3, -2, 6])
    assert center == pytest.approx([3, -2, 6])
    assert radius == pytest.approx(1.7)


def test_only_what_is_in_the_front_half_is_pushed_out() -> None:
    vertices = np.array([[0, 0, 0.5], [0, 0, -0.5], [0, 0, 2], [0.3, 0, 0.4]], np.float32)
    keep_outside(vertices, np.array([0, 1, 2]), np.zeros(3), 1.0)
    np.testing.assert_allclose(vertices, [[0, 0, 1], [0, 0, -0.5], [0, 0, 2], [0.3, 0, 0.4]], atol=1e-6)


@pytest.mark.parametrize(("name", "sign"), SIDES)
def test_eyeballs_stay_round_and_in_front_of_them_is_room(template: HeadTemplate, name: str, sign: float) -> None:
    rest = template.vertices.copy()
    contact = EyeContact(template, rest, name, sign)
    dented = rest.copy()
    ball = template.parts[f"eye_{name}"]
    dented[ball] += 0.1 * np.random.default_rng(0).normal(size=dented[ball].shape).astype(np.float32)
    dented[:, 2] -= np.where(np.arange(len(dented)) < template.n_skin, 1.0, 0.0).astype(np.float32)  # skin sinks in
    dented[template.parts[f"lash_{name}"], 2] -= 1.0
    contact.resolve(dented)
    distance = np.linalg.norm(dented - contact.center, axis=1)
    np.testing.assert_allclose(distance[ball], contact.radius, rtol=1e-5)
    front = dented[:, 2] > contact.center[2]
    near_skin = np.linalg.norm(rest - contact.center, axis=1) < 1.1 * contact.radius
    lids = np.flatnonzero(front & near_skin & (np.arange(len(rest)) < template.n_skin))
    assert len(lids) > 50
    assert distance[lids].min() > LID_CLEARANCE * contact.radius - 1e-4
    lash = template.parts[f"lash_{name}"]
    assert distance[lash][front[lash]].min() > CLEARANCES["lash"] * contact.radius - 1e-4


def test_lips_give_way_by_half_each_and_only_where_they_overlap(template: HeadTemplate) -> None:
    contact = LipContact(template)
    apart = template.vertices.copy()
    contact.resolve(apart)
    np.testing.assert_array_equal(apart, template.vertices)
    upper, lower = template.loops["lip_upper"], template.loops["lip_lower"]
    crossed = template.vertices.copy()
    crossed[upper[10:19], 1] -= 0.4
    contact.resolve(crossed)
    overlap = crossed[lower, 1] - crossed[upper, 1]
    assert overlap[12:17].max() < 0.1
    raised = crossed[upper[14], 1] - (template.vertices[upper[14], 1] - 0.4)
    lowered = template.vertices[lower[14], 1] - crossed[lower[14], 1]
    assert raised == pytest.approx(lowered, abs=0.02)
    np.testing.assert_array_equal(crossed[upper[[0, -1]]], template.vertices[upper[[0, -1]]])
