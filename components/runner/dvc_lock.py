"""What DVC's own files say, parsed once: `dvc.lock` (the bytes each stage read and made) and `dvc.yaml` (its purpose).

Read, never written. And the hash that DVC gives a folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.common.errors import UserError

LEFT_BY_STAGES = ("metrics", "plots")  # folders of small outputs, which DVC hashes and git keeps


@dataclass(frozen=True)
class LockedStage:
    """The last run of a stage: what it read and made, path -> md5 ("" where DVC keeps none), and its parameters.

    params: dotted names of `params.yaml` -> values; a whole section is one entry.
    """

    deps: Mapping[str, str] = field(default_factory=dict)
    outs: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DvcLock:
    """Both files of one project. Before the first run there are no stages, and `md5` is ""."""

    stages: Mapping[str, LockedStage] = field(default_factory=dict)
    md5: str = ""  # of the bytes of dvc.lock
    descriptions: Mapping[str, str] = field(default_factory=dict)  # stage -> `desc` of dvc.yaml
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # stage -> paths in its `deps` of dvc.yaml
    made: frozenset[str] = frozenset()  # paths that any stage of dvc.yaml writes

    @classmethod
    def read(cls, root: Path) -> DvcLock:
        """The files at `root`. Raises `UserError` where one is no YAML.

        DVC leaves stages in `dvc.lock` that were renamed or removed in `dvc.yaml`; here they are left out.
        """
        lock = root / "dvc.lock"
        stages, declared = _stages(lock, _locked), _stages(root / "dvc.yaml", _declared)
        if declared:
            stages = {name: stage for name, stage in stages.items() if name.partition("@")[0] in declared}
        return cls(
            stages,
            hashlib.md5(lock.read_bytes()).hexdigest() if lock.is_file() else "",
            {name: description for name, (description, _, _) in declared.items()},
            {name: deps for name, (_, deps, _) in declared.items()},
            frozenset(path for _, _, outs in declared.values() for path in outs),
        )

    @cached_property
    def outs(self) -> dict[str, str]:
        """Path -> md5 of everything that stages made."""
        return {path: md5 for stage in self.stages.values() for path, md5 in stage.outs.items() if md5}

    @cached_property
    def sources(self) -> list[tuple[str, str]]:
        """(path, md5) of everything that stages read and none of them made: code and footage.

        A path stands here twice where two stages ran with different bytes of it.
        """
        outs = {path for stage in self.stages.values() for path in stage.outs}
        deps = {dep for stage in self.stages.values() for dep in stage.deps.items()}
        return sorted((path, md5) for path, md5 in deps if path not in outs)

    def description(self, stage: str) -> str:
        """The stage's `desc`, or ""."""
        return self.descriptions.get(stage, "")

    def inputs(self, stage: str) -> dict[str, str]:
        """Path -> md5 of the data and models that a stage is about to read.

        Other stages made them, and DVC writes `dvc.lock` after each stage, so that the hashes are those of this very
        run, though `dvc.lock` does not know of it yet.
        """
        return {path: self.outs[path] for path in self.declared.get(stage, ()) if path in self.outs}

    def code(self, stage: str) -> tuple[str, ...]:
        """The declared dependencies that no stage makes and no parameter names (as it does the footage): code."""
        return tuple(path for path in self.declared.get(stage, ()) if path not in self.made and "${" not in path)


Stage = TypeVar("Stage")


def _stages(path: Path, parse: Callable[[Mapping[str, Any]], Stage]) -> dict[str, Stage]:
    """Stage -> its parsed entry; none where there is no such file."""
    if not path.is_file():
        return {}
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        return {str(name): parse(entry) for name, entry in document.get("stages", {}).items()}
    except (OSError, ValueError, TypeError, AttributeError, LookupError, YAMLError) as error:
        raise UserError(f"{path} cannot be read as a file of DVC; put it right: git checkout -- {path.name}") from error


def _locked(entry: Mapping[str, Any]) -> LockedStage:
    """An entry of `dvc.lock`."""
    return LockedStage(
        {str(dep["path"]): str(dep.get("md5", "")) for dep in entry.get("deps", ())},
        {str(out["path"]): str(out.get("md5", "")) for out in entry.get("outs", ())},
        dict(entry.get("params", {}).get("params.yaml", {})),
    )


def _declared(entry: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(`desc`, `deps`, paths of what it writes) of an entry of `dvc.yaml`; some outputs stand there with settings."""
    outs = [out for kind in ("outs", "metrics", "plots") for out in entry.get(kind, ())]
    paths = (path for out in outs for path in (out if isinstance(out, Mapping) else [out]))
    return str(entry.get("desc", "")), tuple(str(dep) for dep in entry.get("deps", ())), tuple(map(str, paths))
