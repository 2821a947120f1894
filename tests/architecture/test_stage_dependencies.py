"""What decides a stage's bytes is what DVC watches: no more, or an edit of a page would train anew; and no less."""

from __future__ import annotations

from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DECLARED = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text())["stages"]
STAGES = {name: stage for name, stage in DECLARED.items() if not stage.get("always_changed")}
RUNNER = "components.runner"  # frames and watches a stage, and decides no byte of it


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    built = grimp.build_graph("components", "evaluation", "flows", cache_dir=None)
    for module in {name for name in built.modules if name == RUNNER or name.startswith(f"{RUNNER}.")}:
        built.remove_module(module)
    return built


def code_dependencies(name: str) -> set[str]:
    return {dep for dep in STAGES[name]["deps"] if dep.split("/")[0] in ("components", "evaluation")}


def is_below(file: str, dependency: str) -> bool:
    return file == dependency or file.startswith(f"{dependency}/")


def file_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


@pytest.mark.parametrize("name", STAGES)
def test_all_that_a_stage_imports_is_declared(name: str, graph: grimp.ImportGraph) -> None:
    module = STAGES[name]["cmd"].rsplit(maxsplit=1)[1]
    imported = {file_of(found) for found in graph.find_upstream_modules(module)} | {file_of(module)}
    declared = code_dependencies(name)
    # A package's empty `__init__` decides nothing.
    missing = sorted(
        file
        for file in imported
        if (ROOT / file).stat().st_size and not any(is_below(file, dependency) for dependency in declared)
    )
    assert not missing, f"{name} imports what it does not declare"


@pytest.mark.parametrize("name", STAGES)
def test_each_declared_folder_is_imported(name: str, graph: grimp.ImportGraph) -> None:
    module = STAGES[name]["cmd"].rsplit(maxsplit=1)[1]
    imported = {file_of(found) for found in graph.find_upstream_modules(module)} | {file_of(module)}
    idle = [
        dependency
        for dependency in sorted(code_dependencies(name))
        if dependency != "evaluation/templates" and not any(is_below(file, dependency) for file in imported)
    ]
    assert not idle, f"{name} reruns for an edit of what it never imports"


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_watches_the_runner(name: str) -> None:
    assert not [dependency for dependency in code_dependencies(name) if is_below("components/runner", dependency)]
