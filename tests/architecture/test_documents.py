"""Documents name what exists: files, modules to run, targets of make, pages to go on to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("", "docs", "docs/decisions", "footage")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
OTHERS = ("NOTICE", "Makefile", "dvc.yaml", "prefect.yaml", "pyproject.toml")
TEXTS = [*DOCUMENTS, *(ROOT / name for name in OTHERS)]
KEPT = ("components", "evaluation", "flows", "tests", "docs", "profiles", "requirements", "benchmarks")  # in git
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(KEPT)})/[\w./-]*\w")
MODULE = re.compile(rf"python -m ((?:{'|'.join(KEPT[:3])})[\w.]*\w)")
TEST = re.compile(r"(?:(\w+)(?:\.py)?)?::(test_\w+)(\.\.\.)?")  # without a file: one of the file named before
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def missing(path: Path) -> Iterator[str]:
    """What the text names and is not there."""
    text = path.read_text()
    yield from (name for name in PATH.findall(text) if not (ROOT / name).exists())
    for module in MODULE.findall(text):
        place = ROOT / module.replace(".", "/")
        if not place.is_dir() and not place.with_suffix(".py").is_file():
            yield f"python -m {module}"
    if path.suffix == ".md":
        yield from missing_tests(text)
        yield from (link for link in LINK.findall(text) if not (path.parent / link).exists())
        yield from (f"make {name}" for name in re.findall(r"`make ([a-z-]+)", text) if name not in TARGETS)


def missing_tests(text: str) -> Iterator[str]:
    """Tests that a text names and that are not there; with `...` the beginning of a name is enough."""
    file = ""
    for named, test, open_end in TEST.findall(text):
        file = named or file
        wanted = re.compile(rf"def {test}" + ("" if open_end else r"\b"))
        if not any(wanted.search(place.read_text()) for place in (ROOT / "tests").rglob(f"{file}.py")):
            yield f"{file}::{test}"


@pytest.mark.parametrize("path", TEXTS, ids=relative)
def test_what_a_document_names_exists(path: Path) -> None:
    assert sorted(set(missing(path))) == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        waiting += [(path.parent / link).resolve() for link in LINK.findall(path.read_text())]
    assert [relative(path) for path in DOCUMENTS if path not in reached] == []
