"""One fact, one home: the DAG, the parameters and the paths agree with each other, and the house keeps its rules."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from components.common.layout import Layout
from components.common.params import Params

ROOT = Path(__file__).parents[2]
DECLARED = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())["stages"]
WATCHER = "list_footage"  # always runs, computes nothing: no parameters, metrics or run of its own
STAGES = {name: stage for name, stage in DECLARED.items() if name != WATCHER}


def test_what_always_runs_lists_the_footage_and_reads_nothing_that_dvc_would_open() -> None:
    from components.corpus.listing import NAME
    from flows.execution import dvc

    assert NAME == dvc.WATCHER == WATCHER
    assert [name for name, stage in DECLARED.items() if stage.get("always_changed")] == [WATCHER]
    assert DECLARED[WATCHER]["cmd"] == "exec sh components/runner/launch.sh components.corpus.listing"
    assert DECLARED[WATCHER]["outs"] == [Layout(Path()).footage.as_posix()]
    assert "deps" not in DECLARED[WATCHER]
    assert Layout(Path()).footage.as_posix() in DECLARED["prepare"]["deps"]
    assert not [dep for stage in DECLARED.values() for dep in stage.get("deps", ()) if "${" in dep]


def test_stage_names_are_parameter_sections() -> None:
    assert set(STAGES) == set(Params.model_fields) - {"runtime"}


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_runs_the_module_that_exists(name: str) -> None:
    command, module = STAGES[name]["cmd"].rsplit(maxsplit=1)
    assert command == "exec sh components/runner/launch.sh"  # a shell in between would let the stage outlive `dvc`
    assert callable(importlib.import_module(module).run)
    assert name in STAGES[name]["params"]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_declares_its_metrics_where_it_writes_them(name: str) -> None:
    declared = [path for entry in STAGES[name]["metrics"] for path in entry]
    assert declared == [Layout(Path()).metrics(name).as_posix()]


def test_outputs_are_the_layout() -> None:
    layout = Layout(Path())
    outs = {out for stage in STAGES.values() for out in stage["outs"] if isinstance(out, str)}
    named = (layout.prepared, layout.regressor, layout.coefficients, layout.style_e, layout.style_a, layout.report)
    assert outs >= {path.as_posix() for path in named}
    assert layout.annotations.parent.as_posix() in outs
    assert outs >= {layout.contract_docs(name).as_posix() for name in ("prepare", "annotate")}


def test_dependencies_are_whole_packages() -> None:
    for stage in STAGES.values():
        own = stage["cmd"].rsplit(maxsplit=1)[1].replace(".", "/") + ".py"
        code = [dep for dep in stage["deps"] if dep.startswith(("components", "evaluation"))]
        assert all(dep == own or (ROOT / dep).is_dir() for dep in code)
