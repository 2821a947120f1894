"""The name of a run follows from what went in and came out: the same for the same, another for anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.common.layout import Layout
from components.common.params import Params
from components.runner import lineage
from components.runner.tracking.runs import connect, record_cached, start_run

DVC_YAML = "stages:\n  annotate: {cmd: none, deps: [code, data/prepared]}\n  prepare: {cmd: none}\n"
DVC_LOCK = "stages:\n  prepare: {cmd: none, outs: [{path: data/prepared, md5: %s.dir}]}\n"


@pytest.fixture
def project(store: Path) -> Path:
    (store / "code").mkdir()
    (store / "code" / "a.py").write_text("1")
    (store / "dvc.yaml").write_text(DVC_YAML)
    (store / "dvc.lock").write_text(DVC_LOCK % "a")
    return store


def name(root: Path, params: Params | None = None, clips: float = 1.0) -> str:
    return lineage.name_of("annotate", params or Params(), Layout(root), {"clips": clips})


def test_the_same_work_has_the_same_name(project: Path) -> None:
    first = name(project)
    other_machine = Params.model_validate({"runtime": {"workers": 7}})
    assert first == name(project) == name(project, other_machine)
    others = [name(project, clips=2.0), name(project, Params.model_validate({"runtime": {"seed": 99}}))]
    others.append(name(project, Params.model_validate({"annotate": {"keep": 4}})))
    (project / "code" / "a.py").write_text("2")
    others.append(name(project))
    (project / "dvc.lock").write_text(DVC_LOCK % "b")
    others.append(name(project))
    assert len({first, *others}) == 6


def test_the_run_behind_a_name_is_found(project: Path) -> None:
    layout = Layout(project)
    with start_run("annotate", Params(), layout) as tracker:
        tracker.set_tags({lineage.TAG: name(project)})
    lineage.write(layout, "annotate", name(project))
    with start_run("retrain", Params(), layout, kind="retrain") as parent:
        record_cached(["annotate"], str(parent.run_id), project)
    client, experiment = connect(project)
    (cached,) = client.search_runs([experiment], "tags.cached = 'true'")
    assert cached.data.tags["source_run"] == tracker.run_id


def test_what_earlier_versions_left_is_read(project: Path) -> None:
    layout = Layout(project)
    assert lineage.read(layout, "annotate") == ""
    layout.lineage("annotate").parent.mkdir()
    layout.lineage("annotate").write_text('{"run_id": "abc"}')
    assert lineage.read(layout, "annotate") == "abc"
