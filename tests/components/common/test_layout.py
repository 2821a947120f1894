"""Every path lies below the root, in a place of its own."""

from __future__ import annotations

from pathlib import Path

from components.common.layout import Layout

PLACES = [name for name, value in vars(Layout).items() if isinstance(value, property)]
STAGES = ("prepare", "evaluate")


def paths(layout: Layout) -> list[Path]:
    of_stages = [place(stage) for place in (layout.metrics, layout.plots, layout.lineage) for stage in STAGES]
    return [*(getattr(layout, name) for name in PLACES), *of_stages, layout.clip_coefficients("a")]


def test_every_path_is_below_the_root_and_none_is_taken_twice(tmp_path: Path) -> None:
    places = paths(Layout(tmp_path))
    assert len(set(places)) == len(places) > 15
    assert all(path.is_relative_to(tmp_path) and path != tmp_path for path in places)


def test_the_working_folder_is_the_root_by_default() -> None:
    assert Layout().metrics("prepare") == Path("metrics/prepare.json")
    assert Layout().rejected == Path("data/coefficients/rejected.json")


def test_checkpoints_lie_outside_what_dvc_removes(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    outputs = (layout.prepared, layout.coefficients, layout.style_e, layout.style_a, layout.report)
    assert not any(layout.checkpoints.is_relative_to(output) for output in outputs)
