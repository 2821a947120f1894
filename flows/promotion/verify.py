"""Is everything what `dvc.lock` says it is? Hashes are computed from the bytes, never believed from a cache of hashes.

Every mismatch is a `UserError` in one line that names the file and the command that puts it right.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from components.common.errors import UserError
from components.common.params import read_yaml
from flows.execution import dvc, workspace

MODELS = ("models/regressor", "models/style_e", "models/style_a")
REPORT = "reports"
CHECKER = Path(__file__).with_name("model_check.py")
CHECK_SECONDS = 300


def digest(path: Path) -> str:
    """DVC's md5 of a file or a folder; "missing" where there is none."""
    if path.is_dir():
        return dvc.tree_hash(path)
    return _md5(path) if path.is_file() else "missing"


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def models(root: Path) -> dict[str, str]:
    """Path -> md5 of the model folders, after checking workspace, cache, and that the report is about these models."""
    locked = dvc.locked_hashes(root)
    wanted = {path: locked.get(path, "") for path in (*MODELS, REPORT)}
    if missing := [path for path, md5 in wanted.items() if not md5]:
        raise UserError(f"dvc.lock knows no {', '.join(missing)}; run `dvc repro`")
    for path, md5 in wanted.items():
        _equal(path, "in the workspace", digest(root / path), md5, f"dvc checkout --force {path}")
    store = workspace.cache(root)
    for path, md5 in wanted.items():
        _cached(store, path, md5)
    measured = {dep["path"]: dep["md5"] for dep in dvc.lock(root)[dvc.LAST]["deps"] if dep["path"] in MODELS}
    if measured != {path: wanted[path] for path in MODELS}:
        raise UserError("the report is about other models than models/; run `dvc repro evaluate`")
    return {path: wanted[path] for path in MODELS}


def _equal(path: str, where: str, found: str, wanted: str, remedy: str) -> None:
    if found != wanted:
        raise UserError(f"hash mismatch: {path} {where} is {found}, dvc.lock says {wanted}; put it right: {remedy}")


def _object(store: Path, md5: str) -> Path:
    return store / "files" / "md5" / md5[:2] / md5[2:]


def _cached(store: Path, path: str, md5: str) -> None:
    """The cache's own bytes: it is from there that a rollback or a restore would take the model."""
    listing = _object(store, md5)
    entries: list[dict[str, str]] = [{"md5": md5, "relpath": ""}]
    remedy = f"delete the file and `dvc fetch {path}`, or `dvc commit --force {path}` with the right files in place"
    if md5.endswith(".dir"):
        if not listing.is_file():
            raise UserError(f"{path} ({md5}) is not in the DVC cache; put it right: dvc commit {path}")
        _equal(str(listing), "(a listing in the cache)", f"{_md5(listing)}.dir", md5, remedy)
        entries = json.loads(listing.read_text())
    for entry in entries:
        stored = _object(store, entry["md5"])
        if not stored.is_file():
            raise UserError(f"{path}/{entry['relpath']} is not in the DVC cache; put it right: dvc commit {path}")
        _equal(f"{path}/{entry['relpath']}", f"in the cache ({stored})", _md5(stored), entry["md5"], remedy)


def sources(root: Path) -> None:
    """Code and parameters are those that made what `dvc.lock` describes: only then can they be restored with it."""
    stages = dvc.lock(root)
    made = {out["path"] for entry in stages.values() for out in entry.get("outs", [])}
    given = {dep["path"]: dep.get("md5", "") for entry in stages.values() for dep in entry.get("deps", [])}
    current = read_yaml(root / "params.yaml")
    # Footage may be terabytes on another machine; what was made from it is kept, and hashed.
    kept_elsewhere = {_lookup(current, "prepare.path")}
    for path, md5 in given.items():
        if path not in made | kept_elsewhere and md5 and digest(root / path) != md5:
            raise UserError(f"{path} has changed since the models were made; run `dvc repro`, then promote")
    for name, entry in stages.items():
        for key, value in entry.get("params", {}).get("params.yaml", {}).items():
            if _lookup(current, key) != value:
                raise UserError(f"params.yaml: {key} has changed since stage {name} ran; run `dvc repro`, then promote")


def _lookup(values: Mapping[str, Any], dotted: str) -> Any:
    found: Any = values
    for key in dotted.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def logged(folder: Path, hashes: Mapping[str, str], what: str) -> None:
    """The model folders inside a downloaded model. hashes: path in the project -> md5."""
    for path, md5 in hashes.items():
        found = digest(folder / "artifacts" / Path(path).name)
        if found != md5:
            raise UserError(f"hash mismatch: {path} in {what} is {found}, not {md5}; it is not touched")


def environment() -> str:
    """Hash of what a model runs on besides its own files: the interpreter, the processor, every installed version."""
    installed = {f"{found.name}=={found.version}" for found in metadata.distributions()}
    told = [sys.version, platform.machine(), *sorted(installed)]
    return hashlib.md5("\n".join(told).encode()).hexdigest()


def answers(folder: Path, what: str) -> None:
    """Load a downloaded model in a process of its own, away from the project, and let it answer its own example."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [sys.executable, "-P", str(CHECKER), str(folder.resolve())],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise UserError(f"{what} does not load and answer: {last[:200]}")
