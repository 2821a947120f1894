"""The template: ARKit shapes that do what their names say, lips that meet, a cache that equals a build."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import ARKIT_NAMES, INDEX, WEIGHTS
from components.common.errors import UserError
from components.synthetic.head.identities import IDENTITY_NAMES
from components.synthetic.head.parts import TEETH_COLUMNS
from components.synthetic.head.template import (
    HeadTemplate,
    build_template,
    load_template,
    read_template,
    template_path,
    write_template,
)
from components.synthetic.motion.emotions import shape_vector


@pytest.fixture(scope="module")
def head() -> HeadTemplate:
    return load_template()


def moved(head: HeadTemplate, **recipe: float) -> np.ndarray:
    weights = shape_vector(recipe).astype(np.float32)
    return np.asarray(head.vertices + np.tensordot(weights, head.expression_basis, 1))


def test_shapes_and_order(head: HeadTemplate) -> None:
    assert head.expression_basis.shape == (WEIGHTS, len(head.vertices), 3)
    assert head.identity_basis.shape == (len(IDENTITY_NAMES), len(head.vertices), 3)
    travel = np.linalg.norm(head.expression_basis, axis=-1).max(1)
    weak = [name for name, t in zip(ARKIT_NAMES, travel, strict=True) if t < 0.15]
    assert not weak
    assert np.isfinite(head.expression_basis).all()
    assert head.triangles.max() < len(head.vertices)


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
    head: HeadTemplate, name: str, part: str, axis: int, sign: int
) -> None:
    shift = head.expression_basis[INDEX[name], head.parts[part]].mean(0)
    assert sign * shift[axis] > 0.1


def test_left_shapes_stay_on_the_left(head: HeadTemplate) -> None:
    for left, right in ((n, n.replace("Left", "Right")) for n in ARKIT_NAMES if n.endswith("Left") and n != "jawLeft"):
        if left == "mouthLeft":
            continue
        travel = np.linalg.norm(head.expression_basis[INDEX[left]], axis=-1)
        assert (travel * head.vertices[:, 0]).sum() > 0, left
        mirrored = np.linalg.norm(head.expression_basis[INDEX[right]], axis=-1)
        assert mirrored.sum() == pytest.approx(travel.sum(), rel=0.1), left


def test_lips_are_closed_at_rest_and_close_over_an_open_jaw(head: HeadTemplate) -> None:
    upper, lower = head.loops["lip_upper"], head.loops["lip_lower"]

    def gap(mesh: np.ndarray) -> float:
        return float((mesh[upper, 1] - mesh[lower, 1]).max())

    assert gap(moved(head)) < 0.02
    assert gap(moved(head, jawOpen=0.6)) > 1.2
    assert gap(moved(head, jawOpen=0.6, mouthClose=0.6)) < 0.12


def test_lower_lip_touches_the_upper_teeth_on_f(head: HeadTemplate) -> None:
    mesh = moved(head, mouthRollLower=0.62, mouthUpperUp=0.50, jawOpen=0.10)
    teeth = mesh[head.parts["teeth_upper"]].reshape(4, -1, 3)[:, TEETH_COLUMNS // 2]  # top to bottom
    upper, lower = (mesh[head.loops[name][14]] for name in ("lip_upper", "lip_lower"))
    assert abs(lower[1] - teeth[-1, 1]) < 0.25  # at the teeth's edge
    assert upper[1] > teeth[-1, 1] + 0.15  # and the teeth are seen above it
    assert 0 < lower[2] - teeth[-1, 2] < 1.3


def test_blink_closes_the_lids(head: HeadTemplate) -> None:
    for name in ("Left", "Right"):
        upper, lower = head.loops[f"lid_upper_{name}"], head.loops[f"lid_lower_{name}"]
        rest, shut = moved(head), moved(head, **{f"eyeBlink{name}": 1.0})
        opening = (rest[upper, 1] - rest[lower, 1]).max()
        assert (shut[upper, 1] - shut[lower, 1]).max() < 0.12 * opening
        assert (moved(head, eyeWide=1.0)[upper, 1] - rest[upper, 1]).max() > 0.1


def test_upper_lids_follow_a_downward_gaze(head: HeadTemplate) -> None:
    upper = head.loops["lid_upper_Left"]
    assert (moved(head, eyeLookDown=1.0)[upper, 1] - head.vertices[upper, 1]).min() < -0.2
    assert (moved(head, eyeLookUp=1.0)[upper, 1] - head.vertices[upper, 1]).max() > 0.1


def test_a_cached_template_equals_a_built_one(tmp_path: Path) -> None:
    built, loaded = build_template(), load_template()
    write_template(tmp_path / "one.safetensors", built)
    write_template(tmp_path / "two.safetensors", loaded)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
    again = read_template(tmp_path / "one.safetensors")
    for field in fields(HeadTemplate):
        value = getattr(built, field.name)
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, getattr(again, field.name)), field.name
    assert again.parts == built.parts
    assert list(again.parts) == list(built.parts)


def test_a_damaged_cache_is_refused_in_words(tmp_path: Path) -> None:
    path = template_path(tmp_path)
    path.write_bytes(b"not safetensors")
    with pytest.raises(UserError, match="damaged"):
        read_template(path)
