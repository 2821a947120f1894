"""The Style-A stage where there is nothing to learn from; the whole stage runs in the smoke DAG."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.artifacts import MANIFEST_COLUMNS, write_json, write_table
from components.common.errors import StageError
from components.common.layout import Layout
from components.common.params import Params
from components.runner.stage import Stage
from components.style_a.stage import run


def test_without_a_single_clip_it_stops_with_one_clear_line(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    write_table(layout.manifest, [], MANIFEST_COLUMNS)
    write_json(layout.rejected, {})
    (layout.style_a / "art").mkdir(parents=True)
    with pytest.raises(StageError, match="no training clip"):
        run(Stage(Params(), layout))
    assert not layout.style_a.exists()  # no old model is left to be taken for the new one
