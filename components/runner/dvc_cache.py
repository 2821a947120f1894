"""Outputs of DVC's as bytes: the hash that DVC gives a folder, and its copy from the cache. Without DVC's own help.

So `style2talker generate` finds models where DVC is not installed; and what DVC believes of its cache and of times of
files plays no part: a folder taken from here has the hash that was asked for.
"""

from __future__ import annotations

import configparser
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from components.common.errors import UserError


def file_hash(path: Path) -> str:
    """DVC's md5 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def tree_hash(folder: Path) -> str:
    """The md5 DVC gives a folder, computed from its bytes alone (no cache, no timestamps).

    Byte code is left out, as `.dvcignore` leaves it out.
    """
    entries = [
        {"md5": file_hash(path), "relpath": path.relative_to(folder).as_posix()}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    ]
    entries.sort(key=lambda entry: entry["relpath"])
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode()).hexdigest() + ".dir"


def digest(path: Path) -> str:
    """DVC's md5 of a file or a folder; "missing" where there is none."""
    if path.is_dir():
        return tree_hash(path)
    return file_hash(path) if path.is_file() else "missing"


def cache_folder(root: Path) -> Path:
    """The project's cache, as `.dvc/config.local` or `.dvc/config` name it."""
    for name in ("config.local", "config"):
        path = root / ".dvc" / name
        settings = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            settings.read(path, encoding="utf-8")
            place = settings.get("cache", "dir").strip().strip("'\"")
        except (configparser.Error, OSError, ValueError):
            continue
        return (path.parent / place).resolve()
    return root / ".dvc" / "cache"


def object_path(cache: Path, md5: str) -> Path:
    """Where the cache keeps the bytes of this hash."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def take(cache: Path, md5: str, folder: Path) -> None:
    """Copy the folder of this hash out of the cache, to `folder`, which appears whole and right or not at all.

    Raises:
        UserError: the cache lacks some of it, or holds other bytes.
    """
    listing = object_path(cache, md5)
    try:
        entries: list[Mapping[str, str]] = json.loads(listing.read_bytes())
        with replacing(folder) as fresh:
            for entry in entries:
                place = fresh / entry["relpath"]
                if not place.resolve().is_relative_to(fresh.resolve()):
                    raise UserError(f"the listing {listing} names a file outside of its folder")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(object_path(cache, entry["md5"]), place)
            if tree_hash(fresh) != md5:
                raise UserError(f"DVC's cache holds other bytes than {md5}; delete {listing} and `dvc fetch` it")
    except FileNotFoundError as error:
        raise UserError(f"{md5} is not in DVC's cache at {cache}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{listing} in DVC's cache is damaged; delete it and `dvc fetch` it") from error


def damaged(cache: Path, md5: str) -> Path | None:
    """The first file of the cache that has not the bytes it is named after, among those of an output; else None."""
    paths = [object_path(cache, md5)]
    if not paths[0].is_file() or file_hash(paths[0]) != md5.removesuffix(".dir"):
        return paths[0]
    entries = json.loads(paths[0].read_bytes()) if md5.endswith(".dir") else []
    files = [(object_path(cache, entry["md5"]), entry["md5"]) for entry in entries]
    return next((path for path, right in files if not path.is_file() or file_hash(path) != right), None)


def models_folder(cache: Path, hashes: Mapping[str, str]) -> Path:
    """Where a cache of models keeps those with these hashes (name of a folder -> md5)."""
    return cache / hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()[:16]


def differing(folder: Path, hashes: Mapping[str, str]) -> str | None:
    """The first of these folders below `folder` that is missing or has other bytes; None where all are right."""
    return next(
        (name for name, md5 in hashes.items() if not (folder / name).is_dir() or tree_hash(folder / name) != md5), None
    )


def verify_folders(folders: Mapping[str, str], hashes: Mapping[str, str]) -> None:
    """Raise `UserError` for a folder of a logged model whose bytes are not those that were logged.

    hashes: by name; a model that was logged without them (before they were kept) passes.
    """
    for name, md5 in hashes.items():
        if name in folders and (found := tree_hash(Path(folders[name]))) != md5:
            raise UserError(
                f"hash mismatch: {name} of this model is {found}, {md5} was logged: damaged or changed in the store; "
                "use another version (`python -m flows.promote --rollback`), or log it anew"
            )


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its name and place when the block ends well, and is gone otherwise."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield fresh
        shutil.rmtree(folder, ignore_errors=True)
        try:
            fresh.replace(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster, with the same bytes
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
