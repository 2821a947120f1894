"""Profiles: partial parameter files laid over `params.yaml`, from a two-minute smoke run to the paper's sizes.

Example: ``python -m components.common.profiles apply smoke``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.common.errors import EXIT_BAD_INPUT, UserError
from components.common.params import read_yaml, validate

PROFILES = Path("profiles")


def overlay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the leaves of `over` laid on top, recursively; neither argument is changed."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = overlay(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def names(folder: Path = PROFILES) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))


def resolve(profile: str, folder: Path = PROFILES) -> dict[str, Any]:
    """The full parameters of a profile: `demo` (every key), then the profile's own keys over it."""
    path = folder / f"{profile}.yaml"
    if not path.is_file():
        raise UserError(f"no profile {profile!r}; there are: {', '.join(names(folder))}")
    base = read_yaml(folder / "demo.yaml")
    values = base if profile == "demo" else overlay(base, read_yaml(path))
    validate(values, str(path))
    return values


def _write_leaves(node: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(node.get(key), dict):
            _write_leaves(node[key], value)
        elif node.get(key) != value:
            node[key] = value


def apply(profile: str, params: Path = Path("params.yaml"), folder: Path = PROFILES) -> None:
    """Write a profile into `params.yaml`, keeping the file's comments and order."""
    values = resolve(profile, folder)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    document = yaml.load((params if params.is_file() else folder / "demo.yaml").read_text(encoding="utf-8"))
    _write_leaves(document, values)
    temporary = params.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)
    temporary.replace(params)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m components.common.profiles",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="name the profiles")
    verb = verbs.add_parser("apply", help="write a profile into params.yaml")
    verb.add_argument("profile")
    verb.add_argument("--params", type=Path, default=Path("params.yaml"))
    options = parser.parse_args(arguments)
    try:
        if options.verb == "list":
            print("\n".join(names()))
        else:
            apply(options.profile, options.params)
            print(f"{options.params} now holds profile {options.profile}; run: dvc repro")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
