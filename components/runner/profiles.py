"""Profiles: sets of sizes for `params.yaml`, from a two-minute smoke run to the paper's.

`demo` is the defaults of `components/common/params.py`; the others are files that name what they change. `apply` sets
every value, your own included, and says which it changed; comments and order of `params.yaml` stay. `reset` writes the
whole file anew, with the defaults and their descriptions.

Example: ``python -m components.runner.profiles apply smoke``
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.common.artifacts import atomic
from components.common.errors import UserError
from components.common.params import Params, Section, read_yaml, validate
from components.runner.command import command_parser, run_command

PROFILES = Path("profiles")
DEFAULTS = "demo"
HEAD = """\
# Every number of the pipeline, written from components/common/params.py, which checks them. Other sizes:
# python -m components.runner.profiles apply smoke|demo|single-gpu|paper
"""


def overlay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the leaves of `over` laid on top, recursively; neither argument is changed."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        merged[key] = overlay(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged


def names(folder: Path = PROFILES) -> list[str]:
    """The profiles that can be applied."""
    return sorted({DEFAULTS, *(path.stem for path in folder.glob("*.yaml"))})


def resolve(profile: str, folder: Path = PROFILES) -> dict[str, Any]:
    """The full parameters of a profile: the defaults, then the profile's own keys over them.

    Raises:
        UserError: no such profile, or one with unknown keys or wrong values.
    """
    defaults = Params().model_dump()
    if profile == DEFAULTS:
        return defaults
    path = folder / f"{profile}.yaml"
    if not path.is_file():
        raise UserError(f"no profile {profile!r}; there are: {', '.join(names(folder))}")
    values = overlay(defaults, read_yaml(path))
    validate(values, str(path))
    return values


def render(params: Params) -> str:
    """The text of `params.yaml`: each value with its description as a comment."""
    sections = ["\n".join(_section(name, value, "")) for name, value in params]
    return HEAD + "\n\n".join(sections) + "\n"


def _section(name: str, section: Section, indent: str) -> Iterator[str]:
    yield f"{indent}{name}:  # {(section.__doc__ or '').splitlines()[0]}"
    for key, value in section:
        if isinstance(value, Section):
            yield from _section(key, value, f"{indent}  ")
        else:
            comment = type(section).model_fields[key].description
            yield f"{indent}  {key}: {yaml_scalar(value)}" + (f"  # {comment}" if comment else "")


def yaml_scalar(value: str | float) -> str:
    """A value as YAML reads it back: bare where that is safe, else quoted as in JSON, which YAML includes."""
    bare = str(value)
    is_safe = not isinstance(value, str) or (
        re.fullmatch(r"[\w./-]+", bare, re.ASCII) and YAML(typ="safe").load(bare) == value
    )
    return bare if is_safe else json.dumps(value, ensure_ascii=False)


def apply(profile: str, path: Path = Path("params.yaml"), folder: Path = PROFILES) -> list[str]:
    """Write a profile into `params.yaml`, keeping the file's comments and order; returns a line for each change."""
    values = resolve(profile, folder)
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    if path.is_file():
        read_yaml(path)  # says in one line what is wrong with it
    document = yaml.load(path.read_text(encoding="utf-8") if path.is_file() else render(Params()))
    changes = list(_write_leaves(document, values, ""))
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)
    return changes


def _write_leaves(node: Any, values: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(node.get(key), dict):
            yield from _write_leaves(node[key], value, f"{prefix}{key}.")
        elif node.get(key) != value:
            yield f"{prefix}{key}: {node.get(key)} -> {value}"
            node[key] = value


def main(arguments: list[str] | None = None) -> int:
    parser = command_parser("components.runner.profiles", __doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="name the profiles")
    setter = verbs.add_parser("apply", help="set every value of params.yaml to the profile's")
    setter.add_argument("profile", help=f"a file of {PROFILES}/ without .yaml, or {DEFAULTS}")
    resetter = verbs.add_parser("reset", help="write params.yaml anew: defaults, descriptions, nothing of your own")
    for verb in (setter, resetter):
        verb.add_argument("--params", type=Path, default=Path("params.yaml"), help="default: params.yaml")
    options = parser.parse_args(arguments)

    def work() -> None:
        if options.verb == "list":
            print("\n".join(names()))
        elif options.verb == "apply":
            changes = apply(options.profile, options.params)
            print("\n".join(f"  {change}" for change in changes) or "  nothing to change")
            print(f"{options.params} now holds profile {options.profile}; run: dvc repro")
        else:
            with atomic(options.params) as temporary:
                temporary.write_text(render(Params()), encoding="utf-8")
            print(f"{options.params} now holds the defaults; run: dvc repro")

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
