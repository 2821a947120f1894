"""The champion's model folders by its alias in MLflow's registry, for who wants to use it: checked, kept in a cache.

The cache is a folder of models by their hashes (`dvc_cache.models_folder`), and beside them, for each registry, what
its champion was when it last answered. It can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.artifacts import read_json, write_json
from components.common.errors import UserError
from components.runner.dvc_cache import differing, models_folder, replacing
from components.runner.tracking import mlflow_store

MODEL = "style2talker"
CHAMPION = "champion"
MD5 = "dvc.md5."  # of a version's tags, before the path of a model folder


@dataclass(frozen=True)
class Champion:
    """models: path in the project -> DVC's md5 of each model folder. source: `models:/m-...`, the logged model."""

    version: int
    source: str
    models: Mapping[str, str]

    @property
    def hashes(self) -> dict[str, str]:
        """Name of a folder -> its md5."""
        return {Path(path).name: md5 for path, md5 in sorted(self.models.items())}


def registry_exists(root: Path) -> bool:
    """Whether there is a registry to ask, and something to ask it with."""
    is_named = bool(os.environ.get("MLFLOW_TRACKING_URI")) or (root / "mlflow.db").is_file()
    return is_named and importlib.util.find_spec("mlflow") is not None


def find(root: Path, cache: Path) -> tuple[Champion | None, str]:
    """The champion, and a line when it is not fresh: its registry does not answer, and this is what it said last.

    None where the registry has no champion.

    Raises:
        UserError: there is no MLflow here, or the registry does not answer and never did.
    """
    if importlib.util.find_spec("mlflow") is None:
        raise UserError(
            "the champion is asked of MLflow, which is not installed: pip install -c constraints.txt '.[pipeline]', "
            "or --models FOLDER"
        )
    registry = hashlib.sha256(mlflow_store.store_uri(root).secret.encode()).hexdigest()
    remembered = cache / f"champion-{registry[:16]}.json"
    try:
        champion = _ask(root)
    except UserError as error:
        if not remembered.is_file():
            raise
        kept = read_json(remembered)
        return Champion(int(kept["version"]), str(kept["source"]), dict(kept["models"])), str(error)
    if champion is not None:
        facts = {"version": champion.version, "source": champion.source, "models": dict(champion.models)}
        write_json(remembered, facts)
    return champion, ""


def _ask(root: Path) -> Champion | None:
    """What the registry says now. Raises `UserError` where it does not answer."""
    client = _connected(root)
    try:
        entry = client.get_model_version_by_alias(MODEL, CHAMPION)
    except Exception as error:  # MLflow's own, requests' and the database's
        if getattr(error, "error_code", "") in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise UserError(f"MLflow failed ({_first_line(error)})") from error
    hashes = {tag.removeprefix(MD5): str(md5) for tag, md5 in entry.tags.items() if tag.startswith(MD5)}
    return Champion(int(entry.version), str(entry.source), hashes)


def _connected(root: Path) -> Any:
    try:
        return mlflow_store.connect(root)[0]
    except UserError:
        raise
    except Exception as error:  # a damaged database, a version from the future
        raise UserError(f"MLflow cannot be used ({_first_line(error)})") from error


def fetch(champion: Champion, root: Path, cache: Path) -> Path:
    """The champion's folders, from the cache or from MLflow; either way their bytes are those that were registered.

    Raises:
        UserError: it carries no hashes, MLflow does not give its files, or they are others.
    """
    if not champion.hashes:
        raise UserError(f"version {champion.version} of {MODEL} carries no hashes: no promotion registered it")
    folder = models_folder(cache, champion.hashes)
    if differing(folder, champion.hashes) is None:
        return folder
    with tempfile.TemporaryDirectory(prefix="style2talker-") as scratch:
        try:
            _connected(root)
            model = mlflow_store.download(mlflow_store.store_uri(root), champion.source, Path(scratch))
        except UserError:
            raise
        except Exception as error:
            raise UserError(f"the files of version {champion.version} do not come ({_first_line(error)})") from error
        if name := differing(model / "artifacts", champion.hashes):
            raise UserError(
                f"{name} of version {champion.version} in MLflow has not the bytes that were registered: damaged or "
                "changed; it is not used (`python -m flows.promote --rollback` goes back to the previous champion)"
            )
        with replacing(folder) as fresh:
            for name in champion.hashes:
                shutil.copytree(model / "artifacts" / name, fresh / name)
    return folder


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
