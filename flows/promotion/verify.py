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
from components.common.machine.endings import ending
from components.common.params import read_yaml
from components.runner.dvc_cache import digest as digest
from components.runner.dvc_cache import file_hash, object_path
from components.runner.dvc_lock import DvcLock
from flows.execution import dvc
from flows.promotion.model_registry import ANSWERED_ENVIRONMENT, ANSWERED_MD5

MODELS = ("models/regressor", "models/style_e", "models/style_a")
REPORT = "reports"
CHECKER = Path(__file__).with_name("model_check.py")
CHECK_SECONDS = 300


def models(root: Path, lock: DvcLock, cache: Path) -> None:
    """The model folders and the report have their locked bytes, in the workspace and in DVC's cache.

    And the report is about these models.
    """
    paths = (*MODELS, REPORT)
    if unknown := [path for path in paths if path not in lock.outs]:
        raise UserError(f"dvc.lock knows no {', '.join(unknown)}; run `dvc repro`")
    for path in paths:
        _equal(path, "in the workspace", digest(root / path), lock.outs[path], f"dvc checkout --force {path}")
    for path in paths:
        _cached(cache, path, lock.outs[path])
    if any(lock.stages[dvc.LAST].deps.get(path) != lock.outs[path] for path in MODELS):
        raise UserError("the report is about other models than models/; run `dvc repro evaluate`")


def _equal(path: str, where: str, md5: str, locked: str, remedy: str) -> None:
    if md5 != locked:
        raise UserError(f"hash mismatch: {path} {where} is {md5}, dvc.lock says {locked}; put it right: {remedy}")


def _cached(cache: Path, path: str, md5: str) -> None:
    """The cache's own bytes: it is from there that a rollback or a restore would take the model."""
    listing = object_path(cache, md5)
    entries: list[dict[str, str]] = [{"md5": md5, "relpath": ""}]
    remedy = f"delete the file and `dvc fetch {path}`, or `dvc commit --force {path}` with the right files in place"
    if md5.endswith(".dir"):
        if not listing.is_file():
            raise UserError(f"{path} ({md5}) is not in the DVC cache; put it right: dvc commit {path}")
        _equal(str(listing), "(a listing in the cache)", f"{file_hash(listing)}.dir", md5, remedy)
        entries = json.loads(listing.read_text())
    for entry in entries:
        stored = object_path(cache, entry["md5"])
        if not stored.is_file():
            raise UserError(f"{path}/{entry['relpath']} is not in the DVC cache; put it right: dvc commit {path}")
        _equal(f"{path}/{entry['relpath']}", f"in the cache ({stored})", file_hash(stored), entry["md5"], remedy)


def sources(root: Path, lock: DvcLock) -> None:
    """Code and parameters are those that made what `dvc.lock` describes: only then can they be restored with it."""
    params = read_yaml(root / "params.yaml")
    # Footage may be terabytes on another machine; what was made from it is kept, and hashed.
    footage = _value(params, "prepare.path")
    for path, md5 in lock.sources:
        if path != footage and md5 and digest(root / path) != md5:
            raise UserError(f"{path} has changed since the models were made; run `dvc repro`, then promote")
    if parameter := changed_parameter(lock, params):
        raise UserError(f"params.yaml: {parameter}; run `dvc repro`, then promote")


def changed_parameter(lock: DvcLock, params: Mapping[str, Any]) -> str:
    """The first parameter that is not what its stage ran with, in words; "" where all are."""
    for name, stage in lock.stages.items():
        for key, value in stage.params.items():
            if _value(params, key) != value:
                return f"{key} has changed since stage {name} ran"
    return ""


def _value(values: Mapping[str, Any], dotted: str) -> Any:
    value: Any = values
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def logged(folder: Path, hashes: Mapping[str, str], what: str) -> None:
    """The model folders inside a downloaded model. hashes: path in the project -> md5."""
    for path, md5 in hashes.items():
        logged_md5 = digest(folder / "artifacts" / Path(path).name)
        if logged_md5 != md5:
            raise UserError(f"hash mismatch: {path} in {what} is {logged_md5}, not {md5}; it is not touched")


def environment() -> str:
    """Hash of what an answer stands on besides the model's own files.

    The interpreter, the processor, every installed version, and the question that is asked.
    """
    packages = {f"{package.name}=={package.version}" for package in metadata.distributions()}
    parts = [sys.version, platform.machine(), digest(CHECKER), *sorted(packages)]
    return hashlib.md5("\n".join(parts).encode()).hexdigest()


def proof(folder: Path) -> dict[str, str]:
    """What an answer of a downloaded model stands on, as a version's tags: its bytes and this environment."""
    return {ANSWERED_MD5: digest(folder), ANSWERED_ENVIRONMENT: environment()}


def answers(folder: Path, what: str) -> None:
    """Load a downloaded model in a process of its own, away from the project, and let it answer its own example."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as elsewhere:
        try:
            process = subprocess.run(
                [sys.executable, "-P", str(CHECKER), str(folder.resolve())],
                cwd=elsewhere,
                env=variables,
                capture_output=True,
                text=True,
                timeout=CHECK_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UserError(f"{what} does not load and answer within {CHECK_SECONDS} s") from error
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines() if process.returncode > 0 else []  # a killed one has not said why
        last_line = (lines or [ending(process.returncode)])[-1]
        raise UserError(f"{what} does not load and answer: {last_line[:200]}")
