"""Folders straight from DVC's cache: whole and of the hash that was asked for, or one line and no folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from components.common.errors import UserError
from components.runner import dvc_cache


def store(cache: Path, files: Mapping[str, bytes]) -> str:
    """A folder with these files, put into a cache as DVC does; its md5."""
    entries = []
    for name, content in sorted(files.items()):
        md5 = hashlib.md5(content).hexdigest()
        place = dvc_cache.object_path(cache, md5)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        entries.append({"md5": md5, "relpath": name})
    listing = json.dumps(entries, sort_keys=True).encode()
    md5 = hashlib.md5(listing).hexdigest() + ".dir"
    place = dvc_cache.object_path(cache, md5)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(listing)
    return md5


FILES = {"config.json": b"{}", "below/weights.bin": b"1234"}


def test_a_folder_comes_whole(tmp_path: Path) -> None:
    md5 = store(tmp_path / "cache", FILES)
    dvc_cache.take(tmp_path / "cache", md5, tmp_path / "out")
    assert {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*.*")
    } == FILES
    assert dvc_cache.digest(tmp_path / "out") == md5
    assert dvc_cache.damaged(tmp_path / "cache", md5) is None


@pytest.mark.parametrize("wrong", ["changed", "lost", "listing changed", "listing lost", "listing no JSON"])
def test_what_is_not_right_leaves_nothing(tmp_path: Path, wrong: str) -> None:
    cache = tmp_path / "cache"
    md5 = store(cache, FILES)
    file = dvc_cache.object_path(cache, md5 if "listing" in wrong else hashlib.md5(b"1234").hexdigest())
    if "lost" in wrong:
        file.unlink()
    else:
        file.write_bytes(b"1235" if wrong == "changed" else b"[]" if wrong == "listing changed" else b"[")
    with pytest.raises(UserError, match="cache") as refusal:
        dvc_cache.take(cache, md5, tmp_path / "out")
    assert "\n" not in str(refusal.value)
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert dvc_cache.damaged(cache, md5) == file


def test_a_listing_cannot_write_elsewhere(tmp_path: Path) -> None:
    md5 = store(tmp_path / "cache", {"../elsewhere": b"x"})
    with pytest.raises(UserError, match="outside"):
        dvc_cache.take(tmp_path / "cache", md5, tmp_path / "out")
    assert not (tmp_path / "elsewhere").exists()


def test_the_cache_is_where_the_project_says(tmp_path: Path) -> None:
    assert dvc_cache.cache_folder(tmp_path) == tmp_path / ".dvc" / "cache"
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    analytics = false\n['remote \"x\"']\n    url = /x\n")
    assert dvc_cache.cache_folder(tmp_path) == tmp_path / ".dvc" / "cache"
    (tmp_path / ".dvc" / "config.local").write_text("[cache]\n    dir = ../shared\n")
    assert dvc_cache.cache_folder(tmp_path) == tmp_path / "shared"


def test_folders_of_a_logged_model_are_compared(tmp_path: Path) -> None:
    (tmp_path / "style_e").mkdir()
    (tmp_path / "style_e" / "weights").write_text("a")
    folders = {"style_e": str(tmp_path / "style_e")}
    dvc_cache.verify_folders(folders, {"style_e": dvc_cache.tree_hash(tmp_path / "style_e")})
    dvc_cache.verify_folders(folders, {})
    hashes = {"style_e": dvc_cache.tree_hash(tmp_path / "style_e")}
    (tmp_path / "style_e" / "weights").write_text("b")
    with pytest.raises(UserError, match="hash mismatch: style_e"):
        dvc_cache.verify_folders(folders, hashes)
    assert dvc_cache.differing(tmp_path, hashes) == "style_e"


def test_a_replacement_that_fails_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_text("old")

    def fail() -> None:
        with dvc_cache.replacing(tmp_path / "old") as fresh:
            (fresh / "file").write_text("new")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (tmp_path / "old" / "file").read_text() == "old"
    with dvc_cache.replacing(tmp_path / "old") as fresh:
        (fresh / "file").write_text("new")
    assert (tmp_path / "old" / "file").read_text() == "new"
    shutil.rmtree(tmp_path / "old")
    assert not list(tmp_path.iterdir())
