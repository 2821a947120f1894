"""A stranger finds their way: small rooms, one name for one thing, a test beside each module."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("components", "evaluation", "flows")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MODULES = [path for path in FILES if path.name != "__init__.py"]
MOST_FILES = 20  # Python files of a folder's own
MOST_LINES = 400
MOST_HOMES = 2  # of a class name: the same thing in mirrored places


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_folder_is_a_drawer() -> None:
    sizes = {relative(folder): len(list(folder.glob("*.py"))) for folder in {path.parent for path in FILES}}
    assert {folder: size for folder, size in sizes.items() if size > MOST_FILES} == {}


def test_no_file_is_long() -> None:
    assert [relative(path) for path in FILES if len(path.read_text().splitlines()) > MOST_LINES] == []


def test_no_drawer_for_everything() -> None:
    assert not {path.name for path in FILES} & {"utils.py", "helpers.py", "misc.py"}


def test_a_class_name_means_one_thing() -> None:
    homes = defaultdict(list)
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(relative(path))
    assert {name: places for name, places in homes.items() if len(places) > MOST_HOMES} == {}


def test_no_imports_go_in_circles() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    circles = []
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if graph.find_shortest_chain(imported, module):
                circles.append(f"{module} -> {imported}")
    assert circles == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_has_its_test_file(path: Path) -> None:
    mirrored = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"
    assert mirrored.is_file(), f"write {relative(mirrored)}"


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=relative)
def test_every_test_file_mirrors_a_module(path: Path) -> None:
    place = path.relative_to(ROOT / "tests")
    if place.parts[0] in PACKAGES:
        module = ROOT / place.parent / path.name.removeprefix("test_")
        assert module.is_file() or module.with_suffix("").is_dir(), f"{relative(module)} is not there"
