"""An isolated copy of the project for one piece of work: its own params, its own outputs, the shared DVC cache.

Only code and locks are copied; data come by `dvc checkout` from the cache, so data stages never run again. A workspace
belongs to the process that holds its lock: when that process dies, however it dies, the kernel frees the lock.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.common.errors import UserError
from components.common.locks import hold, is_held
from components.runner import dvc_cache
from components.runner.dvc_lock import DvcLock
from flows.execution import dvc

CODE = ("components", "evaluation", "flows", "profiles", "params.yaml", "dvc.yaml", "dvc.lock", ".dvcignore")


def needs(root: Path, stage: str) -> list[str]:
    """Paths of the data a stage depends on (outputs of other stages)."""
    lock = DvcLock.read(root)
    if stage not in lock.stages:
        raise UserError(f"stage {stage} was never run here; run `dvc repro` once before sweeping")
    return sorted(path for path in lock.stages[stage].deps if path in lock.outs)


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Own the workspace `folder` for the block; at its end the folder is removed, and so is its lock."""
    lock = _lock(folder)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with hold(lock):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


def alive(folder: Path) -> bool:
    """Whether a live process of this machine owns the workspace."""
    return is_held(_lock(folder))


def sweep_up(parent: Path) -> list[str]:
    """Remove workspaces below `parent` whose owner has died; returns their names."""
    folders = {path.name for path in parent.glob("[0-9]*") if path.is_dir()}
    names = sorted(folders | {path.stem for path in parent.glob("*.lock")})
    dead = [name for name in names if not alive(parent / name)]
    for name in dead:
        shutil.rmtree(parent / name, ignore_errors=True)
        _lock(parent / name).unlink(missing_ok=True)
    return dead


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def create(root: Path, folder: Path, stage: str) -> Path:
    """Make (or make again) the workspace `folder` in which `stage` can run: code, parameters, the stage's data."""
    bare(root, folder)
    _check_out(folder, cache(root), *needs(root, stage))
    return folder


def bare(root: Path, folder: Path, *outputs: str) -> Path:
    """Make (or make again) a workspace with code, parameters and these outputs of `dvc.lock` alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in CODE:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copy(source, folder / name)
    # What `dvc init --no-scm` and two `dvc config` would write, without three starts of a slow program.
    (folder / ".dvc").mkdir()
    settings = f"[core]\n    no_scm = True\n    analytics = false\n[cache]\n    dir = {quoted(cache(root))}\n"
    (folder / ".dvc" / "config").write_text(settings, encoding="utf-8")
    if outputs:
        _check_out(folder, cache(root), *outputs)
    return folder


def _check_out(folder: Path, place: Path, *outputs: str) -> None:
    """Data from the cache, their bytes compared with `dvc.lock`: DVC takes a write-protected file of it for right."""
    dvc.run(folder, "checkout", "-q", *outputs)
    locked = DvcLock.read(folder).outs
    for path in outputs:
        if (found := dvc_cache.digest(folder / path)) != locked.get(path, found):
            wrong = dvc_cache.damaged(place, locked[path])
            raise UserError(
                f"hash mismatch: {path} from DVC's cache is {found}, dvc.lock says {locked[path]}; damaged cache: "
                f"delete {wrong or folder / path}, then `dvc fetch {path}` or `dvc repro --force` its stage"
            )


def quoted(path: Path) -> str:
    """For DVC's config, where `#` begins a comment and a comma a list; quotes have no escapes, but there are three."""
    mark = next(mark for mark in ('"', "'", '"""') if mark not in str(path))
    return f"{mark}{path}{mark}"


@lru_cache(maxsize=4)
def cache(root: Path) -> Path:
    """The project's DVC cache; asked once, since every trial needs it."""
    return Path(root, dvc.run(root, "cache", "dir").strip()).resolve()


def uncached(root: Path, outputs: Mapping[str, str]) -> list[str]:
    """Those of the outputs (path -> md5) that DVC's cache does not have, so that no workspace can get them."""
    files = cache(root) / "files" / "md5"
    return sorted(path for path, md5 in outputs.items() if not (files / md5[:2] / md5[2:]).exists())


def set_parameters(folder: Path, values: Mapping[str, Any]) -> None:
    """Write dotted parameters into `params.yaml`, keeping its comments."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    path = folder / "params.yaml"
    document = yaml.load(path.read_text(encoding="utf-8"))
    for name, value in values.items():
        *sections, key = name.split(".")
        node = document
        for section in sections:
            node = node.get(section, {})
        if key not in node:
            raise UserError(f"params.yaml has no parameter {name}")
        node[key] = value
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)
