"""Tags that a generated video carries: that it is synthetic, which models made it, hashes of what they were given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NOTICE = "Synthetic video: the person did not say this."


def product_version() -> str:
    """Version of the installed package, or "unknown" when run from a bare folder."""
    try:
        return version("style2talker")
    except PackageNotFoundError:
        return "unknown"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def folder_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of all files below a folder: the same for the same model anywhere."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + file_hash(path).encode())
    return digest.hexdigest()


def tags(models: Mapping[str, str], inputs: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Metadata of the mp4. models, inputs: name -> hash; settings: name -> value as text."""
    return {
        "title": "Style2Talker",
        "comment": NOTICE,
        "style2talker.synthetic": "true",
        "style2talker.version": product_version(),
        **{f"style2talker.model.{name}": value[:16] for name, value in sorted(models.items())},
        **{f"style2talker.input.{name}.sha256": value for name, value in sorted(inputs.items())},
        **{f"style2talker.setting.{name}": value for name, value in sorted(settings.items())},
    }
