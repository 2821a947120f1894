"""What an installation needs: each import has its requirement, and generating a video needs no more than the base."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("components", "evaluation", "flows")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
EXAMPLE = ROOT / "components" / "talker" / "example_request"
NEVER_IMPORTED = {
    "accelerate",  # by the trainings, where it is installed
    "dvc",  # a command
    "fastapi",  # pinned for Prefect
    "sqlalchemy",  # pinned for Prefect
    "pyarrow",  # by pandas, for parquet
}
# Stands for an environment that lacks the packages named: they cannot be found, as if never installed.
WITHOUT = """
import sys
from importlib.machinery import PathFinder
HIDDEN = frozenset({hidden!r})
class Narrow(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in HIDDEN else super().find_spec(name, path, target)
sys.meta_path = [Narrow if finder is PathFinder else finder for finder in sys.meta_path]
"""
IMPORT_AND_HELP = """
import importlib.util
assert importlib.util.find_spec("mlflow") is importlib.util.find_spec("pandas") is None
import components.talker.generate, components.talker.pipeline
from components.talker.cli import main
sys.exit(main(["generate", "--help"]))
"""
GENERATE = "from components.talker.cli import main\nsys.exit(main({arguments!r}))"


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def weights() -> list[str]:
    lines = (ROOT / "requirements" / "weights.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def brought_by(requirements: Iterable[str]) -> set[str]:
    """Every distribution that pip installs for these requirements on this interpreter."""
    brought: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in brought:
            continue
        brought.add(key)
        for needed in map(Requirement, requires(requirement.name) or ()):
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in ("", *requirement.extras)):
                waiting.append(needed)
    return {name for name, _ in brought}


def beyond_the_base() -> list[str]:
    """Top-level modules that are installed here, and are not after `pip install style2talker` and the weights."""
    there = brought_by(PROJECT["dependencies"]) | names(weights())
    return sorted(
        module
        for module, distributions in packages_distributions().items()
        if module not in PACKAGES and not {canonicalize_name(name) for name in distributions} & there
    )


def in_the_base_alone(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process that finds nothing beyond the base."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT.format(hidden=beyond_the_base()) + script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_imported_is_required_and_the_other_way_round() -> None:
    required = names([*PROJECT["dependencies"], *EXTRAS["pipeline"]])
    homes = packages_distributions()
    imported = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for module in {module.partition(".")[0] for module in modules} - {*PACKAGES, *sys.stdlib_module_names}:
                homes_of_module = {canonicalize_name(name) for name in homes[module]}
                assert homes_of_module & required, f"{path.relative_to(ROOT)} imports {module}: require it"
                imported |= homes_of_module
    assert required - imported <= NEVER_IMPORTED


def test_the_pipeline_leaves_the_base_as_it_is() -> None:
    assert not EXTRAS["generate"]
    assert not names(PROJECT["dependencies"]) & names(EXTRAS["pipeline"])
    for tool in ("dvc", "mlflow", "prefect", "optuna", "great-expectations", "distributed", "pandas", "librosa"):
        assert tool in names(EXTRAS["pipeline"])
        assert tool not in brought_by(PROJECT["dependencies"])


def test_generating_imports_nothing_beyond_the_base(tmp_path: Path) -> None:
    done = in_the_base_alone(IMPORT_AND_HELP, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--portrait" in done.stdout


@pytest.mark.slow
def test_a_video_is_made_by_the_base_alone(models: Path, tmp_path: Path) -> None:
    portrait, speech, video = str(EXAMPLE / "portrait.jpg"), str(EXAMPLE / "speech.wav"), tmp_path / "v.mp4"
    inputs = ["generate", "--portrait", portrait, "--audio", speech, "--style", portrait, "--emotion", "a little sad"]
    arguments = [*inputs, "--size", "128", "--models", str(models), "--out", str(video)]
    done = in_the_base_alone(GENERATE.format(arguments=arguments), tmp_path)
    assert done.returncode == 0, done.stderr
    assert video.stat().st_size > 1000
    assert "accelerate" not in done.stdout + done.stderr  # nothing asks for more
