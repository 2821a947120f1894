"""The opening of the lips from the weights alone: what the template's mesh does, and linear."""

from __future__ import annotations

import numpy as np
import pytest

from components.common.arkit import COEFFICIENTS, INDEX, WEIGHTS
from components.common.lip_gap import CLOSED, GAP_PER_WEIGHT, gap_vector, lip_gap
from components.synthetic.head.template import HeadTemplate, load_template


@pytest.fixture(scope="module")
def head() -> HeadTemplate:
    return load_template()


def test_lip_gap_is_what_the_mesh_does(head: HeadTemplate) -> None:
    upper, lower = (head.loops[name][14] for name in ("lip_upper", "lip_lower"))
    rest = head.vertices[upper, 1] - head.vertices[lower, 1]
    rng = np.random.default_rng(0)
    for _ in range(20):
        weights = rng.uniform(0, 1, WEIGHTS) * (rng.random(WEIGHTS) < 0.4)
        mesh = head.vertices + np.tensordot(weights.astype(np.float32), head.expression_basis, 1)
        assert lip_gap(weights) == pytest.approx(mesh[upper, 1] - mesh[lower, 1] - rest, abs=0.02)


def test_only_the_named_weights_count() -> None:
    vector = gap_vector()
    assert vector.shape == (WEIGHTS,)
    assert vector[INDEX["jawOpen"]] == GAP_PER_WEIGHT["jawOpen"]
    assert {index for index, gap in enumerate(vector) if gap} == {INDEX[name] for name in GAP_PER_WEIGHT}


def test_a_closed_mouth_over_an_open_jaw_is_closed_and_pose_does_not_count() -> None:
    motion = np.zeros((3, COEFFICIENTS))
    motion[1, [INDEX["jawOpen"], INDEX["mouthClose"]]] = 0.7
    motion[2, INDEX["jawOpen"]] = 0.5
    motion[:, WEIGHTS:] = 9.0
    gaps = lip_gap(motion)
    assert gaps[:2] == pytest.approx([0, 0], abs=1e-9)
    assert gaps[2] > CLOSED
