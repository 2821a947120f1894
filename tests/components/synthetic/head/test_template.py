"""The template: complete, and a cache that equals a build."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from components.common.arkit import ARKIT_NAMES, WEIGHTS
from components.common.errors import UserError
from components.synthetic.head.identities import IDENTITY_NAMES
from components.synthetic.head.template import (
    SOURCES,
    HeadTemplate,
    build_template,
    read_template,
    template_path,
    write_template,
)

ROOT = Path(__file__).parents[4]


def test_shapes_and_order(template: HeadTemplate) -> None:
    assert template.expression_basis.shape == (WEIGHTS, len(template.vertices), 3)
    assert template.identity_basis.shape == (len(IDENTITY_NAMES), len(template.vertices), 3)
    travel = np.linalg.norm(template.expression_basis, axis=-1).max(1)
    weak = [name for name, t in zip(ARKIT_NAMES, travel, strict=True) if t < 0.15]
    assert not weak
    assert np.isfinite(template.expression_basis).all()
    assert template.triangles.max() < len(template.vertices)
    covered = np.concatenate([np.arange(part.start, part.stop) for part in template.parts.values()])
    np.testing.assert_array_equal(covered, np.arange(len(template.vertices)))
    assert template.parts["skin"] == slice(0, template.n_skin)
    assert template.occlusion.min() >= 0
    assert template.occlusion.max() <= 1


def test_a_cached_template_equals_a_built_one(tmp_path: Path, template: HeadTemplate) -> None:
    built = build_template()
    write_template(tmp_path / "one.safetensors", built)
    write_template(tmp_path / "two.safetensors", template)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
    again = read_template(tmp_path / "one.safetensors")
    for field in fields(HeadTemplate):
        value = getattr(built, field.name)
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, getattr(again, field.name)), field.name
    assert again.parts == built.parts
    assert list(again.parts) == list(built.parts)


def test_the_cache_is_named_by_all_that_builds_it() -> None:
    """What importing it loads, besides what only tells people or finds places."""
    script = "import sys, components.synthetic.head.template; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    plumbing = ("environment", "errors", "progress", "machine")
    builds = {
        name
        for name in loaded.split()
        if name.startswith("components.")
        and not name.startswith(tuple(f"components.common.{part}" for part in plumbing))
        and (ROOT / f"{name.replace('.', '/')}.py").is_file()
    }
    assert builds - {"components.synthetic.head.template"} <= {module.__name__ for module in SOURCES}


def test_a_damaged_cache_is_refused_in_words(tmp_path: Path) -> None:
    path = template_path(tmp_path)
    path.write_bytes(b"not safetensors")
    with pytest.raises(UserError, match="damaged"):
        read_template(path)
