"""ARKit shapes do what their names say: the right part moves the right way, lips and lids meet."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import ARKIT_NAMES, INDEX
from components.synthetic.head.expressions import rotate_x
from components.synthetic.head.parts import TEETH_COLUMNS
from components.synthetic.head.template import HeadTemplate
from components.synthetic.motion.emotions import shape_vector


def moved(template: HeadTemplate, **recipe: float) -> np.ndarray:
    weights = shape_vector(recipe).astype(np.float32)
    return np.asarray(template.vertices + np.tensordot(weights, template.expression_basis, 1))


@pytest.mark.parametrize(
    ("name", "part", "axis", "sign"),
    [
        ("jawOpen", "teeth_lower", 1, -1),
        ("jawForward", "teeth_lower", 2, 1),
        ("jawLeft", "teeth_lower", 0, 1),
        ("jawRight", "teeth_lower", 0, -1),
        ("tongueOut", "tongue", 2, 1),
        ("browInnerUp", "brow_Left", 1, 1),
        ("browDownLeft", "brow_Left", 1, -1),
        ("browOuterUpRight", "brow_Right", 1, 1),
    ],
)
def test_shapes_move_the_right_part_the_right_way(
    template: HeadTemplate, name: str, part: str, axis: int, sign: int
) -> None:
    shift = template.expression_basis[INDEX[name], template.parts[part]].mean(0)
    assert sign * shift[axis] > 0.1


def test_left_shapes_stay_on_the_left(template: HeadTemplate) -> None:
    for left, right in ((n, n.replace("Left", "Right")) for n in ARKIT_NAMES if n.endswith("Left") and n != "jawLeft"):
        if left == "mouthLeft":
            continue
        travel = np.linalg.norm(template.expression_basis[INDEX[left]], axis=-1)
        assert (travel * template.vertices[:, 0]).sum() > 0, left
        mirrored = np.linalg.norm(template.expression_basis[INDEX[right]], axis=-1)
        assert mirrored.sum() == pytest.approx(travel.sum(), rel=0.1), left


def test_lips_are_closed_at_rest_and_close_over_an_open_jaw(template: HeadTemplate) -> None:
    upper, lower = template.loops["lip_upper"], template.loops["lip_lower"]

    def gap(mesh: np.ndarray) -> float:
        return float((mesh[upper, 1] - mesh[lower, 1]).max())

    assert gap(moved(template)) < 0.02
    assert gap(moved(template, jawOpen=0.6)) > 1.2
    assert gap(moved(template, jawOpen=0.6, mouthClose=0.6)) < 0.12


def test_lower_lip_touches_the_upper_teeth_on_f(template: HeadTemplate) -> None:
    mesh = moved(template, mouthRollLower=0.62, mouthUpperUp=0.50, jawOpen=0.10)
    teeth = mesh[template.parts["teeth_upper"]].reshape(4, -1, 3)[:, TEETH_COLUMNS // 2]  # top to bottom
    upper, lower = (mesh[template.loops[name][14]] for name in ("lip_upper", "lip_lower"))
    assert abs(lower[1] - teeth[-1, 1]) < 0.25  # at the teeth's edge
    assert upper[1] > teeth[-1, 1] + 0.15  # and the teeth are seen above it
    assert 0 < lower[2] - teeth[-1, 2] < 1.3


def test_blink_closes_the_lids(template: HeadTemplate) -> None:
    for name in ("Left", "Right"):
        upper, lower = template.loops[f"lid_upper_{name}"], template.loops[f"lid_lower_{name}"]
        rest, shut = moved(template), moved(template, **{f"eyeBlink{name}": 1.0})
        opening = (rest[upper, 1] - rest[lower, 1]).max()
        assert (shut[upper, 1] - shut[lower, 1]).max() < 0.12 * opening
        assert (moved(template, eyeWide=1.0)[upper, 1] - rest[upper, 1]).max() > 0.1


def test_upper_lids_follow_a_downward_gaze(template: HeadTemplate) -> None:
    upper = template.loops["lid_upper_Left"]
    assert (moved(template, eyeLookDown=1.0)[upper, 1] - template.vertices[upper, 1]).min() < -0.2
    assert (moved(template, eyeLookUp=1.0)[upper, 1] - template.vertices[upper, 1]).max() > 0.1


def test_a_jaw_turns_down_about_its_hinge() -> None:
    hinge = np.array([0.0, 1.0, 0.0])
    points = np.stack([hinge, hinge + np.array([2.0, 0, 3])])
    np.testing.assert_allclose(rotate_x(points, hinge, np.pi / 2), [hinge, hinge + np.array([2.0, -3, 0])], atol=1e-12)
